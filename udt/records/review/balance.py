"""Balanced assignment of items to reviewers: equal loads, and pairs of reviewers that meet equally often."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from udt.core.errors import DataError


def assign_balanced(count: int, reviewers: Sequence[str], per_item: int, seed: int = 0) -> list[tuple[str, ...]]:
    """Assign each of `count` items to `per_item` of the reviewers.

    An item goes to the reviewers with the fewest items so far, so that the numbers of items differ by at most one.
    Among reviewers with equal numbers, those come first who have met the others of the item least often; then chance
    decides.

    >>> assign_balanced(3, ["Ann", "Bo", "Cy"], 2)
    [('Ann', 'Cy'), ('Ann', 'Bo'), ('Bo', 'Cy')]

    :returns: the reviewers of each item, in the order of `reviewers`.
    :raises DataError: if a name is given twice or empty, or there are fewer reviewers than an item needs.
    """
    _check(reviewers, per_item)
    rng = random.Random(seed)
    loads, met = Counter[str](), Counter[frozenset[str]]()
    place = {name: i for i, name in enumerate(reviewers)}
    found = []
    for _ in range(count):
        chosen: list[str] = []
        while len(chosen) < per_item:
            free = [name for name in reviewers if name not in chosen]
            chosen.append(min(free, key=lambda name: (*_cost(name, chosen, loads, met), rng.random())))
        loads.update(chosen)
        met.update(frozenset({one, other}) for i, one in enumerate(chosen) for other in chosen[:i])
        found.append(tuple(sorted(chosen, key=place.__getitem__)))
    return found


def _cost(name: str, chosen: Sequence[str], loads: Counter[str], met: Counter[frozenset[str]]) -> tuple[int, int]:
    """Return the items of a reviewer, and how often he or she has met those chosen for this item."""
    return loads[name], sum(met[frozenset({name, other})] for other in chosen)


def _check(reviewers: Sequence[str], per_item: int) -> None:
    twice = [name for name, count in Counter(reviewers).items() if count > 1]
    if twice or not all(name.strip() for name in reviewers):
        fault = f"'{twice[0]}' is given twice" if twice else "a name is empty"
        raise DataError(f"{fault}; give each reviewer once, by a name of its own (--reviewer)")
    if not 1 <= per_item <= len(reviewers):
        raise DataError(
            f"{per_item} reviewers per sample of {len(reviewers)} reviewers; allowed: 1 to {len(reviewers)}; "
            "name more reviewers (--reviewer), or give fewer per sample (--per-sample)"
        )
