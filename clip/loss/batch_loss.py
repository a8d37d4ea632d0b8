"""The losses of a joint batch, over all processes."""

from __future__ import annotations

import torch

from udt.clip.loss.gather import gather
from udt.clip.loss.objective import Losses, Objective
from udt.clip.model.dual_encoder import UltrasoundClipOutput
from udt.core.errors import DataError
from udt.similarity.prior import Missing, PriorTables, prior, shared_tasks


class BatchLoss:
    """The losses of a joint batch: embeddings, labels and captions of all processes, and the prior of the labels.

    :param tables: label similarities, on the device of the model; needed where the objective needs a prior.
    :raises DataError: where they are needed and missing.
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
        self, output: UltrasoundClipOutput, labels: torch.Tensor, groups: torch.Tensor, said: torch.Tensor
    ) -> Losses:
        """The losses of the B samples of this process together with those of the others.

        :param labels: (B, V) bool, `groups`: (B,), `said`: (B, V) bool, as the collator makes them.
        :raises DataError: where the output lacks images or texts.
        """
        if output.image_embeds is None or output.text_embeds is None or output.logit_scale is None:
            raise DataError("a loss compares images and texts; give the model both")
        images, texts = gather(output.image_embeds), gather(output.text_embeds)
        labels = gather(labels)
        wanted, known = self._prior(labels)
        fits = matches(labels, gather(groups), gather(said))
        return self.objective(images, texts, output.logit_scale, wanted, fits, known)

    def _prior(self, labels: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """The prior, and where it says something if that is not everywhere."""
        if self.tables is None:
            return None, None
        wanted = prior(labels, labels, self.tables, self.missing)
        if self.missing == "zero":
            return wanted, None
        return wanted, (shared_tasks(labels, labels, self.tables) > 0).fill_diagonal_(True)


def matches(labels: torch.Tensor, groups: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    """(B, B) bool: where image i fits text j, because j is the text of i, or says only labels that i has.

    :param labels: (B, V) bool, of the images.
    :param groups: (B,), equal where texts are equal.
    :param said: (B, V) bool, the labels that a text is made of; none for a caption, which may say more.
    """
    words = said.float()
    missing = words.sum(1) - labels.float() @ words.T
    return (groups.unsqueeze(1) == groups) | ((missing == 0) & said.any(1))
