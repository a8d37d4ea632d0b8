"""Write samples in bulk: a few statements a batch; rows that exist are not written again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import DeclarativeBase

from udt.core.hashing import parts_sha256
from udt.records.database.bulk import advance_counters, insert, insert_new, next_id
from udt.records.database.concepts import ConceptIds
from udt.records.database.finding_models import Reading
from udt.records.database.models import Caption, Case, Certainty, Image, ReviewState, Sample, SampleLabel, UnmappedLabel
from udt.records.importing.lesions import LesionReports
from udt.records.importing.sample import NewSample
from udt.records.readings.rows import ReadReport
from udt.records.readings.writer import ReadingWriter

_COUNTED = (Case, Image, Caption, Sample)


@dataclass(frozen=True, slots=True)
class SampleWriter:
    """Writes the samples of one source with labels of one provenance.

    :ivar concepts: concept ids by dimension index and label id.
    :ivar lesions: makes the reports of samples that state more than their labels.
    :ivar readings: writes these reports, for the same provenance.
    """

    source_id: int
    source_name: str
    provenance_id: int
    concepts: ConceptIds
    lesions: LesionReports
    readings: ReadingWriter

    def write(self, connection: Connection, samples: Sequence[NewSample]) -> int:
        """Write one batch and return the number of new samples. A sample that exists only gets new labels."""
        cases = self._cases(connection, samples)
        images = _images(connection, samples, cases)
        captions = _captions(connection, samples)
        ids, new = self._samples(connection, samples, (cases, images, captions))
        insert_new(connection, SampleLabel, list(self._labels(samples, ids)))
        insert_new(connection, UnmappedLabel, list(self._unmapped(samples, ids)))
        self._read(connection, samples, ids)
        return new

    def finish(self, connection: Connection) -> None:
        """Set the id counters of the database past the ids that were assigned here."""
        advance_counters(connection, _COUNTED)
        self.readings.finish(connection)

    def _read(self, connection: Connection, samples: Sequence[NewSample], ids: Sequence[int]) -> None:
        """Write what samples state beside their labels, if this maker has no reading of them yet."""
        reports = {id: report for id, one in zip(ids, samples, strict=True) if (report := self.lesions.of(one))}
        if not reports:
            return
        query = select(Reading.sample_id).where(
            Reading.provenance_id == self.provenance_id, Reading.sample_id.in_(reports)
        )
        known = set(connection.scalars(query))
        new = [ReadReport(id, report, text_read=False) for id, report in reports.items() if id not in known]
        self.readings.write(connection, new)

    def _cases(self, connection: Connection, samples: Sequence[NewSample]) -> Mapping[str, int]:
        keys = _distinct(sample.case for sample in samples)
        query = select(Case.key, Case.id).where(Case.source_id == self.source_id, Case.key.in_(keys))
        known = dict(connection.execute(query).all())
        rows = {key: {"source_id": self.source_id, "key": key} for key in keys}
        return _insert_missing(connection, Case, known, rows)[0]

    def _samples(
        self, connection: Connection, samples: Sequence[NewSample], ids: tuple[Mapping[Any, int], ...]
    ) -> tuple[list[int], int]:
        """Insert new samples; return the id of each sample, and the number of new ones."""
        cases, images, captions = ids
        digests = [sample.digest(self.source_name) for sample in samples]
        rows = {
            digest: {
                "case_id": cases[sample.case],
                "image_id": images.get(_image_key(sample, cases)),
                "caption_id": captions.get(sample.caption),
                "digest": digest,
                "review": ReviewState.UNREVIEWED.value,
                "split": sample.split and sample.split.value,
            }
            for digest, sample in zip(digests, samples, strict=True)
        }
        query = select(Sample.digest, Sample.id).where(Sample.digest.in_(rows))
        known, new = _insert_missing(connection, Sample, dict(connection.execute(query).all()), rows)
        return [known[digest] for digest in digests], new

    def _labels(self, samples: Sequence[NewSample], ids: Sequence[int]) -> Iterator[dict[str, Any]]:
        for id, sample in zip(ids, samples, strict=True):
            for certainty, labels in (
                (Certainty.PRESENT.value, sample.labels),
                (Certainty.POSSIBLE.value, sample.possible),
            ):
                for dimension, label in labels.pairs():
                    yield {
                        "sample_id": id,
                        "concept_id": self.concepts[dimension][label],
                        "provenance_id": self.provenance_id,
                        "certainty": certainty,
                    }

    def _unmapped(self, samples: Sequence[NewSample], ids: Sequence[int]) -> Iterator[dict[str, Any]]:
        for id, sample in zip(ids, samples, strict=True):
            for dimension, label in sample.unmapped:
                yield {
                    "sample_id": id,
                    "dimension": dimension,
                    "label": label,
                    "provenance_id": self.provenance_id,
                }


def _image_key(sample: NewSample, cases: Mapping[str, int]) -> tuple[str | None, int, int]:
    return sample.image, sample.frame_index, cases[sample.case]


def _images(
    connection: Connection, samples: Sequence[NewSample], cases: Mapping[str, int]
) -> Mapping[tuple[str | None, int, int], int]:
    """Insert new images; return ids by path, frame and case."""
    rows = {
        _image_key(sample, cases): {
            "path": sample.image,
            "frame_index": sample.frame_index,
            "case_id": cases[sample.case],
            "frame_time": sample.frame_time,
        }
        for sample in samples
        if sample.image is not None
    }
    paths = _distinct(key[0] for key in rows)
    query = select(Image.path, Image.frame_index, Image.case_id, Image.id).where(Image.path.in_(paths))
    known = {(path, frame, case): id for path, frame, case, id in connection.execute(query)}
    return _insert_missing(connection, Image, known, rows)[0]


def _captions(connection: Connection, samples: Sequence[NewSample]) -> Mapping[str | None, int]:
    """Insert new captions; return ids by text."""
    rows = {
        sample.caption: {"text": sample.caption, "sha256": parts_sha256(sample.caption)}
        for sample in samples
        if sample.caption is not None
    }
    query = select(Caption.sha256, Caption.id).where(Caption.sha256.in_([row["sha256"] for row in rows.values()]))
    stored = dict(connection.execute(query).all())
    known = {text: stored[row["sha256"]] for text, row in rows.items() if row["sha256"] in stored}
    return _insert_missing(connection, Caption, known, rows)[0]


def _insert_missing(
    connection: Connection, model: type[DeclarativeBase], known: dict[Any, int], rows: Mapping[Any, Any]
) -> tuple[dict[Any, int], int]:
    """Insert the `rows` that are not in `known`; return all ids by key, and the number of inserted rows."""
    missing = [key for key in rows if key not in known]
    first = next_id(connection, model) if missing else 0
    given = {key: first + i for i, key in enumerate(missing)}
    insert(connection, model, [{"id": id, **rows[key]} for key, id in given.items()])
    return known | given, len(missing)


def _distinct(values: Iterable[Hashable]) -> list[Any]:
    return list(dict.fromkeys(values))
