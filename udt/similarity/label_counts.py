"""Label sets out of files and databases of records, streamed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from udt.core.errors import DataError, UnknownConceptError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.io.rows import Row, Skipped, json_rows


def labels_of_lines(path: Path, vocabulary: Vocabulary) -> Iterator[LabelSet]:
    """The `labels` of each JSON object in a file of one a line: reports of `udt normalize`, or gold records.

    A record marked `"skip": true` is left out. `-` is standard input.

    :raises DataError: where a line is no such record, or has a label that the vocabulary does not.
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
    if not isinstance(labels, dict) or not all(isinstance(values, list) for values in labels.values()):
        raise DataError(f"{row.place}: has no object 'labels' with a list for each dimension; see `udt normalize`")
    try:
        return LabelSet.of(labels, vocabulary)
    except UnknownConceptError as error:
        raise DataError(f"{row.place}: {error}") from error


def labels_of_database(place: str, vocabulary: Vocabulary) -> Iterator[LabelSet]:
    """The labels of every sample of a database of records that nobody has rejected.

    :raises DataError: where it cannot be opened, or has a label that the vocabulary does not.
    """
    from udt.corpus.samples import samples
    from udt.records.database.database import Database

    with Database.open(place) as database, database.reading() as connection:
        for sample in samples(connection, vocabulary, captions=False):
            yield sample.labels
