"""Write the parts of composite samples into the database of records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from udt.core.labels import LabelSet
from udt.records.database.bulk import insert_new, table
from udt.records.database.concepts import ConceptIds, sync_concepts
from udt.records.database.curation_models import Flag, FlagKind, ImageOrigin, SampleOrigin
from udt.records.database.finding_models import Reading
from udt.records.database.models import Image, Maker, Provenance, Sample, SampleLabel
from udt.records.database.provenance import program_provenance
from udt.records.importing.image_files import ImageFacts
from udt.records.importing.labelling import store_reports
from udt.records.importing.lesions import LesionReports
from udt.records.importing.sample import NewSample
from udt.records.importing.writer import SampleWriter
from udt.records.pairing.plans import PairingPlan
from udt.records.readings.rows import ReadReport
from udt.records.readings.writer import ReadingWriter
from udt.taxonomy.model.taxonomy import Taxonomy

_NO_LABELS = LabelSet(())


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """The image file of a part that was written: its path in the source, and its properties."""

    path: str
    facts: ImageFacts


@dataclass(frozen=True, slots=True)
class PartWriter:
    """Writes the parts of composite samples.

    :ivar provenance_id: of this version of the pairing.
    :ivar readings: writes the readings of the captions of parts.
    """

    taxonomy: Taxonomy
    provenance_id: int
    readings: ReadingWriter
    concepts: ConceptIds

    @classmethod
    def of(cls, connection: Connection, taxonomy: Taxonomy) -> PartWriter:
        """Return a writer, whose provenances are added."""
        concepts = sync_concepts(connection, taxonomy.full_vocabulary)
        version = taxonomy.version, taxonomy.digest
        made = program_provenance(connection, Maker.RULE, "pairing of figures, ", *version)
        rules = program_provenance(connection, Maker.RULE, "", *version)
        return cls(taxonomy, made, ReadingWriter.of(rules, taxonomy, concepts), concepts)

    def write(self, connection: Connection, plan: PairingPlan, files: Sequence[WrittenPart]) -> None:
        """Write the parts of one sample: images, captions, samples with their origins, and labels."""
        row = plan.row
        new = [
            NewSample(
                row.case, file.path, part.figure.caption, _NO_LABELS, _NO_LABELS, split=row.split,
                frame_time=row.frame_time,
            )
            for part, file in zip(plan.parts, files, strict=True)
        ]  # fmt: skip
        writer = self._samples(row.source_id, row.source)
        writer.write(connection, new)
        writer.finish(connection)
        query = select(Sample.digest, Sample.id, Sample.image_id)
        digests = [one.digest(row.source) for one in new]
        rows: Iterable[Any] = connection.execute(query.where(Sample.digest.in_(digests)))
        found: dict[str, tuple[int, int]] = {digest: (id, image) for digest, id, image in rows}
        ids = [found[digest] for digest in digests]
        self._origins(connection, plan, ids)
        _set_facts(connection, {image: file.facts for (_, image), file in zip(ids, files, strict=True)})
        self._labels(connection, plan, [id for id, _ in ids])
        self.forget_flags(connection, [row.id])

    def flag(self, connection: Connection, doubts: Mapping[int, str]) -> None:
        """Ask a person to look at samples, instead of what earlier versions asked.

        :param doubts: sample id to the doubt.
        """
        self.forget_flags(connection, list(doubts))
        kind, made = FlagKind.PAIRING.value, self.provenance_id
        rows = [
            {"sample_id": sample, "kind": kind, "detail": detail, "provenance_id": made}
            for sample, detail in doubts.items()
        ]
        insert_new(connection, Flag, rows)

    @staticmethod
    def forget_flags(connection: Connection, samples: Sequence[int]) -> None:
        """Delete the flags of the pairing by rules of any version."""
        rules = select(Provenance.id).where(Provenance.maker == Maker.RULE)
        connection.execute(
            delete(Flag).where(
                Flag.kind == FlagKind.PAIRING, Flag.sample_id.in_(samples), Flag.provenance_id.in_(rules)
            )
        )

    def _samples(self, source_id: int, source: str) -> SampleWriter:
        vocabulary = self.taxonomy.full_vocabulary
        lesions = LesionReports(self.taxonomy, vocabulary)
        return SampleWriter(source_id, source, self.provenance_id, self.concepts, lesions, self.readings)

    def _origins(self, connection: Connection, plan: PairingPlan, ids: Sequence[tuple[int, int]]) -> None:
        made = {"provenance_id": self.provenance_id}
        images = [
            {"image_id": image, "parent_id": plan.row.image_id, **part.figure.box._asdict(), **made}
            for part, (_, image) in zip(plan.parts, ids, strict=True)
        ]
        insert_new(connection, ImageOrigin, images)
        insert_new(connection, SampleOrigin, [{"sample_id": id, "parent_id": plan.row.id, **made} for id, _ in ids])

    def _labels(self, connection: Connection, plan: PairingPlan, ids: Sequence[int]) -> None:
        rows = [row for id, part in zip(ids, plan.parts, strict=True) for row in _stated(id, part.stated)]
        insert_new(connection, SampleLabel, rows)
        if not plan.by_rules:
            return
        query = select(Reading.sample_id).where(Reading.provenance_id == self.readings.provenance_id)
        read = set(connection.scalars(query.where(Reading.sample_id.in_(ids))))
        new = {id: part.report for id, part in zip(ids, plan.parts, strict=True) if id not in read}
        store_reports(connection, self.readings, [ReadReport(id, report) for id, report in new.items()])
        self.readings.finish(connection)


def _stated(sample: int, labels: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for one in labels:
        yield {
            "sample_id": sample,
            "concept_id": one.concept_id,
            "provenance_id": one.provenance_id,
            "certainty": one.certainty.value,
        }


def _set_facts(connection: Connection, facts: Mapping[int, ImageFacts]) -> None:
    rows = [{"key": image, **asdict(one)} for image, one in facts.items()]
    connection.execute(table(Image).update().where(Image.id == bindparam("key")), rows)
