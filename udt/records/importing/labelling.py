"""Read captions by the normaliser: their labels with the evidence in the text, and their findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, exists, select

from udt.core.executors import Executor
from udt.core.report import Evidence, Report
from udt.io.parallel import normalize_lines
from udt.records.database.bulk import insert_new
from udt.records.database.database import Database
from udt.records.database.finding_models import Reading
from udt.records.database.models import Caption, Case, Certainty, Maker, Provenance, Sample, SampleLabel, Source
from udt.records.readings.rows import ReadReport
from udt.records.readings.writer import ReadingWriter, forget_rules

_BATCH = 2000

Label = tuple[str, str, str, Evidence | None]


def labels_of(report: Report) -> list[Label]:
    """Return (dimension key, label, certainty, evidence or None) of every affirmed or denied label of a report.

    The evidence is the first mention with the certainty of the label.
    """
    found: dict[tuple[str, str, str], Evidence] = {}
    for evidence in report.label_evidence:
        found.setdefault((evidence.dimension, evidence.label, evidence.certainty), evidence)
    affirmed = [
        (key, label, _certainty(report, key, label)) for key, labels in report.labels.items() for label in labels
    ]
    denied = [(key, label, str(Certainty.ABSENT)) for key, labels in report.absent.items() for label in labels]
    return [(*label, found.get(label)) for label in (*affirmed, *denied, *_attributes(report))]


def _attributes(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield (dimension key, label, certainty) of the dimensions without a task, whose certainty is in the evidence."""
    mentions: dict[tuple[str, str], set[str]] = {}
    for evidence in report.label_evidence:
        if evidence.dimension not in report.labels:
            mentions.setdefault((evidence.dimension, evidence.label), set()).add(evidence.certainty)
    for key, labels in report.attributes.items():
        for label in labels:
            hedged = mentions.pop((key, label), set()) - {"absent"} == {"possible"}
            yield key, label, str(Certainty.POSSIBLE if hedged else Certainty.PRESENT)
    for (key, label), certainties in mentions.items():
        if certainties == {"absent"}:
            yield key, label, str(Certainty.ABSENT)


def _certainty(report: Report, key: str, label: str) -> str:
    return str(Certainty.POSSIBLE if label in report.possible[key] else Certainty.PRESENT)


def _encode(report: Report) -> Report:
    return report


def label_captions(
    database: Database,
    source: str,
    writer: ReadingWriter,
    *,
    extensions: Sequence[Path] = (),
    workers: int = 1,
    executor: Executor | None = None,
) -> Iterator[int]:
    """Read every caption of `source` that no model or person labelled, and that `writer` has not read yet.

    What another version of the normaliser found in it is replaced.

    :param writer: writes the readings, for the provenance of the new labels.
    :param executor: reads the captions instead of `workers` processes.
    :returns: number of captions read so far, after each batch.
    """
    captions = _unread(database, source, writer.provenance_id)
    found = normalize_lines(captions, workers=workers, extensions=extensions, encode=_encode, executor=executor)
    done = 0
    while batch := [ReadReport(int(report.id), report) for report in islice(found, _BATCH)]:
        with database.writing() as connection:
            new = _still_unread(connection, batch, writer.provenance_id)
            forget_rules(connection, [one.sample for one in new], writer.provenance_id)
            store_reports(connection, writer, new)
        done += len(batch)
        yield done
    with database.writing() as connection:
        writer.finish(connection)


def _still_unread(connection: Connection, batch: Sequence[ReadReport], provenance: int) -> list[ReadReport]:
    """Leave out the samples that another run of this maker has read since this one fetched their captions."""
    samples = [one.sample for one in batch]
    query = select(Reading.sample_id).where(Reading.provenance_id == provenance, Reading.sample_id.in_(samples))
    read = set(connection.scalars(query))
    return [one for one in batch if one.sample not in read]


def store_reports(connection: Connection, writer: ReadingWriter, batch: Sequence[ReadReport]) -> None:
    """Write the labels and the findings of samples that this maker has not read yet."""
    rows = [row for one in batch for row in label_rows(one.sample, labels_of(one.report), writer)]
    insert_new(connection, SampleLabel, rows)
    writer.write(connection, batch)


def label_rows(sample: int, labels: Iterable[Label], writer: ReadingWriter) -> Iterator[dict[str, Any]]:
    """Yield the row of each label of a sample."""
    for dimension, name, certainty, evidence in labels:
        yield {
            "sample_id": sample,
            "concept_id": writer.concepts[dimension, name],
            "provenance_id": writer.provenance_id,
            "certainty": certainty,
            "evidence_start": evidence.start if evidence else None,
            "evidence_end": evidence.end if evidence else None,
            "evidence_text": evidence.text if evidence else None,
            "cue": evidence.cue if evidence else None,
        }


def _unread(database: Database, source: str, provenance: int) -> Iterator[tuple[str, str]]:
    """Yield (sample id, caption), a page at a time, so that no open reader blocks the writer."""
    of_sample = SampleLabel.sample_id == Sample.id
    others = exists().where(of_sample, SampleLabel.provenance_id == Provenance.id, Provenance.maker != Maker.RULE)
    read = exists().where(Reading.sample_id == Sample.id, Reading.provenance_id == provenance)
    query = (
        select(Sample.id, Caption.text)
        .join(Caption, Sample.caption_id == Caption.id)
        .join(Case, Sample.case_id == Case.id)
        .join(Source)
        .where(Source.name == source, ~others, ~read)
        .order_by(Sample.id)
        .limit(_BATCH)
    )
    last = 0
    while True:
        with database.reading() as connection:
            page = connection.execute(query.where(Sample.id > last)).all()
        if not page:
            return
        yield from ((str(sample), text) for sample, text in page)
        last = page[-1][0]
