from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from typing import Any

import jsonschema
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest

from udt.core.errors import DataError
from udt.core.report import Finding, Report
from udt.core.report_schema import report_schema
from udt.io.writers.base import RowsOf, Settings
from udt.io.writers.registry import FORMATS, write_reports
from udt.io.writers.vocabulary import DimensionKeys, LabelIris

NS = "https://w3id.org/udt/ns#"


def written(reports: list[Report], format: str, settings: Settings | None = None) -> bytes:
    handle = io.BytesIO()
    assert write_reports(iter(reports), handle, format, settings) == len(reports)
    return handle.getvalue()


def test_reports_agree_with_the_schema(reports: list[Report], full: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(report_schema())
    validator = jsonschema.Draft202012Validator(report_schema())
    for report in (*reports, full):
        validator.validate(report.to_dict())


def _broken(report: dict[str, Any]) -> list[dict[str, Any]]:
    finding = report["findings"][0]
    return [
        report | {"extra": 1},
        report | {"labels": {**report["labels"], "Colour": []}},
        report | {"labels": {}},
        report | {"attributes": {"severity": "mild"}},
        report | {"text_sha256": "00"},
        report | {"findings": [finding | {"certainty": "maybe"}]},
        report | {"findings": [finding | {"laterality": "up"}]},
        report | {"findings": [finding | {"kind": "wish"}]},
        report | {"findings": [finding | {"concept": {"concept": "finding:cyst", "label": ""}}]},
        report | {"findings": [finding | {"change": "bigger"}]},
        report | {"findings": [{key: value for key, value in finding.items() if key != "same_as"}]},
        report | {"findings": [_with_size(finding, quantity="girth")]},
        report | {"findings": [_with_size(finding, canonical={"values": [1.0], "unit": "inch"})]},
        report | {"language_support": "some"},
        {key: value for key, value in report.items() if key != "absent"},
    ]


def _with_size(finding: dict[str, Any], **changes: object) -> dict[str, Any]:
    return finding | {"measurements": [finding["measurements"][0] | changes]}


def test_the_schema_is_closed(reports: list[Report]) -> None:
    validator = jsonschema.Draft202012Validator(report_schema())
    for broken in _broken(reports[0].to_dict()):
        assert not validator.is_valid(broken)


@pytest.mark.parametrize("format", FORMATS.names())
def test_output_is_deterministic_and_empty_input_gives_a_valid_file(reports: list[Report], format: str) -> None:
    assert written(reports, format) == written(reports, format)
    empty = written([], format)
    if format in {"json", "fhir"}:
        assert json.loads(empty) in ([], {"resourceType": "Bundle", "type": "collection"})
    if format == "parquet":
        assert pq.read_table(io.BytesIO(empty)).num_rows == 0
    if format == "xlsx":
        assert openpyxl.load_workbook(io.BytesIO(empty))["reports"].max_row == 1
    if format == "csv":
        assert empty.startswith(b"id,body_system,organ,") and empty.count(b"\n") == 1


def test_json_and_jsonl_hold_the_reports(reports: list[Report], full: Report) -> None:
    reports = [*reports, full]
    expected = [report.to_dict() for report in reports]
    assert json.loads(written(reports, "json")) == expected
    assert [json.loads(line) for line in written(reports, "jsonl").splitlines()] == expected


def test_parquet_rows_are_the_reports(reports: list[Report], full: Report) -> None:
    many = [full, *reports * 700]
    data = written(many, "parquet")
    assert _rows(data) == [report.to_dict() for report in many]
    assert pq.ParquetFile(io.BytesIO(data)).num_row_groups == 3


def test_parquet_rows_of_findings_are_the_findings(full: Report) -> None:
    rows = pq.read_table(io.BytesIO(written([full], "parquet", Settings(rows="findings")))).to_pylist()
    found = [_finding(row) for row in rows]
    assert [{"id": row.pop("finding_id"), **row} for row in found] == [
        {"report_id": "case 1", "language": "en", "text_sha256": full.text_sha256, **finding}
        for finding in full.to_dict()["findings"]
    ]


def test_parquet_has_numbers_and_maps(full: Report) -> None:
    schema = pq.read_table(io.BytesIO(written([full], "parquet", Settings(rows="findings")))).schema
    assert pa.types.is_map(schema.field("location").type) and pa.types.is_map(schema.field("attributes").type)
    measurement = schema.field("measurements").type.value_type
    assert pa.types.is_floating(measurement.field("canonical").type.field("values").type.value_type)
    assert pa.types.is_integer(schema.field("start").type)


def _rows(data: bytes) -> list[dict[str, Any]]:
    """Read Parquet in the form of JSON."""
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(data)).to_pylist()
    for row in rows:
        row["attributes"] = dict(row["attributes"])
        row["findings"] = [_finding(finding) for finding in row["findings"]]
        row["provenance"] = {name: value for name, value in row["provenance"].items() if value is not None}
    return rows


def _finding(row: dict[str, Any]) -> dict[str, Any]:
    """Return a finding in the form of JSON: maps as objects, and a number as count."""
    count = row["count"]
    maps = {name: dict(row[name]) for name in ("attributes", "location")}
    return {**row, **maps, "count": int(count) if count is not None and count.isdigit() else count}


def test_csv_is_flat(reports: list[Report]) -> None:
    rows = list(csv.DictReader(io.StringIO(written(reports, "csv").decode())))
    assert len(rows[0]) == 1 + 3 * len(DimensionKeys.load().tasks) + 6
    assert rows[0]["id"] == "case 1"
    assert rows[0]["organ"] == "Liver;Kidney and ureter"
    assert rows[0]["possible_diagnosis"] == "cyst"
    assert rows[0]["absent_internal_characteristics"] == "calcifications"
    assert rows[0]["findings"] == ("f1: mass, Liver, left, 23 mm; f2: no cyst; f3: possible cyst, Kidney and ureter")
    assert set(rows[1].values()) == {"ü/2", "", "en", "full"}


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet"])
def test_reports_of_different_taxonomies_are_not_mixed_in_one_table(reports: list[Report], format: str) -> None:
    sets = {name: {**getattr(reports[1], name), "mobility": ()} for name in ("labels", "possible", "absent")}
    with pytest.raises(
        DataError, match=r"report 2 has the dimensions body_system, .*, mobility, but the first one has"
    ):
        written([reports[0], replace(reports[1], **sets)], format)


@pytest.mark.parametrize("rows", ["reports", "findings"])
def test_tables_hold_no_formula_unless_asked(reports: list[Report], rows: RowsOf) -> None:
    named = [replace(reports[0], id="=1+1")]
    for settings, cell in (Settings(rows=rows), "'=1+1"), (Settings(rows=rows, formulas=True), "=1+1"):
        _, *lines = csv.reader(io.StringIO(written(named, "csv", settings).decode()))
        assert {line[0] for line in lines} == {cell}
        _, *cells = openpyxl.load_workbook(io.BytesIO(written(named, "xlsx", settings)))[rows]["A"]
        assert {(one.value, one.data_type) for one in cells} == {(cell, "s")}


PRIVATE = Settings(private=True)
WITH_PRIVATE_FORM = [name for name in FORMATS.names() if name != "explain"]


@pytest.mark.parametrize("format", WITH_PRIVATE_FORM)
def test_private_output_holds_no_word_of_the_text(reports: list[Report], format: str) -> None:
    marked = [_with_words(report, "zebrafinch") for report in reports]
    if format in {"json", "jsonl", "parquet", "ttl", "jsonld", "fhir"}:
        assert b"zebrafinch" in written(marked, format)
    assert b"zebrafinch" not in written(marked, format, PRIVATE)


@pytest.mark.parametrize("rows", ["reports", "findings"])
@pytest.mark.parametrize("format", ["table", "json", "csv", "xlsx", "parquet"])
def test_private_output_of_all_fields_holds_no_word_of_the_text(full: Report, format: str, rows: RowsOf) -> None:
    if rows == "findings" and not FORMATS.load(format).tabular:
        rows = "reports"
    marked = _with_words(full, "zebrafinch")
    assert b"zebrafinch" in _unpacked(written([marked], format, Settings(rows=rows)))
    assert b"zebrafinch" not in _unpacked(written([marked], format, Settings(rows=rows, private=True)))


def _unpacked(data: bytes) -> bytes:
    """Return the members of an archive, and other files as they are."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(map(archive.read, archive.namelist()))


def _with_words(report: Report, word: str) -> Report:
    def marked(finding: Finding) -> Finding:
        return replace(
            finding,
            evidence=tuple(e._replace(text=f"{word}-{n}", cue=word) for n, e in enumerate(finding.evidence)),
            interpretations=tuple(i._replace(text=word, cue=word) for i in finding.interpretations),
            measurements=tuple(m._replace(examination=m.examination and word) for m in finding.measurements),
        )

    excluded = tuple(one._replace(text=word) for one in report.excluded)
    return replace(report, text=word, findings=tuple(map(marked, report.findings)), excluded=excluded)


def test_private_reports_agree_with_the_schema_and_no_others_may_lack_words(reports: list[Report]) -> None:
    validator = jsonschema.Draft202012Validator(report_schema())
    for private in (report.without_text().to_dict() for report in reports):
        validator.validate(private)
    private, public = reports[0].without_text().to_dict(), reports[0].to_dict()
    assert not validator.is_valid(public | {"private": True})
    assert not validator.is_valid({key: value for key, value in private.items() if key != "private"})


def test_private_reports_keep_labels_sizes_and_offsets(reports: list[Report]) -> None:
    for report in reports:
        private = report.without_text()
        assert (private.labels, private.absent, private.text_sha256) == (
            report.labels,
            report.absent,
            report.text_sha256,
        )
        assert [f.measurements for f in private.findings] == [f.measurements for f in report.findings]
        assert [f.concept for f in private.findings] == [f.concept for f in report.findings]
        assert [e[:5] for e in private.evidence] == [e[:5] for e in report.evidence]


def test_private_parquet_rows_are_the_private_reports(reports: list[Report]) -> None:
    rows = _rows(written(reports, "parquet", PRIVATE))
    assert rows == [report.without_text().to_dict() for report in reports]


def test_an_explanation_has_no_private_form(reports: list[Report]) -> None:
    with pytest.raises(DataError, match="'explain' shows the text itself"):
        written(reports, "explain", PRIVATE)


def _select(data: bytes, variables: str, where: str) -> set[tuple[str, ...]]:
    store = ox.Store()
    store.load(data, format=ox.RdfFormat.TURTLE)
    prefixes = f"PREFIX ns: <{NS}> PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX qudt: <http://qudt.org/schema/qudt/>"
    solutions = store.query(f"{prefixes} SELECT {variables} WHERE {{ {where} }}")
    assert isinstance(solutions, ox.QuerySolutions)
    return {tuple(str(term.value).rpartition("/")[2] for term in row) for row in solutions}


WITH_BASE = Settings(base_iri="https://example.org/")


def test_turtle_keeps_present_possible_and_denied_apart(reports: list[Report]) -> None:
    data = written(reports, "ttl", WITH_BASE)
    assert _select(data, "?r ?id", "?r a ns:LabelledRecord ; ns:caseId ?id") == {
        ("case%201", "case 1"),
        ("%C3%BC%2F2", "2"),
        (f"sha256-{reports[2].text_sha256}",) * 2,
    }
    assert _select(data, "?c ?d", "[] a ns:Finding ; ns:hasCertainty ?c ; ns:diagnosis ?d") == {
        ("ns#Present", "diagnosis.mass"),
        ("ns#Possible", "diagnosis.cyst"),
        ("ns#Possible", "diagnosis.mass"),
    }
    assert _select(data, "?f ?d", "[] ns:deniesFinding ?f . ?f a ns:DeniedFinding ; ns:internalCharacteristics ?d") == {
        ("case%201#f1-denied", "internal.calcifications")
    }
    assert _select(data, "?r ?d", "?r ns:deniesFinding [ ns:diagnosis ?d ]") == {("case%201", "diagnosis.cyst")}
    assert not _select(data, "?r", "?r a ns:LabelledRecord ; ns:internalCharacteristics ?d")


def test_turtle_has_evidence_and_lengths(reports: list[Report]) -> None:
    data = written(reports, "ttl", WITH_BASE)
    spans = _select(
        data,
        "?start ?end ?text ?cue",
        "[] ns:evidence [ ns:cue ?cue ; oa:hasTarget/oa:hasSelector [ oa:start ?start ; oa:end ?end ] , "
        "[ oa:exact ?text ] ]",
    )
    start = reports[0].text.index("calcifications")
    assert (str(start), str(start + 14), "calcifications", "without") in spans
    where = "?f ns:laterality ?side ; ns:measurement/qudt:quantityValue/qudt:numericValue ?mm"
    assert _select(data, "?f ?side ?mm", where) == {("case%201#f1", "left", "23")}


def test_turtle_escapes_any_text(reports: list[Report]) -> None:
    nasty = 'a"\\\n\r\t\x00\x7f\U0001f600'
    findings = tuple(
        replace(f, evidence=tuple(e._replace(text=nasty) for e in f.evidence)) for f in reports[0].findings
    )
    for settings in Settings(), WITH_BASE:
        data = written([replace(reports[0], id=nasty, findings=findings)], "ttl", settings)
        assert (nasty,) in _select(data, "?t", "[] oa:exact ?t")
        assert len(_select(data, "?r", "?r a ns:LabelledRecord")) == 1


def _resources(reports: list[Report]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    bundle = json.loads(written(reports, "fhir"))
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    for entry in bundle["entry"]:
        assert entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}"
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(bundle["entry"])
    resources = [entry["resource"] for entry in bundle["entry"]]
    kinds = ("DiagnosticReport", "Observation")
    return tuple([r for r in resources if r["resourceType"] == kind] for kind in kinds)  # type: ignore[return-value]


def _code(concept: dict[str, Any]) -> str:
    return str(concept["coding"][0]["code"])


def _nothing_empty(value: object) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(map(_nothing_empty, value.values()))
    if isinstance(value, list):
        return bool(value) and all(map(_nothing_empty, value))
    return value is not None and value != ""


def test_fhir_resources_have_what_r4_requires(reports: list[Report]) -> None:
    documents, observations = _resources(reports)
    assert len(documents) == 3 and len(observations) == 4
    identifiers = {f"urn:uuid:{o['id']}" for o in observations}
    for resource in [*documents, *observations]:
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"])
        assert resource["status"] == "preliminary"
        assert _code(resource["code"])
        assert _nothing_empty(resource)
    assert {r["reference"] for d in documents for r in d.get("result", [])} == identifiers
    assert "result" not in documents[1]
    for observation in observations:
        assert sum(key.startswith("value") for key in observation) == 1
        for component in observation.get("component", []):
            assert set(component) in ({"code", "valueCodeableConcept"}, {"code", "extension", "valueQuantity"})
            assert _code(component["code"]) != _code(observation["code"])


def test_fhir_keeps_present_possible_and_absent_apart(reports: list[Report]) -> None:
    _, (mass, no_cyst, kidney, maybe) = _resources(reports)
    contexts = [_code(o["valueCodeableConcept"]) for o in (mass, no_cyst, kidney, maybe)]
    assert contexts == ["410515003", "410516002", "410590009", "410590009"]
    assert mass["bodySite"]["coding"][0] == {"system": "https://w3id.org/udt/uhat", "code": "liver", "display": "Liver"}
    values = [
        (_code(c["code"]), _code(c["valueCodeableConcept"])) for c in mass["component"] if "valueQuantity" not in c
    ]
    assert ("echogenicity", "echogenicity.hypoechoic") in values
    assert ("internal.calcifications", "410516002") in values
    assert ("272741003", "7771000") in values
    assert not any(value == "internal.calcifications" for _, value in values)
    lengths = [c["valueQuantity"] for c in mass["component"] if "valueQuantity" in c]
    assert lengths == [{"value": 23.0, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm"}]
    assert "bodySite" not in no_cyst


def test_an_unknown_label_is_named_with_its_dimension(reports: list[Report]) -> None:
    with pytest.raises(DataError, match="the taxonomy has no label 'square' in dimension 'shape'"):
        LabelIris.load().iri("shape", "square")


def test_an_unknown_format_lists_the_known_ones(reports: list[Report]) -> None:
    with pytest.raises(DataError, match="there is no output format 'xml'; allowed: table, explain, json"):
        write_reports(reports, io.BytesIO(), "xml")
