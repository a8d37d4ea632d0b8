"""The quantity of a measurement, completed by what it measures."""

from __future__ import annotations

from typing import cast

from udt.core.report import Measurement, Quantity
from udt.lexicon.lexicon import Lexicon
from udt.normalize.match.measurements.words import quantity_name

# Quantities of one length that are the size of a lesion.
_OF_LESION = frozenset({"diameter", "size"})


def quantity_for(measurement: Measurement, owner: str, lexicon: Lexicon, stated: bool = False) -> Quantity:
    """Return the quantity of a measurement of `owner`.

    Two or three lengths are a size. One length is what the text states, else what the owner is usually measured by
    (`ns:measuredBy` of its concept or of one above it), else a size. A stated diameter of a lesion is its size.

    :param owner: CURIE of a finding or of an anatomical structure, or the kind of a finding: `lesion`, `state`,
        `organ`.
    :param stated: whether the text itself states the quantity.
    """
    quantity = measurement.quantity
    if measurement.canonical_unit != "mm" or quantity in {"distance", "depth"}:
        return quantity
    if len(measurement.values) > 1 and not _is_range(measurement):
        return "size"
    measured = _measured_by(owner, lexicon)
    if stated:
        focal = owner == "lesion" or (measured is None and _is_finding(owner, lexicon))
        return "size" if focal and quantity in _OF_LESION else quantity
    return measured or quantity


def _is_range(measurement: Measurement) -> bool:
    return measurement.range is not None and None not in measurement.range


def _measured_by(owner: str, lexicon: Lexicon) -> Quantity | None:
    sense = lexicon.senses.get(owner)
    found = quantity_name(sense.one("measuredBy")) if sense is not None else ""
    return cast(Quantity, found) if found else None


def _is_finding(owner: str, lexicon: Lexicon) -> bool:
    sense = lexicon.senses.get(owner)
    return sense is not None and sense.kind in {"finding", "value"}
