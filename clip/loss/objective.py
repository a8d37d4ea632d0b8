"""The objective: a weighted sum of loss terms.

    L = L_contrastive + w · L_semantic + Σ w_k · L_k

with w = 0.2 as published (arXiv 2604.01749); the further terms L_k are named in the settings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from udt.clip.loss.terms import LOSS_TERMS, LossTerm, PairBatch
from udt.core.errors import DataError


@dataclass(frozen=True, slots=True)
class Losses:
    """The losses of a batch.

    :ivar total: scalar to minimise.
    :ivar terms: each term by name, a scalar before its weight; 0 for a term of weight 0, which is not computed.
    """

    total: torch.Tensor
    terms: Mapping[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Objective:
    """The weighted sum of the loss terms.

    :ivar semantic_weight: w, the weight of the term `semantic`, at least 0.
    :ivar mse_share: λ in [0, 1], see `udt.clip.loss.semantic`.
    :ivar temperature: τ, above 0.
    :ivar soft_label_share: share of the contrastive targets that follows `softmax(P/τ)`, in [0, 1]; 0 as in CLIP.
    :ivar duplicates: whether all known matches count as such, and not only each image with its own text: equal texts
        match each other's images. Otherwise a model is taught to distinguish what cannot be distinguished.
    :ivar terms: weights of further terms by name, each at least 0; `contrastive` has the weight 1 unless it is here.
    :raises DataError: if a value is out of range, a term is unknown, or no term has a weight.
    """

    semantic_weight: float = 0.2
    mse_share: float = 0.2
    temperature: float = 0.07
    soft_label_share: float = 0.0
    duplicates: bool = True
    terms: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("mse_share", "soft_label_share"):
            if not 0 <= (value := getattr(self, name)) <= 1:
                raise DataError(f"{name} is {value}; it has to be from 0 to 1")
        if not self.semantic_weight >= 0:
            raise DataError(f"semantic_weight is {self.semantic_weight}; it has to be at least 0")
        if not self.temperature > 0:
            raise DataError(f"temperature is {self.temperature}; it has to be above 0")
        if problems := term_problems(self.terms):
            raise DataError("; ".join(problems))
        if not any(self.weights.values()):
            raise DataError("no loss term has a weight above 0; give semantic_weight, or a weight in terms")

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each term by name."""
        return term_weights(self.semantic_weight, self.terms)

    @property
    def needs_prior(self) -> bool:
        """Whether a term with a weight follows the prior."""
        active = (LOSS_TERMS.load(name) for name, weight in self.weights.items() if weight > 0)
        return self.soft_label_share > 0 or any(term.needs_prior for term in active)

    def __call__(
        self,
        image_embeds: torch.Tensor,
        text_embeds: torch.Tensor,
        logit_scale: torch.Tensor,
        prior: torch.Tensor | None = None,
        matches: torch.Tensor | None = None,
        known: torch.Tensor | None = None,
    ) -> Losses:
        """Compute the losses of B pairs; row i of the images belongs to row i of the texts.

        :param image_embeds: (B, P) rows of length 1; `text_embeds` likewise.
        :param logit_scale: s, a scalar above 0.
        :param prior: (B, B) in [0, 1].
        :param matches: (B, B) bool, True if image i matches text j, as on the diagonal; None if nothing else does.
        :param known: (B, B) bool, False for pairs that the prior has no value for; None if it has one for all.
        :raises DataError: if a prior is needed and missing, or a shape does not fit.
        """
        cosine = (image_embeds @ text_embeds.T).float()
        if prior is None and self.needs_prior:
            raise DataError("the objective has a semantic part but got no prior; give one, or set its weight to 0")
        if matches is None or not self.duplicates:
            matches = torch.eye(len(cosine), device=cosine.device)
        batch = PairBatch(image_embeds, text_embeds, logit_scale, cosine, matches, prior, known)
        terms = {name: self._term(name, weight, batch) for name, weight in self.weights.items()}
        parts = [weight * terms[name] for name, weight in self.weights.items() if weight > 0]
        return Losses(sum(parts[1:], start=parts[0]), terms)

    def _term(self, name: str, weight: float, batch: PairBatch) -> torch.Tensor:
        term: LossTerm = LOSS_TERMS.load(name)
        return term.function(batch, self) if weight > 0 else torch.zeros((), device=batch.cosine.device)


def term_weights(semantic_weight: float, terms: Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each term by name: those of the two published terms, and of further ones."""
    return {"contrastive": 1.0, "semantic": semantic_weight, **terms}


def term_problems(terms: Mapping[str, float]) -> list[str]:
    """Return what is wrong with the weights of further terms, one sentence each."""
    found = []
    for name, weight in terms.items():
        if name not in LOSS_TERMS.names():
            found.append(f"there is no loss term '{name}'; allowed: {', '.join(LOSS_TERMS.names())}")
        elif name == "semantic":
            found.append("the weight of the term 'semantic' is semantic_weight; leave it out of terms")
        elif isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < math.inf:
            found.append(f"the weight of the loss term '{name}' is {weight!r}; it has to be a number of at least 0")
    return found
