"""Progress of a review: what each reviewer has decided, the outcomes, and the effective rate."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from sqlalchemy import Connection

from udt.core.errors import DataError
from udt.core.tally import Tally
from udt.records.database.curation_models import ReviewRole
from udt.records.review.adjudication import ReviewOutcome, outcomes
from udt.records.review.candidates import candidates, in_random_order
from udt.records.review.votes import Vote, read_votes

_LEVEL = 0.95
_FINAL = (ReviewOutcome.ACCEPTED, ReviewOutcome.CORRECTED, ReviewOutcome.REJECTED)


@dataclass(frozen=True, slots=True)
class Load:
    """The reviews of one person in one role.

    :ivar doubts: decided reviews that see a problem.
    """

    reviewer: str
    role: str
    assigned: int
    decided: int
    doubts: int


@dataclass(frozen=True, slots=True)
class EffectiveRate:
    """Share of the pairs that were accepted as they are, among those with a final outcome.

    :ivar drawn: samples that it is asked for.
    :ivar final: those with a final outcome; while it is below `drawn`, the rate may change.
    :ivar low: lower end of the 95% Wilson interval; None without a final outcome, as the rate.
    """

    drawn: int
    final: int
    accepted: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ReviewStatus:
    """Progress of a review.

    :ivar outcomes: samples with reviews by outcome.
    """

    loads: Sequence[Load]
    outcomes: Mapping[str, int]
    effective: EffectiveRate
    votes: Sequence[Vote]


def review_status(connection: Connection, *, count: int | None = None, seed: int = 0) -> ReviewStatus:
    """Return the progress of the review.

    :param count: size of the random sample that the effective rate is computed on, drawn as by `assign_reviews` with
        the same seed; by default, it is computed on all samples with reviews.
    :raises DataError: if nothing is assigned.
    """
    votes, found = read_votes(connection), outcomes(connection)
    if not votes:
        raise DataError("nothing is assigned yet; assign samples with 'udt data review assign'")
    drawn: Collection[int] = found
    if count is not None:
        drawn = [one.id for one in in_random_order(candidates(connection, Tally()), seed)[:count]]
    counts = Counter(result.value for result in found.values())
    by_outcome = {result.value: counts[result.value] for result in ReviewOutcome}
    return ReviewStatus(_loads(votes), by_outcome, effective_rate(drawn, found), votes)


def effective_rate(drawn: Collection[int], found: Mapping[int, ReviewOutcome]) -> EffectiveRate:
    """Return the effective rate of the samples `drawn`; a corrected sample was not right as it was."""
    results = [result for sample in drawn if (result := found.get(sample)) in _FINAL]
    accepted = sum(result is ReviewOutcome.ACCEPTED for result in results)
    if not results:
        return EffectiveRate(len(drawn), 0, 0, None, None, None)
    low, high = wilson_interval(accepted, len(results))
    return EffectiveRate(len(drawn), len(results), accepted, accepted / len(results), low, high)


def wilson_interval(successes: int, count: int, level: float = _LEVEL) -> tuple[float, float]:
    """Return the Wilson score interval of a share `p = successes / count`.

    Its ends are `(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)` with the quantile z of the normal distribution.

    >>> [round(end, 4) for end in wilson_interval(93, 100)]
    [0.8625, 0.9657]
    """
    z, p = NormalDist().inv_cdf((1 + level) / 2), successes / count
    middle = p + z * z / (2 * count)
    half = z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def _loads(votes: Sequence[Vote]) -> list[Load]:
    found: dict[tuple[str, str], list[Vote]] = {}
    for vote in votes:
        found.setdefault((vote.role.value, vote.reviewer), []).append(vote)
    return [
        Load(name, role, len(cast), sum(vote.decided for vote in cast), sum(vote.problem for vote in cast))
        for (role, name), cast in sorted(found.items(), key=lambda pair: (pair[0][0] != ReviewRole.REVIEW, pair[0]))
    ]
