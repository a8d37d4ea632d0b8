"""Retrieval: the rank of the texts of an image when all texts are sorted by their cosine with it, and vice versa.

A candidate is relevant if it is paired with the query: its own partner, and all others with the same caption or the
same image, since equal captions or images cannot be distinguished.

    rank  1 + number of candidates that are not paired with the query and at least as close as the best that is
    R@k   share of the queries with a rank of at most k

Ties count as closer, so that an encoder that maps everything to one point finds nothing. Ranks are exact:
every query is compared with every candidate, a block of queries at a time.
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
    """One of the two directions.

    :ivar recall: R@k by k, each in [0, 1].
    :ivar random: R@k that a random order is expected to have.
    :ivar median_rank: the median of the ranks, from 1.
    """

    recall: Mapping[int, float]
    random: Mapping[int, float]
    median_rank: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Both directions.

    :ivar candidates: how many there are, of images as of texts.
    :ivar duplicates: how many samples share their caption or image with another.
    """

    candidates: int
    duplicates: int
    image_to_text: Direction
    text_to_image: Direction


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """Which samples have the same caption, and which the same image.

    :ivar captions: (N,) equal numbers for equal captions; `images` (N,) likewise.
    """

    captions: torch.Tensor
    images: torch.Tensor

    @classmethod
    def of(cls, captions: Sequence[object], images: Sequence[object]) -> Pairing:
        """Build the pairing of samples from values that identify their captions and their images."""
        return cls(numbered(captions), numbered(images))

    def __len__(self) -> int:
        return len(self.captions)

    def block(self, part: slice) -> torch.Tensor:
        """Return (samples of the part, N) which are paired."""
        pairs = ((known[part, None], known[None, :]) for known in (self.captions, self.images))
        captions, images = (a == b for a, b in pairs)
        return captions | images

    def to(self, device: torch.device) -> Pairing:
        """Return the same pairing on another device."""
        return Pairing(self.captions.to(device), self.images.to(device))


def numbered(values: Sequence[object]) -> torch.Tensor:
    """Number values in order of appearance as (N,) int64, from 0; equal values get equal numbers."""
    numbers: dict[object, int] = {}
    return torch.tensor([numbers.setdefault(value, len(numbers)) for value in values], dtype=torch.int64)


def retrieve(images: torch.Tensor, texts: torch.Tensor, pairing: Pairing, block: int = _BLOCK) -> Retrieval:
    """Score both directions.

    :param images: (N, P) rows of length 1; `texts` (N, P), row i is the caption of image i.
    :param block: number of queries that are compared at a time; memory grows with block × N.
    :raises DataError: if there are no samples, or the numbers of images, texts and pairs differ.
    """
    if not len(images) == len(texts) == len(pairing) or not len(images):
        got = f"{len(images)} images, {len(texts)} texts and {len(pairing)} pairs"
        raise DataError(f"retrieval needs as many images as texts and pairs, and at least 1; got {got}")
    pairing = pairing.to(images.device)
    counts = torch.cat([pairing.block(part).sum(1) for part in _blocks(len(images), block)]).cpu().numpy()
    forth, back = (_direction(ranks(*way, pairing, block), counts) for way in ((images, texts), (texts, images)))
    return Retrieval(len(images), int((counts > 1).sum()), forth, back)


def ranks(queries: torch.Tensor, candidates: torch.Tensor, pairing: Pairing, block: int = _BLOCK) -> Ints:
    """Return (N,) the rank of the best paired candidate of each query, from 1."""
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

    :param counts: (N,) number of candidates that are paired with each query.

    A query misses with `(N - c)! (N - k)! / (N! (N - c - k)!)`, the product of `(N - c - i) / (N - i)` over i < k.
    """
    place = np.arange(min(k, len(counts)))
    free = np.maximum(len(counts) - counts[:, None] - place, 0)
    missed = np.prod(free / (len(counts) - place), axis=1)
    return float(1 - missed.mean())


def _blocks(count: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, count, size))
