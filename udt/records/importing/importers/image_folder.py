"""Importer of folders of images, with the columns `image`, `folder` and `name`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from udt.core.errors import DataError
from udt.core.hashing import parts_sha256
from udt.io.rows import Row
from udt.records.importing.data_set import DataSet, RowSource
from udt.records.importing.importers.registry import Importer
from udt.records.importing.mapping import ColumnMapping

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")


def open_image_folder(path: Path) -> DataSet:
    """Open the images in a folder and the folders below it.

    In a row `image` is the path in the folder, `folder` the path of the folder of the image, and `name` the path
    without suffix.

    :raises DataError: if there are no images.
    """
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())
    if not files:
        raise DataError(
            f"{path}: contains no images ({', '.join(IMAGE_SUFFIXES)}), and no other importer reads it; check the path"
        )
    names = [file.relative_to(path).as_posix() for file in files]

    def rows() -> Iterator[Row]:
        return map(_row, files, names, range(1, len(names) + 1))

    return DataSet((RowSource(path.name, parts_sha256(*names), rows),), images=path)


def _row(file: Path, name: str, number: int) -> Row:
    folder = name.rpartition("/")[0]
    return Row(str(file), number, {"image": name, "folder": folder, "name": f"{folder}/{file.stem}".lstrip("/")})


IMPORTER = Importer(
    reads="a folder of images",
    recognises=Path.is_dir,
    open=open_image_folder,
    mapping=lambda taxonomy: ColumnMapping(fields={"image": "image", "case": "name"}),
    fallback=True,
)
