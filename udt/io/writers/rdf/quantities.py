"""Measurements in the terms of QUDT, with UCUM codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from udt.core.report import Measurement, Quantity, Role
from udt.io.writers.rdf.nodes import A, Iri, Literal, Objects, RdfNode, node, number, text, whole
from udt.io.writers.rdf.spans import span
from udt.reporting.findings import canonical_range

CLASSES: Mapping[Role, str] = {
    "current": "ns:CurrentMeasurement",
    "previous": "ns:PreviousMeasurement",
    "reference": "ns:ReferenceMeasurement",
    "planned": "ns:PlannedMeasurement",
}
"""Role of a measurement to its class."""

KINDS: Mapping[Quantity, str] = {
    "size": "Length",
    "length": "Length",
    "thickness": "Thickness",
    "diameter": "Diameter",
    "area": "Area",
    "volume": "Volume",
    "angle": "Angle",
    "velocity": "Velocity",
    "acceleration": "Acceleration",
    "time": "Time",
    "flow": "VolumeFlowRate",
    "index": "DimensionlessRatio",
    "pressure": "Pressure",
    "stiffness": "ModulusOfElasticity",
    "fraction": "DimensionlessRatio",
    "count": "Count",
    "distance": "Distance",
    "depth": "Depth",
}
"""Quantity to its kind in QUDT."""

UNITS: Mapping[str, str] = {
    "mm": "MilliM",
    "mm2": "MilliM2",
    "mL": "MilliL",
    "cm/s": "CentiM-PER-SEC",
    "cm/s2": "CentiM-PER-SEC2",
    "s": "SEC",
    "mL/min": "MilliL-PER-MIN",
    "deg": "DEG",
    "kPa": "KiloPA",
    "mm[Hg]": "MilliM_HG",
    "%": "PERCENT",
    "1": "UNITLESS",
}
"""UCUM code of a canonical unit to the unit of QUDT."""


def measurement_node(measurement: Measurement, source: str) -> RdfNode:
    """Return a measurement with its values in canonical units and as written.

    :param source: name of the text.
    :raises DataError: if the range cannot be brought to the canonical unit.
    """
    return node("", _pairs(measurement, source))


def _pairs(one: Measurement, source: str) -> Iterator[tuple[str, Objects]]:
    yield A, [Iri(CLASSES[one.role]), Iri("qudt:Quantity")]
    yield "ns:quantity", Literal(one.quantity)
    yield "qudt:hasQuantityKind", Iri(f"quantitykind:{_kind(one)}")
    yield "ns:measurementName", text(one.name)
    yield "ns:comparator", text(one.comparator)
    pairs = zip(one.canonical, one.values, strict=True)
    yield "qudt:quantityValue", [_value(one, value, written, n) for n, (value, written) in enumerate(pairs, 1)]
    low, high = canonical_range(one) or (None, None)
    yield "ns:lowerBound", None if low is None else _value(one, low)
    yield "ns:upperBound", None if high is None else _value(one, high)
    yield "ns:examination", text(one.examination)
    yield "ns:span", span(source, one.start, one.end)


def _kind(one: Measurement) -> str:
    """Return the kind of quantity; stiffness may be stated as the velocity of shear waves."""
    return "Velocity" if one.quantity == "stiffness" and one.canonical_unit == "cm/s" else KINDS[one.quantity]


def _value(one: Measurement, value: float, written: float | None = None, axis: int | None = None) -> RdfNode:
    unit = UNITS.get(one.canonical_unit)
    return node(
        "",
        [
            (A, Iri("qudt:QuantityValue")),
            ("ns:axis", None if axis is None else whole(axis)),
            ("qudt:numericValue", number(value)),
            ("qudt:hasUnit", None if unit is None else Iri(f"unit:{unit}")),
            ("qudt:ucumCode", Literal(one.canonical_unit)),
            ("ns:writtenValue", None if written is None else number(written)),
            ("ns:writtenUnit", None if written is None else Literal(one.unit)),
        ],
    )
