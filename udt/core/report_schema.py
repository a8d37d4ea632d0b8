"""The published JSON Schemas of `udt-report/2` and of its predecessor, and the check of reports against them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from udt.core.report import EVIDENCE_KEYS, FIRST_SCHEMA, SCHEMA
from udt.core.texts import brief, fault_of_text
from udt.core.vocabulary import Vocabulary

if TYPE_CHECKING:
    from jsonschema import ValidationError


def report_schema(vocabulary: Vocabulary | None = None, schema: str = SCHEMA) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `udt-report/2`; a new copy at each call.

    >>> report_schema()["title"]
    'udt-report/2'

    :param schema: `udt-report/1` for the schema of the documents of versions before 0.3.
    :param vocabulary: all dimensions of a taxonomy, to which the schema is then restricted: label sets need all
        dimensions with a task and no other, and attributes are of the others. Without it, dimensions are open.
    """
    name = f"{schema.replace('/', '-')}.schema.json"
    found: dict[str, Any] = json.loads(files("udt.core").joinpath(name).read_text("utf-8"))
    if vocabulary is not None:
        tasks = [dimension.key for dimension in vocabulary.dimensions if dimension.task is not None]
        keys = sorted(EVIDENCE_KEYS) if schema == SCHEMA else ()
        others = [dimension.key for dimension in vocabulary.dimensions if dimension.task is None]
        parts = found["$defs"]
        parts["labels"] |= {"required": tasks, **_closed(parts["labels"], tasks)}
        parts["attributes"] |= _closed(parts["attributes"], others)
        parts["evidence"]["properties"]["dimension"]["enum"] = [*vocabulary.keys, *keys]
    return found


def _closed(labels: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Return the keywords that allow only `keys` in an object of label sets."""
    return {"properties": dict.fromkeys(keys, labels["additionalProperties"]), "additionalProperties": False}


def report_faults(value: object, vocabulary: Vocabulary | None = None) -> Iterator[str]:
    """Yield a sentence for each part of a value that the schema of reports does not allow, with its place.

    A document of `udt-report/1` is checked against the schema of that version. All label sets of a report need the same
    dimensions. Parts of the value are not quoted, since they may be texts.

    >>> list(report_faults({**dict.fromkeys(report_schema()["required"]), "schema": "udt-report/2"}))[0]
    "'id' has to be of the type string"

    :param vocabulary: all dimensions of the taxonomy that the report was made with; None if it is not known.
    """
    from jsonschema import Draft202012Validator

    broken = False
    first = isinstance(value, Mapping) and value.get("schema") == FIRST_SCHEMA
    schema = report_schema(vocabulary, FIRST_SCHEMA if first else SCHEMA)
    for error in Draft202012Validator(schema).iter_errors(value):
        broken = True
        yield from (f"{place_of(error.absolute_path)} {fault}" for fault in faults_of(error))
    if not broken and isinstance(value, Mapping):
        yield from _faults_of_dimensions(value)
        yield from _faults_of_texts(value, ())


def _faults_of_dimensions(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield each dimension that one label set of a report has and another lacks."""
    sets: dict[str, Mapping[str, Any]] = {name: report[name] for name in ("labels", "possible", "absent")}
    sets |= {f"findings[{number}].labels": finding["labels"] for number, finding in enumerate(report["findings"])}
    for key in dict.fromkeys(key for labels in sets.values() for key in labels):
        having = next(name for name, labels in sets.items() if key in labels)
        lacking = next((name for name, labels in sets.items() if key not in labels), None)
        if lacking is not None:
            yield f"'{lacking}' lacks the dimension '{brief(key)}', which '{having}' has"


def place_of(path: Sequence[str | int]) -> str:
    """Format a path: `'findings[0].start'`."""
    parts = "".join(f"[{part}]" if isinstance(part, int) else f".{brief(part)}" for part in path)
    return f"'{parts.removeprefix('.')}'" if parts else "it"


def faults_of(error: ValidationError) -> list[str]:
    """Return what a value breaks of a schema, without its place."""
    rule, allowed, value = str(error.validator), error.validator_value, error.instance
    if "propertyNames" in error.absolute_schema_path:
        return [f"has the field '{brief(str(value))}', which is no key of a dimension; keys match {allowed}"]
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
            yield f"{place_of(path)} {fault}"
    elif isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _faults_of_texts(part, (*path, key))
