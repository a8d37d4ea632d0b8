"""Write extractions into the database of records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from udt.core.report import NOT_STATED, Report
from udt.records.database.bulk import insert_new
from udt.records.database.concepts import sync_concepts
from udt.records.database.curation_models import Flag, FlagKind
from udt.records.database.finding_models import Reading
from udt.records.database.models import Maker, Provenance, SampleLabel
from udt.records.database.provenance import program_provenance
from udt.records.extraction.engines import Engine, Extraction
from udt.records.importing.labelling import Label, label_rows, store_reports
from udt.records.readings.rows import ReadReport
from udt.records.readings.writer import ReadingWriter, forget_rules
from udt.taxonomy.model.taxonomy import Taxonomy

MODEL_DETAIL = "extraction "
"""Beginning of the detail of the provenances of extraction by models."""


class SampleExtraction(NamedTuple):
    """The extraction of the caption of a sample."""

    sample: int
    found: Extraction


@dataclass(frozen=True, slots=True)
class ExtractionWriter:
    """Writes what an engine found; a sample that it has read already is left as it is.

    What rules or models of other versions found by extraction in a sample is replaced.

    :ivar rules: writes the reading of the rules, if the engine keeps it.
    :ivar model: writes the reading of the model, if the engine has one.
    """

    rules: ReadingWriter | None
    model: ReadingWriter | None

    @classmethod
    def of(cls, connection: Connection, engine: Engine, taxonomy: Taxonomy) -> ExtractionWriter:
        """Return a writer for an engine, whose provenances are added."""
        ids = sync_concepts(connection, taxonomy.full_vocabulary)
        version = taxonomy.version, taxonomy.digest
        rules = model = None
        if engine.keeps_rules:
            made = program_provenance(connection, Maker.RULE, "", *version)
            rules = ReadingWriter.of(made, taxonomy, ids)
        if engine.model is not None:
            what = f"{MODEL_DETAIL}({engine.name}) by {engine.model}, "
            model = ReadingWriter.of(program_provenance(connection, Maker.MODEL, what, *version), taxonomy, ids)
        return cls(rules, model)

    @property
    def provenance_id(self) -> int:
        """The provenance whose readings mark the samples that the engine has read."""
        return next(one.provenance_id for one in (self.model, self.rules) if one is not None)

    def write(self, connection: Connection, batch: Sequence[SampleExtraction]) -> None:
        """Write a batch.

        Without a usable answer of the model, only the reading of the rules is written, if the engine keeps it.
        """
        read = _read_by(connection, [one.sample for one in batch], self.provenance_id)
        new = [one for one in batch if one.sample not in read]
        usable = [one for one in new if one.found.fault is None]
        if self.rules is not None:
            self._write_rules(connection, self.rules, new)
        else:
            forget_rules(connection, [one.sample for one in usable], keep=0)
        if self.model is not None:
            self._write_model(connection, self.model, usable)
        self._flag(connection, new if self.rules is not None else usable)

    def finish(self, connection: Connection) -> None:
        """Set the id counters of the database past the ids that were assigned here."""
        for writer in (self.rules, self.model):
            if writer is not None:
                writer.finish(connection)

    @staticmethod
    def _write_rules(connection: Connection, writer: ReadingWriter, batch: Sequence[SampleExtraction]) -> None:
        """Write the readings that are missing; one that may hold instructions is written again."""
        masked = [one.sample for one in batch if one.found.masked]
        forget_rules(connection, masked, keep=0)
        read = _read_by(connection, [one.sample for one in batch], writer.provenance_id)
        new = [ReadReport(one.sample, one.found.report) for one in batch if one.sample not in read]
        forget_rules(connection, [one.sample for one in new], writer.provenance_id)
        store_reports(connection, writer, new)

    @staticmethod
    def _write_model(connection: Connection, writer: ReadingWriter, batch: Sequence[SampleExtraction]) -> None:
        forget_models(connection, [one.sample for one in batch], writer.provenance_id)
        rows = [row for one in batch for row in label_rows(one.sample, _labels(one.found), writer)]
        insert_new(connection, SampleLabel, rows)
        writer.write(connection, [ReadReport(one.sample, _without_findings(one.found.report)) for one in batch])

    def _flag(self, connection: Connection, batch: Sequence[SampleExtraction]) -> None:
        samples = [one.sample for one in batch]
        connection.execute(delete(Flag).where(Flag.kind == FlagKind.EXTRACTION, Flag.sample_id.in_(samples)))
        rows = [
            {"sample_id": one.sample, "kind": FlagKind.EXTRACTION.value, "detail": detail}
            for one in batch
            for detail in dict.fromkeys(one.found.flags)
        ]
        insert_new(connection, Flag, [{**row, "provenance_id": self.provenance_id} for row in rows])


def forget_models(connection: Connection, samples: Sequence[int], keep: int) -> None:
    """Delete what extraction by other models or versions than the maker `keep` found in `samples`."""
    others = select(Provenance.id).where(
        Provenance.maker == Maker.MODEL, Provenance.detail.startswith(MODEL_DETAIL), Provenance.id != keep
    )
    for table in (Reading, SampleLabel):
        connection.execute(
            delete(table).where(table.sample_id.in_(samples), table.provenance_id.in_(others))
        )  # fmt: skip


def _read_by(connection: Connection, samples: Sequence[int], provenance: int) -> set[int]:
    """Return those of `samples` that a maker has read."""
    query = select(Reading.sample_id).where(Reading.provenance_id == provenance, Reading.sample_id.in_(samples))
    return set(connection.scalars(query))


def _labels(found: Extraction) -> Iterator[Label]:
    for one in found.model:
        yield one.dimension, one.label, one.certainty, one


def _without_findings(report: Report) -> Report:
    """Return the report of a model: the same text, in which it names labels but no findings."""
    return replace(report, findings=(), sections=(), excluded=(), patient=NOT_STATED)
