"""Splits: shares, strata, seeds, and nothing in two parts, against slow and obvious references."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.records.conftest import Load, sample
from udt.core.errors import DataError
from udt.core.near_duplicates import components, near_pairs
from udt.records.database.database import Database
from udt.records.database.models import Case, Image, Sample, Source, Split
from udt.records.quality.duplicates import find_groups, store_groups
from udt.records.quality.leakage import find_leaks, refuse_leaks
from udt.records.quality.splitting import RATIOS, CaseGroup, assign_splits, split_samples

ORGANS = ("Liver", "Spleen", "Pancreas")


def _groups(sizes: list[int]) -> list[CaseGroup]:
    return [CaseGroup(f"{i:04}", ("set", ORGANS[i % 3]), tuple(range(size))) for i, size in enumerate(sizes)]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=60), st.integers(0, 9))
def test_no_part_strays_from_its_share(sizes: list[int], seed: int) -> None:
    groups = _groups(sizes)
    parts = assign_splits(groups, RATIOS, seed)
    held = Counter[int]()
    for group, part in zip(groups, parts, strict=True):
        held[part] += len(group.members)
    for part, ratio in enumerate(RATIOS):
        assert abs(held[part] - ratio / sum(RATIOS) * sum(sizes)) <= 2 * max(sizes)
    assert assign_splits(groups[::-1], RATIOS, seed) == parts


def test_every_stratum_is_cut_alike() -> None:
    groups = [CaseGroup(f"{i:04}", ("set", ORGANS[i % 3]), (i,)) for i in range(300)]
    counts = Counter(zip((g.stratum for g in groups), assign_splits(groups, RATIOS, 1), strict=True))
    for organ in ORGANS:
        found = [counts[("set", organ), part] for part in range(3)]
        assert max(abs(a - b) for a, b in zip(found, (60, 20, 20), strict=True)) <= 2


def test_another_seed_is_another_split_and_a_ratio_of_zero_is_empty() -> None:
    groups = _groups([1] * 50)
    assert assign_splits(groups, RATIOS, 1) != assign_splits(groups, RATIOS, 2)
    assert set(assign_splits(groups, (1, 0, 1), 0)) == {0, 2}


@pytest.mark.parametrize("ratios", [(0, 0, 0), (-1, 1, 1)])
def test_ratios_that_cannot_be(ratios: tuple[float, ...]) -> None:
    with pytest.raises(DataError, match="the ratios are"):
        assign_splits(_groups([1]), ratios, 0)


def _slow_pairs(hashes: list[int], distance: int) -> set[tuple[int, int]]:
    pairs = combinations(range(len(hashes)), 2)
    return {(i, j) for i, j in pairs if (hashes[i] ^ hashes[j]).bit_count() <= distance}


@given(st.lists(st.integers(0, 2**64 - 1), max_size=12), st.lists(st.integers(0, 63), max_size=40), st.integers(0, 15))
def test_near_pairs_are_all_pairs_that_are_near(seeds: list[int], flips: list[int], distance: int) -> None:
    hashes = list(seeds)
    for i, bit in enumerate(flips):
        if hashes:
            hashes.append(hashes[-1 - i % len(hashes)] ^ (1 << bit))
    array = np.array(hashes, dtype=np.uint64)
    found = {
        tuple(sorted(pair))
        for near in near_pairs(array, distance)
        for pair in zip(*(p.tolist() for p in near), strict=True)
    }
    assert found == _slow_pairs(hashes, distance)


def test_distance_out_of_range() -> None:
    with pytest.raises(ValueError, match="the distance is 16; allowed: 0 to 15"):
        list(near_pairs(np.zeros(2, dtype=np.uint64), 16))


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_agree_with_search(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, pairs = graph
    near = defaultdict(set)
    for one, other in pairs:
        near[one].add(other)
        near[other].add(one)

    def least(node: int) -> int:
        reached, todo = {node}, [node]
        while todo:
            new = near[todo.pop()] - reached
            reached |= new
            todo += new
        return min(reached)

    assert components(count, pairs) == [least(node) for node in range(count)]


def _rows(count: int) -> list[dict[str, object]]:
    return [sample(i // 4, i, organ=[ORGANS[i // 4 % 3]]) for i in range(count)]


def _parts(database: Database) -> dict[str, set[Split | None]]:
    found = defaultdict(set)
    with database.reading() as connection:
        for key, split in connection.execute(select(Case.key, Sample.split).join(Sample)):
            found[key].add(split)
    return dict(found)


def test_cases_stay_whole(database: Database, load: Load) -> None:
    load(_rows(400))
    with database.writing() as connection:
        assert split_samples(connection) == {Split.TRAIN: 240, Split.VALID: 80, Split.TEST: 80}
        refuse_leaks(connection)
    assert all(len(parts) == 1 for parts in _parts(database).values())
    before = _parts(database)
    with database.writing() as connection:
        split_samples(connection)
    assert _parts(database) == before


def test_images_that_look_alike_stay_together(database: Database, load: Load) -> None:
    load(_rows(80))
    with database.writing() as connection:
        for case, digits in (("0", "0" * 16), ("7", "0" * 15 + "1"), ("9", "0" * 15 + "7"), ("3", "f" * 16)):
            cases = select(Case.id).where(Case.key == case)
            connection.execute(update(Image).where(Image.case_id.in_(cases)).values(perceptual_hash=digits))
    groups = find_groups(database, 2)
    assert len(groups) == 16
    with database.writing() as connection:
        store_groups(connection, groups)
    for seed in range(5):
        with database.writing() as connection:
            split_samples(connection, RATIOS, seed)
            refuse_leaks(connection)
        parts = _parts(database)
        assert parts["0"] == parts["7"] == parts["9"]


def test_every_leak_is_found(database: Database, load: Load) -> None:
    load([sample(i, i) for i in range(4)] + [sample(5, 0)])
    with database.writing() as connection:
        for id, split in enumerate((Split.TRAIN, Split.TEST, Split.TRAIN, Split.VALID, Split.TEST), 1):
            connection.execute(update(Sample).where(Sample.id == id).values(split=split))
        for id, hash in ((1, "a"), (2, "a"), (3, "b")):
            connection.execute(update(Image).where(Image.id == id).values(sha256=hash * 64))
        connection.execute(update(Image).where(Image.id.in_([3, 4])).values(near_duplicate_group=3))
        connection.execute(update(Sample).where(Sample.id == 2).values(case_id=1))
        leaks = [(leak.kind, leak.name) for leak in find_leaks(connection)]
        assert leaks == [("case", "set/0"), ("path", "set/0.png"), ("image", "a" * 64), ("near-duplicate", "3")]
        with pytest.raises(DataError, match=r"the splits leak in 4 places.*\n  case set/0 is in 2 splits"):
            refuse_leaks(connection)
        split_samples(connection, (1, 1, 1), 0)


def test_samples_without_a_part_do_not_leak(database: Database, load: Load) -> None:
    load([sample(1, 1), {**sample(1, 2), "split": "test"}])
    with database.reading() as connection:
        assert find_leaks(connection) == []


def test_sources_are_cut_alike(database: Database, load: Load) -> None:
    load(_rows(200))
    load(_rows(200), source="other")
    with database.writing() as connection:
        split_samples(connection)
        query = select(Source.name, Sample.split, Case.id).select_from(Sample).join(Case).join(Source).distinct()
        counts = Counter((name, split) for name, split, _ in connection.execute(query))
    assert {(name, split): counts[name, split] for name in ("set", "other") for split in Split} == {
        (name, split): count for name in ("set", "other") for split, count in zip(Split, (30, 10, 10), strict=True)
    }


def test_split_without_samples(database: Database) -> None:
    with pytest.raises(DataError, match="there are no samples to split"), database.writing() as connection:
        split_samples(connection)


def test_the_perceptual_hash_is_a_cosine_transform(tmp_path: Path) -> None:
    from PIL import Image as Pillow

    from udt.records.importing.image_files import image_facts

    noise = np.random.default_rng(3).integers(0, 256, (60, 80), dtype=np.uint8)
    Pillow.fromarray(noise).save(tmp_path / "noise.png")
    picture = image_facts(tmp_path, "noise.png")
    small = np.asarray(Pillow.fromarray(noise).resize((32, 32), Pillow.Resampling.LANCZOS), dtype=float)
    terms = [
        sum(
            small[y, x] * np.cos(np.pi * u * (2 * y + 1) / 64) * np.cos(np.pi * v * (2 * x + 1) / 64)
            for y in range(32)
            for x in range(32)
        )
        for u in range(8)
        for v in range(8)
    ]
    middle = sorted(terms[1:])[31]
    assert picture.perceptual_hash == f"{int(''.join('1' if term > middle else '0' for term in terms), 2):016x}"
    assert (picture.width, picture.height) == (80, 60)
