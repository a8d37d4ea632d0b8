"""The training objective: a weighted sum of named loss terms.

    L = c · L_contrastive + w · L_semantic + Σ weight[name] · L_name

after arXiv 2604.01749, with c = 1 and w = 0.2 as published and no further terms. Terms are pure functions of a batch of
pairs. The further term that comes with this package is `sigmoid` (`udt.clip.loss.sigmoid`).
Another package adds one as an entry point, which the settings then name in `objective.terms`:

    [project.entry-points."udt.loss_terms"]
    my-term = "my_package:MyTerm"
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol, get_args

import torch

from udt.clip.loss.pairs import Pairs
from udt.clip.loss.statistics import HARD_NEGATIVES, PRIOR_STATISTICS, prior_statistics
from udt.core.errors import DataError
from udt.core.registry import Registry

CONTRASTIVE, SEMANTIC, SIGMOID = "contrastive", "semantic", "sigmoid"
Directions = Literal["both", "rows"]

# Keys of a line of metrics.jsonl, to which the loss terms are added by name.
_RESERVED = frozenset(
    {"kind", "step", "epoch", "loss", "grad_norm", "learning_rate", "logit_scale", "samples_per_second"}
    | {*PRIOR_STATISTICS, HARD_NEGATIVES}
)


class LossTerm(Protocol):
    """A differentiable function of a batch.

    With several processes, the loss of the batch is the mean of those that they return, each for its rows of the pairs.
    A term that reads `Pairs.logit_bias` has the attribute `needs_bias`, which is true.
    """

    @property
    def needs_prior(self) -> bool:
        """Whether it reads `Pairs.prior`."""

    def __call__(self, pairs: Pairs, /) -> torch.Tensor:
        """Return the loss of a batch, a scalar."""


LOSS_TERMS: Registry[Callable[[Objective], LossTerm]] = Registry(
    "loss term",
    "udt.loss_terms",
    {
        CONTRASTIVE: "udt.clip.loss.contrastive:ContrastiveTerm",
        SEMANTIC: "udt.clip.loss.semantic:SemanticTerm",
        SIGMOID: "udt.clip.loss.sigmoid:SigmoidTerm",
    },
)
"""Name to a factory, which gets the objective with its parameters."""


class Losses(NamedTuple):
    """The losses of a batch, all of them scalars.

    :ivar total: the weighted sum, which is minimised.
    :ivar terms: name to value, before weighting; 0 for a term of weight 0, which is not computed.
    :ivar statistics: name to value of the statistics of the prior (`udt.clip.loss.statistics`), if there is one, and
        `hard_negatives`, the mean number of hard negatives of an image, if there are any.
    """

    total: torch.Tensor
    terms: Mapping[str, torch.Tensor]
    statistics: Mapping[str, torch.Tensor] = MappingProxyType({})

    @property
    def contrastive(self) -> torch.Tensor:
        """The contrastive loss; 0 if its weight is 0."""
        return self.terms[CONTRASTIVE]

    @property
    def semantic(self) -> torch.Tensor:
        """The semantic loss; 0 if its weight is 0."""
        return self.terms[SEMANTIC]


@dataclass(frozen=True)
class Objective:
    """The weighted sum of the contrastive loss, the semantic loss, and further terms.

    :ivar semantic_weight: w, at least 0; with 0 the semantic loss is not computed.
    :ivar mse_share: λ of the semantic loss, in [0, 1].
    :ivar temperature: τ of the semantic loss and of soft labels, above 0.
    :ivar soft_label_share: share of the targets that follows the prior, in [0, 1]: `softmax(P/τ)` in the contrastive
        loss, P in the sigmoid loss; 0 as in CLIP and SigLIP.
    :ivar duplicates: whether all known matches are targets, instead of the diagonal alone. Otherwise equal texts are
        false negatives of each other's images.
    :ivar terms: name in `LOSS_TERMS` to weight, at least 0, of the further terms.
    :ivar contrastive_weight: c, at least 0; with 0 the contrastive loss is not computed, e.g. beside `sigmoid`.
    :ivar semantic_directions: `both` for the divergences from images to texts and back, as published; `rows` for that
        from images to texts alone, as in the public code of the authors.
    :ivar negatives_only: whether the distributions of the semantic loss and the soft labels are over the texts that are
        no matches alone, as in SoftCLIP.
    :raises DataError: if a value is out of range, or there is no loss term of a name.
    """

    semantic_weight: float = 0.2
    mse_share: float = 0.2
    temperature: float = 0.07
    soft_label_share: float = 0.0
    duplicates: bool = True
    terms: Mapping[str, float] = field(default_factory=dict)
    contrastive_weight: float = 1.0
    semantic_directions: Directions = "both"
    negatives_only: bool = False

    def __post_init__(self) -> None:
        for name in ("mse_share", "soft_label_share"):
            if not 0 <= (value := getattr(self, name)) <= 1:
                raise DataError(f"{name} is {value}; it has to be from 0 to 1")
        for name in ("contrastive_weight", "semantic_weight"):
            if not (value := getattr(self, name)) >= 0:
                raise DataError(f"{name} is {value}; it has to be at least 0")
        if self.semantic_directions not in get_args(Directions):
            allowed = ", ".join(get_args(Directions))
            raise DataError(f"semantic_directions is '{self.semantic_directions}'; allowed: {allowed}")
        if not self.temperature > 0:
            raise DataError(f"temperature is {self.temperature}; it has to be above 0")
        if faults := list(_term_faults(self.terms)):
            raise DataError("; ".join(faults))
        if not any(self.weights.values()):
            raise DataError(
                "the weights of all loss terms are 0; give contrastive_weight or a further term one above 0"
            )

    @property
    def weights(self) -> dict[str, float]:
        """Name to weight of every term."""
        return {CONTRASTIVE: self.contrastive_weight, SEMANTIC: self.semantic_weight, **self.terms}

    @cached_property
    def _computed(self) -> dict[str, LossTerm]:
        """The terms whose weight is above 0."""
        return {name: LOSS_TERMS.load(name)(self) for name, weight in self.weights.items() if weight}

    @property
    def needs_prior(self) -> bool:
        """Whether any term reads the prior.

        :raises DataError: if a term of another package cannot be imported.
        """
        return any(term.needs_prior for term in self._computed.values())

    @property
    def needs_bias(self) -> bool:
        """Whether any term reads the bias of the logits.

        :raises DataError: if a term of another package cannot be imported.
        """
        return any(getattr(term, "needs_bias", False) for term in self._computed.values())

    def __call__(
        self,
        image_embeds: torch.Tensor,
        text_embeds: torch.Tensor,
        logit_scale: torch.Tensor,
        prior: torch.Tensor | None = None,
        matches: torch.Tensor | None = None,
        known: torch.Tensor | None = None,
        **others: torch.Tensor | None,
    ) -> Losses:
        """Compute the losses of B pairs; row i of the images belongs to row i of the texts.

        :param image_embeds: (B, P) rows of length 1; `text_embeds` likewise.
        :param logit_scale: s, a scalar above 0.
        :param prior: (B, B) in [0, 1].
        :param matches: (B, B) bool, True if text j describes image i, as on the diagonal; None for the diagonal alone.
        :param known: (B, B) bool, True if the prior of the pair is known; None if it is known for all.
        :param others: `logit_bias`, `negatives`, `has_negative` and `text_lengths` of `udt.clip.loss.pairs.Pairs`.
        :raises DataError: if a prior is needed but missing, shapes do not agree, or a term returns no scalar.
        """
        return self.losses(Pairs.of(image_embeds, text_embeds, logit_scale, prior, matches, known, **others))

    def losses(self, pairs: Pairs) -> Losses:
        """Compute the losses of the pairs of this process; those of the batch are the means over all processes.

        :raises DataError: if a prior is needed but missing, or a term returns no scalar.
        """
        if pairs.prior is None and self.needs_prior:
            names = ", ".join(name for name, term in self._computed.items() if term.needs_prior)
            raise DataError(f"the objective got no prior, but these loss terms follow one: {names}; give a prior")
        computed = {name: _scalar(name, term(pairs)) for name, term in self._computed.items()}
        weights, zero = self.weights, pairs.cosine.new_zeros(())
        total = sum((weights[name] * value for name, value in computed.items()), start=zero)
        found = {name: computed.get(name, zero) for name in weights}
        side, statistics = pairs.images, {}
        if side.prior is not None:
            statistics = prior_statistics(side.prior, self.temperature, side.known, side.first)
        if pairs.has_negative is not None:
            statistics[HARD_NEGATIVES] = pairs.has_negative.sum(1).float().mean()
        return Losses(total, found, statistics)


def _scalar(name: str, value: torch.Tensor) -> torch.Tensor:
    if value.ndim:
        shape = " × ".join(map(str, value.shape))
        raise DataError(f"the loss term '{name}' returned a tensor of shape {shape}; it has to return a scalar")
    return value


def _term_faults(terms: Mapping[str, Any]) -> Iterator[str]:
    for name, weight in terms.items():
        if name == SEMANTIC:
            yield f"'{name}' is not a further term; set its weight with semantic_weight"
        elif name == CONTRASTIVE:
            yield f"'{name}' is not a further term; set its weight with contrastive_weight"
        elif name in _RESERVED:
            yield f"the loss term '{name}' has the name of another metric; rename it in its package"
        elif name not in LOSS_TERMS.names():
            further = [known for known in LOSS_TERMS.names() if known not in (CONTRASTIVE, SEMANTIC)]
            allowed = ", ".join(further) or "none; install the package that adds it"
            yield f"there is no loss term '{name}' to add; allowed: {allowed}"
        elif isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < math.inf:
            yield f"the weight of the loss term '{name}' is {weight}; it has to be a number, at least 0"
