"""The checker agrees with `jsonschema` on damaged reports."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import jsonschema

from udt.core.json_schema import schema_faults
from udt.core.report_schema import report_schema
from udt.normalize.normalizer import Normalizer

_VALUES: list[Any] = [None, 0, -1, 2.5, "", "x", [], [1], ["oval", "oval"], {}, {"label": "x"}, "present"]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return (container, key) of every part of a value."""
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in pairs] + [place for _, part in pairs for place in _places(part)]


def test_the_faults_are_those_of_jsonschema() -> None:
    report = Normalizer().normalize("Liver: oval hypoechoic nodule, 2 x 3 cm. No cyst.", "a").to_dict()
    validator = jsonschema.Draft202012Validator(report_schema())
    random = Random(4)
    assert not list(schema_faults(report, report_schema()))
    valid = 0
    for _ in range(500):
        data = json.loads(json.dumps(report))
        container, key = random.choice(_places(data))
        container[key] = random.choice(_VALUES)
        if random.random() < 0.1 and isinstance(container, dict):
            del container[key]
        expected = validator.is_valid(data)
        assert expected == (not list(schema_faults(data, report_schema()))), (key, container)
        valid += expected
    assert 0 < valid < 500
