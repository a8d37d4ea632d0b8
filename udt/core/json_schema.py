"""Check of a value against a JSON Schema that uses the keywords of the published schemas alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from udt.core.texts import brief, fault_of_text

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None),
}  # fmt: skip
_BOUNDS = (
    ("minimum", lambda value, bound: value >= bound),
    ("minLength", lambda value, bound: len(value) >= bound),
    ("minItems", lambda value, bound: len(value) >= bound),
    ("maxItems", lambda value, bound: len(value) <= bound),
    ("pattern", lambda value, bound: re.search(bound, value) is not None),
    ("enum", lambda value, bound: value in bound),
    ("const", lambda value, bound: value == bound),
    ("uniqueItems", lambda value, bound: len(set(value)) == len(value)),
)


def schema_faults(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield a sentence for each part of a value that the schema does not allow, with its place, e.g. `labels.organ`.

    :param root: the schema that references start from; by default `schema`.
    """
    for place, fault in _faults(value, schema, schema if root is None else root, ""):
        yield f"'{place}' {fault}" if place else f"it {fault}"


def _faults(
    value: Any, schema: Mapping[str, Any] | bool, root: Mapping[str, Any], place: str
) -> Iterator[tuple[str, str]]:
    if isinstance(schema, bool):
        yield from () if schema else ((place, "may not be given here"),)
    elif "$ref" in schema:
        yield from _faults(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, place)
    elif not _is_kind(value, schema):
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        yield place, f"has to be of the type {' or '.join(kinds)}"
    else:
        parts = (
            _of_object(value, schema, root, place) if isinstance(value, dict) else _of_list(value, schema, root, place)
        )
        inner = list(parts)
        yield from inner or _of_bounds(value, schema, place)
        yield from _of_branch(value, schema, root, place)


def _of_branch(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    if "if" in schema:
        broken = any(True for _ in _faults(value, schema["if"], root, place))
        yield from _faults(value, schema.get("else" if broken else "then", True), root, place)


def _is_kind(value: Any, schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    if kinds is None:
        return True
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return False
    return any(isinstance(value, _KINDS[kind]) for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _of_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], place: str
) -> Iterator[tuple[str, str]]:
    fields = schema.get("properties", {})
    dot = f"{place}." if place else ""
    yield from ((place, f"lacks the field '{name}'") for name in schema.get("required", ()) if name not in value)
    for name, part in value.items():
        if name in fields:
            yield from _faults(part, fields[name], root, dot + name)
        elif schema.get("additionalProperties") is False:
            yield place, f"has the unknown field '{brief(name)}'"


def _of_list(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list) and "items" in schema:
        for number, part in enumerate(value):
            yield from _faults(part, schema["items"], root, f"{place}[{number}]")


def _of_bounds(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and (fault := fault_of_text(value)):
        yield place, fault
    for keyword, holds in _BOUNDS:
        if keyword in schema and not holds(value, schema[keyword]):
            yield place, f"breaks the rule {keyword}: {schema[keyword]}"
