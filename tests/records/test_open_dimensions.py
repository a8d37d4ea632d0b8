"""Further dimensions of one Turtle file, from text through every writer, the database and RDF to SPARQL."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, select

from tests.open_dimensions import TEXTS, write_extension
from tests.records.conftest import jsonl
from udt.cli.main import main
from udt.core.errors import DataError
from udt.core.report_schema import report_faults, report_schema
from udt.corpus.samples import samples
from udt.graphkit.read.reports import reports_in
from udt.io.writers.base import Settings
from udt.io.writers.registry import write_reports
from udt.normalize.normalizer import Normalizer
from udt.records.database.database import Database
from udt.records.database.models import ConceptRow, Role, SampleLabel
from udt.taxonomy.model.taxonomy import Taxonomy

UDAF = "https://w3id.org/udt/udaf/"
TASKS = ("breathing_phase", "mobility")


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_extension(tmp_path_factory.mktemp("extension"))


@pytest.fixture(scope="module")
def extended(extension: Path) -> Taxonomy:
    return Taxonomy.load(extension)


def udt(*arguments: object) -> str:
    done = CliRunner().invoke(main, [*map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def outputs(extension: Path) -> dict[str, bytes]:
    """The texts in every format."""
    reports = list(Normalizer([extension]).normalize_many((name, text) for name, text in TEXTS.items()))
    found = {}
    for name in ("table", "explain", "json", "jsonl", "csv", "parquet", "ttl", "fhir"):
        handle = io.BytesIO()
        write_reports(reports, handle, name, Settings((extension,)))
        found[name] = handle.getvalue()
    return found


def test_the_command_writes_the_dimensions(extension: Path, outputs: dict[str, bytes], tmp_path: Path) -> None:
    texts = jsonl(tmp_path / "texts.jsonl", [{"id": name, "text": text} for name, text in TEXTS.items()])
    assert udt("normalize", texts, "--format", "csv", "--taxonomy", extension).encode() == outputs["csv"]


def test_dimensions_are_ordered_by_task(extended: Taxonomy) -> None:
    assert extended.vocabulary.keys[-2:] == TASKS
    assert [dimension.task for dimension in extended.tasks][-2:] == [10, 12]
    assert set(TASKS).isdisjoint(d.key for d in extended.dimensions[len(extended.tasks) :])


def test_json_has_the_tasks_and_the_attributes(outputs: dict[str, bytes], extended: Taxonomy) -> None:
    reports = json.loads(outputs["json"])
    assert [json.loads(line) for line in outputs["jsonl"].splitlines()] == reports
    validators = [
        jsonschema.Draft202012Validator(schema) for schema in (report_schema(), report_schema(extended.full_vocabulary))
    ]
    for report in reports:
        for validator in validators:
            validator.validate(report)
    first, second, _ = reports
    assert (first["labels"]["mobility"], first["labels"]["breathing_phase"]) == (["mobile"], ["inspiration"])
    assert second["labels"]["breathing_phase"] == ["expiration"]
    assert second["absent"]["breathing_phase"] == ["inspiration"]
    assert second["attributes"] == {"severity": ["mild"]}
    assert any(finding["attributes"] == {"severity": ["mild"]} for finding in second["findings"])


def test_the_schema_of_the_built_in_taxonomy_refuses_the_reports(outputs: dict[str, bytes]) -> None:
    (report, *_) = json.loads(outputs["json"])
    faults = list(report_faults(report, Taxonomy.load().full_vocabulary))
    assert "'labels' has the unknown field 'breathing_phase'" in faults


def test_reports_are_read_back(outputs: dict[str, bytes]) -> None:
    read = reports_in(outputs["jsonl"].decode(), "here")
    assert [report.to_dict() for report in read] == json.loads(outputs["json"])


def test_csv_has_columns_of_the_tasks(outputs: dict[str, bytes]) -> None:
    first, second, third = csv.DictReader(io.StringIO(outputs["csv"].decode()))
    assert (first["mobility"], first["breathing_phase"], first["attributes"]) == ("mobile", "inspiration", "")
    assert (second["absent_breathing_phase"], second["attributes"]) == ("inspiration", "severity=mild")
    assert (third["mobility"], third["possible_mobility"], third["absent_mobility"]) == ("", "", "")


def test_parquet_has_a_struct_of_tasks_and_a_map_of_attributes(outputs: dict[str, bytes]) -> None:
    table = pq.read_table(io.BytesIO(outputs["parquet"]))
    first, second, _ = table.to_pylist()
    assert first["labels"]["mobility"] == ["mobile"]
    assert second["attributes"] == [("severity", ["mild"])]
    assert [finding["attributes"] for finding in second["findings"] if finding["attributes"]] == [
        [("severity", ["mild"])]
    ]


def test_terminal_formats_show_tasks_and_attributes(outputs: dict[str, bytes]) -> None:
    shown = outputs["table"].decode()
    for words in ("mobility mobile", "severity mild", "breathing phase"):
        assert words in shown
    explained = " ".join(outputs["explain"].decode().split())
    for words in ("[mobile|mobility: mobile]", "[mild|severity: mild]", "[inspiration|–breathing_phase: inspiration]"):
        assert words in explained


def test_turtle_agrees_with_the_generated_shapes(outputs: dict[str, bytes], extended: Taxonomy) -> None:
    from rdflib import Graph, URIRef

    from udt.taxonomy.quality.shacl import validate

    graph = Graph().parse(data=outputs["ttl"], format="turtle")
    assert validate(graph, extended) == []
    paths = {str(path).rpartition("#")[2] for path in graph.predicates()}
    assert paths >= {"breathingPhase", "mobility", "severity"}
    wrong = URIRef("https://w3id.org/udt/udaf/shape.oval")
    record = next(graph.subjects(URIRef("https://w3id.org/udt/ns#caseId")))
    graph.add((record, URIRef("https://w3id.org/udt/ns#breathingPhase"), wrong))
    (violation,) = validate(graph, extended)
    assert (violation.path, violation.value) == ("ns:breathingPhase", "udaf:shape.oval")


def test_fhir_has_components_of_tasks_and_attributes(outputs: dict[str, bytes]) -> None:
    components = [
        (component["code"].get("text"), component["valueCodeableConcept"]["text"])
        for entry in json.loads(outputs["fhir"])["entry"]
        for component in entry["resource"].get("component", [])
        if "text" in component.get("valueCodeableConcept", {})
    ]
    assert {("breathing phase", "inspiration"), ("mobility", "mobile"), ("severity", "mild")} <= set(components)


@pytest.mark.slow
def test_the_audit_has_no_error(extension: Path) -> None:
    assert "in all 0 errors and 0 warnings" in udt("taxonomy", "check", "--no-reasoner", "--taxonomy", extension)


ROWS: list[dict[str, Any]] = [
    *({"case": name, "image": f"{name}.png", "caption": text} for name, text in TEXTS.items()),
    {
        "case": "d",
        "image": "d.png",
        "caption": "A caption with labels.",
        "body_system": ["Abdomen and retroperitoneum"],
        "organ": ["Liver"],
        "breathing_phase": ["expiration", "apnoea"],
        "degree": "severe",
    },
]


def test_records_take_the_dimensions(url: str, extension: Path, extended: Taxonomy, tmp_path: Path) -> None:
    options = ("--db", url, "--taxonomy", extension)
    path = jsonl(tmp_path / "set.jsonl", ROWS)
    outcome = udt("data", "import", path, *options, "--normalize", "--map", "degree=severity")
    assert "1 × apnoea (breathing_phase)" in outcome
    with Database.open(url) as database, database.reading() as connection:
        _check_labels(connection)
        _check_samples(connection, extended)
    problems = json.loads(udt("data", "validate", *options, "--json"))["problems"]
    assert {problem["check"] for problem in problems} == {"unmapped label", "image not read"}
    numbers = json.loads(udt("data", "stats", "--db", url, "--json"))
    assert numbers["findings"]["breathing_phase: expiration"] == 2
    assert numbers["findings"]["severity: mild"] == 1
    assert numbers["organs"] == {"Gallbladder and bile ducts": 1, "Kidney and ureter": 1, "Liver": 2}
    udt("data", "split", "--db", url)
    udt("data", "to-rdf", "--db", url, "--store", tmp_path / "store", "--taxonomy", extension)
    _check_store(tmp_path / "store", extension)


def _check_labels(connection: Connection) -> None:
    """The labels of all dimensions are there, from captions and from columns, denied ones too."""
    labels = select(SampleLabel.sample_id, ConceptRow.dimension, ConceptRow.label, SampleLabel.certainty)
    rows = connection.execute(labels.join(ConceptRow, ConceptRow.id == SampleLabel.concept_id))
    assert {(sample, dimension, label, str(certainty)) for sample, dimension, label, certainty in rows} >= {
        (1, "mobility", "mobile", "present"),
        (1, "breathing_phase", "inspiration", "present"),
        (2, "breathing_phase", "expiration", "present"),
        (2, "breathing_phase", "inspiration", "absent"),
        (2, "severity", "mild", "present"),
        (3, "internal_characteristics", "calcifications", "absent"),
        (4, "breathing_phase", "expiration", "present"),
        (4, "severity", "severe", "present"),
    }
    concepts = connection.execute(select(ConceptRow.dimension, ConceptRow.task, ConceptRow.role).distinct())
    by_key = {dimension: (task, role) for dimension, task, role in concepts}
    assert by_key["breathing_phase"] == (10, Role.ATTRIBUTE)
    assert by_key["mobility"] == (12, Role.ATTRIBUTE)
    assert by_key["severity"] == (None, Role.ATTRIBUTE)
    assert by_key["organ"] == (2, Role.PLACE)


def _check_samples(connection: Connection, taxonomy: Taxonomy) -> None:
    """Labels of dimensions without a task are left out where the vocabulary is of tasks; unknown ones are refused."""
    for vocabulary, severity in (taxonomy.vocabulary, None), (taxonomy.full_vocabulary, ("mild",)):
        first, second, *_ = (row.labels.named(vocabulary) for row in samples(connection, vocabulary))
        assert (first["breathing_phase"], first["mobility"]) == (("inspiration",), ("mobile",))
        assert second.get("severity") == severity
    with pytest.raises(DataError, match=r"has the label .*breathing-phase.*, which the taxonomy in use"):
        list(samples(connection, Taxonomy.load().vocabulary))


def _check_store(store: Path, extension: Path) -> None:
    query = (
        "SELECT ?v (COUNT(?r) AS ?n) { ?g a ns:Source . GRAPH ?g { ?r ns:breathingPhase ?v } } GROUP BY ?v ORDER BY ?v"
    )
    rows = list(csv.reader(io.StringIO(udt("query", query, "--store", store, "--format", "csv"))))
    assert rows == [["v", "n"], [f"{UDAF}breathing-phase.expiration", "2"], [f"{UDAF}breathing-phase.inspiration", "1"]]
    counts = udt(
        *("query", "--preset", "labels-by-source", "--param", "dimension=breathing_phase"),
        *("--store", store, "--taxonomy", extension, "--format", "csv"),
    )
    assert f"{UDAF}breathing-phase.expiration" in counts
    attributes = udt(
        *("query", "--preset", "attributes-of", "--param", "organ=Kidney and ureter", "--param", "diagnosis=mass"),
        *("--store", store, "--taxonomy", extension, "--format", "csv"),
    )
    assert {line.split(",")[0] for line in attributes.splitlines()[1:]} >= {
        f"{UDAF}breathing-phase.expiration",
        f"{UDAF}severity.mild",
    }
    denied = "SELECT ?v { ?s ns:deniedGraph ?g . GRAPH ?g { ?d ns:breathingPhase ?v } }"
    assert f"{UDAF}breathing-phase.inspiration" in udt("query", denied, "--store", store, "--format", "csv")
