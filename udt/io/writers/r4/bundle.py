"""A report as entries of a Bundle: the DiagnosticReport, and the Observations of the patient."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator

from udt.core.report import Report
from udt.io.items import TextSource
from udt.io.writers.identity import REPORT_ID, report_uuid
from udt.io.writers.r4.coding import EXTENSIONS, Json, concept, string
from udt.io.writers.r4.extensions import extension
from udt.io.writers.r4.observation import observation
from udt.io.writers.vocabulary import LabelIris

TEXT_HASH = "https://w3id.org/udt/text-sha256"


def entries(iris: LabelIris, report: Report, source: TextSource | None = None) -> str:
    """Return the entries of a report as JSON, with commas between them.

    :param source: data of the patient and the examination, which the resources then repeat.
    :raises DataError: if the taxonomy lacks a label of the report.
    """
    given = {**_subject(source), **_effective(source)}
    own = [finding for finding in report.findings if finding.experiencer == "patient"]
    names = {finding.id: report_uuid(report, finding.id) for finding in own}
    resources = [_report(report, names.values(), given)]
    resources += [observation(finding, names, iris, given) for finding in own]
    found = [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources]
    return ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in found)


def _subject(source: TextSource | None) -> Json:
    if source is None:
        return {}
    known = source.subject_identifier
    identifier = {"system": source.subject_system, "value": known} if known else {}
    fields = {
        "reference": source.subject_reference,
        "identifier": {key: string(value) for key, value in identifier.items() if value},
    }
    found = {key: value for key, value in fields.items() if value}
    return {"subject": found} if found else {}


def _effective(source: TextSource | None) -> Json:
    return {"effectiveDateTime": source.effective} if source is not None and source.effective else {}


def _report(report: Report, observations: Iterable[str], given: Json) -> Json:
    identifiers = [(REPORT_ID, report.id), (TEXT_HASH, report.text_sha256)]
    fields: Json = {
        "resourceType": "DiagnosticReport",
        "id": report_uuid(report),
        "language": report.language,
        "extension": list(_extensions(report)),
        "identifier": [{"system": system, "value": string(value)} for system, value in identifiers if value],
        "status": "preliminary",
        "category": [concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RUS", "Radiology Ultrasound")],
        "code": concept("http://loinc.org", "18748-4", "Diagnostic imaging study"),
        **given,
        "result": [{"reference": f"urn:uuid:{name}"} for name in observations],
        "presentedForm": _presented_form(report),
    }
    return {key: value for key, value in fields.items() if value}


def _presented_form(report: Report) -> list[Json]:
    """Return the text, unless the report is private or came without its text."""
    if not report.text:
        return []
    data = b64encode(report.text.encode()).decode("ascii")
    return [{"contentType": "text/plain; charset=utf-8", "language": report.language, "data": data}]


def _extensions(report: Report) -> Iterator[Json]:
    yield extension(
        "provenance",
        valueString={
            "tool": "udt",
            "version": report.tool_version,
            "taxonomy": report.taxonomy_version,
            "taxonomySha256": report.taxonomy_digest,
        },
    )
    yield {"url": f"{EXTENSIONS}language-support", "valueCode": report.language_support}
    if report.patient != (None, None):
        yield extension(
            "patient", valueDecimal={"ageYears": report.patient.age_years}, valueCode={"sex": report.patient.sex}
        )
