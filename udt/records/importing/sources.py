"""Where samples come from: tables and folders of images, as rows that can be read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from udt.core.errors import DataError
from udt.core.hashing import file_sha256, parts_sha256
from udt.io.rows import Row, Skipped, csv_rows, json_rows
from udt.records.importing.json_array import array_rows

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")

_BATCH = 1024

Rows = Iterator[Row | Skipped]


@dataclass(frozen=True, slots=True)
class Feed:
    """One file, or folder, of rows.

    :ivar name: for people: the file's name.
    :ivar sha256: of all that `rows` reads.
    :ivar rows: begins to read; the same rows each time as long as `sha256` is the same.
    """

    name: str
    sha256: str
    rows: Callable[[], Rows]


@dataclass(frozen=True, slots=True)
class Feeds:
    """All that is at one place.

    :ivar layout: `us365k`, `table` or `folder`.
    :ivar images: the folder that image paths are relative to, where the layout says it.
    """

    layout: str
    parts: tuple[Feed, ...]
    images: Path | None = None


def table_feed(path: Path) -> Feed:
    """A table, by its suffix.

    :raises DataError: where the suffix is of no table.
    """
    readers: dict[str, Callable[[], Rows]] = {
        ".csv": lambda: lines_file(path, partial(csv_rows, delimiter=",")),
        ".tsv": lambda: lines_file(path, partial(csv_rows, delimiter="\t")),
        ".jsonl": lambda: lines_file(path, json_rows),
        ".ndjson": lambda: lines_file(path, json_rows),
        ".json": lambda: array_file(path),
        ".parquet": lambda: _parquet(path),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: has the suffix '{path.suffix}'; allowed: {', '.join(readers)}, or a folder")
    return Feed(path.name, file_sha256(path), reader)


def lines_file(path: Path, read: Callable[[BinaryIO, str], Rows]) -> Rows:
    """The rows that `read` finds in a file."""
    with path.open("rb") as stream:
        for row in read(stream, str(path)):
            yield _flattened(row)


def array_file(path: Path) -> Rows:
    """The objects of a JSON file that holds an array."""
    with path.open(encoding="utf-8-sig") as stream:
        yield from map(_flattened, array_rows(stream, str(path)))


def _flattened(row: Row | Skipped) -> Row | Skipped:
    """The row with the cells of nested objects under dotted names: `labels.shape`."""
    if isinstance(row, Skipped) or not any(isinstance(value, dict) for value in row.cells.values()):
        return row
    return Row(row.place, row.number, dict(_flat(row.cells)))


def _flat(cells: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in cells.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _parquet(path: Path) -> Rows:
    import pyarrow
    import pyarrow.parquet

    number = 0
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for cells in batch.to_pylist():
                    number += 1
                    yield _flattened(Row(f"{path}:{number}", number, cells))
    except pyarrow.ArrowException as error:
        yield Skipped(str(path), f"not a readable Parquet file ({type(error).__name__}); write it again")


def folder_feed(path: Path) -> Feed:
    """The images in a folder and the folders below it: `image` is the path in it, `folder` that of its folder.

    :raises DataError: where it holds none.
    """
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())
    if not files:
        raise DataError(
            f"{path}: holds no images ({', '.join(IMAGE_SUFFIXES)}), nor the files of US-365K; check the path"
        )
    names = [file.relative_to(path).as_posix() for file in files]
    return Feed(path.name, parts_sha256(*names), lambda: map(_file_row, files, names, range(1, len(names) + 1)))


def _file_row(file: Path, name: str, number: int) -> Row:
    folder = name.rpartition("/")[0]
    return Row(str(file), number, {"image": name, "folder": folder, "name": f"{folder}/{file.stem}".lstrip("/")})
