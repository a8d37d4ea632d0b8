"""The published JSON Schema of `udt-report/1`, and the dimension keys that it requires."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


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
