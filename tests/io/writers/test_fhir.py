"""FHIR R4 of a report that has a value in every field; R4B has the same DiagnosticReport, Observation and Bundle."""

from __future__ import annotations

import io
import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest

from tests.io.writers.handmade import FINDINGS, REPORT, TEXT, UNKNOWN
from udt.core.report import Measurement, Quantity, Report
from udt.io.items import TextSource
from udt.io.writers.base import Settings
from udt.io.writers.r4.coding import measured
from udt.io.writers.registry import write_reports, writer

Json = dict[str, Any]
SIZE = Measurement((12.0,), "mm", (12.0,), 0, 5)


@pytest.fixture(autouse=True)
def fake() -> None:
    """Use the real taxonomy here."""


def bundle(reports: list[Report], given: TextSource | None = None, **settings: Any) -> Json:
    made = writer("fhir", Settings(**settings))
    handle = io.BytesIO()
    made.write([made.encode(report, given) for report in reports], handle)
    found: Json = json.loads(handle.getvalue())
    return found


def resources(found: Json, kind: str) -> list[Json]:
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == kind]


@pytest.fixture(scope="module")
def observations() -> dict[str, Json]:
    """The observations by the id of their finding."""
    return {_extension(one, "finding-id")["valueString"]: one for one in resources(bundle([REPORT]), "Observation")}


def _extension(element: Json, name: str) -> Json:
    (found,) = [one for one in element["extension"] if one["url"].endswith(f"/{name}")]
    assert isinstance(found, dict)
    return found


def _parts(extension: Json) -> Json:
    return {one["url"]: next(v for k, v in one.items() if k != "url") for one in extension["extension"]}


def _codes(concept: Json) -> list[tuple[str, str]]:
    return [(coding["system"], coding["code"]) for coding in concept["coding"]]


def _components(observation: Json, code: str) -> list[Json]:
    return [c for c in observation.get("component", []) if code in {value for _, value in _codes(c["code"])}]


@pytest.mark.parametrize("private", [False, True])
def test_it_is_valid_fhir(private: bool) -> None:
    models = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is not installed")
    given = TextSource("Patient/7", "123", "urn:oid:1.2", "2026-03-01")
    for found in bundle([REPORT, UNKNOWN], given, private=private), bundle([REPORT]), bundle([]):
        models.Bundle.model_validate_json(json.dumps(found))
    broken = bundle([REPORT])
    del broken["entry"][1]["resource"]["code"]
    with pytest.raises(ValueError, match="code"):
        models.Bundle.model_validate_json(json.dumps(broken))


def test_the_output_is_deterministic_and_the_argument_may_be_left_out() -> None:
    outputs = []
    for _ in range(2):
        handle = io.BytesIO()
        write_reports([REPORT, UNKNOWN], handle, "fhir")
        outputs.append(handle.getvalue())
    assert outputs[0] == outputs[1] and json.loads(outputs[0]) == bundle([REPORT, UNKNOWN])


def test_the_code_is_the_concept_with_the_codes_it_maps_to(observations: dict[str, Json]) -> None:
    stone = observations["f2"]
    assert _codes(stone["code"]) == [
        ("https://w3id.org/udt/finding", "cholelithiasis"),
        ("http://purl.obolibrary.org/obo/mondo.owl", "MONDO:0012672"),
        ("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "C122822"),
        ("https://meshb.nlm.nih.gov", "D002769"),
        ("http://www.radlex.org", "RID4989"),
        ("http://human-phenotype-ontology.org", "HP:0001081"),
    ]
    assert stone["code"]["text"] == "cholelithiasis"
    assert _codes(stone["valueCodeableConcept"]) == [("http://snomed.info/sct", "410516002")]
    assert stone["bodySite"]["text"] == "Gallbladder and bile ducts"
    assert _components(stone, "organ")[0]["valueCodeableConcept"]["text"] == "Gallbladder and bile ducts"
    assert observations["f3"]["code"] == {
        "coding": [{"system": "https://w3id.org/udt/ns", "code": "Finding", "display": "Ultrasound finding"}],
        "text": "observation of an organ",
    }


def test_a_code_of_another_terminology_is_given_by_its_iri() -> None:
    concept = FINDINGS[1].concept
    assert concept is not None
    finding = replace(FINDINGS[1], concept=concept._replace(codes=("https://example.org/codes/7", "lex:x")))
    (found,) = resources(bundle([replace(REPORT, findings=(finding,))]), "Observation")
    assert _codes(found["code"])[1:] == [("https://example.org/codes", "7"), ("https://w3id.org/udt/lex", "x")]


def test_an_unknown_certainty_is_written_as_such() -> None:
    (found,) = resources(bundle([UNKNOWN]), "Observation")
    assert _codes(found["valueCodeableConcept"]) == [("http://snomed.info/sct", "261665006")]
    (report,) = resources(bundle([UNKNOWN]), "DiagnosticReport")
    assert _extension(report, "language-support")["valueCode"] == "terms" and report["language"] == "de"


def test_another_persons_findings_are_left_out(observations: dict[str, Json]) -> None:
    assert list(observations) == ["f1", "f2", "f3", "f4", "f5", "f7", "f8"]
    (report,) = resources(bundle([REPORT]), "DiagnosticReport")
    assert [one["reference"] for one in report["result"]] == [f"urn:uuid:{o['id']}" for o in observations.values()]


def test_sites_and_sides(observations: dict[str, Json]) -> None:
    kidney = observations["f3"]["bodySite"]
    assert _codes(kidney) == [("https://w3id.org/udt/uhat", "kidney-ureter_right-kidney")]
    assert kidney["text"] == "right kidney, right"
    assert _codes(_extension(kidney, "laterality")["valueCodeableConcept"]) == [("http://snomed.info/sct", "24028007")]
    both = observations["f4"]
    assert both["bodySite"]["text"] == "Kidney and ureter, bilateral"
    (component,) = _components(both, "272741003")
    assert _codes(component["valueCodeableConcept"]) == [("http://snomed.info/sct", "51440002")]
    myometrium = observations["f1"]["bodySite"]
    assert _codes(myometrium)[1] == ("http://purl.obolibrary.org/obo/uberon.owl", "UBERON:0001296")
    assert "extension" not in myometrium


def test_further_sites_are_components() -> None:
    finding = replace(FINDINGS[0], sites=(*FINDINGS[0].sites, *FINDINGS[2].sites))
    (found,) = resources(bundle([replace(REPORT, findings=(finding,))]), "Observation")
    assert [c["valueCodeableConcept"]["text"] for c in _components(found, "site")] == ["right kidney"]


def test_sizes_keep_their_roles_and_words(observations: dict[str, Json]) -> None:
    fibroid = observations["f1"]
    now, before = _components(fibroid, "CurrentMeasurement"), _components(fibroid, "PreviousMeasurement")
    assert [c["valueQuantity"]["value"] for c in now] == [58.0, 44.0]
    assert now[0]["valueQuantity"] == {"value": 58.0, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm"}
    assert [c["valueQuantity"]["value"] for c in before] == [50.0]
    parts = _parts(_extension(now[1], "measurement"))
    assert (parts["number"], parts["axis"], parts["writtenValue"], parts["writtenUnit"]) == (1, 2, 4.4, "cm")
    assert TEXT[parts["start"] : parts["end"]] == "5.8 x 4.4 cm"
    assert _parts(_extension(before[0], "measurement"))["examination"] == "2024"
    assert len(_components(observations["f3"], "CurrentMeasurement")) == 3


def test_ranges_comparators_and_loinc_codes(observations: dict[str, Json]) -> None:
    share, velocity = _components(observations["f5"], "CurrentMeasurement")
    assert {end: value["value"] for end, value in share["valueRange"].items()} == {"low": 50.0, "high": 69.0}
    assert share["valueRange"]["low"]["code"] == "%"
    assert _codes(velocity["code"])[0] == ("http://loinc.org", "11726-7")
    assert velocity["valueQuantity"]["comparator"] == ">" and velocity["valueQuantity"]["code"] == "cm/s"
    (normal,) = _components(observations["f5"], "ReferenceMeasurement")
    assert normal["valueQuantity"]["comparator"] == "<=" and normal["valueQuantity"]["value"] == 125.0


def test_only_a_present_value_has_the_code_of_the_quantity_and_about_is_no_comparator() -> None:
    velocity = FINDINGS[4].measurements[1]
    changed = [
        velocity._replace(role="previous"),
        velocity._replace(comparator="~"),
        velocity._replace(range=(2.0, None)),
    ]
    finding = replace(FINDINGS[4], measurements=tuple(changed))
    (found,) = resources(bundle([replace(REPORT, findings=(finding,))]), "Observation")
    (before,) = _components(found, "PreviousMeasurement")
    assert len(before["code"]["coding"]) == 1 and before["code"]["text"] == "PSV"
    about, bound = _components(found, "11726-7")
    assert "comparator" not in about["valueQuantity"]
    assert _parts(_extension(about, "measurement"))["comparator"] == "~"
    assert bound["valueQuantity"]["comparator"] == ">"


@pytest.mark.parametrize(
    ("quantity", "name", "code"),
    [
        ("length", None, ("http://snomed.info/sct", "410668003")),
        ("thickness", None, ("http://loinc.org", "59089-3")),
        ("distance", None, ("http://dicom.nema.org/resources/ontology/DCM", "121206")),
        ("index", "S/D", ("http://loinc.org", "12144-2")),
        ("time", "acceleration time", ("http://loinc.org", "20168-1")),
    ],
)
def test_quantities_have_the_codes_of_dicom(quantity: Quantity, name: str | None, code: tuple[str, str]) -> None:
    assert [(c["system"], c["code"]) for c in measured(SIZE._replace(quantity=quantity, name=name))] == [code]


@pytest.mark.parametrize(("quantity", "name"), [("size", None), ("volume", "other"), ("index", None)])
def test_quantities_without_a_code(quantity: Quantity, name: str | None) -> None:
    assert measured(SIZE._replace(quantity=quantity, name=name)) == []


def test_labels_interpretations_and_denied_parts(observations: dict[str, Json]) -> None:
    fibroid = observations["f1"]
    assert _components(fibroid, "severity")[0]["valueCodeableConcept"]["text"] == "severe"
    (guess,) = _components(fibroid, "adenomyoma")
    assert _codes(guess["valueCodeableConcept"]) == [("http://snomed.info/sct", "410590009")]
    assert _parts(_extension(guess, "interpretation"))["cue"] == "Possibly"
    (denied,) = _components(observations["f4"], "internal.calcifications")
    assert _codes(denied["valueCodeableConcept"]) == [("http://snomed.info/sct", "410516002")]
    assert not _components(observations["f2"], "gallbladder-bile-ducts")


def test_no_component_has_the_code_of_its_observation() -> None:
    offered = FINDINGS[0].interpretations[0]
    concept = offered.concept._replace(concept="udaf:diagnosis.mass", label="mass")
    again = (offered, offered._replace(concept=concept))
    mentions = tuple(e._replace(certainty="possible") for e in FINDINGS[0].evidence)
    finding = replace(FINDINGS[0], concept=concept, interpretations=again, evidence=mentions)
    (found,) = resources(bundle([replace(REPORT, findings=(finding,))]), "Observation")
    assert _codes(found["code"])[0][1] == "diagnosis.mass"
    assert not _components(found, "diagnosis.mass") and len(_components(found, "adenomyoma")) == 1


def test_location_count_and_change(observations: dict[str, Json]) -> None:
    fibroid = observations["f1"]
    places = [(c["code"]["text"], c["valueString"]) for c in _components(fibroid, "location")]
    assert places == [("clock", "3"), ("figo", "intramural")]
    assert _components(fibroid, "findingCount")[0]["valueInteger"] == 2
    assert _components(observations["f4"], "findingCount")[0]["valueString"] == "several"
    assert _components(fibroid, "change")[0]["valueString"] == "increased"
    assert not _components(fibroid, "time")
    assert _extension(fibroid, "section")["valueString"] == "uterus"


def test_a_finding_that_is_taken_up_again_is_linked(observations: dict[str, Json]) -> None:
    link = _extension(observations["f8"], "same-finding-as")["valueReference"]["reference"]
    assert link == f"urn:uuid:{observations['f1']['id']}"


def test_evidence_has_its_field(observations: dict[str, Json]) -> None:
    found = [_parts(e) for e in observations["f2"]["extension"] if e["url"].endswith("/evidence")]
    assert [one["dimension"] for one in found] == ["concept", "organ"]
    assert found[0]["cue"] == "No" and found[0]["certainty"] == "absent"
    assert TEXT[found[0]["start"] : found[0]["end"]] == found[0]["text"] == "gallstones"


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        (TextSource(), None),
        (TextSource("Patient/7"), {"reference": "Patient/7"}),
        (TextSource(None, "12\x003"), {"identifier": {"value": "12\ufffd3"}}),
        (
            TextSource("Patient/7", "123", "urn:oid:1.2"),
            {"reference": "Patient/7", "identifier": {"system": "urn:oid:1.2", "value": "123"}},
        ),
    ],
    ids=["nothing", "reference", "identifier", "both"],
)
def test_the_subject_is_that_of_the_input(given: TextSource, subject: Json | None) -> None:
    found = bundle([REPORT], given)
    for resource in [*resources(found, "DiagnosticReport"), *resources(found, "Observation")]:
        assert resource.get("subject") == subject


def test_the_date_is_that_of_the_examination_alone() -> None:
    found = bundle([REPORT], TextSource(effective="2026-03-01"))
    assert resources(found, "DiagnosticReport")[0]["effectiveDateTime"] == "2026-03-01"
    now, before = (
        [o for o in resources(found, "Observation") if _extension(o, "finding-id")["valueString"] == id]
        for id in ("f1", "f7")
    )
    assert now[0]["effectiveDateTime"] == "2026-03-01" and "note" not in now[0]
    assert "effectiveDateTime" not in before[0]
    assert before[0]["_effectiveDateTime"]["extension"][0]["valueCode"] == "unknown"
    assert before[0]["note"][0]["text"].startswith("History or an earlier examination")
    assert _components(before[0], "time")[0]["valueString"] == "previous"


def test_the_report_presents_its_text_unless_it_is_private() -> None:
    (report,) = resources(bundle([REPORT]), "DiagnosticReport")
    (form,) = report["presentedForm"]
    assert b64decode(form["data"]).decode() == TEXT and form["contentType"].startswith("text/plain")
    private = bundle([REPORT], private=True)
    assert "presentedForm" not in resources(private, "DiagnosticReport")[0]
    assert not any(f'"{words}"' in json.dumps(private) for words in ("gallstones", "Possibly", "2024"))


def test_the_report_states_provenance_and_patient() -> None:
    (report,) = resources(bundle([REPORT]), "DiagnosticReport")
    assert _parts(_extension(report, "provenance")) == {
        "tool": "udt",
        "version": "0.2.0",
        "taxonomy": "0.2.0",
        "taxonomySha256": "ab" * 32,
    }
    assert _parts(_extension(report, "patient")) == {"ageYears": 41.5, "sex": "female"}
    (other,) = resources(bundle([UNKNOWN]), "DiagnosticReport")
    assert not any(one["url"].endswith("/patient") for one in other["extension"])
