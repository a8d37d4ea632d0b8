"""The quantity of a measurement, completed by what it measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from udt.core.report import Kind, Measurement, Quantity
from udt.lexicon.lexicon import Lexicon
from udt.normalize.match.measurements.words import quantity_name


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
    if len(measurement.values) > 1 and measurement.range is None:
        return "size"
    measured = next((found for owner in owners if (found := _measured_by(owner, lexicon)) is not None), None)
    if stated:
        return "size" if kind == "lesion" and measured is None and quantity == "diameter" else quantity
    return measured or quantity


def _measured_by(owner: str, lexicon: Lexicon) -> Quantity | None:
    sense = lexicon.senses.get(owner)
    found = quantity_name(sense.one("measuredBy")) if sense is not None else ""
    return cast(Quantity, found) if found else None
