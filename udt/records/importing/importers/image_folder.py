"""Importer of folders of images, with the columns `image`, `folder` and `name`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from udt.core.errors import DataError
from udt.core.hashing import parts_sha256
from udt.core.images import DICOM_SUFFIXES, SUFFIXES, VIDEO_SUFFIXES, other_media
from udt.core.tally import Tally
from udt.io.rows import Row
from udt.records.importing.data_set import DataSet, RowSource
from udt.records.importing.importers.registry import Importer
from udt.records.importing.mapping import ColumnMapping

_KINDS = {**dict.fromkeys(VIDEO_SUFFIXES, "video"), **dict.fromkeys(DICOM_SUFFIXES, "DICOM")}
_HEAD = 1024
_USUAL = re.compile(r"\.[a-z][a-z0-9]{0,7}")  # DICOM files often end in a number, each in another


def open_image_folder(path: Path) -> DataSet:
    """Open the images in a folder and the folders below it; links to other folders are not followed.

    In a row `image` is the path in the folder, `folder` the path of the folder of the image, and `name` the path
    without suffix.

    :raises DataError: if there are no images.
    """
    files = Tally()
    names = sorted(_image_names(path, files))
    files.read = len(names)
    if not names:
        beside = f", but {files.reasons}" if files.found else ""
        hint = "check the path; read videos and DICOM files with 'udt data import-media'"
        allowed = ", ".join(SUFFIXES)
        raise DataError(f"{path}: contains no images ({allowed}){beside}, and no other importer reads it; {hint}")

    def rows() -> Iterator[Row]:
        return (_row(path, name, number) for number, name in enumerate(names, 1))

    return DataSet((RowSource(path.name, parts_sha256(*names), rows),), images=path, files=files)


def _image_names(path: Path, files: Tally) -> Iterator[str]:
    """Yield the paths of the images in a folder, and count the other files."""
    unreadable = "folder that cannot be read"
    for parent, folders, names in os.walk(path, onerror=lambda error: files.leave_out(unreadable, error.filename)):
        for name in folders:
            if (link := Path(parent, name)).is_symlink():
                files.leave_out("link to a folder", str(link.relative_to(path)))
        for name in names:
            file = Path(parent, name)
            place = file.relative_to(path).as_posix()
            if reason := _reason(file):
                files.leave_out(reason, place)
            else:
                yield place


def _reason(file: Path) -> str | None:
    """Return the reason why a file is not imported; None for an image, by its suffix."""
    suffix = file.suffix.lower()
    if not file.is_file():
        return "pipe, device or broken link"
    if any("\ud800" <= char <= "\udfff" for char in str(file)):
        return "name that is not UTF-8"
    if suffix in SUFFIXES:
        return None
    kind = _KINDS.get(suffix) or _kind(file)
    shown = suffix if _USUAL.fullmatch(suffix) else "other suffix" if suffix else "without suffix"
    return f"{shown} ({kind})" if kind else shown


def _kind(file: Path) -> str | None:
    """Return `video` or `DICOM` if the file begins like one; a link is not followed."""
    if file.is_symlink():
        return None
    try:
        with file.open("rb") as stream:
            return other_media(stream.read(_HEAD))
    except OSError:
        return None


def _row(path: Path, name: str, number: int) -> Row:
    folder, _, file = name.rpartition("/")
    stem = f"{folder}/{Path(file).stem}".lstrip("/")
    return Row(str(path / name), number, {"image": name, "folder": folder, "name": stem})


IMPORTER = Importer(
    reads="a folder of images",
    recognises=Path.is_dir,
    open=open_image_folder,
    mapping=lambda taxonomy: ColumnMapping(fields={"image": "image", "case": "name"}),
    fallback=True,
)
