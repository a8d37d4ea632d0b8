"""Stream samples from the database, in the order of their ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, and_, exists, func, select

from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.records.database.composites import has_parts
from udt.records.database.effective_labels import Query, label_sets
from udt.records.database.finding_models import FindingRow, Reading, TermRow
from udt.records.database.merge_join import MergeJoin
from udt.records.database.models import (
    Caption,
    Case,
    Certainty,
    ConceptRow,
    Image,
    Provenance,
    ReviewState,
    Sample,
    SampleLabel,
    Source,
    UnmappedLabel,
)

_BATCH = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample of a data set: not rejected by a person, and no composite that its parts replace.

    :ivar case: key of the case in its source.
    :ivar image: path in the source, relative to `root`; None without an image.
    :ivar image_id: id of the image, or None.
    :ivar frame_index: number of the frame in its video, from 0; 0 for a still image; None without an image.
    :ivar frame_time: seconds from the start of the video, or None.
    :ivar root: image folder of the source; None if unknown.
    :ivar sha256: of the image file; None if it was never read.
    :ivar labels: the effective labels, as `udt.records.database.effective_labels` defines them.
    """

    id: int
    source: str
    case: str
    split: str | None
    image: str | None
    image_id: int | None
    frame_index: int | None
    frame_time: float | None
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


def samples(connection: Connection, vocabulary: Vocabulary, *, captions: bool = True) -> Iterator[SampleRow]:
    """Yield every sample that is not rejected, by id, in constant memory; the parts of a composite replace it.

    :param captions: whether to read the captions; otherwise `caption` is None.
    :raises DataError: if the concept of a label is not in `vocabulary`.
    """
    labels = MergeJoin(label_sets(connection, vocabulary), LabelSet(((),) * len(vocabulary.dimensions)))
    query = _query() if captions else _query().with_only_columns(*_COLUMNS)
    for id, source, case, split, image, image_id, frame, time, root, sha256, *text in _rows(connection, query):
        caption = text[0] if text else None
        yield SampleRow(id, source, case, split, image, image_id, frame, time, root, sha256, caption, labels.get(id))


def denied(connection: Connection) -> Iterator[tuple[int, frozenset[tuple[str, str]]]]:
    """Yield (sample id, denied labels as pairs of dimension key and IRI) by id, for the samples with denied labels.

    Labels from makers who state them of a finding are left out.
    """
    query = select(SampleLabel.sample_id, ConceptRow.dimension, ConceptRow.iri).join(ConceptRow)
    read = exists().where(
        Reading.sample_id == SampleLabel.sample_id, Reading.provenance_id == SampleLabel.provenance_id
    )
    query = query.where(SampleLabel.certainty == Certainty.ABSENT, ~read).order_by(SampleLabel.sample_id)
    for sample, rows in groupby(_rows(connection, query), key=itemgetter(0)):
        yield sample, frozenset((dimension, iri) for _, dimension, iri in rows)


def makers(connection: Connection) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield (sample id, ids of the provenances of its labels and readings) by sample id."""
    labelled = select(SampleLabel.sample_id, SampleLabel.provenance_id)
    query = labelled.union(select(Reading.sample_id, Reading.provenance_id)).order_by("sample_id", "provenance_id")
    for sample, rows in groupby(connection.execute(query.execution_options(yield_per=_BATCH)), key=itemgetter(0)):
        yield sample, tuple(provenance for _, provenance in rows)


def unmapped(connection: Connection) -> Iterator[tuple[int, tuple[tuple[str, str], ...]]]:
    """Yield (sample id, labels that the taxonomy lacks as pairs of dimension or column and label) by sample id."""
    query = select(UnmappedLabel.sample_id, UnmappedLabel.dimension, UnmappedLabel.label).distinct()
    query = query.order_by(UnmappedLabel.sample_id, UnmappedLabel.dimension, UnmappedLabel.label)
    for sample, rows in groupby(_rows(connection, query), key=itemgetter(0)):
        yield sample, tuple((dimension, label) for _, dimension, label in rows)


def labellings(
    connection: Connection, samples: Iterable[int], vocabulary: Vocabulary
) -> dict[int, dict[int, LabelSet]]:
    """Return what each maker affirms of `samples`: sample id to provenance id to labels."""
    known = {iri: (i, j) for i, d in enumerate(vocabulary.dimensions) for j, iri in enumerate(d.iris)}
    query = select(SampleLabel.sample_id, SampleLabel.provenance_id, ConceptRow.iri).join(ConceptRow)
    query = query.where(SampleLabel.sample_id.in_(list(samples)), SampleLabel.certainty != Certainty.ABSENT)
    pairs: dict[int, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for sample, provenance, iri in connection.execute(query):
        if iri in known:
            pairs[sample][provenance].append(known[iri])
    size = len(vocabulary.dimensions)
    return {
        sample: {provenance: LabelSet.of_pairs(labels, size) for provenance, labels in by_maker.items()}
        for sample, by_maker in pairs.items()
    }


class MakerRow(NamedTuple):
    """Who or what made labels and findings."""

    id: int
    maker: str
    detail: str
    version: str | None
    taxonomy: str | None
    taxonomy_sha256: str | None


def maker_rows(connection: Connection) -> list[MakerRow]:
    """Return all makers, by id."""
    columns = (
        Provenance.id,
        Provenance.maker,
        Provenance.detail,
        Provenance.version,
        Provenance.taxonomy,
        Provenance.taxonomy_sha256,
    )
    return [MakerRow(*row) for row in connection.execute(select(*columns).order_by(Provenance.id))]


def present_findings(connection: Connection) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (sample id, CURIEs of the findings that are certainly present) by sample id, for the samples with readings.

    Findings of other persons and of other times are left out.
    """
    present = (
        FindingRow.certainty == "present",
        FindingRow.experiencer == "patient",
        FindingRow.time == "current",
    )
    query = select(Reading.sample_id, TermRow.concept).distinct()
    query = query.join(FindingRow, (FindingRow.reading_id == Reading.id) & and_(*present), isouter=True)
    query = query.join(TermRow, FindingRow.term_id == TermRow.id, isouter=True).order_by(Reading.sample_id)
    for sample, rows in groupby(_rows(connection, query), key=itemgetter(0)):
        yield sample, tuple(sorted(concept for _, concept in rows if concept is not None))


def sources(connection: Connection) -> list[SourceRow]:
    """Return all sources, sorted by name."""
    query = select(Source.name, Source.version, Source.licence, Source.url).order_by(Source.name)
    return [SourceRow(*row) for row in connection.execute(query)]


def rejected(connection: Connection) -> int:
    """Count the samples that a person has rejected, without composites that their parts replace."""
    return connection.scalar(select(func.count()).where(Sample.review == ReviewState.REJECTED, ~has_parts())) or 0


_COLUMNS = (
    Sample.id,
    Source.name,
    Case.key,
    Sample.split,
    Image.path,
    Image.id,
    Image.frame_index,
    Image.frame_time,
    Source.root,
    Image.sha256,
)


def _query() -> Query:
    joined = select(*_COLUMNS, Caption.text).join(Case, Sample.case_id == Case.id).join(Source)
    joined = joined.join(Image, Sample.image_id == Image.id, isouter=True)
    joined = joined.join(Caption, Sample.caption_id == Caption.id, isouter=True)
    return joined.where(Sample.review != ReviewState.REJECTED, ~has_parts()).order_by(Sample.id)


def _rows(connection: Connection, query: Query) -> Iterator[Any]:
    yield from connection.execute(query.execution_options(yield_per=_BATCH))
