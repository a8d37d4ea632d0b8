"""A folder of images lists its images, and counts everything else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from udt.core.errors import DataError
from udt.io.rows import Row
from udt.records.importing.importers.image_folder import open_image_folder


def test_other_files_are_counted_by_kind(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("b.PNG", "sub/a.jpg", "c.MP4", "sub/d.mp4", "e.Dcm", "f.txt", "g.840", "h"):
        (tmp_path / name).write_bytes(bytes(128) + b"DICM" if name in ("g.840", "h") else b"x")
    (tmp_path / "up").symlink_to("..")
    (tmp_path / "text").symlink_to("f.txt")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / os.fsdecode(b"\xff.png")).write_bytes(b"x")
    data_set = open_image_folder(tmp_path)
    images = [row.cells["image"] for row in data_set.sources[0].rows() if isinstance(row, Row)]
    assert images == ["b.PNG", "sub/a.jpg"]
    assert data_set.files.read == 2
    assert data_set.files.left_out == {
        ".mp4 (video)": 2, ".dcm (DICOM)": 1, ".txt": 1, "other suffix (DICOM)": 1, "without suffix (DICOM)": 1,
        "without suffix": 1, "link to a folder": 1, "pipe, device or broken link": 1, "name that is not UTF-8": 1,
    }  # fmt: skip
    assert data_set.files.examples["name that is not UTF-8"] == ["\\udcff.png"]


def test_a_folder_without_images_names_what_it_holds(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.mp4").write_bytes(b"x")
    with pytest.raises(DataError, match=r"contains no images .*, but 4 .mp4 \(video\), .* 'udt data import-media'"):
        open_image_folder(tmp_path)
