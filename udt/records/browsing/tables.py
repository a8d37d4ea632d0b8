"""Write samples as a table: CSV, JSON Lines or Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from udt.core.atomic import atomic_output
from udt.core.batches import batches
from udt.core.errors import DataError
from udt.core.spreadsheets import csv_line
from udt.records.browsing.selection import ListedSample

_ROWS = 10_000
_TEXTS = ("source", "case", "image", "split", "review", "caption", "digest")
_NUMBERS = ("id", "frame", "flags")


def write_table(path: Path, samples: Iterable[ListedSample], dimensions: Sequence[str], *, formulas: bool) -> int:
    """Write samples to `path`, atomically, in the format of its suffix, and return their number.

    Beside the columns of samples, there is one for each dimension: a list, in CSV joined by `; `.

    :param dimensions: keys of the dimensions.
    :param formulas: whether cells of CSV that a spreadsheet would run are written as they are.
    :raises DataError: if the suffix is not `.csv`, `.jsonl` or `.parquet`.
    """
    writers: dict[str, Callable[[BinaryIO, Iterator[dict[str, Any]]], None]] = {
        ".csv": lambda handle, rows: _write_csv(handle, rows, dimensions, formulas),
        ".jsonl": _write_lines,
        ".parquet": lambda handle, rows: _write_parquet(handle, rows, dimensions),
    }
    if path.suffix not in writers:
        raise DataError(f"{path}: has the suffix '{path.suffix}'; allowed: {', '.join(writers)}")
    counted = _Counted(samples, dimensions)
    with atomic_output(path) as handle:
        writers[path.suffix](handle, iter(counted))
    return counted.count


class _Counted:
    """Rows of samples, and their number."""

    def __init__(self, samples: Iterable[ListedSample], dimensions: Sequence[str]) -> None:
        self._samples, self._dimensions = samples, dimensions
        self.count = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for sample in self._samples:
            self.count += 1
            labels = {key: list(sample.labels.get(key, ())) for key in self._dimensions}
            yield sample.to_dict((*_NUMBERS, *_TEXTS)) | labels


def _write_csv(handle: BinaryIO, rows: Iterator[Mapping[str, Any]], dimensions: Sequence[str], formulas: bool) -> None:
    handle.write(csv_line((*_NUMBERS, *_TEXTS, *dimensions), formulas=formulas).encode())
    for row in rows:
        handle.write(csv_line(map(_cell, row.values()), formulas=formulas).encode())


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value)


def _write_lines(handle: BinaryIO, rows: Iterator[Mapping[str, Any]]) -> None:
    for row in rows:
        handle.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")


def _write_parquet(handle: BinaryIO, rows: Iterator[dict[str, Any]], dimensions: Sequence[str]) -> None:
    numbers, texts = [(name, pa.int64()) for name in _NUMBERS], [(name, pa.string()) for name in _TEXTS]
    schema = pa.schema([*numbers, *texts, *((key, pa.list_(pa.string())) for key in dimensions)])
    with pq.ParquetWriter(handle, schema) as writer:
        for batch in batches(rows, _ROWS):
            writer.write_table(pa.Table.from_pylist(batch, schema))
