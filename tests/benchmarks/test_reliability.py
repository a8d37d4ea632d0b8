"""The page of reliability is what its result renders, and nothing in it failed."""

from __future__ import annotations

import json

import pytest

from tests.locations import BENCHMARKS, ROOT


def test_the_page_is_that_of_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    import reliability

    result = json.loads((BENCHMARKS / "results" / "reliability.json").read_text("utf-8"))
    assert set(result["areas"]) <= set(reliability.AREAS)
    assert reliability.page(result) == (ROOT / "docs" / "reference" / "reliability.md").read_text("utf-8")
    assert {name: area["failed"] for name, area in result["areas"].items() if area["failed"]} == {}
