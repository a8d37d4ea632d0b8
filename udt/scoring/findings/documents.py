"""Documents to score, `udt-report/1` or `udt-report/2`: read from JSON Lines, with the checks that scoring needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard

from udt.core.errors import DataError
from udt.core.texts import brief
from udt.io.rows import Row, Skipped
from udt.scoring.gold import raise_faults, rows_of

Document = Mapping[str, Any]

_LISTS = ("evidence", "measurements")


def read_documents(path: Path, ids: Iterable[str]) -> dict[str, Document]:
    """Read the documents with these identifiers from a JSON Lines file; others are left out.

    :raises DataError: listing the first 20 faults with their lines, or if a document is missing or given twice.
    """
    wanted = list(ids)
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
    for key in ("labels", "absent"):
        if not isinstance(row.cells.get(key), Mapping | None):
            yield f"'{key}' is no object; give each dimension with a list of labels"
    findings = row.cells.get("findings")
    if not _are_objects(findings):
        yield "'findings' is no list of objects; give a document as `udt normalize --format jsonl` writes it"
        return
    for number, finding in enumerate(findings):
        yield from (f"findings[{number}]: {fault}" for fault in _faults_of_finding(finding))


def _faults_of_finding(finding: Mapping[str, Any]) -> Iterator[str]:
    for key in _LISTS:
        if finding.get(key) is not None and not _are_objects(finding[key]):
            yield f"'{key}' is no list of objects"
    for key in ("labels", "attributes"):
        if not isinstance(finding.get(key), Mapping | None):
            yield f"'{key}' is no object"
    evidence = finding.get("evidence")
    if _are_objects(evidence) and not all(_has_span(part) for part in evidence):
        yield "'evidence' has a part without the numbers 'start' and 'end'"


def _has_span(evidence: Mapping[str, Any]) -> bool:
    return type(evidence.get("start")) is int and type(evidence.get("end")) is int


def _are_objects(value: object) -> TypeGuard[list[Mapping[str, Any]]]:
    return isinstance(value, list) and all(isinstance(part, Mapping) for part in value)
