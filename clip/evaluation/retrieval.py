"""Retrieval of texts by images and of images by texts, in three definitions that repeated captions cannot flatter.

Samples are put into groups, and the candidates of a query are the groups, each once, at the closeness of its closest
member. A query looks for its own group.

    caption   samples with the same caption are a group: each distinct caption is one candidate
    partner   each sample is a group: its own text, or image, alone is found
    case      samples of the same case are a group: any text, or image, of the case is found

Let `a` be the number of other groups that are closer than the own one, and `t` that of the groups that are equally
close, the own one included. Ties are broken by chance:

    rank  a + (t + 1) / 2, the expected one
    R@k   the probability that the own group is among the first k: (k - a) / t, between 0 and 1

Every group counts the same: R@k and the median are over the samples with the weights 1 / size of the group. A ranking
of G groups that does not depend on the query has k of them among its first k, so that the R@k of any blind encoder,
whether its embeddings are constant, random or favour frequent captions, has the expectation k / G, which is the chance
line. Ranks are exact: every query is compared with every candidate, a block of queries at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from udt.clip.evaluation.bootstrap import weighted_medians
from udt.core.errors import DataError

Definition = Literal["caption", "partner", "case"]
Way = Literal["image_to_text", "text_to_image"]

DEFINITIONS: tuple[Definition, ...] = get_args(Definition)
WAYS: tuple[Way, ...] = get_args(Way)
CUTOFFS = (1, 5, 10, 50)
LISTED = 5
"""Number of closest candidates that are kept for each query."""

_BLOCK = 512

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """The ranks of the own groups of N queries, in one definition and direction.

    :ivar groups: (N,) number of the group of each sample, from 0.
    :ivar closer: (N,) number of other groups that are closer than the own one.
    :ivar tied: (N,) number of groups as close as the own one, itself included.
    """

    groups: Ints
    closer: Ints
    tied: Ints

    @property
    def candidates(self) -> int:
        """Number of groups."""
        return int(self.groups.max()) + 1

    @property
    def weights(self) -> Floats:
        """Weight of each query, (N,): those of a group sum to 1."""
        found: Floats = 1 / np.bincount(self.groups)[self.groups]
        return found

    @property
    def expected(self) -> Floats:
        """The expected rank of the own group of each query, (N,), from 1."""
        found: Floats = self.closer + (self.tied + 1) / 2
        return found

    def hits(self, k: int) -> Floats:
        """Return the probability that each query has its group among the first k, (N,)."""
        found: Floats = np.clip((k - self.closer) / self.tied, 0, 1)
        return found

    @property
    def recall(self) -> dict[int, float]:
        """R@k by k, each in [0, 1]."""
        weights = self.weights
        return {k: float((weights * self.hits(k)).sum() / weights.sum()) for k in CUTOFFS}

    @property
    def chance(self) -> dict[int, float]:
        """The expected R@k of a ranking that does not depend on the query."""
        return {k: min(k / self.candidates, 1.0) for k in CUTOFFS}

    @property
    def median_rank(self) -> float:
        """The weighted median of the expected ranks, from 1."""
        return weighted_median(self.expected, self.weights)

    @property
    def chance_median_rank(self) -> float:
        """The expected median rank of a ranking that does not depend on the query."""
        return (self.candidates + 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Retrieval:
    """The ranks of N samples, in all definitions and both directions.

    :ivar ranks: by definition and direction.
    :ivar closest: by direction, (N, at most `LISTED`) one sample of each of the closest captions of an image, or the
        closest images of a caption.
    """

    ranks: Mapping[Definition, Mapping[Way, Ranks]]
    closest: Mapping[Way, Ints]


def weighted_median(values: NDArray[Any], weights: Floats) -> float:
    """Return the value with half of the weight below it; between two values, their mean."""
    order = np.argsort(values, kind="stable")
    return float(weighted_medians(values[order], weights[order][None])[0])


def numbered(values: Sequence[object]) -> Ints:
    """Number values from 0 in the order of their first occurrence, equal values alike; (N,)."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)


def retrieve(
    images: torch.Tensor,
    texts: torch.Tensor,
    captions: Sequence[object],
    cases: Sequence[object],
    block: int = _BLOCK,
) -> Retrieval:
    """Rank both directions.

    :param images: (N, P) rows of length 1.
    :param texts: (N, P) rows of length 1; row i is the caption of image i.
    :param captions: N keys that identify the captions.
    :param cases: N keys that identify the cases.
    :param block: number of queries that are compared at a time; memory grows with block × N.
    :raises DataError: if there are no samples, or the numbers of images, texts, captions and cases differ.
    """
    counts = [len(part) for part in (images, texts, captions, cases)]
    if len(set(counts)) > 1 or not counts[0]:
        got = "{} images, {} texts, {} captions and {} cases".format(*counts)
        raise DataError(f"retrieval needs as many images as texts, captions and cases, and at least 1; got {got}")
    groups = groups_of(captions, cases)
    ranked = {
        "image_to_text": _ranked(images, texts, groups, block, listed="caption"),
        "text_to_image": _ranked(texts, images, groups, block, listed="partner"),
    }
    ranks = {name: {way: ranked[way][0][name] for way in WAYS} for name in DEFINITIONS}
    return Retrieval(ranks, {way: ranked[way][1] for way in WAYS})


def groups_of(captions: Sequence[object], cases: Sequence[object]) -> dict[Definition, Ints]:
    """Number the groups of N samples in each definition, (N,) from 0."""
    return {"caption": numbered(captions), "partner": np.arange(len(captions)), "case": numbered(cases)}


def _ranked(
    queries: torch.Tensor, candidates: torch.Tensor, groups: Mapping[Definition, Ints], block: int, listed: Definition
) -> tuple[dict[Definition, Ranks], Ints]:
    """Rank the groups of each definition, and list one sample of each of the closest groups of one definition."""
    # Equal embeddings are compared once: products of the same rows may differ by rounding, and would not be ties.
    rows = numbered([row.tobytes() for row in candidates.cpu().numpy()])
    distinct = candidates[torch.from_numpy(_first(rows)).to(candidates.device)]
    members = {name: _Members(rows, found, queries.device) for name, found in groups.items()}
    counted: dict[Definition, list[torch.Tensor]] = {name: [] for name in groups}
    closest = []
    for start in range(0, len(queries), block):
        cosines = queries[start : start + block] @ distinct.T
        for name, found in members.items():
            by_group = found.closest(cosines)
            own = by_group.gather(1, found.groups[start : start + block, None])
            counted[name].append(torch.stack([(by_group > own).sum(1), (by_group == own).sum(1)]))
            if name == listed:
                closest.append(by_group.topk(min(LISTED, by_group.shape[1])).indices)
    sample = _first(groups[listed])
    results = {name: torch.cat(parts, 1).cpu().numpy() for name, parts in counted.items()}
    ranks = {name: Ranks(groups[name], closer, tied) for name, (closer, tied) in results.items()}
    return ranks, sample[torch.cat(closest).cpu().numpy()]


class _Members:
    """The distinct candidates of each group.

    :param rows: (N,) number of the embedding of each sample, equal ones alike.
    :param groups: (N,) number of the group of each sample.
    """

    def __init__(self, rows: Ints, groups: Ints, device: torch.device) -> None:
        pairs = np.unique(np.stack([groups, rows]), axis=1)
        self.groups = torch.from_numpy(groups).to(device)
        self._count = int(groups.max()) + 1
        self._group, self._row = (torch.from_numpy(np.ascontiguousarray(part)).to(device) for part in pairs)

    def closest(self, cosines: torch.Tensor) -> torch.Tensor:
        """Return the largest cosine of each group, (B, groups).

        :param cosines: (B, distinct candidates).
        """
        chosen = cosines[:, self._row]
        if len(self._group) == self._count:
            return chosen
        index = self._group.expand(len(chosen), -1)
        return chosen.new_full((len(chosen), self._count), -torch.inf).scatter_reduce_(1, index, chosen, "amax")


def _first(numbers: Ints) -> Ints:
    """Return the index of the first of each number from 0, (number of numbers,)."""
    return np.unique(numbers, return_index=True)[1].astype(np.int64)


def each(found: Retrieval) -> Iterator[tuple[Definition, Way, Ranks]]:
    """Yield the ranks of each definition and direction."""
    for name, ways in found.ranks.items():
        for way, ranks in ways.items():
            yield name, way, ranks
