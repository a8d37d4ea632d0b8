"""The published JSON Schema of `udt-report/1`, and what it fixes."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


def report_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `udt-report/1`; a fresh copy at each call.

    >>> report_schema()["title"]
    'udt-report/1'
    """
    schema: dict[str, Any] = json.loads(files("udt.core").joinpath("udt-report-1.schema.json").read_text("utf-8"))
    return schema


@cache
def dimension_keys() -> tuple[str, ...]:
    """Keys of the nine dimensions, as every label set of a report has them, in task order.

    >>> dimension_keys()[:3]
    ('body_system', 'organ', 'diagnosis')
    """
    return tuple(report_schema()["$defs"]["labels"]["required"])
