"""A finding as an Observation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from udt.core.report import Finding
from udt.io.writers.r4.coding import EXTENSIONS, Json, coded, concept, context, named, own, side, string
from udt.io.writers.r4.components import components
from udt.io.writers.r4.extensions import UNKNOWN_DATE, evidence
from udt.io.writers.vocabulary import LabelIris

_NOTES = {
    "previous": "History or an earlier examination; not a finding of this examination.",
    "planned": "Planned; not a finding of this examination.",
}


def observation(finding: Finding, names: Mapping[str, str], iris: LabelIris, given: Json) -> Json:
    """Return the Observation of a finding.

    :param names: ids of the findings with an Observation to its id.
    :param given: subject and effective date, as far as they are known.
    :raises DataError: if the taxonomy lacks a label of the finding.
    """
    note = _NOTES.get(finding.time)
    code = _code(finding)
    found: Json = {
        "resourceType": "Observation",
        "id": names[finding.id],
        "extension": list(_extensions(finding, names)),
        "status": "preliminary",
        "category": [concept("http://terminology.hl7.org/CodeSystem/observation-category", "imaging", "Imaging")],
        "code": code,
        **(given if note is None else _undated(given)),
        "valueCodeableConcept": context(finding.certainty),
        "note": [{"text": note}] if note is not None else None,
        "bodySite": _body_site(finding, iris),
        "component": list(components(finding, code, iris)),
    }
    return {key: value for key, value in found.items() if value}


def _undated(given: Json) -> Json:
    """Return what is given without the date of this examination."""
    return {key: value for key, value in given.items() if key == "subject"} | {"_effectiveDateTime": UNKNOWN_DATE}


def _code(finding: Finding) -> Json:
    if finding.concept is not None:
        return named(finding.concept)
    return own("Finding", "Ultrasound finding", "observation of an organ" if finding.kind == "organ" else None)


def _body_site(finding: Finding, iris: LabelIris) -> Json | None:
    """Return the most specific structure, else the organ, with the side."""
    if finding.sites:
        place = named(finding.sites[0])
    elif finding.organ is not None:
        place = coded(iris.site(finding.organ), finding.organ)
    else:
        return None
    if finding.laterality is None:
        return place
    sided = {"url": f"{EXTENSIONS}laterality", "valueCodeableConcept": side(finding.laterality)}
    return {"extension": [sided], **place, "text": f"{place['text']}, {finding.laterality}"}


def _extensions(finding: Finding, names: Mapping[str, str]) -> Iterator[Json]:
    yield {"url": f"{EXTENSIONS}finding-id", "valueString": string(finding.id)}
    yield {"url": f"{EXTENSIONS}finding-kind", "valueCode": finding.kind}
    if finding.section is not None:
        yield {"url": f"{EXTENSIONS}section", "valueString": string(finding.section)}
    if finding.same_as is not None and finding.same_as in names:
        reference = {"reference": f"urn:uuid:{names[finding.same_as]}"}
        yield {"url": f"{EXTENSIONS}same-finding-as", "valueReference": reference}
    yield from map(evidence, finding.evidence)
