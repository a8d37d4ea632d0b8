"""Documents to score, `udt-report/1` or `udt-report/2`: read from JSON Lines, with the checks that scoring needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from udt.core.errors import DataError
from udt.core.texts import brief
from udt.io.rows import Row, Skipped
from udt.scoring.findings.shapes import DOCUMENT, shape_faults
from udt.scoring.gold import raise_faults, rows_of

Document = Mapping[str, Any]


def read_documents(path: Path, ids: Iterable[str]) -> dict[str, Document]:
    """Read the documents with these identifiers from a JSON Lines file; others are left out.

    :raises DataError: listing the first 20 faults with their lines, or if a document is missing or given twice.
    """
    wanted = dict.fromkeys(ids)
    faults: list[Skipped] = []
    found: dict[str, Document] = {}
    for row in rows_of(path):
        if isinstance(row, Skipped):
            faults.append(row)
        elif (name := str(row.cells.get("id"))) in wanted:
            faults += [Skipped(row.place, fault) for fault in _faults(row, name in found)]
            found[name] = row.cells
    raise_faults(faults)
    if missing := [name for name in wanted if name not in found]:
        hint = "give a document of each gold report, or choose reports with --ids"
        raise DataError(f"{path}: no document has the id '{brief(missing[0])}' ({len(missing)} are missing); {hint}")
    return found


def _faults(row: Row, again: bool) -> Iterator[str]:
    if again:
        yield f"has the id '{brief(str(row.cells['id']))}' of a document before it; give each document once"
    yield from shape_faults(row.cells, DOCUMENT)
