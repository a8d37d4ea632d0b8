"""What training minimises: contrastive and semantic loss, as pure functions of a batch.

With B samples, `cos[i, j]` is the cosine of image i and text j, `s` the learnt scale, `P` the soft prior of the labels
(`udt.similarity.prior`) and `T` and `T'` targets whose rows add up to 1, of the images and of the texts:

    L             = L_contrastive + w · L_semantic
    L_contrastive = ½ (H(T, softmax(s · cos)) + H(T', softmax(s · cosᵀ)))
    L_semantic    = λ · MSE(cos, P) + (1 − λ) · ½ (D(P, cos) + D(Pᵀ, cosᵀ))
    D(P, cos)     = KL(softmax(P/τ) ‖ softmax(cos/τ))

after arXiv 2604.01749, with w = λ = 0.2 and τ = 0.07 as published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch.nn import functional

from udt.core.errors import DataError


class Losses(NamedTuple):
    """A batch's losses, all scalars; `total` is what to minimise.

    :ivar semantic: 0 where there is no prior to follow.
    """

    total: torch.Tensor
    contrastive: torch.Tensor
    semantic: torch.Tensor


@dataclass(frozen=True, slots=True)
class Objective:
    """The weighted sum of both losses.

    :ivar semantic_weight: w, at least 0; with 0 the semantic loss is not computed.
    :ivar mse_share: λ in [0, 1].
    :ivar temperature: τ, above 0.
    :ivar soft_label_share: share of the contrastive targets that follows `softmax(P/τ)`, in [0, 1]; 0 as in CLIP.
    :ivar duplicates: whether all known matches count as such, and not only each image with its own text: texts that are
        equal fit each other's images. Without it, a model is taught to tell apart what cannot be told apart.
    :raises DataError: where one of them is out of range.
    """

    semantic_weight: float = 0.2
    mse_share: float = 0.2
    temperature: float = 0.07
    soft_label_share: float = 0.0
    duplicates: bool = True

    def __post_init__(self) -> None:
        for name in ("mse_share", "soft_label_share"):
            if not 0 <= (value := getattr(self, name)) <= 1:
                raise DataError(f"{name} is {value}; it has to be from 0 to 1")
        if not self.semantic_weight >= 0:
            raise DataError(f"semantic_weight is {self.semantic_weight}; it has to be at least 0")
        if not self.temperature > 0:
            raise DataError(f"temperature is {self.temperature}; it has to be above 0")

    @property
    def needs_prior(self) -> bool:
        """Whether a prior changes anything."""
        return self.semantic_weight > 0 or self.soft_label_share > 0

    def __call__(
        self,
        image_embeds: torch.Tensor,
        text_embeds: torch.Tensor,
        logit_scale: torch.Tensor,
        prior: torch.Tensor | None = None,
        matches: torch.Tensor | None = None,
        known: torch.Tensor | None = None,
    ) -> Losses:
        """The losses of B pairs; row i of the images belongs to row i of the texts.

        :param image_embeds: (B, P) rows of length 1; so `text_embeds`.
        :param logit_scale: s, a scalar above 0.
        :param prior: (B, B) in [0, 1].
        :param matches: (B, B) bool, True where image i fits text j, as on the diagonal; None where nothing else does.
        :param known: (B, B), True where the prior says something; None where it does everywhere.
        :raises DataError: where a prior is needed and there is none, or a shape does not fit.
        """
        cosine = (image_embeds @ text_embeds.T).float()
        if prior is None and self.needs_prior:
            raise DataError("the objective has a semantic part but got no prior; give one, or set its weight to 0")
        _check_square(cosine=cosine, prior=prior, matches=matches, known=known)
        fits = matches if matches is not None and self.duplicates else torch.eye(len(cosine), device=cosine.device)
        wanted = None if prior is None else prior.to(cosine)
        targets, turned = (self._targets(*way) for way in ((fits, wanted, known), map(_turned, (fits, wanted, known))))
        contrastive = contrastive_loss(logit_scale * cosine, targets, turned)
        if prior is None or not self.semantic_weight:
            return Losses(contrastive, contrastive, torch.zeros_like(contrastive))
        semantic = semantic_loss(cosine, prior.to(cosine), self.temperature, self.mse_share, known)
        return Losses(contrastive + self.semantic_weight * semantic, contrastive, semantic)

    def _targets(self, matches: torch.Tensor, prior: torch.Tensor | None, known: torch.Tensor | None) -> torch.Tensor:
        """(B, B): what each row is to be spread over."""
        hard = match_targets(matches)
        if prior is None or not self.soft_label_share:
            return hard
        return torch.lerp(hard, soft_targets(prior, self.temperature, known).to(hard), self.soft_label_share)


def contrastive_loss(logits: torch.Tensor, targets: torch.Tensor, turned: torch.Tensor) -> torch.Tensor:
    """`½ (H(T, softmax(logits)) + H(T', softmax(logitsᵀ)))`, the mean over rows; CLIP's where both are the identity.

    :param logits: (B, B), images × texts.
    :param targets: T, (B, B), images × texts: each row adds up to 1. `turned` is T', texts × images.
    """
    return (functional.cross_entropy(logits, targets) + functional.cross_entropy(logits.T, turned)) / 2


def semantic_loss(
    cosine: torch.Tensor,
    prior: torch.Tensor,
    temperature: float = 0.07,
    mse_share: float = 0.2,
    known: torch.Tensor | None = None,
) -> torch.Tensor:
    """`λ · MSE(cos, P) + (1 − λ) · KL`, the KL being the mean of both directions; 0 where cos = P.

    :param cosine: (B, B) in [-1, 1], images × texts.
    :param prior: P, (B, B) in [0, 1].
    :param temperature: τ; `mse_share` is λ.
    :param known: (B, B), True where P says something; other pairs have no part in either term.
    """
    error = (cosine - prior).square()
    mse = error.mean() if known is None else (error * known).sum() / known.sum().clamp(min=1)
    both = [
        divergence(prior, cosine, temperature, known),
        divergence(prior.T, cosine.T, temperature, None if known is None else known.T),
    ]
    return mse_share * mse + (1 - mse_share) * (both[0] + both[1]) / 2


def divergence(
    prior: torch.Tensor, cosine: torch.Tensor, temperature: float, known: torch.Tensor | None = None
) -> torch.Tensor:
    """Mean over rows of `KL(softmax(P/τ) ‖ softmax(cos/τ))`, at least 0; each softmax over a row's known pairs."""
    wanted, got = (_log_softmax(scores / temperature, known) for scores in (prior, cosine))
    terms = wanted.exp() * (wanted - got)
    return (terms if known is None else terms.masked_fill(~known, 0)).sum(-1).mean()


def match_targets(matches: torch.Tensor) -> torch.Tensor:
    """(B, B) float32: in each row equal shares for all that match, 0 elsewhere.

    >>> match_targets(torch.tensor([[True, False, True], [False, True, False], [True, False, True]]))
    tensor([[0.5000, 0.0000, 0.5000],
            [0.0000, 1.0000, 0.0000],
            [0.5000, 0.0000, 0.5000]])
    """
    shares = matches.float()
    return shares / shares.sum(1, keepdim=True)


def soft_targets(prior: torch.Tensor, temperature: float, known: torch.Tensor | None = None) -> torch.Tensor:
    """(B, B): `softmax(P/τ)` over the known pairs of each row."""
    return _log_softmax(prior / temperature, known).exp()


def _log_softmax(scores: torch.Tensor, known: torch.Tensor | None) -> torch.Tensor:
    """Over the last axis; where `known` is False the probability is 0 and the logarithm large, but finite."""
    if known is not None:
        scores = scores.masked_fill(~known, torch.finfo(scores.dtype).min / 2)
    return functional.log_softmax(scores, dim=-1)


def _turned(matrix: torch.Tensor | None) -> torch.Tensor | None:
    return None if matrix is None else matrix.T


def _check_square(**matrices: torch.Tensor | None) -> None:
    shapes = {name: tuple(matrix.shape) for name, matrix in matrices.items() if matrix is not None}
    size = shapes["cosine"][0]
    if any(shape != (size, size) for shape in shapes.values()):
        got = ", ".join(f"{name} is {' × '.join(map(str, shape))}" for name, shape in shapes.items())
        raise DataError(f"a batch of {size} images needs as many texts and {size} × {size} matrices, but {got}")
