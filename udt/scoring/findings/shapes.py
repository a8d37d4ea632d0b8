"""The shapes of gold records and documents, as JSON Schema, and the check of a value against one.

They hold the types of the fields that scoring reads, and allow any other field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from udt.core.report_schema import faults_of, place_of

Schema = Mapping[str, Any]

_OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}
_OPTIONAL_TEXTS: Schema = {"type": ["array", "null"], "items": {"type": "string"}}
_OPTIONAL_NUMBERS: Schema = {"type": ["array", "null"], "items": {"type": "number"}}
_FLAG: Schema = {"type": "boolean"}
_SPAN: Schema = {"type": "array", "items": {"type": "integer"}}
_LABELS: Schema = {"type": ["object", "null"], "additionalProperties": {"type": "array", "items": {"type": "string"}}}
_NAME: Schema = {"type": ["string", "integer", "null"]}
_TARGET: Schema = {
    "type": ["string", "integer", "array", "object", "null"],
    "items": {"type": ["string", "integer", "object"], "properties": {"id": _NAME}},
    "properties": {"id": _NAME},
}


def _objects(properties: Schema, required: Sequence[str] = ()) -> Schema:
    """Return the schema of a list of objects; null is an empty list."""
    item = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": ["array", "null"], "items": item}


_MEASUREMENTS = _objects(
    {
        **dict.fromkeys(("quantity", "role", "comparator", "unit"), _OPTIONAL_TEXT),
        **dict.fromkeys(("values", "values_mm"), _OPTIONAL_NUMBERS),
        "value": {"type": ["number", "null"]},
        "canonical": {
            "type": ["object", "null"],
            "properties": {
                "values": _OPTIONAL_NUMBERS,
                "value": {"type": ["number", "null"]},
                "unit": _OPTIONAL_TEXT,
            },
        },
        "range": {"type": ["array", "null"], "items": {"type": ["number", "null"]}},
    }
)

_EVIDENCE = _objects(
    {
        **dict.fromkeys(("dimension", "label", "certainty"), _OPTIONAL_TEXT),
        "text": {"type": "string"},
        "start": {"type": "integer"},
        "end": {"type": "integer"},
    },
    ("start", "end"),
)

DOCUMENT: Schema = {
    "type": "object",
    "required": ["findings"],
    "properties": {
        "labels": _LABELS,
        "absent": _LABELS,
        "findings": _objects(
            {
                **dict.fromkeys(
                    ("certainty", "kind", "time", "experiencer", "organ", "laterality"),
                    _OPTIONAL_TEXT,
                ),
                "id": _NAME,
                "same_as": _TARGET,
                "labels": _LABELS,
                "measurements": _MEASUREMENTS,
                "evidence": _EVIDENCE,
                "interpretations": {
                    "type": ["array", "null"],
                    "items": {
                        "type": ["string", "object"],
                        "properties": {"certainty": _OPTIONAL_TEXT, "evidence": _EVIDENCE},
                    },
                },
            }
        ),
    },
}
"""A `udt-report/1` or `udt-report/2` document."""

GOLD: Schema = {
    "type": "object",
    "properties": {
        "labels": {**_LABELS, "type": "object"},
        "absent": {**_LABELS, "type": "object"},
        "unscored": {"type": ["array", "null"], "items": _SPAN},
        "findings": {
            **_objects(
                {
                    "quote": {"type": "string"},
                    "start": {"type": ["integer", "null"]},
                    "concept": _OPTIONAL_TEXT,
                    **dict.fromkeys(("concept_also", "concept_broader", "diagnosis"), _OPTIONAL_TEXTS),
                    "site": {"type": ["string", "array", "null"], "items": {"type": "string"}},
                    "organ": _OPTIONAL_TEXT,
                    "id": _NAME,
                    "same_as": _TARGET,
                    "attributes": _LABELS,
                    "extra": {"type": ["object", "null"]},
                    "optional": _FLAG,
                    "kind_any": _FLAG,
                    "measurements": _MEASUREMENTS,
                    "measurements_mm": {"type": ["array", "null"], "items": {**_OPTIONAL_NUMBERS, "type": "array"}},
                },
                ("quote", "certainty"),
            ),
            "type": "array",
        },
    },
}
"""A record of a gold file."""


def shape_faults(value: object, schema: Schema) -> Iterator[str]:
    """Yield a sentence for each part of a value that has another type than its schema allows, or lacks a field.

    Contents are not quoted, since they may be texts.

    >>> list(shape_faults({"findings": [{"kind": 3}]}, DOCUMENT))
    ["'findings[0].kind' has to be of the type string or null"]
    """
    for error in _validator()(schema).iter_errors(value):
        yield from (f"{place_of(error.absolute_path)} {fault}" for fault in faults_of(error))


@cache
def _validator() -> Any:
    """Return the class of validators for which 1.0 is no integer, since no text has an offset of 1.0."""
    from jsonschema import Draft202012Validator, validators

    whole = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, number: type(number) is int)
    return validators.extend(Draft202012Validator, type_checker=whole)
