"""Assignment in balance: loads, pairs and seeds."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from udt.core.errors import DataError
from udt.records.review.balance import assign_balanced


def names(count: int) -> list[str]:
    return [f"reviewer {number}" for number in range(count)]


@pytest.mark.parametrize(
    ("reviewers", "per_item", "count"),
    [(3, 3, 10), (4, 3, 101), (5, 3, 500), (5, 2, 501), (6, 3, 299), (7, 3, 1000), (8, 4, 333), (10, 1, 57)],
    ids=lambda value: str(value),
)
def test_loads_differ_by_one_and_pairs_by_few(reviewers: int, per_item: int, count: int) -> None:
    found = assign_balanced(count, names(reviewers), per_item, seed=3)
    assert all(len(set(one)) == per_item for one in found) and len(found) == count
    loads = Counter(name for one in found for name in one)
    assert max(loads.values()) - min(loads[name] for name in names(reviewers)) <= 1
    met = Counter(pair for one in found for pair in combinations(sorted(one), 2))
    pairs = [met[pair] for pair in combinations(sorted(names(reviewers)), 2)]
    assert max(pairs) - min(pairs) <= 3


def test_the_seed_alone_decides() -> None:
    first, again, other = (assign_balanced(50, names(5), 3, seed) for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    ("reviewers", "per_item", "message"),
    [
        (["Ann", "Ann"], 1, "'Ann' is given twice"),
        (["Ann", " "], 1, "a name is empty"),
        (["Ann", "Bo"], 3, "3 reviewers per sample of 2 reviewers; allowed: 1 to 2"),
        (["Ann"], 0, "allowed: 1 to 1"),
    ],
    ids=["twice", "empty", "too few", "none"],
)
def test_refusals(reviewers: list[str], per_item: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        assign_balanced(3, reviewers, per_item)
