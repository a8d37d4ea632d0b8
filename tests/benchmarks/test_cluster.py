"""The page on clusters has the figures that were measured."""

from __future__ import annotations

import json

from tests.locations import BENCHMARKS, ROOT

RESULT = json.loads((BENCHMARKS / "results" / "cluster.json").read_text("utf-8"))
PAGE = (ROOT / "docs" / "guides" / "cluster.md").read_text("utf-8")


def test_the_table_has_the_measured_figures() -> None:
    for name, cost in RESULT["work"].items():
        row = (
            f"| `{name}` | {cost['unit']} | {cost['worker_seconds_per_1000']:.2f} | "
            f"{cost['driver_seconds_per_1000']:.2f} | {cost['workers_kept_busy']} | "
            f"{cost['core_hours_per_10_million']:.1f} | {cost['price_per_10_million']:.2f} |"
        )
        assert row in PAGE, f"write into the table of docs/guides/cluster.md: {row}"


def test_hours_and_price_follow_from_the_seconds() -> None:
    for cost in RESULT["work"].values():
        hours = (cost["worker_seconds_per_1000"] + cost["driver_seconds_per_1000"]) * 10_000_000 / 1000 / 3600
        assert abs(hours - cost["core_hours_per_10_million"]) <= 0.06
        assert abs(hours * RESULT["price_of_a_core_hour"] - cost["price_per_10_million"]) <= 0.006
    assert f"{RESULT['price_of_a_core_hour']} USD" in PAGE


def test_the_example_is_that_of_normalize() -> None:
    cost = RESULT["work"]["normalize"]
    worker, driver = cost["worker_seconds_per_1000"], cost["driver_seconds_per_1000"]
    hours = f"{cost['core_hours_per_10_million']:.1f} core-hours, or {cost['price_per_10_million']:.2f} USD"
    assert f"({worker:.3f} + {driver:.3f}) × 10,000,000 / 1,000 / 3,600 = {hours}" in PAGE
