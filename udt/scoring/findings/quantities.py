"""Values of measurements in comparable units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from udt.scoring.findings.names import normalized_name

_UNITS: Mapping[str, tuple[str, float]] = {
    "": ("1", 1),
    "1": ("1", 1),
    "{ratio}": ("1", 1),
    "%": ("%", 1),
    "mm": ("mm", 1),
    "cm": ("mm", 10),
    "m": ("mm", 1000),
    "mm/s": ("cm/s", 0.1),
    "cm/s": ("cm/s", 1),
    "cm/sec": ("cm/s", 1),
    "cm/second": ("cm/s", 1),
    "m/s": ("cm/s", 100),
    "m/sec": ("cm/s", 100),
    "m/second": ("cm/s", 100),
    "cm2": ("cm2", 1),
    "ml": ("ml", 1),
    "cc": ("ml", 1),
    "cm3": ("ml", 1),
    "cm³": ("ml", 1),
    "cm^3": ("ml", 1),
    "l": ("ml", 1000),
    "kpa": ("kpa", 1),
}
"""Unit in lower case to its canonical unit and the factor to it; a unit that is not listed is its own."""

_ABSOLUTE_TOLERANCE = 0.051
_RELATIVE_TOLERANCE = 1e-3
_ANY_LENGTH = frozenset({"size", "diameter", "length"})


class Quantity(NamedTuple):
    """Numbers in a canonical unit; of a range both ends, with `range` after the unit."""

    unit: str
    values: tuple[float, ...]


class Measured(NamedTuple):
    """A measurement of gold or document, and its quantity; None if it has no numbers."""

    stated: Mapping[str, Any]
    quantity: Quantity | None


def measured(measurement: Mapping[str, Any]) -> Measured:
    """Read a measurement: a `range` with both ends, `values_mm`, `canonical`, or `values` and `unit`; the first it has.

    A range is in the unit of the measurement, also beside `values_mm`.

    >>> measured({"values": [2, 1.5], "unit": "cm"}).quantity
    Quantity(unit='mm', values=(20, 15.0))
    >>> measured({"values": [3, 8], "unit": "mm", "range": [3, 8]}).quantity
    Quantity(unit='mm range', values=(3, 8))
    """
    return Measured(measurement, _range_of(measurement) or _values_of(measurement))


def _range_of(measurement: Mapping[str, Any]) -> Quantity | None:
    ends = measurement.get("range")
    if not isinstance(ends, list) or len(ends) != 2 or not all(isinstance(end, int | float) for end in ends):
        return None
    unit = str(measurement.get("unit") or "")
    canonical, factor = _UNITS.get(unit.strip().lower(), (unit, 1))
    return Quantity(f"{canonical} range", tuple(round(end * factor, 3) for end in ends))


def _values_of(measurement: Mapping[str, Any]) -> Quantity | None:
    if measurement.get("values_mm"):
        return Quantity("mm", tuple(round(value, 2) for value in measurement["values_mm"]))
    canonical = measurement.get("canonical")
    stated = canonical if isinstance(canonical, Mapping) and _numbers(canonical) else measurement
    values = _numbers(stated)
    unit = str(stated.get("unit") or "").strip().lower().replace(" ", "")
    name, factor = _UNITS.get(unit, (unit, 1))
    return Quantity(name, tuple(round(value * factor, 3) for value in values)) if values else None


def _numbers(stated: Mapping[str, Any]) -> list[float]:
    value = stated.get("value")
    return stated.get("values") or ([] if value is None else [value])


def same_value(gold: Quantity | None, predicted: Quantity | None) -> bool:
    """Return whether two quantities agree: the same unit and number of values, each within 0.051 + 0.1 % of the other.

    >>> same_value(Quantity("mm", (20, 15)), Quantity("mm", (20.05, 15)))
    True
    """
    if gold is None or predicted is None or gold.unit != predicted.unit or len(gold.values) != len(predicted.values):
        return False
    pairs = zip(gold.values, predicted.values, strict=True)
    return all(abs(x - y) <= _ABSOLUTE_TOLERANCE + _RELATIVE_TOLERANCE * abs(y) for x, y in pairs)


def share_value(first: tuple[Measured, ...], second: tuple[Measured, ...]) -> bool:
    """Return whether a measurement of `first` has the value of one of `second`."""
    return any(same_value(one.quantity, other.quantity) for one in first for other in second)


def same_kind(gold: str | None, predicted: str | None, numbers: int) -> bool:
    """Return whether two kinds of quantity agree; a size of one number may be called a diameter or length.

    >>> same_kind("size", "diameter", 1), same_kind("size", "diameter", 2), same_kind("length", "diameter", 1)
    (True, False, False)
    """
    kinds = {normalized_name(gold or ""), normalized_name(predicted or "")}
    return len(kinds) == 1 or (numbers == 1 and "size" in kinds and kinds <= _ANY_LENGTH)


def quantity_text(quantity: Quantity | None) -> str:
    """Return a quantity as text: `23 x 11 mm`."""
    return f"{' x '.join(f'{value:g}' for value in quantity.values)} {quantity.unit}" if quantity else "none"
