"""Read the rows of files, with the cells of nested objects under dotted names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from udt.core.strict_json import MOST_LEVELS
from udt.io.parquet_rows import parquet_rows
from udt.io.rows import Row, Skipped
from udt.records.importing.data_set import Rows
from udt.records.importing.json_array import array_rows


def read_lines(path: Path, parse: Callable[[BinaryIO, str], Rows]) -> Rows:
    """Yield the rows that `parse` finds in a file of lines."""
    with path.open("rb") as stream:
        yield from map(_flatten, parse(stream, str(path)))


def read_array(path: Path) -> Rows:
    """Yield the objects of a JSON file that holds one array."""
    with path.open(encoding="utf-8-sig") as stream:
        yield from map(_flatten, array_rows(stream, str(path)))


def read_parquet(path: Path) -> Rows:
    """Yield the rows of a Parquet file, a batch in memory at a time."""
    yield from map(_flatten, parquet_rows(path, str(path)))


def _flatten(row: Row | Skipped) -> Row | Skipped:
    """Replace the cells of nested objects by cells with dotted names, e.g. `labels.shape`."""
    if isinstance(row, Skipped) or not any(isinstance(value, dict) for value in row.cells.values()):
        return row
    cells = dict(row.cells)
    for _ in range(MOST_LEVELS):
        if not any(isinstance(value, dict) for value in cells.values()):
            return Row(row.place, row.number, cells)
        cells = dict(_flattened(cells))
    return Skipped(row.place, f"is nested too deep; allowed: {MOST_LEVELS} levels")


def _flattened(cells: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield the cells with one level of nesting less."""
    for name, value in cells.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", cell) for inner, cell in value.items())
        else:
            yield name, value
