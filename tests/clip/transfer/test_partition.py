"""Parts: groups stay together, classes are stratified, official splits are taken as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.clip.transfer.images import image_folder, read
from udt.clip.transfer.dataset import TransferSet
from udt.clip.transfer.layout import OfficialSplit
from udt.clip.transfer.partition import PARTS, SplitPlan, grouped_split
from udt.core.errors import DataError


def of_groups(data: TransferSet, groups: list[int]) -> TransferSet:
    return replace(data, groups=np.array(groups, dtype=np.int64))


def officially(data: TransferSet, values: list[str], split: OfficialSplit) -> TransferSet:
    rows = tuple({**row, "part": value} for row, value in zip(data.rows, values, strict=True))
    return replace(data, rows=rows, layout=replace(data.layout, splits={"theirs": split}))


PARTED = OfficialSplit(part="{part}", train=["a"], valid=["b"], test=["c", "d"])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_our_split_keeps_groups_together_and_classes_alike(data: TransferSet, seed: int) -> None:
    groups = np.random.default_rng(7).integers(0, 35, len(data)).tolist()
    grouped = of_groups(data, groups)
    plan = SplitPlan.of(grouped, seed=seed)
    (parts,) = plan.partitions(seed)
    indices = [getattr(parts, part) for part in PARTS]
    assert sorted(np.concatenate(indices).tolist()) == list(range(len(data)))
    names = [set(grouped.groups[own].tolist()) for own in indices]
    assert not (names[0] & names[1] or names[0] & names[2] or names[1] & names[2])
    for label in range(3):
        shares = [(data.labels[own] == label).sum() / (data.labels == label).sum() for own in indices]
        assert np.allclose(shares, [0.6, 0.2, 0.2], atol=0.13)
    assert plan.crossing() == (0, 0)


def test_the_test_part_depends_on_the_first_seed_alone(data: TransferSet) -> None:
    plan = SplitPlan.of(data, seed=3)
    first, second = (next(plan.partitions(seed)) for seed in (3, 4))
    again = next(SplitPlan.of(data, seed=3).partitions(3))
    assert first.test.tolist() == second.test.tolist() == plan.tested.tolist()
    assert first.valid.tolist() != second.valid.tolist()
    assert first.valid.tolist() == again.valid.tolist()
    assert plan.tested.tolist() != SplitPlan.of(data, seed=4).tested.tolist()


def test_an_official_split_is_taken_as_it_is(data: TransferSet) -> None:
    values = ["abcda"[n % 5] for n in range(len(data))]
    plan = SplitPlan.of(officially(data, values, PARTED), "theirs")
    first, second = (next(plan.partitions(seed)) for seed in (0, 1))
    for part, letters in (("train", "a"), ("valid", "b"), ("test", "cd")):
        expected = [n for n, value in enumerate(values) if value in letters]
        assert getattr(first, part).tolist() == getattr(second, part).tolist() == expected
    assert not plan.draws_validation


def test_without_an_official_validation_part_it_is_drawn_by_group(data: TransferSet) -> None:
    values = ["ac"[n % 3 == 0] for n in range(len(data))]
    split = replace(PARTED, valid=[])
    plan = SplitPlan.of(officially(data, values, split), "theirs")
    first, second = (next(plan.partitions(seed)) for seed in (0, 1))
    assert plan.draws_validation and first.valid.tolist() != second.valid.tolist()
    assert first.test.tolist() == [n for n, value in enumerate(values) if value == "c"]


def test_groups_that_an_official_split_divides_are_counted(data: TransferSet) -> None:
    rng = np.random.default_rng(0)
    groups, values = rng.integers(0, 30, len(data)).tolist(), rng.choice(list("abcd"), len(data)).tolist()
    plan = SplitPlan.of(officially(of_groups(data, groups), values, PARTED), "theirs")
    tested = [n for n, value in enumerate(values) if value in "cd"]
    rest = {groups[n] for n, value in enumerate(values) if value in "ab"}
    crossing = [n for n in tested if groups[n] in rest]
    assert plan.crossing() == (len({groups[n] for n in crossing}), len(crossing))


def test_faults_are_worded(data: TransferSet, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the split 'own' has no folds; leave out --fold"):
        SplitPlan.of(data, "own", "1")
    with pytest.raises(DataError, match="no image is in the part test of the split 'theirs', c, d; there are a, b"):
        SplitPlan.of(officially(data, ["ab"[n % 2] for n in range(len(data))], PARTED), "theirs")
    one_class = ["c" if label else "a" for label in data.labels]
    with pytest.raises(DataError, match="the part train of the split 'theirs' has no image of the class 'dark'"):
        SplitPlan.of(officially(data, one_class, PARTED), "theirs")
    folds = officially(data, ["1"] * len(data), OfficialSplit(fold="{part}"))
    with pytest.raises(DataError, match="has the folds 1; it needs two or more"):
        SplitPlan.of(folds, "theirs")
    few = read(image_folder(tmp_path, {"a": 9, "b": 4}))
    with pytest.raises(DataError, match=r"the class 'b' has images of 4 groups .* but a split by group needs 5"):
        SplitPlan.of(few)


def test_a_part_of_a_split_by_group(data: TransferSet) -> None:
    first, second = grouped_split(data, np.arange(0, len(data), 2), 4, 0)
    assert sorted((*first, *second)) == list(range(0, len(data), 2))
