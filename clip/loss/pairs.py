"""A batch of image-text pairs, the input of every loss term."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from udt.core.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """B image-text pairs; image i belongs to text i.

    :ivar image_embeds: (B, P) rows of length 1; `text_embeds` likewise.
    :ivar cosine: (B, B) float32 in [-1, 1], images × texts.
    :ivar logit_scale: s, a scalar above 0.
    :ivar prior: P, (B, B) float32 in [0, 1], the similarity of the labels of two samples; None without prior.
    :ivar matches: (B, B) bool, True if text j describes image i, as on the diagonal; None for the diagonal alone.
    :ivar known: (B, B) bool, True if the prior of the pair is known; None if it is known for all.
    """

    image_embeds: torch.Tensor
    text_embeds: torch.Tensor
    cosine: torch.Tensor
    logit_scale: torch.Tensor
    prior: torch.Tensor | None = None
    matches: torch.Tensor | None = None
    known: torch.Tensor | None = None

    @classmethod
    def of(
        cls,
        image_embeds: torch.Tensor,
        text_embeds: torch.Tensor,
        logit_scale: torch.Tensor,
        prior: torch.Tensor | None = None,
        matches: torch.Tensor | None = None,
        known: torch.Tensor | None = None,
    ) -> Pairs:
        """Build the pairs with their cosines.

        :raises DataError: if the shapes do not agree.
        """
        cosine = (image_embeds @ text_embeds.T).float()
        _check_square(cosine=cosine, prior=prior, matches=matches, known=known)
        prior = None if prior is None else prior.to(cosine)
        return cls(image_embeds, text_embeds, cosine, logit_scale, prior, matches, known)


def _check_square(**matrices: torch.Tensor | None) -> None:
    shapes = {name: tuple(matrix.shape) for name, matrix in matrices.items() if matrix is not None}
    size = shapes["cosine"][0]
    if any(shape != (size, size) for shape in shapes.values()):
        got = ", ".join(f"{name} is {' × '.join(map(str, shape))}" for name, shape in shapes.items())
        raise DataError(f"a batch of {size} images needs as many texts and {size} × {size} matrices, but {got}")


def transposed(matrix: torch.Tensor | None) -> torch.Tensor | None:
    """Return the transpose of a matrix; None for None."""
    return None if matrix is None else matrix.T


def masked_log_softmax(scores: torch.Tensor, known: torch.Tensor | None) -> torch.Tensor:
    """Compute the log-softmax over the last axis.

    :param scores: (B, B).
    :param known: (B, B) bool; an entry that is False has the probability 0 and a large negative, but finite logarithm.
    """
    if known is not None:
        scores = scores.masked_fill(~known, torch.finfo(scores.dtype).min / 2)
    return torch.nn.functional.log_softmax(scores, dim=-1)
