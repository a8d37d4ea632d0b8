"""Transfer to the images of BUSI with the official split of BreastMNIST."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from tests.locations import BENCHMARKS, BUSI
from udt.clip.transfer.dataset import TransferChoices, TransferSet, load_image, read_transfer_set
from udt.clip.transfer.layout import load_layout
from udt.clip.transfer.linear_probe import LinearProbe
from udt.clip.transfer.partition import SplitPlan

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BUSI.is_dir(), reason=f"the BUSI images are not at {BUSI}"),
]

LAYOUT = str(BENCHMARKS / "transfer-busi.toml")


@pytest.fixture(scope="module")
def data() -> TransferSet:
    return read_transfer_set(BUSI, load_layout(LAYOUT))


def test_the_numbers_of_the_publication(data: TransferSet) -> None:
    assert data.classes == ("benign", "malignant", "normal")
    assert data.counts(np.arange(len(data))) == [437, 210, 133]
    assert not data.broken


def test_our_split_divides_no_listed_pair(data: TransferSet) -> None:
    with (BUSI / "near_duplicates.csv").open(encoding="utf-8") as handle:
        pairs = [(row["file_a"], row["file_b"]) for row in csv.DictReader(handle)]
    index = {name: number for number, name in enumerate(data.names)}
    for seed in range(3):
        (parts,) = SplitPlan.of(data, "own", seed=seed).partitions(seed)
        part = {int(i): name for name in ("train", "valid", "test") for i in getattr(parts, name)}
        assert len(part) == 780 and all(part[index[a]] == part[index[b]] for a, b in pairs)
        for label, name in product(range(3), ("train", "valid", "test")):
            share = data.counts(getattr(parts, name))[label] / data.counts(np.arange(780))[label]
            assert share == pytest.approx({"train": 0.6, "valid": 0.2, "test": 0.2}[name], abs=0.04)


def test_most_listed_pairs_are_found_by_hashes(data: TransferSet) -> None:
    with (BUSI / "near_duplicates.csv").open(encoding="utf-8") as handle:
        pairs = [(row["file_a"], row["file_b"]) for row in csv.DictReader(handle)]
    layout = load_layout(LAYOUT)
    hashed = read_transfer_set(BUSI, replace(layout, duplicates=None))
    index = {name: number for number, name in enumerate(hashed.names)}
    found = sum(hashed.groups[index[a]] == hashed.groups[index[b]] for a, b in pairs)
    assert found / len(pairs) > 0.9


def test_the_official_split_of_breastmnist() -> None:
    classes = {"malignant": ("malignant",), "normal, benign": ("benign", "normal")}
    data = read_transfer_set(BUSI, load_layout(LAYOUT), TransferChoices(classes=classes))
    plan = SplitPlan.of(data, "breastmnist")
    (parts,) = plan.partitions(0)
    assert [len(parts.train), len(parts.valid), len(parts.test)] == [546, 78, 156]
    groups, images = plan.crossing()
    assert groups > 40 and images > 50  # near-duplicates of test images are in training or validation


def test_grey_pixels_are_above_the_majority(data: TransferSet) -> None:
    rows = np.stack([np.asarray(load_image(x, data.folder).convert("L").resize((16, 16))) for x in data.images])
    features = rows.reshape(len(rows), -1) / 255
    (parts,) = SplitPlan.of(data, "own").partitions(0)
    probe = LinearProbe.fit(features, data.labels, parts.train, parts.valid)
    right = probe(features[parts.test]).argmax(1) == data.labels[parts.test]
    assert right.mean() > max(data.counts(parts.test)) / len(parts.test)
