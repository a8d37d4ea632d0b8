"""Every kind of chart is a PNG of its size, painted in the colours of the style, and the same each time."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

charts = pytest.importorskip("udt.reporting.charts", reason="matplotlib is not installed; it is in the extra [plot]")

DRAWN: dict[str, tuple[Callable[[], bytes], str]] = {
    "bars": (lambda: charts.bars("Samples", [("train", 60), ("test", 20)], marks=[50, 30]), charts.FILL),
    "lines": (lambda: charts.lines("Loss", {"total": ([1, 2, 3], [3, 2, 1]), "a": ([2], [1])}, "step"), charts.ACCENT),
    "heat map": (lambda: charts.heat_map("Confusion", np.eye(3), ["a", "b", "c"], ["a", "b", "c"]), "#08306b"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(DRAWN))
def test_a_chart_is_painted(name: str) -> None:
    draw, color = DRAWN[name]
    painted = Image.open(io.BytesIO(draw())).convert("RGB")
    assert painted.width > 400 and painted.height > 150
    count = {shade: number for number, shade in painted.getcolors(1 << 24)}
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    assert count[255, 255, 255] > painted.width * painted.height / 10, "paper"
    assert count.get((red, green, blue), 0) > 50, "the curves, bars or fields"


def test_a_chart_has_the_same_bytes_each_time() -> None:
    draw, _ = DRAWN["bars"]
    assert draw() == draw()
