"""Stream samples from the database, in the order of their ids."""

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
    """One sample that a person has not rejected.

    :ivar case: key of the case in its source.
    :ivar image: path in the source, relative to `root`; None without an image.
    :ivar root: image folder of the source; None if unknown.
    :ivar sha256: of the image file; None if it was never read.
    :ivar labels: the effective labels, as `udt.records.database.effective_labels` defines them.
    """

    id: int
    source: str
    case: str
    split: str | None
    image: str | None
    root: str | None
    sha256: str | None
    caption: str | None
    labels: LabelSet


class SourceRow(NamedTuple):
    """A data set in the database."""

    name: str
    version: str | None
    licence: str | None
    url: str | None


class MergeJoin(Generic[T]):
    """Left join of ascending ids with a stream of (id, value) pairs in ascending order, in one pass.

    >>> values = MergeJoin([(2, "b"), (5, "e")], "-")
    >>> [values.get(id) for id in (1, 2, 3, 5, 6)]
    ['-', 'b', '-', 'e', '-']

    :param default: the value of ids that are not in the stream.
    """

    def __init__(self, pairs: Iterable[tuple[int, T]], default: T) -> None:
        self._pairs = iter(pairs)
        self._default = default
        self._next = next(self._pairs, None)

    def get(self, id: int) -> T:
        """Return the value of `id`, which has to be above the previous one, or the default."""
        while self._next is not None and self._next[0] < id:
            self._next = next(self._pairs, None)
        return self._next[1] if self._next is not None and self._next[0] == id else self._default


def samples(connection: Connection, vocabulary: Vocabulary, *, captions: bool = True) -> Iterator[SampleRow]:
    """Yield every sample that is not rejected, by id, in constant memory.

    :param captions: whether to read the captions; otherwise `caption` is None.
    :raises DataError: if the concept of a label is not in `vocabulary`.
    """
    labels = MergeJoin(label_sets(connection, vocabulary), LabelSet(((),) * len(vocabulary.dimensions)))
    query = _query() if captions else _query().with_only_columns(*_COLUMNS)
    for id, source, case, split, image, root, sha256, *text in _rows(connection, query):
        yield SampleRow(id, source, case, split, image, root, sha256, text[0] if text else None, labels.get(id))


def denied(connection: Connection) -> Iterator[tuple[int, frozenset[tuple[str, str]]]]:
    """Yield (sample id, denied labels as pairs of dimension key and IRI) by id, for the samples with denied labels."""
    query = select(SampleLabel.sample_id, ConceptRow.dimension, ConceptRow.iri).join(ConceptRow)
    query = query.where(SampleLabel.certainty == Certainty.ABSENT).order_by(SampleLabel.sample_id)
    for sample, rows in groupby(_rows(connection, query), key=itemgetter(0)):
        yield sample, frozenset((dimension, iri) for _, dimension, iri in rows)


def sources(connection: Connection) -> list[SourceRow]:
    """Return all sources, sorted by name."""
    query = select(Source.name, Source.version, Source.licence, Source.url).order_by(Source.name)
    return [SourceRow(*row) for row in connection.execute(query)]


def rejected(connection: Connection) -> int:
    """Count the samples that a person has rejected."""
    return connection.scalar(select(func.count()).where(Sample.review == ReviewState.REJECTED)) or 0


_COLUMNS = (Sample.id, Source.name, Case.key, Sample.split, Image.path, Source.root, Image.sha256)


def _query() -> Query:
    joined = select(*_COLUMNS, Caption.text).join(Case, Sample.case_id == Case.id).join(Source)
    joined = joined.join(Image, Sample.image_id == Image.id, isouter=True)
    joined = joined.join(Caption, Sample.caption_id == Caption.id, isouter=True)
    return joined.where(Sample.review != ReviewState.REJECTED).order_by(Sample.id)


def _rows(connection: Connection, query: Query) -> Iterator[Any]:
    yield from connection.execute(query.execution_options(yield_per=_BATCH))
