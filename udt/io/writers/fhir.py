"""FHIR R4: a Bundle of type `collection` with a DiagnosticReport for each report and an Observation for each finding.

- `Observation.value` is the certainty as a finding context of SNOMED CT: *known present*, *known possible* or
  *known absent*. A denied finding is an Observation with the value *known absent*; one that is not mentioned has no
  Observation.
- A component holds one label: its code is the dimension, its value the label; it is as certain as its Observation.
- A label whose certainty differs from its finding's (*a mass without calcifications*) is a component with
  the label as its code and the finding context as its value.
- `bodySite` is the organ; side and lengths (UCUM `mm`) are components; spans and cues are in the extension `EVIDENCE`.

All resources are `preliminary`: software read them, and nobody has signed them. Identifiers are name-based UUIDs of the
report's id and text, so the same report always gets the same ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from udt.core.report import Evidence, Finding, Measurement, Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer
from udt.io.writers.vocabulary import LabelIris
from udt.taxonomy.model.namespaces import expand

EVIDENCE = "https://w3id.org/udt/fhir/evidence"
REPORT_ID = "https://w3id.org/udt/record"
TEXT_HASH = "https://w3id.org/udt/text-sha256"

_SNOMED = "http://snomed.info/sct"
_NS = "https://w3id.org/udt/ns"
_BUNDLE = '{"resourceType": "Bundle", "type": "collection"'
_CONTEXTS = {
    "present": ("410515003", "Known present"),
    "possible": ("410590009", "Known possible"),
    "absent": ("410516002", "Known absent"),
}
_SIDES = {
    "left": ("7771000", "Left"),
    "right": ("24028007", "Right"),
    "bilateral": ("51440002", "Right and left"),
    "midline": ("260528009", "Median"),
}
_NO_CONTROLS = {code: "\ufffd" for code in range(32) if chr(code) not in "\t\n\r"}

Json = dict[str, Any]


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of one R4 Bundle with the codes of the taxonomy and `settings.extensions`.

    :raises TaxonomyError: if an extension is faulty.
    """
    encode = partial(_entries, LabelIris.load(settings.extensions))
    return text_writer(encode, head=f'{_BUNDLE}, "entry": [\n', between=",\n", tail="\n]}\n", empty=f"{_BUNDLE}}}\n")


def _entries(vocabulary: LabelIris, report: Report) -> str:
    findings = {_uuid(report, finding.id): finding for finding in report.findings}
    resources = [_report(report, list(findings))]
    resources += [_observation(name, finding, vocabulary) for name, finding in findings.items()]
    entries = [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources]
    return ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)


def _uuid(report: Report, part: str = "") -> str:
    return str(uuid5(NAMESPACE_URL, "\n".join((REPORT_ID, report.id, report.text_sha256, part))))


def _report(report: Report, observations: list[str]) -> Json:
    identifiers = [(REPORT_ID, report.id), (TEXT_HASH, report.text_sha256)]
    found: Json = {
        "resourceType": "DiagnosticReport",
        "id": _uuid(report),
        "identifier": [{"system": system, "value": _string(value)} for system, value in identifiers if value],
        "status": "preliminary",
        "category": [_concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RUS", "Radiology Ultrasound")],
        "code": _concept("http://loinc.org", "18748-4", "Diagnostic imaging study"),
    }
    if observations:
        found["result"] = [{"reference": f"urn:uuid:{name}"} for name in observations]
    return found


def _observation(name: str, finding: Finding, vocabulary: LabelIris) -> Json:
    found: Json = {
        "resourceType": "Observation",
        "id": name,
        "extension": [_evidence(evidence) for evidence in finding.evidence],
        "status": "preliminary",
        "category": [_concept("http://terminology.hl7.org/CodeSystem/observation-category", "imaging", "Imaging")],
        "code": _concept(_NS, "Finding", "Ultrasound finding"),
        "valueCodeableConcept": _concept(_SNOMED, *_CONTEXTS[finding.certainty]),
        "bodySite": _coded(vocabulary.site(finding.organ), finding.organ) if finding.organ else None,
        "component": [*_label_components(finding, vocabulary), *_side(finding), *_lengths(finding.measurements)],
    }
    return {key: value for key, value in found.items() if value}


def _label_components(finding: Finding, vocabulary: LabelIris) -> Iterator[Json]:
    other = _otherwise_certain(finding)
    for dimension, labels in finding.all_labels.items():
        for label in labels:
            if (dimension, label) not in other:
                yield {
                    "code": _coded(vocabulary.dimension(dimension), dimension.replace("_", " ")),
                    "valueCodeableConcept": _coded(vocabulary.iri(dimension, label), label),
                }
    for (dimension, label), certainty in other.items():
        yield {
            "code": _coded(vocabulary.iri(dimension, label), label),
            "valueCodeableConcept": _concept(_SNOMED, *_CONTEXTS[certainty]),
        }


def _otherwise_certain(finding: Finding) -> dict[tuple[str, str], str]:
    """Return labels without a mention of the finding's own certainty, with the certainty of their first mention."""
    certain = {(e.dimension, e.label) for e in finding.evidence if e.certainty == finding.certainty}
    other: dict[tuple[str, str], str] = {}
    for evidence in finding.evidence:
        label = (evidence.dimension, evidence.label)
        if label not in certain:
            other.setdefault(label, evidence.certainty)
    return other


def _side(finding: Finding) -> Iterator[Json]:
    if finding.laterality:
        value = _concept(_SNOMED, *_SIDES[finding.laterality])
        yield {"code": _concept(_SNOMED, "272741003", "Laterality"), "valueCodeableConcept": value}


def _lengths(measurements: Iterable[Measurement]) -> Iterator[Json]:
    for number, measurement in enumerate(measurements, 1):
        for axis, length in enumerate(measurement.values_mm, 1):
            code = _concept(_NS, "measurement", "Measurement") | {"text": f"measurement {number}, axis {axis}"}
            quantity = {"value": length, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm"}
            yield {"code": code, "valueQuantity": quantity}


def _evidence(evidence: Evidence) -> Json:
    parts: list[Json] = [
        {"url": "concept", "valueCoding": _coding(expand(evidence.concept), evidence.label)},
        {"url": "start", "valueUnsignedInt": evidence.start},
        {"url": "end", "valueUnsignedInt": evidence.end},
        *([{"url": "text", "valueString": _string(evidence.text)}] if evidence.text else []),
        {"url": "certainty", "valueCode": evidence.certainty},
    ]
    parts += [
        {"url": name, "valueString": _string(value)}
        for name, value in (("cue", evidence.cue), ("reason", evidence.reason))
        if value
    ]
    return {"url": EVIDENCE, "extension": parts}


def _string(text: str) -> str:
    """Remove the control characters that an R4 string may not hold."""
    return text.translate(_NO_CONTROLS)


def _coded(iri: str, display: str) -> Json:
    return {"coding": [_coding(iri, display)], "text": display}


def _coding(iri: str, display: str) -> Json:
    """Return a coding: the code follows the last `/` or `#` of the IRI, the system precedes it."""
    cut = max(iri.rfind("/"), iri.rfind("#"))
    return {"system": iri[:cut], "code": iri[cut + 1 :], "display": display}


def _concept(system: str, code: str, display: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}]}


FORMAT = ReportFormat(writer, suffixes=(".fhir.json",))
