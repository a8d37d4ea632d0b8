"""Stream samples from the database with everything that their makers state of them, in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from udt.core.batches import batches
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.corpus.samples import SampleRow, denied, labellings, makers, samples, unmapped
from udt.records.database.merge_join import MergeJoin
from udt.records.readings.reports import ReadingReader, StoredReading

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class SourcedRecord:
    """A sample with everything that its makers state of it.

    :ivar denied: denied labels as pairs of dimension key and IRI, of makers without a reading.
    :ivar makers: ids of the makers of its labels and readings.
    :ivar labellings: id of a maker to its labels, if several makers have labelled the sample.
    :ivar unmapped: labels that the taxonomy lacks, as pairs of dimension or column and label.
    """

    sample: SampleRow
    readings: Sequence[StoredReading] = ()
    denied: frozenset[tuple[str, str]] = frozenset()
    makers: Sequence[int] = ()
    labellings: Mapping[int, LabelSet] = field(default_factory=dict)
    unmapped: Sequence[tuple[str, str]] = ()


def sourced_records(connection: Connection, vocabulary: Vocabulary) -> Iterator[SourcedRecord]:
    """Yield every sample that is not rejected, by id.

    :raises DataError: if the concept of a label is not in `vocabulary`.
    """
    absent = MergeJoin(denied(connection), frozenset())
    made_by = MergeJoin(makers(connection), ())
    unknown = MergeJoin(unmapped(connection), ())
    reader = ReadingReader(connection, vocabulary)
    for batch in batches(samples(connection, vocabulary, captions=False), _BATCH):
        readings: dict[int, list[StoredReading]] = {}
        for reading in reader.read(batch[0].id, batch[-1].id):
            readings.setdefault(reading.sample, []).append(reading)
        made = {sample.id: made_by.get(sample.id) for sample in batch}
        several = labellings(connection, [id for id, found in made.items() if len(found) > 1], vocabulary)
        for sample in batch:
            yield SourcedRecord(
                sample,
                readings.get(sample.id, ()),
                absent.get(sample.id),
                made[sample.id],
                several.get(sample.id, {}),
                unknown.get(sample.id),
            )
