"""Images of a source are read from its folder alone, and all of them are counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.attacks.images import bomb, encoded
from tests.records.conftest import Load
from udt.core.errors import DataError
from udt.records.database.database import Database
from udt.records.database.models import Image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An image folder with an image and files that are none, and an image beside it."""
    root = tmp_path / "images"
    root.mkdir()
    (tmp_path / "secret.png").write_bytes(encoded())
    (root / "link.png").symlink_to("../secret.png")
    contents = {"a": encoded(), "bomb": bomb(9_000, 9_000), "cut": encoded()[:-30], "video": b"\0\0\0\x20ftypmp42"}
    for name, content in contents.items():
        (root / f"{name}.png").write_bytes(content)
    return root


def rows(*names: str) -> list[dict[str, object]]:
    return [{"case": str(number), "image": name} for number, name in enumerate(names)]


NAMES = ("a.png", "../secret.png", "link.png", "bomb.png", "cut.png", "video.png", "none.png", "/etc/passwd")


def test_images_are_read_or_left_out_with_a_reason(load: Load, database: Database, folder: Path) -> None:
    found = load(rows(*NAMES), images=folder).image_files
    assert (found.found, found.read) == (8, 1)
    assert found.left_out == {
        "outside the image folder": 3, "too large": 1, "damaged": 1, "video": 1, "missing": 1
    }  # fmt: skip
    assert found.examples["video"] == ["video.png: is a video; extract its frames as PNG images first"]
    with database.reading() as connection:
        assert connection.scalars(select(Image.path).where(Image.sha256.is_not(None))).all() == ["a.png"]


def test_images_of_an_earlier_import_are_counted(load: Load, folder: Path) -> None:
    load(rows("a.png", "none.png"), images=folder)
    again = load(rows("a.png", "none.png"), images=folder)
    assert (again.unchanged, again.images, again.image_files.left_out) == (["set.jsonl"], 1, {"missing": 1})


def test_images_without_a_folder_are_counted(load: Load) -> None:
    found = load(rows("a.png", "b.png"))
    found.check()
    assert (found.images, found.image_files.left_out) == (0, {"without a known image folder": 2})


def test_a_folder_from_which_no_image_can_be_read(load: Load, folder: Path, tmp_path: Path) -> None:
    outcome = load(rows("cut.png", "none.png"), images=folder)
    assert outcome.added == 2
    with pytest.raises(DataError, match=r"none of the 2 images could be read from .*1 missing.*The rows are stored"):
        outcome.check()
    load(rows("a.png"), images=folder, source="other").check()
