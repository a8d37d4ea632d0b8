"""Read the rows of files, with the cells of nested objects under dotted names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from udt.io.rows import Row, Skipped
from udt.records.importing.data_set import Rows
from udt.records.importing.json_array import array_rows

_BATCH = 1024


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
    import pyarrow
    import pyarrow.parquet

    number = 0
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for cells in batch.to_pylist():
                    number += 1
                    yield _flatten(Row(f"{path}:{number}", number, cells))
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        yield Skipped(str(path), f"not a readable Parquet file ({type(error).__name__}); write it again")


def _flatten(row: Row | Skipped) -> Row | Skipped:
    """Replace the cells of nested objects by cells with dotted names, e.g. `labels.shape`."""
    if isinstance(row, Skipped) or not any(isinstance(value, dict) for value in row.cells.values()):
        return row
    return Row(row.place, row.number, dict(_flat_cells(row.cells)))


def _flat_cells(cells: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in cells.items():
        if isinstance(value, dict):
            yield from _flat_cells(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
