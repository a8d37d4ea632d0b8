"""The sign that a size is: one above its normal value (*the common bile duct measures 13 mm*), or a fallen flow."""

from __future__ import annotations

from udt.lexicon.lexicon import Lexicon
from udt.normalize.findings.group import MentionGroup
from udt.normalize.findings.naming import in_structures
from udt.normalize.match.measurements.quantity import quantity_for
from udt.normalize.match.measurements.reading import ReadMeasurement
from udt.normalize.match.mentions import Mention

# The signs of too great a thickness, and of too much of any other quantity: a length, a diameter, a volume.
_THICK = ("finding:thickening", "finding:wall-thickening")
_LARGE = ("finding:enlargement", "finding:dilatation")
_REDUCED_FLOW = "finding:reduced-access-flow"
_FLOW_UNIT = "mL/min"


def name_by_size(group: MentionGroup, lexicon: Lexicon) -> None:
    """Name the observation of a structure by the sign that its size is, if that is above a value of reference."""
    read = _exceeding(group.measurements)
    if read is None:
        _name_by_fall(group, lexicon)
        return
    owner = group.places[0].mention.sense.curie
    quantity = quantity_for(read.measurement, "organ", [owner], lexicon, read.stated_quantity)
    for sign in _THICK if quantity == "thickness" else _LARGE:
        compound = in_structures(lexicon.compounds.get(sign, {}), group.places, lexicon)
        if compound is not None:
            head = Mention(read.first, read.end, lexicon.senses[compound[0]])
            head.values = ()
            group.head, group.mentions = head, [head]
            return


def _name_by_fall(group: MentionGroup, lexicon: Lexicon) -> None:
    """Name the observation of a dialysis access whose volume flow has fallen: *480 mL/min, down from 850*."""
    flows = [read for read in group.measurements if read.measurement.canonical_unit == _FLOW_UNIT]
    now = next((read for read in flows if read.measurement.role == "current"), None)
    before = next((read for read in flows if read.measurement.role == "previous"), None)
    sign = lexicon.senses[_REDUCED_FLOW]
    if now is None or before is None or group.places[0].place.organ is not sign.places[0].organ:
        return
    if now.measurement.canonical[-1] < before.measurement.canonical[0]:
        group.head = Mention(now.first, now.end, sign)
        group.mentions = [group.head]


def _exceeding(measurements: list[ReadMeasurement]) -> ReadMeasurement | None:
    """Return the size of now that is above the upper value of reference after it, or None."""
    now: ReadMeasurement | None = None
    for read in measurements:
        measurement = read.measurement
        if measurement.role == "current" and len(measurement.canonical) == 1:
            now = read
        elif measurement.role == "reference" and now is not None:
            bound = measurement.range is not None and measurement.range[1] is not None
            unit = measurement.canonical_unit == now.measurement.canonical_unit
            if bound and unit and now.measurement.canonical[0] > measurement.canonical[-1]:
                return now
    return None
