"""Geometry of the beams and conversion to the image."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from udt.clip.phantom.grid import _HALF_ANGLE, _RADIUS, Grid
from udt.core.errors import DataError


def test_a_linear_image_is_its_samples() -> None:
    grid = Grid.of("linear", (48, 40))
    samples = np.random.default_rng(0).random((40, 48), dtype=np.float32)
    assert grid.image(samples) is samples
    assert (grid.x[0, 0], grid.x[0, -1]) == pytest.approx((-0.5875, 0.5875))
    assert (grid.y[0, 0], grid.y[-1, 0]) == pytest.approx((0.0125, 0.9875))


def test_a_sector_image_is_interpolated_pixel_by_pixel() -> None:
    size = 40
    grid = Grid.of("sector", size)
    samples = np.random.default_rng(0).random((size, size), dtype=np.float32)
    expected = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            x, y = (j + 0.5) / size - 0.5, (i + 0.5) / size + _RADIUS * math.cos(_HALF_ANGLE)
            row = (math.hypot(x, y) - _RADIUS) * size - 0.5
            column = (math.atan2(x, y) + _HALF_ANGLE) / (2 * _HALF_ANGLE) * (size - 1)
            if 0 <= row < size - 1 and 0 <= column < size - 1:
                a, b = int(row), int(column)
                down, right = row - a, column - b
                upper = samples[a, b] * (1 - right) + samples[a, b + 1] * right
                lower = samples[a + 1, b] * (1 - right) + samples[a + 1, b + 1] * right
                expected[i, j] = upper * (1 - down) + lower * down
    np.testing.assert_allclose(grid.image(samples), expected, atol=1e-4)


def test_image_of_positions_gives_the_positions() -> None:
    grid = Grid.of("sector", 64)
    image = grid.image(grid.x)
    columns = (np.arange(64) + 0.5 - 32) / 64
    np.testing.assert_allclose(image[40, 10:54], columns[10:54], atol=2e-3)
    assert image[0, 0] == image[0, -1] == 0, "no beam runs beside the probe"


@pytest.mark.parametrize(
    ("frame", "size", "message"),
    [
        ("round", 64, "no frame 'round'; allowed: linear, sector"),
        ("linear", 31, "31 × 31 pixels; a side has 32 to 2048 pixels"),
        ("sector", (64, 4096), "64 × 4096 pixels"),
    ],
)
def test_wrong_frames_and_sizes_are_refused(frame: Any, size: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Grid.of(frame, size)
