"""The losses of a joint batch, over all processes.

Each process computes the part of its own samples: its images against the texts of all processes, and its texts against
all images, as with `--local-loss --gather-with-grad` of open_clip (Ilharco et al. 2021). The matrices are (N, B)
instead of (B, B), and the mean of the parts is the loss of the batch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from udt.clip.loss.gather import gather, process_index
from udt.clip.loss.objective import Losses, Objective
from udt.clip.loss.pairs import Pairs, Side, own_pairs
from udt.clip.model.dual_encoder import UltrasoundClipOutput
from udt.core.errors import DataError
from udt.similarity.prior import Missing, PriorTables, equal_labels, prior, shared_tasks


class BatchLoss:
    """The losses of a joint batch: embeddings, labels and captions of all processes, and the prior of the labels.

    :param tables: label similarities, on the device of the model; required if the objective needs a prior.
    :param missing: the value of a dimension in which one of two samples has no label; see `udt.similarity.prior`.
    :param match_prior: whether the prior of known matches, and of samples with the same labels, is 1. Otherwise a text
        that the contrastive loss counts as a match may have a prior as low as that of any other.
    :raises DataError: if the tables are required but missing.
    """

    def __init__(
        self,
        objective: Objective,
        tables: PriorTables[torch.Tensor] | None = None,
        missing: Missing = "mask",
        match_prior: bool = True,
    ) -> None:
        if objective.needs_prior and tables is None:
            raise DataError("the objective follows a prior, but there are no label similarities; give tables")
        self.objective = objective
        self.tables = tables if objective.needs_prior else None
        self.missing: Missing = missing
        self.match_prior = match_prior

    def __call__(
        self,
        output: UltrasoundClipOutput,
        labels: torch.Tensor,
        groups: torch.Tensor,
        prompt_labels: torch.Tensor,
        has_negative: torch.Tensor | None = None,
    ) -> Losses:
        """Compute the losses of the N samples of this process among those of all.

        :param labels: (N, V) bool, as the collator makes them; `groups`, (N,), and `prompt_labels`, (N, V), likewise.
        :param has_negative: (N, K) bool, if the output has, after its N texts, K · N hard negatives of these.
        :returns: the part of this process; the losses of the batch are the means over all processes.
        :raises DataError: if the output lacks images or texts.
        """
        return self.objective.losses(self.pairs(output, labels, groups, prompt_labels, has_negative))

    def pairs(
        self,
        output: UltrasoundClipOutput,
        labels: torch.Tensor,
        groups: torch.Tensor,
        prompt_labels: torch.Tensor,
        has_negative: torch.Tensor | None = None,
    ) -> Pairs:
        """Return the pairs of the N samples of this process; for the parameters see `__call__`.

        :raises DataError: if the output lacks images or texts.
        """
        if output.image_embeds is None or output.text_embeds is None or output.logit_scale is None:
            raise DataError("a loss compares images and texts; give the model both")
        images, texts = output.image_embeds, output.text_embeds
        others: dict[str, Any] = {"logit_bias": output.logit_bias}
        if has_negative is not None:
            texts, negatives = texts[: len(images)], texts[len(images) :].unflatten(0, (-1, len(images)))
            others["negatives"] = torch.einsum("bp,kbp->bk", images, negatives).float()
            others["has_negative"] = has_negative
        if output.text_lengths is not None:
            others["text_lengths"] = gather(output.text_lengths.unflatten(0, (-1, len(images))).T)
        all_images, all_texts = gather(images), gather(texts)
        sides = self._sides(images, texts, all_images, all_texts, Labelled(labels, groups, prompt_labels))
        return Pairs(all_images, all_texts, output.logit_scale, *sides, **others)

    def _sides(
        self,
        images: torch.Tensor,
        texts: torch.Tensor,
        all_images: torch.Tensor,
        all_texts: torch.Tensor,
        samples: Labelled,
    ) -> tuple[Side, Side]:
        """Return the images of this process × all texts, and its texts × all images."""
        joint, first = Labelled(*map(gather, samples)), process_index() * len(images)
        own = own_pairs(all_images.new_empty(len(images), len(all_images)), first)
        prior_of, known = self._prior(samples.labels, joint.labels, own)
        found = self._side((images @ all_texts.T).float(), matches(samples, joint), prior_of, known, first)
        if len(images) == len(all_images):
            return found, found.transposed()
        # The similarities of labels are symmetric, so the prior of the texts is that of the images but for the matches.
        return found, self._side((texts @ all_images.T).float(), matches(joint, samples).T, prior_of, known, first)

    def _prior(
        self, labels: torch.Tensor, all_labels: torch.Tensor, own: torch.Tensor
    ) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the prior (N, B) or None, and its mask of known pairs (N, B), None if all are known."""
        if self.tables is None:
            return None, None
        target, known = prior(labels, all_labels, self.tables, self.missing), None
        target = target.masked_fill(own, 1)
        if self.missing == "mask":
            known = (shared_tasks(labels, all_labels, self.tables) > 0) | own
        if self.match_prior:
            equal = equal_labels(labels, all_labels, self.tables)
            target = target.masked_fill(equal, 1)
            known = None if known is None else known | equal
        return target, known

    def _side(
        self,
        cosine: torch.Tensor,
        matched: torch.Tensor,
        target: torch.Tensor | None,
        known: torch.Tensor | None,
        first: int,
    ) -> Side:
        """Return one direction; with `match_prior`, the prior of its matches is 1."""
        if target is not None and self.match_prior:
            target = target.masked_fill(matched, 1)
            known = None if known is None else known | matched
        return Side(cosine, None if target is None else target.to(cosine), matched, known, first)


class Labelled(NamedTuple):
    """The labels and texts of B samples, as the collator makes them.

    :ivar labels: (B, V) bool, the labels of the images.
    :ivar groups: (B,), equal for equal texts.
    :ivar prompt_labels: (B, V) bool, the labels whose prompts make up the text; no label for a caption.
    """

    labels: torch.Tensor
    groups: torch.Tensor
    prompt_labels: torch.Tensor


def matches(images: Labelled, texts: Labelled) -> torch.Tensor:
    """Return a matrix (images, texts), bool, True if text j describes image i.

    It does if it equals the text of image i, or if it is made of prompts of labels that image i has.
    """
    prompted = texts.prompt_labels.float()
    missing = prompted.sum(1) - images.labels.float() @ prompted.T
    return (images.groups.unsqueeze(1) == texts.groups) | ((missing == 0) & texts.prompt_labels.any(1))
