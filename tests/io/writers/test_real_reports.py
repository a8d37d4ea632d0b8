"""The writers on reports of the real normaliser, with the real taxonomy."""

from __future__ import annotations

import io
import json

import jsonschema
import pytest

from udt import Normalizer
from udt.core.report import Report
from udt.core.report_schema import report_schema
from udt.io.writers.registry import FORMATS, write_reports
from udt.io.writers.vocabulary import DimensionKeys
from udt.taxonomy.model.taxonomy import Taxonomy

TEXTS = (
    "FINDINGS: Liver: hypoechoic nodule with ill-defined margins, 2.3 x 1.1 cm, possibly calcified, no septations. "
    "No ascites. Right kidney: simple cyst of 15 mm with posterior enhancement.",
    "Thyroid ultrasound of a 5-year-old girl shows a mass with no flow; cannot exclude lymphoma.",
    "",
)


@pytest.fixture(autouse=True)
def fake() -> None:
    """Use the real normaliser here."""


@pytest.fixture(scope="module")
def real() -> list[Report]:
    return list(Normalizer().normalize_many(TEXTS))


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return Taxonomy.load()


def _written(reports: list[Report], format: str) -> bytes:
    handle = io.BytesIO()
    write_reports(reports, handle, format)
    return handle.getvalue()


def test_the_keys_are_those_of_the_taxonomy(taxonomy: Taxonomy) -> None:
    keys = DimensionKeys.load()
    assert keys.tasks == taxonomy.vocabulary.keys
    assert keys.all == taxonomy.full_vocabulary.keys
    assert keys.places == taxonomy.full_vocabulary.keys_of("place")


def test_real_reports_agree_with_the_schema(real: list[Report]) -> None:
    for schema in report_schema(), report_schema(Taxonomy.load().full_vocabulary):
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for report in real:
            validator.validate(report.to_dict())


@pytest.mark.parametrize("format", FORMATS.names())
def test_every_format_takes_real_reports(real: list[Report], format: str) -> None:
    assert _written(real, format)


def test_turtle_agrees_with_the_shapes(real: list[Report], taxonomy: Taxonomy) -> None:
    from rdflib import Graph

    from udt.taxonomy.quality.shacl import validate

    graph = Graph().parse(data=_written(real, "ttl"), format="turtle")
    assert validate(graph, taxonomy) == []


def test_fhir_holds_the_labels_of_the_report(real: list[Report]) -> None:
    bundle = json.loads(_written(real[:1], "fhir"))
    values = {
        component["valueCodeableConcept"]["text"]
        for entry in bundle["entry"][1:]
        for component in entry["resource"].get("component", [])
        if "text" in component.get("valueCodeableConcept", {})
    }
    assert values >= {
        "Liver",
        "nodule",
        "hypoechoic",
        "ill-defined/indistinct",
        "Kidney and ureter",
        "cyst",
        "enhancement",
    }
