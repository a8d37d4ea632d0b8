"""Components of an Observation: labels, interpretations, side, sites, location, count, change and measurements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from udt.core.report import Certainty, Finding, Measurement, Role
from udt.io.writers.r4 import extensions
from udt.io.writers.r4.coding import SNOMED, UCUM, Json, coded, concept, context, measured, named, own, side, string
from udt.io.writers.vocabulary import LabelIris
from udt.reporting.findings import canonical_range

_ROLES: Mapping[Role, tuple[str, str]] = {
    "current": ("CurrentMeasurement", "Current measurement"),
    "previous": ("PreviousMeasurement", "Previous measurement"),
    "reference": ("ReferenceMeasurement", "Reference measurement"),
    "planned": ("PlannedMeasurement", "Planned measurement"),
}
_COMPARATORS = {"<", "<=", ">=", ">"}
"""Those that R4 knows."""


def components(finding: Finding, code: Json, iris: LabelIris) -> Iterator[Json]:
    """Yield the components of a finding.

    :param code: code of the Observation; a component of the same code is left out, since R4 allows none.
    :raises DataError: if the taxonomy lacks a label of the finding.
    """
    own_coding = code["coding"][0]
    yield from (one for one in _components(finding, iris) if one["code"]["coding"][0] != own_coding)


def _components(finding: Finding, iris: LabelIris) -> Iterator[Json]:
    yield from _labels(finding, iris)
    for one in finding.interpretations:
        yield {
            "extension": [extensions.interpretation(one)],
            "code": named(one.concept),
            "valueCodeableConcept": context(one.certainty),
        }
    if finding.laterality is not None:
        yield _component(concept(SNOMED, "272741003", "Laterality"), side(finding.laterality))
    for site in finding.sites[1:]:
        yield _component(own("site", "Site"), named(site))
    yield from _words(finding)
    for number, measurement in enumerate(finding.measurements, 1):
        yield from _measured(number, measurement)


def _component(code: Json, value: Json) -> Json:
    return {"code": code, "valueCodeableConcept": value}


def _labels(finding: Finding, iris: LabelIris) -> Iterator[Json]:
    other = _otherwise_certain(finding, iris.places)
    for dimension, labels in iris.labels_of(finding).items():
        for label in labels:
            if (dimension, label) not in other:
                name = coded(iris.dimension(dimension), dimension.replace("_", " "))
                yield _component(name, coded(iris.iri(dimension, label), label))
    for (dimension, label), certainty in other.items():
        yield _component(coded(iris.iri(dimension, label), label), context(certainty))


def _otherwise_certain(finding: Finding, places: Sequence[str]) -> dict[tuple[str, str], Certainty]:
    """Return labels without a mention of the finding's own certainty, with the certainty of their first mention.

    :param places: dimensions of places, which are where a finding is, however certain it is.
    """
    certain = {(e.dimension, e.label) for e in finding.label_evidence if e.certainty == finding.certainty}
    other: dict[tuple[str, str], Certainty] = {}
    for evidence in finding.label_evidence:
        label = (evidence.dimension, evidence.label)
        if label not in certain and evidence.dimension not in places:
            other.setdefault(label, evidence.certainty)
    return other


def _words(finding: Finding) -> Iterator[Json]:
    """Yield the fields that have no codes."""
    for key, words in finding.location.items():
        yield {"code": own("location", "Location", key.replace("_", " ")), "valueString": string(words)}
    if isinstance(finding.count, int):
        yield {"code": own("findingCount", "Number of findings"), "valueInteger": finding.count}
    elif finding.count:
        yield {"code": own("findingCount", "Number of findings"), "valueString": string(finding.count)}
    if finding.change is not None:
        yield {"code": own("change", "Change"), "valueString": finding.change}
    if finding.time != "current":
        yield {"code": own("time", "Time of finding"), "valueString": finding.time}


def _measured(number: int, one: Measurement) -> Iterator[Json]:
    """Yield a component for a range with two ends, else one for each number."""
    low, high = canonical_range(one) or (None, None)
    if low is not None and high is not None:
        ends = {"low": _quantity(one, low), "high": _quantity(one, high)}
        yield _number(number, None, one, {"valueRange": ends})
        return
    compared = {"comparator": one.comparator} if one.comparator in _COMPARATORS else _bound(low, high)
    for axis, value in enumerate(one.canonical, 1):
        yield _number(number, axis, one, {"valueQuantity": _quantity(one, value) | compared})


def _bound(low: float | None, high: float | None) -> Json:
    """Return the comparator of a range with one end."""
    if low is None and high is None:
        return {}
    return {"comparator": ">=" if high is None else "<="}


def _number(number: int, axis: int | None, one: Measurement, value: Json) -> Json:
    code = own(*_ROLES[one.role], one.name or one.quantity)
    if one.role == "current":
        code["coding"] = [*measured(one), *code["coding"]]
    return {"extension": [extensions.measurement(number, axis, one)], "code": code, **value}


def _quantity(one: Measurement, value: float) -> Json:
    return {"value": value, "unit": one.canonical_unit, "system": UCUM, "code": one.canonical_unit}
