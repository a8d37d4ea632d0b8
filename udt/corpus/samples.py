"""Samples as they leave the database, in the order of their ids and a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, func, select

from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.records.database.effective_labels import Query, label_sets
from udt.records.database.models import (
    Caption,
    Case,
    Certainty,
    ConceptRow,
    Image,
    ReviewState,
    Sample,
    SampleLabel,
    Source,
)

_BATCH = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample. Those that a person has rejected are left out everywhere.

    :ivar case: key of the case in its source.
    :ivar image: path as the source gives it, relative to `root`; None without an image.
    :ivar root: folder of the source's images; None where it was never given.
    :ivar labels: those that count, as `udt.records.database.effective_labels` says.
    """

    id: int
    source: str
    case: str
    split: str | None
    image: str | None
    root: str | None
    caption: str | None
    labels: LabelSet


class SourceRow(NamedTuple):
    """What the database says of a source."""

    name: str
    version: str | None
    licence: str | None
    url: str | None


class Alongside(Generic[T]):
    """Values by ascending id, looked up by ascending ids as they are read: the one pass of a merge.

    >>> values = Alongside([(2, "b"), (5, "e")], "-")
    >>> [values.at(id) for id in (1, 2, 3, 5, 6)]
    ['-', 'b', '-', 'e', '-']
    """

    def __init__(self, pairs: Iterable[tuple[int, T]], default: T) -> None:
        self._pairs = iter(pairs)
        self._default = default
        self._next = next(self._pairs, None)

    def at(self, id: int) -> T:
        """The value of `id`, which is above all asked for before, or the default."""
        while self._next is not None and self._next[0] < id:
            self._next = next(self._pairs, None)
        return self._next[1] if self._next is not None and self._next[0] == id else self._default


def samples(connection: Connection, vocabulary: Vocabulary, *, captions: bool = True) -> Iterator[SampleRow]:
    """Every sample that is not rejected, by id; memory stays flat.

    :param captions: whether to read the captions; without, `caption` is None.
    :raises DataError: where a label's concept is not in `vocabulary`.
    """
    labels = Alongside(label_sets(connection, vocabulary), LabelSet(((),) * len(vocabulary.dimensions)))
    query = _query() if captions else _query().with_only_columns(*_COLUMNS)
    for id, source, case, split, image, root, *text in _rows(connection, query):
        yield SampleRow(id, source, case, split, image, root, text[0] if text else None, labels.at(id))


def denied(connection: Connection) -> Iterator[tuple[int, frozenset[tuple[str, str]]]]:
    """(sample id, its denied labels as pairs of dimension key and IRI) by id, for the samples that deny something."""
    query = select(SampleLabel.sample_id, ConceptRow.dimension, ConceptRow.iri).join(ConceptRow)
    query = query.where(SampleLabel.certainty == Certainty.ABSENT).order_by(SampleLabel.sample_id)
    for sample, rows in groupby(_rows(connection, query), key=itemgetter(0)):
        yield sample, frozenset((dimension, iri) for _, dimension, iri in rows)


def sources(connection: Connection) -> list[SourceRow]:
    """All sources, by name."""
    query = select(Source.name, Source.version, Source.licence, Source.url).order_by(Source.name)
    return [SourceRow(*row) for row in connection.execute(query)]


def rejected(connection: Connection) -> int:
    """How many samples a person has rejected."""
    return connection.scalar(select(func.count()).where(Sample.review == ReviewState.REJECTED)) or 0


_COLUMNS = (Sample.id, Source.name, Case.key, Sample.split, Image.path, Source.root)


def _query() -> Query:
    joined = select(*_COLUMNS, Caption.text).join(Case, Sample.case_id == Case.id).join(Source)
    joined = joined.join(Image, Sample.image_id == Image.id, isouter=True)
    joined = joined.join(Caption, Sample.caption_id == Caption.id, isouter=True)
    return joined.where(Sample.review != ReviewState.REJECTED).order_by(Sample.id)


def _rows(connection: Connection, query: Query) -> Iterator[Any]:
    yield from connection.execute(query.execution_options(yield_per=_BATCH))
