"""The writers on reports of the real normaliser, with the real taxonomy."""

from __future__ import annotations

import io
import json

import jsonschema
import pytest

from udt import Normalizer
from udt.core.report import Report
from udt.core.report_schema import dimension_keys, report_schema
from udt.io.writers.registry import FORMATS, write_reports
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


def test_the_schema_has_the_dimensions_of_the_taxonomy(taxonomy: Taxonomy) -> None:
    assert dimension_keys() == tuple(dimension.key for dimension in taxonomy.dimensions)


def test_real_reports_agree_with_the_schema(real: list[Report]) -> None:
    validator = jsonschema.Draft202012Validator(report_schema())
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
