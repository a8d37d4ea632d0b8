"""Retrieval of texts by images and of images by texts, with all candidates ranked by cosine.

The relevant candidates of a query are its own partner and all others with the same caption or the same image, since
equal captions, or equal images, cannot be distinguished.

    rank  1 + number of candidates that are not relevant and at least as close as the closest relevant one
    R@k   share of the queries with a rank of at most k

Ties count against the encoder, so that one with constant embeddings finds nothing. Ranks are exact: every query is
compared with every candidate, a block of queries at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from udt.core.errors import DataError

CUTOFFS = (1, 5, 10, 50)

_BLOCK = 1024

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Direction:
    """The scores of one direction.

    :ivar recall: R@k by k, each in [0, 1].
    :ivar random: expected R@k of a random order.
    :ivar median_rank: the median of the ranks, from 1.
    """

    recall: Mapping[int, float]
    random: Mapping[int, float]
    median_rank: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The scores of both directions.

    :ivar candidates: number of images, and of texts.
    :ivar duplicates: number of samples that share their caption or image with another.
    """

    candidates: int
    duplicates: int
    image_to_text: Direction
    text_to_image: Direction


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """The samples that have the same caption or the same image.

    :ivar captions: (N,) equal numbers for equal captions.
    :ivar images: (N,) equal numbers for equal images.
    """

    captions: torch.Tensor
    images: torch.Tensor

    @classmethod
    def of(cls, captions: Sequence[object], images: Sequence[object]) -> Pairing:
        """Build the pairing from keys that identify the caption and the image of each sample."""
        return cls(numbered(captions), numbered(images))

    def __len__(self) -> int:
        return len(self.captions)

    def block(self, part: slice) -> torch.Tensor:
        """Return whether samples of a part are paired with each sample, (part, N) bool."""
        pairs = ((known[part, None], known[None, :]) for known in (self.captions, self.images))
        captions, images = (a == b for a, b in pairs)
        return captions | images

    def to(self, device: torch.device) -> Pairing:
        """Move the pairing to a device."""
        return Pairing(self.captions.to(device), self.images.to(device))


def numbered(values: Sequence[object]) -> torch.Tensor:
    """Number values from 0 in the order of their first occurrence, equal values alike; (N,) int64."""
    numbers: dict[object, int] = {}
    return torch.tensor([numbers.setdefault(value, len(numbers)) for value in values], dtype=torch.int64)


def retrieve(images: torch.Tensor, texts: torch.Tensor, pairing: Pairing, block: int = _BLOCK) -> Retrieval:
    """Score both directions.

    :param images: (N, P) rows of length 1.
    :param texts: (N, P) rows of length 1; row i is the caption of image i.
    :param block: number of queries that are compared at a time; memory grows with block × N.
    :raises DataError: if there are no samples, or the numbers of images, texts and pairs differ.
    """
    if not len(images) == len(texts) == len(pairing) or not len(images):
        got = f"{len(images)} images, {len(texts)} texts and {len(pairing)} pairs"
        raise DataError(f"retrieval needs as many images as texts and pairs, and at least 1; got {got}")
    pairing = pairing.to(images.device)
    counts = torch.cat([pairing.block(part).sum(1) for part in _blocks(len(images), block)]).cpu().numpy()
    image_to_text = _direction(ranks(images, texts, pairing, block), counts)
    text_to_image = _direction(ranks(texts, images, pairing, block), counts)
    return Retrieval(len(images), int((counts > 1).sum()), image_to_text, text_to_image)


def ranks(queries: torch.Tensor, candidates: torch.Tensor, pairing: Pairing, block: int = _BLOCK) -> Ints:
    """Compute the rank of the closest paired candidate of each query, from 1; (N,)."""
    found = []
    for part in _blocks(len(queries), block):
        cosines = queries[part] @ candidates.T
        paired = pairing.block(part)
        best = cosines.masked_fill(~paired, -torch.inf).amax(1, keepdim=True)
        found.append(1 + ((cosines >= best) & ~paired).sum(1))
    ranked: Ints = torch.cat(found).cpu().numpy()
    return ranked


def _direction(ranked: Ints, counts: Ints) -> Direction:
    return Direction(
        recall={k: float((ranked <= k).mean()) for k in CUTOFFS},
        random={k: random_recall(counts, k) for k in CUTOFFS},
        median_rank=float(np.median(ranked)),
    )


def random_recall(counts: Ints, k: int) -> float:
    """Compute the expected R@k of a random order of N candidates.

    A query with c paired candidates misses with the probability `(N - c)! (N - k)! / (N! (N - c - k)!)`, the product of
    `(N - c - i) / (N - i)` over i < k.

    :param counts: (N,) c of each query.
    """
    place = np.arange(min(k, len(counts)))
    free = np.maximum(len(counts) - counts[:, None] - place, 0)
    missed = np.prod(free / (len(counts) - place), axis=1)
    return float(1 - missed.mean())


def _blocks(count: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, count, size))
