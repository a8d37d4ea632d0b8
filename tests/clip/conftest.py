"""Charts are laid out, but not painted, which would take longer than the trainings and evaluations that are tested."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from PIL import Image


@pytest.fixture(autouse=True, scope="module")
def unpainted() -> Iterator[None]:
    """Replace each chart by a PNG of one pixel; `tests/reporting/test_charts.py` paints them."""
    if find_spec("matplotlib") is None:
        yield
        return
    target = io.BytesIO()
    Image.new("L", (1, 1)).save(target, "png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("udt.reporting.charts.png", lambda _: target.getvalue())
        yield
