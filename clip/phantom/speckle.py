"""Ultrasound speckle: random scatterers convolved with the point-spread function of a probe.

A resolution cell contains many scatterers at random depths, so that its echo is a sum of many random phasors: complex,
circular and Gaussian. Its envelope follows the Rayleigh distribution, with mean / standard deviation =
sqrt(pi / (4 - pi)) = 1.91 (Wagner et al. 1983, Statistics of speckle in ultrasound B-scans).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError

Map = NDArray[np.float32]
Field = NDArray[np.complex64]

_REACH = 4.0  # standard deviations after which the point-spread function is negligible


def scatterers(level: Map, rng: np.random.Generator, looks: int) -> Field:
    """Draw complex circular Gaussian values whose mean power at each position is `level`.

    :param level: (depths, beams) in dB.
    :param looks: number of independent draws.
    :returns: (looks, depths, beams).
    """
    parts = rng.standard_normal((looks, *level.shape, 2), dtype=np.float32)
    parts *= (np.float32(np.sqrt(0.5)) * decibels_to_amplitude(level))[..., None]
    return parts.view(np.complex64)[..., 0]


def receive(field: Field, axial: float, lateral: Map) -> Field:
    """Convolve `field` with a Gaussian point-spread function whose lateral width depends on depth.

    The function has unit energy, so that the mean power of homogeneous tissue is preserved. The field is mirrored at
    its borders.

    :param field: (…, depths, beams).
    :param axial: standard deviation along the beams, in depth samples.
    :param lateral: (depths,) standard deviation across the beams at each depth, in beams.
    :returns: (…, depths, beams).
    :raises DataError: if a width is not positive.
    """
    if axial <= 0 or lateral.min() <= 0:
        raise DataError(f"the point-spread function is {axial} × {lateral.min()} wide; both have to be above 0")
    depths, beams = field.shape[-2:]
    margin = min(int(np.ceil(_REACH * float(lateral.max()))), beams - 1)
    across = _filtered(_mirrored(field, margin, axis=-1), lateral[:, None], axis=-1)[..., margin : margin + beams]
    margin = min(int(np.ceil(_REACH * axial)), depths - 1)
    along = _filtered(_mirrored(across, margin, axis=-2), np.float32(axial), axis=-2)
    return along[..., margin : margin + depths, :]


def _mirrored(field: Field, margin: int, axis: int) -> Field:
    """Extend `field` at both ends of `axis` by `margin` samples, mirrored."""
    widths = [(0, 0)] * field.ndim
    widths[axis] = (margin, margin)
    return np.pad(field, widths, "reflect")


def envelope(field: Field) -> Map:
    """Return the amplitude of the received field."""
    return np.abs(field).astype(np.float32, copy=False)


def log_compress(amplitude: Map, dynamic_range: float) -> Map:
    """Convert amplitudes to brightness in [0, 1]: 0.5 + 20 log10(amplitude) / `dynamic_range`, clipped.

    :param dynamic_range: in dB.
    """
    smallest = decibels_to_amplitude(np.float32(-dynamic_range))
    decibels = 20 * np.log10(np.maximum(amplitude, smallest))
    return np.clip(0.5 + decibels / np.float32(dynamic_range), 0, 1).astype(np.float32, copy=False)


def decibels_to_amplitude(level: Map | np.float32) -> Map:
    """Return 10^(level / 20)."""
    return np.asarray(np.exp(np.asarray(level, np.float32) * np.float32(np.log(10) / 20)), dtype=np.float32)


def _filtered(field: Field, width: Map | np.float32, axis: int) -> Field:
    """Filter `field` along `axis` with a Gaussian of standard deviation `width` and unit energy, by FFT."""
    shape = [1, 1]
    shape[axis] = field.shape[axis]
    frequency = np.fft.fftfreq(field.shape[axis]).astype(np.float32).reshape(shape)
    # The transform of a sampled Gaussian is periodic. Without the neighbouring periods, narrow Gaussians would ring.
    turns = (np.float32(np.pi) * (frequency + np.float32(turn)) * width for turn in (-1, 0, 1))
    response = np.asarray(sum(np.exp(-2 * turn**2) for turn in turns), dtype=np.float32)
    response /= np.sqrt((response**2).mean(axis=axis, keepdims=True))
    received: Field = np.fft.ifft(np.fft.fft(field, axis=axis) * response, axis=axis).astype(np.complex64, copy=False)
    return received
