"""Rows of Parquet files, each with its place, a batch in memory at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from udt.io.rows import Columns, Row, Skipped, listed

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 256
_BUFFER = 2**20


class _DamagedError(Exception):
    """A file that cannot be read on."""


def parquet_rows(path: Path, place: str, columns: Columns | None = None) -> Iterator[Row | Skipped]:
    """Yield the rows of a Parquet file. Places are `file:row`.

    A value without a form in Python, such as a text that is not UTF-8, is a fault of its row alone.

    :param columns: the columns to read; None for all.
    """
    number = 0
    try:
        with _reading(), _opened(path) as file:
            names = list(file.schema_arrow.names)
            chosen = _unique(names, place) if columns is None else _chosen(columns, names, place)
            if isinstance(chosen, Skipped):
                yield chosen
                return
            rows = chain.from_iterable(map(_rows, file.iter_batches(batch_size=_BATCH, columns=chosen)))
            for number, row in enumerate(rows, 1):
                where = f"{place}:{number}"
                yield Skipped(where, row) if isinstance(row, str) else Row(where, number, row)
    except _DamagedError as error:
        read = f" after row {number:,}" if number else ""
        yield Skipped(place, f"not a readable Parquet file{read} ({error}); write it again, or give another format")


@contextmanager
def _reading() -> Iterator[None]:
    """Raise a `_DamagedError` for every error of a reader of Parquet."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, MemoryError, UnicodeDecodeError) as error:
        raise _DamagedError(type(error).__name__) from error


def _opened(path: Path) -> pa.parquet.ParquetFile:
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(path, buffer_size=_BUFFER)


def _unique(names: list[str], place: str) -> list[str] | Skipped:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    return Skipped(place, f"has columns of the same name: {listed(twice)}; rename them") if twice else names


def _chosen(columns: Columns, names: list[str], place: str) -> list[str] | Skipped:
    found = columns.among(names, place)
    return found if isinstance(found, Skipped) else list(dict.fromkeys(name for name in found if name))


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, object] | str]:
    """Yield the cells of each row, or the reason for which they cannot be read."""
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        yield from map(_row, (batch.slice(row, 1) for row in range(batch.num_rows)))


def _row(batch: pa.RecordBatch) -> dict[str, object] | str:
    cells = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            cells[name] = column[0].as_py()
        except (ValueError, OverflowError):
            return f"'{name}' holds a value that cannot be read, such as a text that is not UTF-8; write it again"
    return cells
