"""Writing files and folders whole or not at all."""

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
    """A handle whose content becomes `path` when the block ends well; otherwise `path` stays as it was.

    A pipe or device is written to directly, since it cannot be replaced.

    :raises DataError: where the folder does not exist, or `path` is one.
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
    """An empty folder whose content becomes `path` when the block ends well; otherwise `path` stays as it was.

    :param mark: name of the file that tells such a folder from others; only a folder that holds it is ever replaced.
    :param kind: text that stands in that file, e.g. the name of its schema.
    :param overwrite: whether `path` may be there already.
    :raises DataError: where `path` is taken, or its parent does not exist.
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
