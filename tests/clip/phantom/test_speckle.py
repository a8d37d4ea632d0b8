"""Speckle statistics and the point-spread function."""

from __future__ import annotations

import numpy as np
import pytest

from udt.clip.phantom.speckle import decibels_to_amplitude, envelope, log_compress, receive, scatterers
from udt.core.errors import DataError

HOMOGENEOUS = np.zeros((256, 256), dtype=np.float32)
WIDTHS = np.full(256, 1.2, dtype=np.float32)


def convolve_slowly(field: np.ndarray, axial: float, lateral: np.ndarray) -> np.ndarray:
    """Convolve directly with Gaussians of unit energy, mirrored at the borders."""

    def along(line: np.ndarray, width: float) -> np.ndarray:
        reach = min(int(np.ceil(8 * width)), len(line) - 1)
        steps = np.arange(-reach, reach + 1)
        kernel = np.exp(-(steps**2) / (2 * width**2))
        kernel /= np.sqrt((kernel**2).sum())
        padded = np.pad(line, reach, "reflect")
        return np.array([(padded[i : i + 2 * reach + 1] * kernel).sum() for i in range(len(line))])

    across = np.stack([along(row, width) for row, width in zip(field, lateral, strict=True)])
    return np.stack([along(column, axial) for column in across.T], axis=1)


def test_point_spread_function_agrees_with_direct_convolution() -> None:
    rng = np.random.default_rng(0)
    field = scatterers(np.zeros((40, 48), dtype=np.float32), rng, 1)[0]
    lateral = np.linspace(0.7, 2.2, 40, dtype=np.float32)
    # Away from the borders, where the two mirror at different distances.
    found, expected = receive(field, 0.8, lateral), convolve_slowly(field, 0.8, lateral)
    np.testing.assert_allclose(found[12:-12, 16:-16], expected[12:-12, 16:-16], atol=1e-4)


def test_a_bright_point_does_not_ring() -> None:
    field = np.zeros((41, 41), dtype=np.complex64)
    field[20, 20] = 1000
    found = np.abs(receive(field, 0.7, np.full(41, 0.7, dtype=np.float32)))
    away = np.hypot(*np.ogrid[-20:21, -20:21])
    assert found[away > 6].max() < 1e-3 < 100 < found[20, 20]


def test_envelope_of_homogeneous_tissue_is_rayleigh_distributed() -> None:
    found = envelope(receive(scatterers(HOMOGENEOUS, np.random.default_rng(1), 1)[0], 1.0, WIDTHS))
    assert found.mean() / found.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), rel=0.02)  # 1.91
    assert (found**2).mean() == pytest.approx(1, rel=0.03)
    shares = [np.mean(found > level) for level in (0.5, 1, 2)]
    np.testing.assert_allclose(shares, np.exp([-0.25, -1, -4]), atol=0.01)


def test_power_follows_the_level() -> None:
    rng = np.random.default_rng(2)
    powers = [np.mean(np.abs(scatterers(HOMOGENEOUS + level, rng, 1)[0]) ** 2) for level in (-20, 0, 10)]
    np.testing.assert_allclose(10 * np.log10(powers), [-20, 0, 10], atol=0.1)


def test_speckle_widens_with_depth() -> None:
    lateral = np.linspace(0.8, 4, 256, dtype=np.float32)
    field = receive(scatterers(HOMOGENEOUS, np.random.default_rng(3), 1)[0], 1.0, lateral)
    likeness = np.abs((field[:, 1:] * field[:, :-1].conj()).mean(axis=1)) / (np.abs(field) ** 2).mean(axis=1)
    assert likeness[-64:].mean() > likeness[:64].mean() + 0.1


def test_log_compression() -> None:
    amplitudes = np.array([1e-9, 10 ** (-30 / 20), 10 ** (-15 / 20), 1, 10 ** (15 / 20), 1e9], dtype=np.float32)
    np.testing.assert_allclose(log_compress(amplitudes, 60), [0, 0, 0.25, 0.5, 0.75, 1], atol=1e-5)
    np.testing.assert_allclose(decibels_to_amplitude(np.float32(20)), 10, rtol=1e-5)


def test_width_of_zero_is_refused() -> None:
    with pytest.raises(DataError, match="both have to be above 0"):
        receive(scatterers(HOMOGENEOUS, np.random.default_rng(0), 1)[0], 0, WIDTHS)
