"""The losses of a joint batch, over all processes."""

from __future__ import annotations

import torch

from udt.clip.loss.gather import gather
from udt.clip.loss.objective import Losses, Objective
from udt.clip.model.dual_encoder import UltrasoundClipOutput
from udt.core.errors import DataError
from udt.similarity.prior import Missing, PriorTables, prior, shared_tasks


class BatchLoss:
    """Computes the losses of a joint batch from embeddings, labels and captions of all processes.

    :param tables: label similarities, on the device of the model; needed if the objective needs a prior.
    :raises DataError: if they are needed and missing.
    """

    def __init__(
        self, objective: Objective, tables: PriorTables[torch.Tensor] | None = None, missing: Missing = "zero"
    ) -> None:
        if objective.needs_prior and tables is None:
            raise DataError("the objective follows a prior, but there are no label similarities; give tables")
        self.objective = objective
        self.tables = tables if objective.needs_prior else None
        self.missing: Missing = missing

    def __call__(
        self, output: UltrasoundClipOutput, labels: torch.Tensor, groups: torch.Tensor, prompt_labels: torch.Tensor
    ) -> Losses:
        """Compute the losses of the B samples of this process together with those of the others.

        :param labels: (B, V) bool, `groups`: (B,), `prompt_labels`: (B, V) bool, as the collator returns them.
        :raises DataError: if the output lacks images or texts.
        """
        if output.image_embeds is None or output.text_embeds is None or output.logit_scale is None:
            raise DataError("a loss compares images and texts; give the model both")
        images, texts = gather(output.image_embeds), gather(output.text_embeds)
        labels = gather(labels)
        target_prior, known = self._prior(labels)
        matching = matches(labels, gather(groups), gather(prompt_labels))
        return self.objective(images, texts, output.logit_scale, target_prior, matching, known)

    def _prior(self, labels: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Return the prior and the mask of the pairs that it has a value for; no mask if it has one for all."""
        if self.tables is None:
            return None, None
        target_prior = prior(labels, labels, self.tables, self.missing)
        if self.missing == "zero":
            return target_prior, None
        return target_prior, (shared_tasks(labels, labels, self.tables) > 0).fill_diagonal_(True)


def matches(labels: torch.Tensor, groups: torch.Tensor, prompt_labels: torch.Tensor) -> torch.Tensor:
    """Return (B, B) bool, True if image i matches text j: j is the text of i, or consists of labels that i has.

    :param labels: (B, V) bool, labels of the images.
    :param groups: (B,), equal for equal texts.
    :param prompt_labels: (B, V) bool, the labels whose prompts make up a text; no label for a caption, which may state
        more than its labels.
    """
    required = prompt_labels.float()
    missing = required.sum(1) - labels.float() @ required.T
    return (groups.unsqueeze(1) == groups) | ((missing == 0) & prompt_labels.any(1))
