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
    :ivar logit_bias: b, a scalar that is added to the logits of pairwise losses; None if the model has none.
    :ivar negatives: (B, K) float32 in [-1, 1], cosines of each image with K hard negatives of its text; None without.
    :ivar has_negative: (B, K) bool, False for places without a text.
    :ivar text_lengths: (B, 1 + K), factors of the contrastive logits of the text and the negatives of a sample; None if
        they are 1.
    """

    image_embeds: torch.Tensor
    text_embeds: torch.Tensor
    cosine: torch.Tensor
    logit_scale: torch.Tensor
    prior: torch.Tensor | None = None
    matches: torch.Tensor | None = None
    known: torch.Tensor | None = None
    logit_bias: torch.Tensor | None = None
    negatives: torch.Tensor | None = None
    has_negative: torch.Tensor | None = None
    text_lengths: torch.Tensor | None = None

    @classmethod
    def of(
        cls,
        image_embeds: torch.Tensor,
        text_embeds: torch.Tensor,
        logit_scale: torch.Tensor,
        prior: torch.Tensor | None = None,
        matches: torch.Tensor | None = None,
        known: torch.Tensor | None = None,
        **others: torch.Tensor | None,
    ) -> Pairs:
        """Build the pairs with their cosines.

        :param others: `logit_bias`, `negatives`, `has_negative` and `text_lengths`.
        :raises DataError: if the shapes do not agree.
        """
        cosine = (image_embeds @ text_embeds.T).float()
        _check_square(cosine=cosine, prior=prior, matches=matches, known=known)
        prior = None if prior is None else prior.to(cosine)
        return cls(image_embeds, text_embeds, cosine, logit_scale, prior, matches, known, **others)

    def positives(self, duplicates: bool) -> torch.Tensor:
        """Return the pairs that belong together, (B, B) bool: all known matches, or the diagonal alone.

        :param duplicates: whether matches other than the diagonal count.
        """
        if duplicates and self.matches is not None:
            return self.matches
        return torch.eye(len(self.cosine), dtype=torch.bool, device=self.cosine.device)


def _check_square(**matrices: torch.Tensor | None) -> None:
    shapes = {name: tuple(matrix.shape) for name, matrix in matrices.items() if matrix is not None}
    size = shapes["cosine"][0]
    if any(shape != (size, size) for shape in shapes.values()):
        got = ", ".join(f"{name} is {' × '.join(map(str, shape))}" for name, shape in shapes.items())
        raise DataError(f"a batch of {size} images needs as many texts and {size} × {size} matrices, but {got}")


def transposed(matrix: torch.Tensor | None) -> torch.Tensor | None:
    """Return the transpose of a matrix; None for None."""
    return None if matrix is None else matrix.T


def excluding(pairs: torch.Tensor, known: torch.Tensor | None) -> torch.Tensor:
    """Return the known pairs (B, B) without some of them.

    :param pairs: (B, B) bool, those to leave out.
    :param known: (B, B) bool; None if all pairs are known.
    """
    return ~pairs if known is None else known & ~pairs


def masked_log_softmax(scores: torch.Tensor, known: torch.Tensor | None) -> torch.Tensor:
    """Compute the log-softmax over the last axis.

    :param scores: (B, B).
    :param known: (B, B) bool; an entry that is False has the probability 0 and a large negative, but finite logarithm.
    """
    if known is not None:
        scores = scores.masked_fill(~known, torch.finfo(scores.dtype).min / 2)
    return torch.nn.functional.log_softmax(scores, dim=-1)
