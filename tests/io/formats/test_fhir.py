"""Resources of FHIR: texts of reports, references, and the Bundle that `--format fhir` writes."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.io.conftest import FakeNormalizer
from udt.io.formats.fhir import fhir_texts, no_report
from udt.io.items import TextItem, TextSource
from udt.io.readers import read_texts
from udt.io.rows import Skipped
from udt.io.writers.base import Settings
from udt.io.writers.registry import write_reports

Json = dict[str, Any]


def report(**fields: object) -> Json:
    return {"resourceType": "DiagnosticReport", "id": "d1", "status": "final", **fields}


def observation(id: str, **fields: object) -> Json:
    return {"resourceType": "Observation", "id": id, "status": "final", **fields}


def bundle(*resources: Json) -> Json:
    entries = [{"fullUrl": f"urn:uuid:{n}", "resource": one} for n, one in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def form(text: str | bytes, media_type: str) -> Json:
    data = text.encode() if isinstance(text, str) else text
    return {"contentType": media_type, "data": base64.b64encode(data).decode()}


def read(*resources: Json) -> list[TextItem | Skipped]:
    return list(fhir_texts([("a.json", one) for one in resources]))


def text_of(resource: Json) -> str:
    (found,) = read(resource)
    assert isinstance(found, TextItem), found
    return found.text


def div(html: str, status: str = "generated") -> Json:
    return {"status": status, "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{html}</div>'}


RTF = r"{\rtf1\ansi Liver: Gr\'f6\'dfe normal.\par No cyst.}"


@pytest.mark.parametrize(
    ("forms", "text"),
    [
        ([form("Liver: Größe normal.", "text/plain")], "Liver: Größe normal."),
        ([form("Größe".encode("latin-1"), "text/plain; charset=ISO-8859-1")], "Größe"),
        ([form("<p>Liver</p><p>Cyst</p>", "text/html")], "Liver\n\nCyst"),
        ([form(RTF, "application/rtf")], "Liver: Größe normal.\nNo cyst."),
        ([form(RTF, "text/rtf"), form("plain", "text/plain")], "plain"),
        ([form(b"\xff\xd8", "image/jpeg"), form("plain", "text/plain")], "plain"),
        ([form(b"%PDF-1.7 damaged", "application/pdf"), form(RTF, "text/rtf")], "Liver: Größe normal.\nNo cyst."),
    ],
)
def test_the_presented_form(forms: list[Json], text: str) -> None:
    assert text_of(report(presentedForm=forms)) == text


def test_a_conclusion_follows_the_text_that_lacks_it() -> None:
    plain = form("Liver: simple cyst of 2 cm. No abscess of the kidney.", "text/plain")
    assert text_of(report(presentedForm=[plain], conclusion="Abscess of the kidney.")).endswith(
        "\n\nConclusion: Abscess of the kidney."
    )
    whole = form("Liver: cyst.\nCONCLUSION:\nSimple cyst of the left\nlobe of the liver.", "text/plain")
    text = text_of(report(presentedForm=[whole], conclusion="Simple cyst of the left lobe of the liver."))
    assert text.count("cyst of the left") == 1
    assert text_of(report(conclusion="Cyst.")) == "Conclusion: Cyst."
    assert text_of(report(conclusion="Conclusion: Cyst.")) == "Conclusion: Cyst."


def test_the_narrative_and_the_results() -> None:
    narrative = div("<p>Liver: normal.</p><table><tr><td>Spleen</td><td>no cyst</td></tr></table>")
    assert text_of(report(text=narrative)) == "Liver: normal.\n\nSpleen\tno cyst"
    results = [{"reference": "Observation/o1"}, {"reference": "urn:uuid:2"}, {"reference": "#c"}]
    contained = observation("c", code={"coding": [{"display": "Impression"}]}, valueString="Benign.\nStable.")
    first = observation("o1", code={"text": "Findings"}, valueString="Renal cyst.", note=[{"text": "Seen twice."}])
    second = observation("o2", code={"text": "Spleen"}, component=[{"code": {"text": "Size"}, "valueString": "normal"}])
    data = bundle(report(result=results, contained=[contained]), first, second)
    assert text_of(data) == (
        "Findings:\nRenal cyst.\nSeen twice.\n\nSpleen: Size: normal\n\nImpression:\nBenign.\nStable."
    )


def test_members_are_read_once_even_in_a_circle() -> None:
    one = observation("a", valueString="Liver.", hasMember=[{"reference": "Observation/b"}] * 9)
    other = observation("b", valueString="Spleen.", hasMember=[{"reference": "Observation/a"}])
    assert text_of(bundle(report(result=[{"reference": "Observation/a"}]), one, other)) == "Liver.\n\nSpleen."


def test_observations_without_a_report_are_texts() -> None:
    assert read(bundle(observation("a", valueString="Liver."), observation("b", valueString="Spleen."))) == [
        ("a", "Liver."), ("b", "Spleen."),
    ]  # fmt: skip
    weight = observation("w", valueQuantity={"value": 70})
    assert read(bundle(report(conclusion="Cyst."), weight)) == [("d1", "Conclusion: Cyst.")]


def test_a_composition_is_read_without_a_report() -> None:
    sections = [
        {"title": "Findings", "text": div("Liver: cyst."), "section": [{"title": "Spleen", "text": div("normal")}]},
        {"title": "Impression", "text": div("Benign.")},
    ]
    composition = {"resourceType": "Composition", "id": "c", "section": sections}
    assert read(bundle(composition)) == [("c", "Findings: Liver: cyst.\n\nSpleen: normal\n\nImpression: Benign.")]
    assert read(bundle(composition, report(conclusion="Cyst."))) == [("d1", "Conclusion: Cyst.")]


def test_a_document_reference_and_a_binary() -> None:
    binary = {"resourceType": "Binary", "id": "b", **form("Liver.", "text/plain")}
    content = [{"attachment": {"contentType": "text/plain", "url": "http://host/fhir/Binary/b/_history/1"}}]
    reference = {"resourceType": "DocumentReference", "id": "r", "content": content}
    assert read(bundle(reference, binary)) == [("r", "Liver.")]
    (fault,) = read(reference)
    assert "has a form that is only a link, which is not followed" in str(fault)


def test_data_of_the_patient() -> None:
    patient = {
        "resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1970-01",
        "identifier": [{"system": "urn:ward", "value": "4711"}],
    }  # fmt: skip
    one = report(conclusion="Cyst.", subject={"reference": "Patient/p"}, effectiveDateTime="2026-03-01")
    (item,) = read(bundle(patient, one))
    assert isinstance(item, TextItem)
    assert item.source == TextSource("Patient/p", "4711", "urn:ward", "2026-03-01", "male", "1970-01")
    period = report(
        conclusion="Cyst.", subject={"identifier": {"value": "7"}}, effectivePeriod={"start": "2026-03-01T08:00:00Z"}
    )
    (item,) = read(period)
    assert isinstance(item, TextItem)
    assert item.source == TextSource(subject_identifier="7", effective="2026-03-01T08:00:00Z")
    (item,) = read(report(conclusion="a", subject={"reference": "#p"}, effectiveDateTime="soon"))
    assert isinstance(item, TextItem) and item.source == TextSource()


def test_names() -> None:
    own = {"system": "https://w3id.org/udt/record", "value": "case 1"}
    assert read(report(conclusion="a", identifier=[{"value": "x"}, own]))[0] == ("case 1", "Conclusion: a")
    no_id = report(conclusion="a", identifier=[{"value": "x"}])
    del no_id["id"]
    assert read(no_id) == [("x", "Conclusion: a")]
    del no_id["identifier"]
    assert read(bundle(no_id)) == [("urn:uuid:0", "Conclusion: a")]


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (report(), "a.json: the DiagnosticReport has no text; give the report as text, or with presentedForm"),
        (report(result=[{"reference": "Observation/x"}]), "has no text, and its results are not in this file"),
        (report(presentedForm=[form(b"a", "image/png")]), "has a form of image/png; allowed: text/plain, text/html"),
        (report(presentedForm=[form(b"%PDF-1", "application/pdf")]), "is no readable PDF"),
        (report(presentedForm=[{"contentType": "text/plain", "data": "%%"}]), "no valid base64"),
        (observation("o", valueCodeableConcept={"text": "Absent"}), "the Observation has no text"),
        (report(conclusion="a\0b"), "the text or its id holds a NUL character"),
    ],
)
def test_a_report_without_text_is_a_worded_fault(resource: Json, reason: str) -> None:
    (fault,) = read(resource)
    assert isinstance(fault, Skipped) and reason in str(fault)


def test_resources_without_a_report() -> None:
    patient = {"resourceType": "Patient", "id": "p"}
    assert read(bundle(patient)) == []
    assert "holds no report (it holds Patient); allowed: DiagnosticReport" in str(no_report("a", [bundle(patient)]))
    odd: list[Any] = [
        {"resourceType": "Bundle", "entry": 5}, {"resourceType": "Bundle", "entry": [5, {"resource": []}]},
        {"resourceType": "DiagnosticReport", "result": {"reference": 5}, "presentedForm": 1, "text": 7, "subject": 5},
        {"resourceType": "Composition", "section": [{"section": [{}], "text": {"div": 5}}]},
    ]  # fmt: skip
    for one in odd:
        assert not any(isinstance(item, TextItem) for item in read(one))


def _written(*, private: bool = False) -> Json:
    target = io.BytesIO()
    texts = [("case 1", "Liver: hypoechoic mass. No cyst."), ("2", "Nothing.")]
    write_reports(FakeNormalizer().normalize_many(texts), target, "fhir", Settings(private=private))
    found: Json = json.loads(target.getvalue())
    return found


def test_a_bundle_of_our_own_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "own.fhir.json"
    path.write_text(json.dumps(_written()))
    assert list(read_texts(path)) == [("case 1", "Liver: hypoechoic mass. No cyst."), ("2", "Nothing.")]


def test_a_private_bundle_of_our_own_names_what_it_lacks(tmp_path: Path) -> None:
    written = _written(private=True)
    path = tmp_path / "own.fhir.json"
    path.write_text(json.dumps(written))
    skipped: list[Skipped] = []
    assert list(read_texts(path, on_error=skipped.append)) == []
    assert len(skipped) == 2
    assert all("holds findings that udt wrote, without the text" in str(fault) for fault in skipped)
    for entry in written["entry"]:
        if entry["resource"]["resourceType"] == "DiagnosticReport":
            entry["resource"]["presentedForm"] = [form("Liver: hypoechoic mass. No cyst.", "text/plain")]
    path.write_text(json.dumps(written))
    assert list(read_texts(path)) == [(name, "Liver: hypoechoic mass. No cyst.") for name in ("case 1", "2")]


def test_files_of_resources(tmp_path: Path) -> None:
    reports = [report(id=name, conclusion="Cyst.", subject={"reference": "Patient/p"}) for name in "ab"]
    patient = {"resourceType": "Patient", "id": "p", "gender": "female"}
    lines = "".join(json.dumps(one) + "\n" for one in [*reports, patient])
    for name, content in (
        ("a.ndjson", lines), ("a.jsonl", lines), ("a.json", lines), ("b.json", json.dumps([*reports, patient])),
        ("c.json", json.dumps(bundle(*reports, patient))), ("d.txt", json.dumps(bundle(*reports, patient))),
        ("e.JSON", "\ufeff" + json.dumps(bundle(*reports, patient))),
    ):  # fmt: skip
        (tmp_path / name).write_text(content)
        items = list(read_texts(tmp_path / name))
        assert items == [("a", "Conclusion: Cyst."), ("b", "Conclusion: Cyst.")], name
        assert {item.source.sex for item in items} == {"female"}


def test_references_are_resolved_within_a_lot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udt.io.readers._LOT", 2)
    path = tmp_path / "a.ndjson"
    path.write_text("".join(json.dumps(report(id=str(n), conclusion="Cyst.")) + "\n" for n in range(5)))
    assert [name for name, _ in read_texts(path)] == list("01234")


def test_rows_with_a_text_are_no_resources(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"id": 7, "text": "Liver.", "resourceType": "note"}, 5]')
    skipped: list[Skipped] = []
    assert list(read_texts(tmp_path / "a.json", on_error=skipped.append)) == [("7", "Liver.")]
    assert "is no JSON object" in str(skipped[0])
    (tmp_path / "b.jsonl").write_text(json.dumps(report(conclusion="Cyst.")) + '\n{"text": "a"}\n')
    skipped.clear()
    assert len(list(read_texts(tmp_path / "b.jsonl", on_error=skipped.append))) == 1
    assert "b.jsonl:2: is no resource of FHIR" in str(skipped[0])
