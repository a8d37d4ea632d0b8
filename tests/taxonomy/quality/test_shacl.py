from __future__ import annotations

import pyshacl
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from tests.taxonomy.conftest import HEADER
from udt.core.report import SCHEMA
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.shacl import Violation, record_graph, report_graph, self_test, shapes, validate

RECORD = "https://w3id.org/udt/record/"
LIVER = {"body_system": ["Abdomen and retroperitoneum"], "organ": ["Liver"]}


def _violations(taxonomy: Taxonomy, labels: dict[str, list[str]], case: str = "c1") -> list[Violation]:
    return validate(record_graph([(case, labels)], taxonomy), taxonomy)


def test_shapes_are_valid_shacl(taxonomy: Taxonomy) -> None:
    assert pyshacl.validate(Graph(), shacl_graph=shapes(taxonomy), meta_shacl=True)[0]


def test_published_shapes_are_those_of_the_built_in_taxonomy(taxonomy: Taxonomy) -> None:
    published = Graph()
    for path in "schema/shapes.ttl", "generated/dimension-shapes.ttl":
        published.parse(ontology_folder() / path, format="turtle")
    assert isomorphic(published, shapes(taxonomy))


def test_shapes_fit_the_taxonomy(taxonomy: Taxonomy) -> None:
    assert list(self_test(taxonomy)) == []


@pytest.mark.parametrize(
    "labels",
    [{}, LIVER, {"body_system": ["Gynaecology"]}, {**LIVER, "shape": ["round", "oval"], "echogenicity": ["anechoic"]}],
    ids=["no label", "organ with system", "system alone", "several values"],
)
def test_sound_records_conform(taxonomy: Taxonomy, labels: dict[str, list[str]]) -> None:
    assert _violations(taxonomy, labels) == []


@pytest.mark.parametrize(
    ("labels", "path", "value", "message"),
    [
        ({"shape": ["squarish"]}, "ns:shape", "squarish", "has to be one of the dimension 'Shape' of the taxonomy"),
        ({"organ": ["Liver"]}, "", "uhat:liver", "needs its body system"),
        ({"colour": ["red"]}, "ns:colour", "red", "no other properties"),
    ],
    ids=["unknown value", "organ without system", "unknown dimension"],
)
def test_faulty_records_are_reported(
    taxonomy: Taxonomy, labels: dict[str, list[str]], path: str, value: str, message: str
) -> None:
    (found,) = _violations(taxonomy, labels)
    assert (found.focus, found.path, found.value) == (RECORD + "c1", path, value)
    assert message in found.message


def test_a_value_of_another_dimension_is_refused(taxonomy: Taxonomy) -> None:
    data = Graph().parse(
        data=f'{HEADER}ex:r a ns:LabelledRecord ; ns:caseId "1" ; ns:shape udaf:margins.well-defined .'
    )
    (found,) = validate(data, taxonomy)
    assert (found.path, found.value) == ("ns:shape", "udaf:margins.well-defined")


def test_a_record_needs_one_case_id(taxonomy: Taxonomy) -> None:
    (none,) = _violations(taxonomy, LIVER, case="")
    assert (none.path, none.message) == ("ns:caseId", "A record needs exactly one ns:caseId, a non-empty string.")
    data = Graph().parse(data=f'{HEADER}ex:r a ns:LabelledRecord ; ns:caseId "1" , "2" .')
    assert [violation.path for violation in validate(data, taxonomy)] == ["ns:caseId"]


def test_a_denied_label_is_no_finding(taxonomy: Taxonomy) -> None:
    data = f"""{HEADER}ex:r a ns:LabelledRecord ; ns:caseId "1" ; ns:hasFinding ex:f ; ns:deniesFinding ex:d .
    ex:f a ns:Finding ; ns:hasCertainty ns:Absent . ex:d a ns:DeniedFinding ; ns:hasCertainty ns:Possible ."""
    found = validate(Graph().parse(data=data), taxonomy)
    assert [(violation.focus, violation.path) for violation in found] == [
        ("https://example.org/d", "ns:hasCertainty"),
        ("https://example.org/f", "ns:hasCertainty"),
    ]


def test_a_report_is_validated_by_its_label_sets(taxonomy: Taxonomy) -> None:
    report = {"schema": SCHEMA, "id": "a/b", "labels": {**LIVER, "margins": []}}
    graph = report_graph([report], taxonomy)
    assert f"<{RECORD}a%2Fb>" in graph.serialize(format="nt")
    assert validate(graph, taxonomy) == []
