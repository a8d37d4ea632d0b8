"""Pixels of DICOM files as 8-bit RGB, by the pixel tools of pydicom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

Pixels = NDArray[Any]


def rgb_frames(data: FileDataset) -> Iterator[Image.Image]:
    """Decode the frames of a DICOM file as they are shown, RGB.

    Colour spaces are converted, palettes applied, and grey values go through the modality look-up table and the window
    of the file. Grey values of more than 8 bits without a window are scaled from the lowest to the highest of the file.
    """
    from pydicom.pixels.processing import apply_color_lut
    from pydicom.pixels.utils import iter_pixels

    space = str(data.PhotometricInterpretation)
    if space.startswith("MONOCHROME"):
        yield from _grey_frames(data, space)
        return
    for pixels in iter_pixels(data):
        colours = apply_color_lut(pixels, data) if space == "PALETTE COLOR" else pixels
        yield Image.fromarray(_eight_bits(colours, data, space)[..., :3])


def _grey_frames(data: FileDataset, space: str) -> Iterator[Image.Image]:
    from pydicom.pixels.utils import iter_pixels

    low, high = _range(data)
    for pixels in iter_pixels(data):
        shares = np.clip((_shown(pixels, data) - low) / max(high - low, 1e-9), 0, 1)
        grey = np.round(255 * (1 - shares if space == "MONOCHROME1" else shares)).astype(np.uint8)
        yield Image.fromarray(grey).convert("RGB")


def _shown(pixels: Pixels, data: FileDataset) -> NDArray[np.float64]:
    from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

    return apply_voi_lut(apply_modality_lut(pixels, data), data).astype(np.float64)


def _range(data: FileDataset) -> tuple[float, float]:
    """Return the values that are shown as black and as white."""
    windowed = "WindowWidth" in data or "VOILUTSequence" in data
    if windowed or int(data.BitsAllocated) <= 8:
        ends = _shown(_stored_ends(data), data)
        return float(ends.min()), float(ends.max())
    from pydicom.pixels.utils import iter_pixels

    extremes = [(shown.min(), shown.max()) for shown in (_shown(pixels, data) for pixels in iter_pixels(data))]
    return float(min(low for low, _ in extremes)), float(max(high for _, high in extremes))


def _stored_ends(data: FileDataset) -> Pixels:
    """Return the lowest and the highest value that a pixel may have."""
    bits, signed = int(data.BitsStored), bool(data.PixelRepresentation)
    ends = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return np.array(ends, dtype=np.int64)


def _eight_bits(colours: Pixels, data: FileDataset, space: str) -> NDArray[np.uint8]:
    """Reduce colours of more than 8 bits to their 8 highest."""
    if colours.dtype == np.uint8:
        return colours
    bits = 8 * colours.dtype.itemsize if space == "PALETTE COLOR" else int(data.BitsStored)
    return (colours >> max(0, bits - 8)).astype(np.uint8)
