"""The quantity of a measurement, completed by what it measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from udt.core.report import Kind, Measurement, Quantity
from udt.lexicon.lexicon import Lexicon
from udt.normalize.match.measurements.words import quantity_name

# Quantities of one length that are the size of a lesion.
_OF_LESION: Final = frozenset({"diameter", "size"})


def quantity_for(
    measurement: Measurement, kind: Kind, owners: Sequence[str], lexicon: Lexicon, stated: bool = False
) -> Quantity:
    """Return the quantity of a measurement of a finding.

    Two or three lengths are a size. One length is what the text states, else what its owner is usually measured by
    (`ns:measuredBy` of its concept, of its structure, or of one above it), else a size. A stated diameter of a lesion
    is its size.

    :param kind: whether the finding is a lesion, a state or an organ.
    :param owners: CURIEs of what is measured, the most specific first.
    :param stated: whether the text itself states the quantity.
    """
    quantity = measurement.quantity
    if measurement.canonical_unit != "mm" or quantity in {"distance", "depth"}:
        return quantity
    if len(measurement.values) > 1 and not _is_range(measurement):
        return "size"
    measured = next((found for owner in owners if (found := _measured_by(owner, lexicon)) is not None), None)
    if stated:
        return "size" if kind == "lesion" and measured is None and quantity in _OF_LESION else quantity
    return measured or quantity


def _is_range(measurement: Measurement) -> bool:
    return measurement.range is not None and None not in measurement.range


def _measured_by(owner: str, lexicon: Lexicon) -> Quantity | None:
    sense = lexicon.senses.get(owner)
    found = quantity_name(sense.one("measuredBy")) if sense is not None else ""
    return cast(Quantity, found) if found else None
