"""Measurements in all their forms."""

from __future__ import annotations

from typing import Any

import pytest

from udt.scoring.findings.quantities import Quantity, measured, same_kind, same_value


@pytest.mark.parametrize(
    ("measurement", "quantity"),
    [
        ({"values": [2, 1.5], "unit": "cm"}, ("mm", (20, 15))),
        ({"values_mm": [12.344]}, ("mm", (12.34,))),
        ({"values": [1.2], "unit": "cm", "values_mm": [12]}, ("mm", (12,))),
        ({"values": [2], "unit": "cm", "canonical": {"values": [20], "unit": "mm"}}, ("mm", (20,))),
        ({"values": [2], "unit": "cm", "canonical": {"value": 20, "unit": "mm"}}, ("mm", (20,))),
        ({"values": [2], "unit": "cm", "canonical": {"values": []}}, ("mm", (20,))),
        ({"value": 1.1, "unit": "m/s"}, ("cm/s", (110,))),
        ({"value": 0.7}, ("1", (0.7,))),
        ({"value": 1, "unit": "L"}, ("ml", (1000,))),
        ({"value": 3, "unit": "sheep per day"}, ("sheepperday", (3,))),
        ({"values": [3, 8], "unit": "cm", "range": [3, 8]}, ("mm range", (30, 80))),
        ({"values": [3, 8], "unit": "Furlong", "range": [3, 8]}, ("Furlong range", (3, 8))),
        ({"values_mm": [3, 8], "range": [3, 8]}, ("1 range", (3, 8))),
        ({"values_mm": [8], "range": [None, 8]}, ("mm", (8,))),
    ],
)
def test_quantity_of_a_measurement(measurement: dict[str, Any], quantity: tuple[str, tuple[float, ...]]) -> None:
    assert measured(measurement).quantity == quantity


@pytest.mark.parametrize("measurement", [{}, {"unit": "mm"}, {"values": [], "unit": "mm"}])
def test_a_measurement_without_numbers_has_no_quantity(measurement: dict[str, Any]) -> None:
    assert measured(measurement).quantity is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("mm", (10.0,)), ("mm", (10.06,)), True),
        (("mm", (10.0,)), ("mm", (10.07,)), False),
        (("mm", (1000.0,)), ("mm", (1001.0,)), True),
        (("mm", (10.0, 5.0)), ("mm", (10.0,)), False),
        (("mm", (10.0, 5.0)), ("mm", (5.0, 10.0)), False),
        (("mm", (10.0,)), ("ml", (10.0,)), False),
    ],
)
def test_values_agree_within_rounding(
    one: tuple[str, tuple[float, ...]], other: tuple[str, tuple[float, ...]], same: bool
) -> None:
    assert same_value(Quantity(*one), Quantity(*other)) is same
    assert not same_value(Quantity(*one), None)


@pytest.mark.parametrize(
    ("gold", "predicted", "numbers", "same"),
    [
        ("size", "size", 3, True),
        ("size", "length", 1, True),
        ("size", "length", 2, False),
        ("diameter", "length", 1, False),
        ("size", "thickness", 1, False),
        ("size", None, 1, False),
        (None, None, 1, True),
    ],
)
def test_kinds_of_quantity(gold: str | None, predicted: str | None, numbers: int, same: bool) -> None:
    assert same_kind(gold, predicted, numbers) is same
