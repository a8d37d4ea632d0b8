"""Labels, denials and sizes of Chinese reports against gold labels."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest

from tests.locations import SHARED
from udt.normalize.normalizer import Normalizer

FILE = SHARED / "lang" / "zh-gold-dev.jsonl"
PLACES = {"body_system", "organ"}

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"{FILE} is missing")


@cache
def read() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the gold reports, each with what is read."""
    rows = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
    normalizer = Normalizer()
    return [(row, normalizer.normalize(row["text"]).to_dict()) for row in rows]


def f1(pairs: list[tuple[Counter[Any], Counter[Any]]]) -> float:
    """Return the micro F1 of multisets, gold first."""
    right = sum((gold & got).total() for gold, got in pairs)
    return 2 * right / sum(gold.total() + got.total() for gold, got in pairs)


def labels(of: dict[str, Any], field: str, keys: set[str]) -> Counter[Any]:
    """Return the labels of a report."""
    return Counter((key, label) for key in keys for label in of[field][key])


def test_labels() -> None:
    keys = set(read()[0][0]["labels"])
    assert f1([(labels(gold, "labels", keys), labels(got, "labels", keys)) for gold, got in read()]) >= 0.97
    described = keys - PLACES
    assert f1([(labels(gold, "labels", described), labels(got, "labels", described)) for gold, got in read()]) >= 0.96


def test_denials() -> None:
    keys = set(read()[0][0]["absent"])
    assert f1([(labels(gold, "absent", keys), labels(got, "absent", keys)) for gold, got in read()]) >= 0.95
    inverted = [
        (gold["id"], key, label)
        for gold, got in read()
        for key, label in labels(gold, "absent", keys)
        if label in got["labels"][key] and label not in gold["labels"][key]
    ]
    assert not inverted


def test_sizes() -> None:
    def sizes(report: dict[str, Any]) -> Counter[Any]:
        measured = [m for finding in report["findings"] for m in finding["measurements"]]
        lengths = [m for m in measured if m["canonical"]["unit"] == "mm" and m["quantity"] not in {"distance", "depth"}]
        return Counter(tuple(round(value, 2) for value in m["canonical"]["values"]) for m in lengths)

    assert f1([(Counter(map(tuple, gold["sizes_mm"])), sizes(got)) for gold, got in read()]) >= 0.99
