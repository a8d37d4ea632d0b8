"""Importers of tables: a file with a row for each sample."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from udt.core.hashing import file_sha256
from udt.io.rows import csv_rows, json_rows
from udt.records.importing.data_set import DataSet, Rows, RowSource
from udt.records.importing.importers.registry import Importer
from udt.records.importing.row_files import read_array, read_lines, read_parquet


def table_importer(suffixes: tuple[str, ...], read: Callable[[Path], Rows]) -> Importer:
    """Return an importer of tables in one file format.

    :param suffixes: the suffixes of its files, in lower case with the dot.
    :param read: yields the rows of a file, and a `Skipped` for each one that cannot be read.
    """

    def open_table(path: Path) -> DataSet:
        return DataSet((RowSource(path.name, file_sha256(path), partial(read, path)),))

    return Importer(
        reads=", ".join(suffixes),
        recognises=lambda path: path.suffix.lower() in suffixes and not path.is_dir(),
        open=open_table,
    )


CSV = table_importer((".csv",), partial(read_lines, parse=partial(csv_rows, delimiter=",")))
TSV = table_importer((".tsv",), partial(read_lines, parse=partial(csv_rows, delimiter="\t")))
JSON_LINES = table_importer((".jsonl", ".ndjson"), partial(read_lines, parse=json_rows))
JSON_ARRAY = table_importer((".json",), read_array)
PARQUET = table_importer((".parquet",), read_parquet)
