"""The layouts of published data sets, on miniatures of their structure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.clip.transfer import images
from udt.clip.model.images import ImageTransform
from udt.clip.transfer.dataset import TransferImages
from udt.clip.transfer.partition import SplitPlan
from udt.core.errors import DataError


@pytest.mark.parametrize("inside", ["", "Dataset_BUSI_with_GT"])
def test_busi_without_its_masks(tmp_path: Path, inside: str) -> None:
    found = images.read(images.busi(tmp_path) / inside, "busi")
    assert found.classes == ("benign", "malignant", "normal")
    assert found.counts(np.arange(len(found))) == [6, 6, 6]
    assert not any("mask" in name for name in found.names)
    assert found.texts(1) == ("a breast ultrasound image showing malignant",)


def test_bus_bra_by_its_folds(tmp_path: Path) -> None:
    found = images.read(images.bus_bra(tmp_path), "bus-bra")
    assert len(found) == 40 and found.counts(np.arange(40)) == [20, 20]
    plan = SplitPlan.of(found)
    assert plan.name == "folds" and [fold for *_, fold in plan.rounds] == ["1", "2", "3", "4", "5"]
    assert sorted(plan.tested.tolist()) == list(range(40))  # each image is tested once
    for partition in plan.partitions(0):
        cases = {found.rows[i]["Case"] for i in partition.test}
        others = {found.rows[i]["Case"] for i in (*partition.train, *partition.valid)}
        assert cases == {c for c in map(str, range(20)) if str(int(c) // 2 % 5 + 1) == partition.fold}
        assert not cases & others
        assert not {found.rows[i]["Case"] for i in partition.train} & {found.rows[i]["Case"] for i in partition.valid}
    assert [fold for *_, fold in SplitPlan.of(found, fold="3").rounds] == ["3"]
    with pytest.raises(DataError, match="has no fold '6'; allowed: 1, 2, 3, 4, 5"):
        SplitPlan.of(found, fold="6")
    with pytest.raises(DataError, match=r"takes splits.10-folds.fold from the column '10-fold-cv.csv:kFold', which is"):
        SplitPlan.of(found, "10-folds")


def test_the_joined_file_has_to_have_all_rows(tmp_path: Path) -> None:
    path = images.bus_bra(tmp_path) / "BUSBRA" / "5-fold-cv.csv"
    path.write_text("\n".join(path.read_text("utf-8").splitlines()[:-1]), "utf-8")
    with pytest.raises(DataError, match=r"lacks 1 rows of bus_data.csv: bus_0000-l; take both"):
        images.read(tmp_path, "bus-bra")


@pytest.mark.parametrize("kind", ["npz", "png"])
def test_breastmnist_by_its_official_split(tmp_path: Path, kind: str) -> None:
    if kind == "npz":
        found = images.read(images.breastmnist(tmp_path / "breastmnist.npz"), "breastmnist", distance=None)
    else:
        found = images.read(images.breastmnist_png(tmp_path), "breastmnist-png", distance=None)
    assert found.classes == ("malignant", "normal, benign")
    plan = SplitPlan.of(found)
    assert plan.name == "official" and not plan.draws_validation
    (parts,) = plan.partitions(0)
    assert [len(parts.train), len(parts.valid), len(parts.test)] == list(images.SPLITS.values())
    assert found.labels[parts.test].tolist() == [0, 1] * 3
    pixels = TransferImages(found, parts.train, ImageTransform(images.SIDE, images.SIDE, (0, 0, 0), (1, 1, 1)))[0]
    assert np.allclose(pixels.numpy()[0] * 255, np.asarray(images.picture(0, 0)), atol=1e-3)


def test_several_sizes_of_breastmnist_need_a_choice(tmp_path: Path) -> None:
    images.breastmnist(tmp_path / "breastmnist.npz")
    images.breastmnist(tmp_path / "breastmnist_64.npz")
    with pytest.raises(DataError, match=r"has breastmnist.npz, breastmnist_64.npz; give the path of one"):
        images.read(tmp_path, "breastmnist")
    assert len(images.read(tmp_path / "breastmnist_64.npz", "breastmnist")) == 22


def test_gist514_by_its_folds(tmp_path: Path) -> None:
    found = images.read(images.gist514(tmp_path), "gist514-db", distance=None)
    assert found.classes == ("leiomyoma", "gastrointestinal stromal tumor")
    plan = SplitPlan.of(found)
    for (_, _, test, _), fold in zip(plan.rounds, range(3), strict=True):
        assert sorted(int(Path(found.names[i]).stem) % 3 for i in test) == [fold] * 10


@pytest.mark.parametrize(
    ("layout", "missing"),
    [
        ("busi", "has no images in sub-folders"),
        ("bus-bra", "has no bus_data.csv, which the layout 'bus-bra' reads"),
        ("breastmnist", r"has no breastmnist\*.npz"),
        ("gist514-db", "has no annotations/all_anno_crop.json"),
    ],
)
def test_a_wrong_folder_is_worded(tmp_path: Path, layout: str, missing: str) -> None:
    with pytest.raises(DataError, match=missing):
        images.read(tmp_path, layout)
    with pytest.raises(DataError, match="there is no such folder"):
        images.read(tmp_path / "none", layout)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"{}"])
def test_damaged_arrays_are_worded(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "breastmnist.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"cannot be read as arrays|has no arrays"):
        images.read(tmp_path, "breastmnist")


def test_arrays_of_other_shapes_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "breastmnist.npz", train_images=np.zeros((3, 8, 8), np.uint8), train_labels=np.zeros((2, 1)))
    with pytest.raises(DataError, match=r"train has images uint8 \(3, 8, 8\) and labels float64 \(2, 1\)"):
        images.read(tmp_path, "breastmnist")
    np.savez(tmp_path / "breastmnist.npz", a=np.zeros(3))
    with pytest.raises(DataError, match="has no arrays SPLIT_images and SPLIT_labels; it has a"):
        images.read(tmp_path, "breastmnist")


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"images": [], "annotations": [{}]}', '{"images": [1], "annotations": []}']
)
def test_damaged_annotations_are_worded(tmp_path: Path, text: str) -> None:
    images.gist514(tmp_path)
    (tmp_path / "usd514-db/usd514_jpeg_roi/annotations/all_anno_crop.json").write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"all_anno_crop.json: (is no JSON file|images need id)"):
        images.read(tmp_path, "gist514-db")
