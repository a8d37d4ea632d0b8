"""A batch of image-text pairs, the input of every loss term."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from udt.core.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One direction of a batch: N queries of this process, each against the B candidates of all processes.

    With a single process, N = B.

    :ivar cosine: (N, B) float32 in [-1, 1].
    :ivar prior: P, (N, B) float32 in [0, 1], the similarity of the labels of two samples; None without prior.
    :ivar matches: (N, B) bool, True if the text of the pair describes its image; None for a query and its own candidate
        alone.
    :ivar known: (N, B) bool, True if the prior of the pair is known; None if it is known for all.
    :ivar first: candidate `first + n` is the own one of query n.
    """

    cosine: torch.Tensor
    prior: torch.Tensor | None = None
    matches: torch.Tensor | None = None
    known: torch.Tensor | None = None
    first: int = 0

    def positives(self, duplicates: bool) -> torch.Tensor:
        """Return the pairs that belong together, (N, B) bool: all known matches, or each query and its own candidate.

        :param duplicates: whether matches other than the own candidate count.
        """
        return self.matches if duplicates and self.matches is not None else own_pairs(self.cosine, self.first)

    def transposed(self) -> Side:
        """Return the other direction, if the B queries of a single process are against its B candidates."""
        return Side(self.cosine.T, transposed(self.prior), transposed(self.matches), transposed(self.known))


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """B image-text pairs of all processes, N of them of this process; image i belongs to text i.

    A loss is that of the N pairs, as with `--local-loss` of open_clip: each process computes the rows of its images
    against all texts, and of its texts against all images, and the loss of the batch is the mean over the processes.
    With a single process, N = B.

    :ivar image_embeds: (B, P) rows of length 1; `text_embeds` likewise.
    :ivar logit_scale: s, a scalar above 0.
    :ivar images: the N images of this process against the B texts.
    :ivar texts: the N texts of this process against the B images.
    :ivar logit_bias: b, a scalar that is added to the logits of pairwise losses; None if the model has none.
    :ivar negatives: (N, K) float32 in [-1, 1], cosines of each image with K hard negatives of its text; None without.
    :ivar has_negative: (N, K) bool, False for places without a text.
    :ivar text_lengths: (B, 1 + K), factors of the contrastive logits of the text and the negatives of a sample; None if
        they are 1.
    """

    image_embeds: torch.Tensor
    text_embeds: torch.Tensor
    logit_scale: torch.Tensor
    images: Side
    texts: Side
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
        """Build the pairs of a single process with their cosines.

        :param prior: (B, B), images × texts; `matches` and `known` likewise.
        :param others: `logit_bias`, `negatives`, `has_negative` and `text_lengths`.
        :raises DataError: if the shapes do not agree.
        """
        cosine = (image_embeds @ text_embeds.T).float()
        _check_square(cosine=cosine, prior=prior, matches=matches, known=known)
        images = Side(cosine, None if prior is None else prior.to(cosine), matches, known)
        return cls(image_embeds, text_embeds, logit_scale, images, images.transposed(), **others)

    @property
    def cosine(self) -> torch.Tensor:
        """Cosines of the images of this process with all texts, (N, B) float32 in [-1, 1]."""
        return self.images.cosine

    @property
    def prior(self) -> torch.Tensor | None:
        """The prior of the images of this process with all texts, (N, B) float32 in [0, 1]; None without prior."""
        return self.images.prior

    @property
    def own_lengths(self) -> torch.Tensor | None:
        """Text lengths of the samples of this process, (N, 1 + K); None if they are 1."""
        first = self.images.first
        return None if self.text_lengths is None else self.text_lengths[first : first + len(self.cosine)]


def own_pairs(matrix: torch.Tensor, first: int = 0) -> torch.Tensor:
    """Return True for the pairs (n, first + n) of a matrix (N, B), bool."""
    found = torch.zeros(matrix.shape, dtype=torch.bool, device=matrix.device)
    found.diagonal(first).fill_(True)
    return found


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
    """Return the known pairs (N, B) without some of them.

    :param pairs: (N, B) bool, those to leave out.
    :param known: (N, B) bool; None if all pairs are known.
    """
    return ~pairs if known is None else known & ~pairs


def masked_log_softmax(scores: torch.Tensor, known: torch.Tensor | None) -> torch.Tensor:
    """Compute the log-softmax over the last axis.

    :param scores: (N, B).
    :param known: (N, B) bool; an entry that is False has the probability 0 and a large negative, but finite logarithm.
    """
    if known is not None:
        scores = scores.masked_fill(~known, torch.finfo(scores.dtype).min / 2)
    return torch.nn.functional.log_softmax(scores, dim=-1)
