"""The published JSON Schema of `udt-report/1`, the check of reports against it, and its dimension keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from udt.core.texts import brief, fault_of_text

if TYPE_CHECKING:
    from jsonschema import ValidationError


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `udt-report/1`; a new copy at each call.

    >>> report_schema()["title"]
    'udt-report/1'
    """
    schema: dict[str, Any] = json.loads(files("udt.core").joinpath("udt-report-1.schema.json").read_text("utf-8"))
    return schema


@cache
def dimension_keys() -> tuple[str, ...]:
    """Return the keys of the nine dimensions in task order, as in every label set of a report.

    >>> dimension_keys()[:3]
    ('body_system', 'organ', 'diagnosis')
    """
    return tuple(report_schema()["$defs"]["labels"]["required"])


def report_faults(value: object) -> Iterator[str]:
    """Yield a sentence for each part of a value that the schema of reports does not allow, with its place.

    Parts of the value are not quoted, since they may be texts.

    >>> list(report_faults({**dict.fromkeys(report_schema()["required"]), "schema": "udt-report/1"}))[0]
    "'id' has to be of the type string"
    """
    from jsonschema import Draft202012Validator

    broken = False
    for error in Draft202012Validator(report_schema()).iter_errors(value):
        broken = True
        yield from (f"{_place(error.absolute_path)} {fault}" for fault in _faults(error))
    if not broken:
        yield from _faults_of_texts(value, ())


def _place(path: Sequence[str | int]) -> str:
    """Format a path: `'findings[0].start'`."""
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{brief(part)}" for part in path)
    return f"'{parts.removeprefix('.')}'" if parts else "it"


def _faults(error: ValidationError) -> list[str]:
    rule, allowed, value = str(error.validator), error.validator_value, error.instance
    if rule == "type":
        return [f"has to be of the type {allowed if isinstance(allowed, str) else ' or '.join(allowed)}"]
    if rule == "required":
        return [f"lacks the field '{error.message.split(chr(39))[1]}'"]
    if rule == "additionalProperties":
        known = error.schema["properties"]
        return [f"has the unknown field '{brief(str(name))}'" for name in value if name not in known]
    return ["may not be given here" if rule == "not" else f"breaks the rule {rule}: {allowed}"]


def _faults_of_texts(value: object, path: tuple[str | int, ...]) -> Iterator[str]:
    if isinstance(value, str):
        if fault := fault_of_text(value):
            yield f"{_place(path)} {fault}"
    elif isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _faults_of_texts(part, (*path, key))
