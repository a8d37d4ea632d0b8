"""A data set at a place: sources of rows that can be read more than once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from udt.core.tally import Tally
from udt.io.rows import Row, Skipped

Rows = Iterator[Row | Skipped]


@dataclass(frozen=True, slots=True)
class RowSource:
    """A file or folder of rows.

    :ivar name: name of the file, for messages.
    :ivar sha256: hash of everything that `rows` reads.
    :ivar rows: starts reading; yields the same rows each time as long as `sha256` is the same.
    """

    name: str
    sha256: str
    rows: Callable[[], Rows]


@dataclass(frozen=True, slots=True)
class DataSet:
    """The row sources of a data set.

    :ivar images: the folder that image paths are relative to; None if the data set does not define one.
    :ivar files: counts of the files in a folder, with those that are not part of the data set.
    """

    sources: tuple[RowSource, ...]
    images: Path | None = None
    files: Tally = field(default_factory=Tally)
