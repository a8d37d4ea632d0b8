"""Stream label sets from files and databases of records."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from udt.core.errors import DataError, UnknownConceptError
from udt.core.labels import LabelSet
from udt.core.texts import printable
from udt.core.vocabulary import Vocabulary
from udt.io.rows import Row, Skipped, json_rows


def labels_of_lines(path: Path, vocabulary: Vocabulary) -> Iterator[LabelSet]:
    """Yield the `labels` of each object of a JSON Lines file: reports of `udt normalize`, or gold records.

    A record marked `"skip": true` is left out. `-` is standard input.

    :raises DataError: if a line is no such record, or has a label that the vocabulary does not have.
    """
    place = "standard input" if str(path) == "-" else str(path)
    with nullcontext(sys.stdin.buffer) if str(path) == "-" else path.open("rb") as stream:
        for row in json_rows(stream, place):
            if isinstance(row, Skipped):
                raise DataError(str(row))
            if row.cells.get("skip") is not True:
                yield _labels(row, vocabulary)


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
