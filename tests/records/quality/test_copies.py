"""Copies among the images of a database: found, grouped, and kept in one split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from sqlalchemy import select

from tests.core.test_image_copies import MADE, crop, image
from tests.records.conftest import Load, sample
from udt.core.tally import Tally
from udt.records.database.database import Database
from udt.records.database.models import Image
from udt.records.quality.copies import find_copies, same_looks
from udt.records.quality.duplicates import find_groups, store_groups
from udt.records.quality.leakage import find_leaks
from udt.records.quality.splitting import split_samples


def nothing(*_: object) -> None:
    pass


@pytest.fixture
def copied(load: Load, database: Database, tmp_path: Path) -> Database:
    """Twenty images of other texture, then a mirrored, a rotated, a cropped and an equal copy of the first four."""
    rng = np.random.default_rng(0)
    images = [image(seed) for seed in range(20)]
    images += [images[0].transpose(MADE["mirrored"]), images[1].transpose(MADE["rotated by 90°"])]
    images += [crop(images[2], rng), images[3].copy()]
    (tmp_path / "images").mkdir()
    for number, one in enumerate(images):
        one.save(tmp_path / "images" / f"{number}.png")
    load([sample(number, number, shape=["oval"]) for number in range(len(images))], images=tmp_path / "images")
    return database


def test_every_kind_of_copy_is_found(copied: Database) -> None:
    tally = Tally()
    found = find_copies(copied, tally, nothing)
    pairs = {(min(one.image, one.copy), max(one.image, one.copy)): one.kind for one in found}
    assert pairs.keys() == {(1, 21), (2, 22), (3, 23)} and tally.read == 23
    assert pairs[1, 21] == "mirrored" and pairs[2, 22].startswith("rotated by") and pairs[3, 23].startswith("crop of")
    (equal,) = same_looks(copied)
    assert (equal.image, equal.copy, equal.kind, equal.distance) == (4, 24, "same look", 0)


def test_copies_are_in_one_split(copied: Database) -> None:
    copies = find_copies(copied, Tally(), nothing)
    assert len(find_groups(copied)) == 2
    found = find_groups(copied, copies=copies)
    assert len(found) == 8
    with copied.writing() as connection:
        store_groups(connection, found)
        for seed in range(5):
            split_samples(connection, seed=seed)
            assert find_leaks(connection) == []
        groups = dict(connection.execute(select(Image.id, Image.near_duplicate_group)).all())
    assert [groups[id] for id in (21, 22, 23, 24)] == [1, 2, 3, 4] and groups[5] is None


def test_files_that_are_gone_are_counted(copied: Database, tmp_path: Path) -> None:
    (tmp_path / "images" / "20.png").unlink()
    Pillow.new("L", (50, 50)).save(tmp_path / "images" / "21.png")
    tally = Tally()
    assert len(find_copies(copied, tally, nothing)) == 3, "the copies are found from the other side"
    assert dict(tally.left_out) == {"missing": 1, "changed since the import": 1}
