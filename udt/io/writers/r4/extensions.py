"""Extensions: what a report knows and R4 has no element for."""

from __future__ import annotations

from collections.abc import Mapping

from udt.core.report import Evidence, Interpretation, Measurement
from udt.io.writers.r4.coding import EXTENSIONS, Json, coding, string
from udt.taxonomy.model.namespaces import expand

UNKNOWN_DATE = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
}
"""Extension in place of a date."""


def extension(name: str, **values: Mapping[str, object]) -> Json:
    """Return an extension of parts, in the order given; parts without a value are left out.

    >>> extension("patient", valueCode={"sex": "female"}, valueDecimal={"ageYears": None})
    {'url': 'https://w3id.org/udt/fhir/patient', 'extension': [{'url': 'sex', 'valueCode': 'female'}]}

    :param values: element of the value, as `valueString`, to the parts of that type.
    """
    parts = [
        {"url": part, element: string(value) if isinstance(value, str) else value}
        for element, parts in values.items()
        for part, value in parts.items()
        if value is not None and value != ""
    ]
    return {"url": EXTENSIONS + name, "extension": parts}


def evidence(one: Evidence) -> Json:
    """Return a span with the concept that it names, and how."""
    named = {"concept": coding(expand(one.concept), one.label)} if one.concept else {}
    return extension(
        "evidence",
        valueString={"dimension": one.dimension, "text": one.text, "cue": one.cue, "reason": one.reason},
        valueCoding=named,
        valueUnsignedInt={"start": one.start, "end": one.end},
        valueCode={"certainty": one.certainty},
    )


def interpretation(one: Interpretation) -> Json:
    """Return the span of an interpretation."""
    return extension(
        "interpretation",
        valueUnsignedInt={"start": one.start, "end": one.end},
        valueString={"text": one.text, "cue": one.cue},
    )


def measurement(number: int, axis: int | None, one: Measurement) -> Json:
    """Return what a measured number is part of, and how the text writes it.

    :param number: which measurement of the finding it is, from 1.
    :param axis: position among the numbers of the measurement, from 1; None for a range.
    """
    low, high = one.range or (None, None)
    written = one.values[axis - 1] if axis is not None else None
    return extension(
        "measurement",
        valuePositiveInt={"number": number, "axis": axis},
        valueCode={"quantity": one.quantity, "role": one.role},
        valueString={
            "name": one.name,
            "comparator": one.comparator,
            "examination": one.examination,
            "writtenUnit": one.unit,
        },
        valueDecimal={"writtenValue": written, "writtenLow": low, "writtenHigh": high},
        valueUnsignedInt={"start": one.start, "end": one.end},
    )
