from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from udt.core.errors import DataError, UnknownConceptError
from udt.graphkit.draw.findings import report_diagram
from udt.graphkit.nodes import NodeSpace

pytest.importorskip("sqlalchemy")

from udt.graphkit.read.records import report_of_sample
from udt.records.database.concepts import sync_concepts
from udt.records.database.database import Database
from udt.records.database.models import Caption, Case, Certainty, Maker, Provenance, Sample, SampleLabel, Source

TEXT = "Liver: probably a mass, no cyst."


@pytest.fixture
def place(tmp_path: Path, space: NodeSpace) -> str:
    """A database of one sample: a rule read its caption, and a person took back one label and added another."""
    file = str(tmp_path / "records.db")
    with Database.open(file, create=True) as database, database.session() as session:
        ids = sync_concepts(session.connection(), space.vocabulary)
        rule, human = Provenance(maker=Maker.RULE, detail="udt"), Provenance(maker=Maker.HUMAN, detail="reader 1")
        caption = Caption(text=TEXT, sha256=hashlib.sha256(TEXT.encode()).hexdigest())
        session.add_all([rule, human, caption])
        sample = Sample(case=Case(key="case 4", source=Source(name="made up")), caption=caption, digest="0" * 64)
        session.add(sample)
        session.flush()
        label = labeller(sample.id, ids, space)
        rows = [
            label("organ", "Liver", rule, Certainty.PRESENT, "Liver"),
            label("diagnosis", "mass", rule, Certainty.POSSIBLE, "mass", "probably"),
            label("diagnosis", "cyst", rule, Certainty.ABSENT, "cyst", "no"),
            label("shape", "oval", rule, Certainty.PRESENT),
            label("shape", "oval", human, Certainty.ABSENT),
            label("echogenicity", "hypoechoic", human, Certainty.PRESENT),
        ]
        session.add_all(rows)
    return file


def labeller(sample: int, ids: tuple[tuple[int, ...], ...], space: NodeSpace) -> Callable[..., SampleLabel]:
    def label(
        dimension: str,
        name: str,
        by: Provenance,
        certainty: Certainty,
        words: str | None = None,
        cue: str | None = None,
    ) -> SampleLabel:
        start = None if words is None else TEXT.index(words)
        return SampleLabel(
            sample_id=sample,
            concept_id=ids[space.vocabulary.keys.index(dimension)][space.vocabulary[dimension].id(name)],
            provenance_id=by.id,
            certainty=certainty,
            evidence_start=start,
            evidence_end=None if start is None else start + len(words or ""),
            evidence_text=words,
            cue=cue,
        )

    return label


def test_a_sample_as_a_report(place: str, space: NodeSpace) -> None:
    report = report_of_sample(place, 1, space.vocabulary)
    assert (report.id, report.text) == ("case 4 · sample 1", TEXT)
    labels = {key: values for key, values in report.labels.items() if values}
    assert labels == {"organ": ("Liver",), "diagnosis": ("mass",), "echogenicity": ("hypoechoic",)}
    assert report.possible["diagnosis"] == ("mass",)
    assert (report.absent["diagnosis"], report.absent["shape"]) == (("cyst",), ("oval",))
    assert all(report.text[e.start : e.end] == e.text for e in report.evidence)
    assert {e.reason for e in report.evidence} == {"rule: udt", "human: reader 1"}


def test_its_diagram(place: str, space: NodeSpace) -> None:
    diagram = report_diagram(report_of_sample(place, 1, space.vocabulary), space.vocabulary)
    assert {item.label: item.certainty for item in diagram.items if item.kind not in {"finding", "body system"}} == {
        "Liver": "present",
        "mass": "possible",
        "cyst": "absent",
        "oval": "absent",
        "hypoechoic": "present",
    }


def test_no_such_sample_or_database(place: str, space: NodeSpace, tmp_path: Path) -> None:
    with pytest.raises(UnknownConceptError, match="has no sample 7"):
        report_of_sample(place, 7, space.vocabulary)
    with pytest.raises(DataError, match="there is no such database"):
        report_of_sample(str(tmp_path / "none.db"), 1, space.vocabulary)
