"""Atomic writes of files and folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from udt.core.errors import DataError


@contextmanager
def atomic_output(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces `path` when the block ends without an error; else `path` is unchanged.

    A pipe or device is written to directly, since it cannot be replaced.

    :raises DataError: if the parent folder does not exist, or `path` is a folder.
    """
    if path.is_dir():
        raise DataError(f"{path}: is a folder; give the name of a file in it")
    if not path.parent.is_dir():
        raise DataError(f"{path}: the folder {path.parent} does not exist; create it first")
    if path.exists() and not path.is_file():
        with path.open("wb") as handle:
            yield handle
        return
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as handle:
            yield handle
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path, mark: str, kind: str, *, overwrite: bool = False) -> Iterator[Path]:
    """Create a temporary folder that replaces `path` when the block ends without an error; else `path` is unchanged.

    :param mark: name of the file that identifies such a folder; a folder without it is never replaced.
    :param kind: text that this file has to contain, e.g. the name of its schema.
    :param overwrite: whether an existing folder may be replaced.
    :raises DataError: if `path` exists and may not be replaced, or its parent does not exist.
    """
    target = path.resolve()
    _check_folder(path, target, mark, kind, overwrite)
    temporary, old = (target.with_name(f".{target.name}.{os.getpid()}.{kind}") for kind in ("tmp", "old"))
    temporary.mkdir()
    try:
        yield temporary
        if target.exists():
            target.rename(old)
        temporary.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        for rest in (temporary, old):
            shutil.rmtree(rest, ignore_errors=True)


def _check_folder(path: Path, target: Path, mark: str, kind: str, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise DataError(f"{path}: the folder {target.parent} does not exist; create it first")
    if not target.exists():
        return
    if not target.is_dir():
        raise DataError(f"{path}: is a file; give the name of a folder")
    if not any(target.iterdir()):
        return
    if not (target / mark).is_file() or kind.encode() not in (target / mark).read_bytes():
        raise DataError(f"{path}: holds other files and no {mark} of {kind}; give a new folder, or empty this one")
    if not overwrite:
        raise DataError(f"{path}: is there already; give another folder, or allow it to be replaced (--overwrite)")
