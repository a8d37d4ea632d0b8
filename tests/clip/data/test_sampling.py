"""Orders of an epoch, against counts of each batch and the smallest number of repetitions that is possible."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from udt.clip.data.sampling import CaseSampler

CASES = st.lists(st.integers(0, 12), min_size=1, max_size=80)


def batches(cases: list[int], size: int, seed: int = 0, epoch: int = 0) -> list[list[int]]:
    """The samples of each full batch."""
    sampler = CaseSampler(cases, size, seed)
    sampler.set_epoch(epoch)
    order = list(sampler)
    assert sorted(order) == list(range(len(cases))) and len(sampler) == len(cases)
    return [order[start : start + size] for start in range(0, len(order) - size + 1, size)]


def repetitions(cases: list[int], found: list[list[int]]) -> int:
    return sum(len(batch) - len({cases[sample] for sample in batch}) for batch in found)


@given(CASES, st.integers(1, 12), st.integers(0, 5))
def test_repetitions_are_as_few_as_possible(cases: list[int], size: int, seed: int) -> None:
    """A case of more samples than batches has to repeat; those that fill no batch are best taken from such cases."""
    found = batches(cases, size, seed)
    beyond = sum(max(count - len(found), 0) for count in Counter(cases).values()) if found else 0
    assert repetitions(cases, found) == max(beyond - len(cases) % size, 0)


@given(CASES, st.integers(1, 12), st.integers(0, 5))
def test_a_large_case_is_spread_evenly(cases: list[int], size: int, seed: int) -> None:
    found = batches(cases, size, seed)
    for case in set(cases):
        counts = [sum(cases[sample] == case for sample in batch) for batch in found]
        assert not counts or max(counts) - min(counts) <= 1


@given(st.lists(st.integers(0, 2), min_size=2, max_size=6), st.integers(1, 3))
def test_no_order_repeats_less(cases: list[int], size: int) -> None:
    count = len(cases) // size
    orders = permutations(range(len(cases)))
    fewest = min(repetitions(cases, [list(o[i * size : (i + 1) * size]) for i in range(count)]) for o in orders)
    assert repetitions(cases, batches(cases, size)) == fewest


def test_orders_depend_on_seed_and_epoch_alone() -> None:
    cases = [number // 3 for number in range(60)]
    assert batches(cases, 8, seed=1, epoch=2) == batches(cases, 8, seed=1, epoch=2)
    assert batches(cases, 8, seed=1, epoch=2) != batches(cases, 8, seed=1, epoch=3)
    assert batches(cases, 8, seed=1, epoch=2) != batches(cases, 8, seed=2, epoch=2)


def test_cases_are_texts() -> None:
    names = ["liver/1", "liver/2", "liver/1", "breast/7"]
    for batch in [list(CaseSampler(names, 2, seed))[:2] for seed in range(20)]:
        assert len({names[sample] for sample in batch}) == 2


def test_samples_meet_all_others() -> None:
    """Over the epochs, samples of different cases are drawn together about equally often."""
    cases = [number // 2 for number in range(16)]
    pairs = Counter(
        frozenset((a, b))
        for epoch in range(800)
        for batch in batches(cases, 4, epoch=epoch)
        for a in batch
        for b in batch
        if a < b
    )
    assert len(pairs) == 16 * 14 / 2
    expected = 800 * 4 * 6 / len(pairs)
    assert all(0.75 * expected < count < 1.25 * expected for count in pairs.values())
