"""Writing files whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from udt.errors import DataError


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
