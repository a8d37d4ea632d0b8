"""Stream label sets from files and databases of records."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from udt.core.errors import DataError, UnknownConceptError
from udt.core.labels import LabelSet
from udt.core.texts import printable
from udt.core.vocabulary import Vocabulary
from udt.io.rows import Row, Skipped, json_rows


class LabelledRow(NamedTuple):
    """The labels of one record, and the findings that it affirms.

    :ivar findings: CURIEs, sorted; None if the record has no list of findings.
    """

    labels: LabelSet
    findings: tuple[str, ...] | None


def labels_of_lines(path: Path, vocabulary: Vocabulary) -> Iterator[LabelSet]:
    """Yield the `labels` of each object of a JSON Lines file: reports of `udt normalize`, or gold records.

    A record marked `"skip": true` is left out. `-` is standard input.

    :raises DataError: if a line is no such record, or has a label that the vocabulary does not have.
    """
    for row in _kept_rows(path):
        yield _labels(row, vocabulary)


def rows_of_lines(path: Path, vocabulary: Vocabulary) -> Iterator[LabelledRow]:
    """Yield the labels and the findings of each object of a JSON Lines file.

    Findings are read as `udt normalize` writes them: objects with a `concept` and a `certainty`. Those that are not
    certainly present in the patient now are left out, and those without a concept.

    :raises DataError: as `labels_of_lines`, or if the findings of a line are not of that form.
    """
    for row in _kept_rows(path):
        yield LabelledRow(_labels(row, vocabulary), _findings(row))


def _kept_rows(path: Path) -> Iterator[Row]:
    place = "standard input" if str(path) == "-" else str(path)
    with nullcontext(sys.stdin.buffer) if str(path) == "-" else path.open("rb") as stream:
        for row in json_rows(stream, place):
            if isinstance(row, Skipped):
                raise DataError(str(row))
            if row.cells.get("skip") is not True:
                yield row


def _findings(row: Row) -> tuple[str, ...] | None:
    """Return the CURIEs of the findings of a record that are present, or None if it has no list of findings."""
    findings = row.cells.get("findings")
    if findings is None:
        return None
    if not isinstance(findings, list) or not all(isinstance(finding, dict) for finding in findings):
        raise DataError(f"{printable(row.place)}: 'findings' is no list of objects; see `udt normalize`")
    present = [finding.get("concept") for finding in findings if _is_present(finding)]
    names = {concept["concept"] for concept in present if isinstance(concept, dict) and "concept" in concept}
    if not all(isinstance(name, str) for name in names):
        raise DataError(f"{printable(row.place)}: the 'concept' of a finding is no text; see `udt normalize`")
    return tuple(sorted(names))


def _is_present(finding: dict[str, Any]) -> bool:
    stated = {"certainty": "present", "experiencer": "patient", "time": "current"}
    return all(finding.get(field, value) == value for field, value in stated.items())


def _labels(row: Row, vocabulary: Vocabulary) -> LabelSet:
    labels = row.cells.get("labels")
    if not isinstance(labels, dict) or not all(map(_is_list_of_texts, labels.values())):
        place = printable(row.place)
        raise DataError(f"{place}: has no object 'labels' with a list of texts for each dimension; see `udt normalize`")
    try:
        return LabelSet.of(labels, vocabulary)
    except UnknownConceptError as error:
        hint = "; if it is of an extension, give its file: --taxonomy EXTRA.ttl"
        raise DataError(f"{row.place}: {error}{hint}") from error


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def labels_of_database(place: str, vocabulary: Vocabulary) -> Iterator[LabelSet]:
    """Yield the labels of each sample in a database of records, without rejected samples.

    :raises DataError: if it cannot be opened, or has a label that the vocabulary does not have.
    """
    from udt.corpus.samples import samples
    from udt.records.database.database import Database

    with Database.open(place) as database, database.reading() as connection:
        for sample in samples(connection, vocabulary, captions=False):
            yield sample.labels


def rows_of_database(place: str, vocabulary: Vocabulary) -> Iterator[LabelledRow]:
    """Yield the labels and the findings of each sample in a database of records, without rejected samples.

    :raises DataError: as `labels_of_database`.
    """
    from udt.corpus.samples import present_findings, samples
    from udt.records.database.database import Database
    from udt.records.database.merge_join import MergeJoin

    with Database.open(place) as database, database.reading() as connection:
        nothing: tuple[str, ...] | None = None
        findings = MergeJoin(present_findings(connection), nothing)
        for sample in samples(connection, vocabulary, captions=False):
            yield LabelledRow(sample.labels, findings.get(sample.id))
