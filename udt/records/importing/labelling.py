"""Label captions without labels by the normaliser, with the evidence in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import exists, select

from udt.core.report import Evidence, Report
from udt.io.parallel import normalize_lines
from udt.records.database.bulk import insert_new
from udt.records.database.database import Database
from udt.records.database.models import Caption, Case, Certainty, Sample, SampleLabel, Source

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


def _encode(report: Report) -> tuple[int, list[Label]]:
    return int(report.id), labels_of(report)


def label_captions(
    database: Database,
    source: str,
    provenance_id: int,
    concepts: Mapping[tuple[str, str], int],
    *,
    extensions: Sequence[Path] = (),
    workers: int = 1,
) -> Iterator[int]:
    """Label every sample of `source` that has a caption and no labels.

    :param provenance_id: id of the provenance of the new labels.
    :param concepts: concept ids by dimension key and label.
    :returns: number of labelled captions so far, after each batch.
    """
    found = normalize_lines(_unlabelled(database, source), workers=workers, extensions=extensions, encode=_encode)
    done = 0
    while batch := list(islice(found, _BATCH)):
        rows = [_row(sample, label, provenance_id, concepts) for sample, labels in batch for label in labels]
        with database.writing() as connection:
            insert_new(connection, SampleLabel, rows)
        done += len(batch)
        yield done


def _row(sample: int, label: Label, provenance: int, concepts: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    dimension, name, certainty, evidence = label
    return {
        "sample_id": sample,
        "concept_id": concepts[dimension, name],
        "provenance_id": provenance,
        "certainty": certainty,
        "evidence_start": evidence.start if evidence else None,
        "evidence_end": evidence.end if evidence else None,
        "evidence_text": evidence.text if evidence else None,
        "cue": evidence.cue if evidence else None,
    }


def _unlabelled(database: Database, source: str) -> Iterator[tuple[str, str]]:
    """Yield (sample id, caption), a page at a time, so that no open reader blocks the writer."""
    labelled = exists().where(SampleLabel.sample_id == Sample.id)
    query = (
        select(Sample.id, Caption.text)
        .join(Caption, Sample.caption_id == Caption.id)
        .join(Case, Sample.case_id == Case.id)
        .join(Source)
        .where(Source.name == source, ~labelled)
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
