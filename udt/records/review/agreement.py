"""Agreement of independent reviewers, corrected for chance, with bootstrap intervals over cases (extra `review`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.records.database.curation_models import ReviewRole
from udt.records.review.votes import Vote, by_sample

RESAMPLES = 1000
"""Number of bootstrap resamples, by default."""

_LEVEL = 0.95
_OPEN = -1

Ratings = NDArray[np.int64]
"""Answers, shape (samples, reviewers): 1 yes, 0 no, -1 if the reviewer has no decided review of the sample."""


class Estimate(NamedTuple):
    """A coefficient with its 95% bootstrap interval.

    :ivar name: `cohen`, `fleiss` or `krippendorff`.
    :ivar reviewers: the two reviewers of Cohen's kappa, or all.
    :ivar samples: samples that it is computed from.
    :ivar value: None if it is not defined, since all answers are equal or nothing was answered by two.
    :ivar low: lower end of the interval; None if no resample defines it.
    :ivar undefined: number of resamples in which it is not defined; the interval is over the others.
    """

    name: str
    reviewers: tuple[str, ...]
    samples: int
    value: float | None
    low: float | None
    high: float | None
    undefined: int


@dataclass(frozen=True, slots=True)
class ReviewerAgreement:
    """Agreement on one question.

    :ivar question: `alignment`, `consistency`, or `problem` for either.
    :ivar observed: share of pairs of answers to the same sample that are equal; None without any.
    """

    question: str
    observed: float | None
    estimates: tuple[Estimate, ...]


_QUESTIONS: dict[str, Callable[[Vote], bool]] = {
    "alignment": lambda vote: bool(vote.alignment),
    "consistency": lambda vote: bool(vote.consistency),
    "problem": lambda vote: vote.problem,
}


def agreement(votes: Sequence[Vote], *, resamples: int = RESAMPLES, seed: int = 0) -> list[ReviewerAgreement]:
    """Return the agreement on each question, from the decided reviews; adjudications are not independent of them.

    :param resamples: number of bootstrap resamples of cases, each with all of its samples.
    :raises DataError: if a package that computes it is not installed, or no sample has two decided reviews.
    """
    _check_packages()
    independent = [vote for vote in votes if vote.role is ReviewRole.REVIEW and vote.decided]
    names = tuple(sorted({vote.reviewer for vote in independent}))
    shared = {sample: cast for sample, cast in by_sample(independent).items() if len(cast) > 1}
    if not shared:
        raise DataError("no sample has two decided reviews, so that there is no agreement to compute; import more")
    cases = np.unique([cast[0].case for cast in shared.values()], return_inverse=True)[1]
    return [
        _on_question(question, _ratings(shared, names, answer), names, _Resampling(cases, resamples, seed))
        for question, answer in _QUESTIONS.items()
    ]


def _ratings(shared: dict[int, list[Vote]], names: Sequence[str], answer: Callable[[Vote], bool]) -> Ratings:
    place = {name: i for i, name in enumerate(names)}
    ratings = np.full((len(shared), len(names)), _OPEN, dtype=np.int64)
    for i, cast in enumerate(shared.values()):
        for vote in cast:
            ratings[i, place[vote.reviewer]] = answer(vote)
    return ratings


@dataclass(frozen=True, slots=True)
class _Resampling:
    """Bootstrap over cases.

    :ivar cases: number of the case of each sample, from 0.
    """

    cases: NDArray[np.intp]
    count: int
    seed: int

    def rows(self) -> Iterator[NDArray[np.intp]]:
        """Yield the sample indices of each resample."""
        rng = np.random.default_rng(self.seed)
        number = int(self.cases.max()) + 1
        members = [np.flatnonzero(self.cases == case) for case in range(number)]
        for _ in range(self.count):
            yield np.concatenate([members[case] for case in rng.integers(number, size=number)])


def _on_question(question: str, ratings: Ratings, names: tuple[str, ...], resampling: _Resampling) -> ReviewerAgreement:
    estimates = [
        _estimate("cohen", (names[i], names[j]), ratings[:, [i, j]], cohen_kappa, resampling)
        for i, j in combinations(range(len(names)), 2)
        if ((ratings[:, i] != _OPEN) & (ratings[:, j] != _OPEN)).any()
    ]
    estimates.append(_estimate("fleiss", names, ratings, fleiss_kappa, resampling))
    estimates.append(_estimate("krippendorff", names, ratings, krippendorff_alpha, resampling))
    return ReviewerAgreement(question, observed_agreement(ratings), tuple(estimates))


def _estimate(
    name: str,
    reviewers: tuple[str, ...],
    ratings: Ratings,
    coefficient: Callable[[Ratings], float | None],
    resampling: _Resampling,
) -> Estimate:
    found = [value for rows in resampling.rows() if (value := coefficient(ratings[rows])) is not None]
    margin = (1 - _LEVEL) / 2
    low, high = np.quantile(found, [margin, 1 - margin]).tolist() if found else (None, None)
    samples = int(((ratings != _OPEN).sum(axis=1) > 1).sum())
    return Estimate(name, reviewers, samples, coefficient(ratings), low, high, resampling.count - len(found))


def observed_agreement(ratings: Ratings) -> float | None:
    """Return the share of pairs of answers to the same sample that are equal; None without such pairs."""
    yes, given = (ratings == 1).sum(axis=1), (ratings != _OPEN).sum(axis=1)
    no = given - yes
    pairs = (given * (given - 1)).sum()
    return float((yes * (yes - 1) + no * (no - 1)).sum() / pairs) if pairs else None


def cohen_kappa(ratings: Ratings) -> float | None:
    """Return Cohen's kappa of two reviewers, shape (samples, 2), over the samples that both have answered.

    :returns: None if there are none, or both give one and the same answer to all.
    """
    from sklearn.metrics import cohen_kappa_score

    both = ratings[(ratings != _OPEN).all(axis=1)]
    if len(np.unique(both)) < 2:
        return None
    return float(cohen_kappa_score(both[:, 0], both[:, 1]))


def fleiss_kappa(ratings: Ratings) -> float | None:
    """Return Fleiss' kappa over the samples with the most frequent number of answers, which it needs to be equal.

    :returns: None if there are no such samples, or all answers are equal.
    """
    from statsmodels.stats.inter_rater import fleiss_kappa as kappa

    given = (ratings != _OPEN).sum(axis=1)
    number = int(np.bincount(given).argmax())
    counts = np.stack([(ratings == value).sum(axis=1) for value in (0, 1)], axis=1)[given == number]
    if number < 2 or (counts.sum(axis=0) == 0).any():
        return None
    return float(kappa(counts, method="fleiss"))


def krippendorff_alpha(ratings: Ratings) -> float | None:
    """Return Krippendorff's alpha for nominal data; samples may have different numbers of answers.

    :returns: None if no sample has two answers, or all answers are equal.
    """
    import krippendorff

    paired = ratings[(ratings != _OPEN).sum(axis=1) > 1]
    if len(np.unique(paired[paired != _OPEN])) < 2:
        return None
    data = np.where(paired == _OPEN, np.nan, paired).T
    return float(krippendorff.alpha(reliability_data=data, level_of_measurement="nominal"))


def _check_packages() -> None:
    try:
        import krippendorff  # noqa: F401
        import sklearn  # noqa: F401
        import statsmodels  # noqa: F401
    except ModuleNotFoundError as error:
        raise DataError(
            f"agreement needs {error.name}, which is not installed; run: pip install 'udt-toolkit[review]'"
        ) from error


def to_document(found: Sequence[ReviewerAgreement]) -> list[dict[str, Any]]:
    """Return agreements for `json.dumps`."""
    return [
        {"question": one.question, "observed": one.observed, "estimates": [each._asdict() for each in one.estimates]}
        for one in found
    ]
