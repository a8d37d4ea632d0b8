"""The losses of a joint batch, over all processes."""

from __future__ import annotations

import torch

from udt.clip.loss.gather import gather
from udt.clip.loss.objective import Losses, Objective
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
        """Compute the losses of the B samples of this process together with those of the others.

        :param labels: (B, V) bool, as the collator makes them; `groups`, (B,), and `prompt_labels`, (B, V), likewise.
        :param has_negative: (B, K) bool, if the output has, after its B texts, K · B hard negatives of these.
        :raises DataError: if the output lacks images or texts.
        """
        if output.image_embeds is None or output.text_embeds is None or output.logit_scale is None:
            raise DataError("a loss compares images and texts; give the model both")
        images, texts, others = output.image_embeds, output.text_embeds, {"logit_bias": output.logit_bias}
        if has_negative is not None:
            texts, negatives = texts[: len(images)], texts[len(images) :].unflatten(0, (-1, len(images)))
            others["negatives"] = gather(torch.einsum("bp,kbp->bk", images, negatives).float())
            others["has_negative"] = gather(has_negative)
        if output.text_lengths is not None:
            others["text_lengths"] = gather(output.text_lengths.unflatten(0, (-1, len(images))).T)
        labels = gather(labels)
        matched = matches(labels, gather(groups), gather(prompt_labels))
        target, known = self._prior(labels, matched)
        return self.objective(gather(images), gather(texts), output.logit_scale, target, matched, known, **others)

    def _prior(self, labels: torch.Tensor, matched: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the prior (B, B) or None, and its mask of known pairs (B, B), None if all are known."""
        if self.tables is None:
            return None, None
        target = prior(labels, labels, self.tables, self.missing)
        known = None
        if self.missing == "mask":
            known = (shared_tasks(labels, labels, self.tables) > 0).fill_diagonal_(True)
        if self.match_prior:
            equal = matched | equal_labels(labels, labels, self.tables)
            target = target.masked_fill(equal, 1)
            known = None if known is None else known | equal
        return target, known


def matches(labels: torch.Tensor, groups: torch.Tensor, prompt_labels: torch.Tensor) -> torch.Tensor:
    """Return a (B, B) bool matrix, True if text j describes image i.

    It does if it equals the text of image i, or if it is made of prompts of labels that image i has.

    :param labels: (B, V) bool, the labels of the images.
    :param groups: (B,), equal for equal texts.
    :param prompt_labels: (B, V) bool, the labels whose prompts make up the text; no label for a caption.
    """
    prompted = prompt_labels.float()
    missing = prompted.sum(1) - labels.float() @ prompted.T
    return (groups.unsqueeze(1) == groups) | ((missing == 0) & prompt_labels.any(1))
