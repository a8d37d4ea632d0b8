"""Augmentation of images that keeps their findings.

Simulates small changes of the probe and of the settings of the scanner: rotation, shift, zoom and horizontal flip;
gain, time gain compensation and dynamic range; speckle and blur. There is no vertical flip, since shadow and
enhancement are read along the depth, and no change of hue, since colour encodes flow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from udt.clip.model.images import ImageTransform
from udt.core.parsing import Range

Floats = NDArray[np.float32]

_KNOTS = 4
_GRAIN = 2

_Share = Annotated[float, Range(0, 1)]
_Small = Annotated[float, Range(0, below=1)]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Ranges of the random changes of an image; 0 switches a change off.

    :ivar flip: share of the images that are flipped horizontally. Set it to 0 if laterality is visible in the images:
        body marks, lettering, views that are always shown in one direction.
    :ivar rotation: maximum angle in degrees, in either direction.
    :ivar shift: maximum shift, as a share of each edge.
    :ivar zoom: scale from 1 - zoom to 1 + zoom.
    :ivar gain: factor of the brightness from exp(-gain) to exp(gain).
    :ivar tgc: time gain compensation: a factor from exp(-tgc) to exp(tgc) that varies with the depth.
    :ivar gamma: dynamic range: exponent of the brightness from exp(-gamma) to exp(gamma).
    :ivar speckle: maximum standard deviation of multiplicative noise, with grains of two pixels.
    :ivar blur: maximum radius of a Gaussian, as a share of the longer edge.
    """

    flip: _Share = 0.5
    rotation: Annotated[float, Range(0, 45)] = 8.0
    shift: _Small = 0.05
    zoom: _Small = 0.1
    gain: _Share = 0.2
    tgc: _Share = 0.1
    gamma: _Share = 0.2
    speckle: _Share = 0.05
    blur: Annotated[float, Range(0, 0.05)] = 0.004

    def __call__(self, image: Image.Image, rng: np.random.Generator) -> Image.Image:
        """Return a changed copy, RGB, of the same size; the same state of `rng` gives the same copy."""
        moved = self._transform_geometry(image.convert("RGB"), rng)
        blurred = moved.filter(ImageFilter.GaussianBlur(rng.uniform(0, self.blur) * max(image.size)))
        return self._change_brightness(blurred, rng)

    def _transform_geometry(self, image: Image.Image, rng: np.random.Generator) -> Image.Image:
        """Rotate, shift, scale and flip the image about its centre; the area outside is black."""
        angle = math.radians(rng.uniform(-self.rotation, self.rotation))
        scale = 1 / rng.uniform(1 - self.zoom, 1 + self.zoom)
        right, down = (rng.uniform(-self.shift, self.shift) * edge for edge in image.size)
        mirror = -1 if rng.random() < self.flip else 1
        cos, sin = scale * math.cos(angle), scale * math.sin(angle)
        x, y = image.width / 2, image.height / 2
        # From a pixel of the result to its origin, both relative to the centre: [[a, b], [d, e]].
        a, b, d, e = mirror * cos, mirror * -sin, sin, cos
        matrix = (a, b, x + right - a * x - b * y, d, e, y + down - d * x - e * y)
        return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)

    def _change_brightness(self, image: Image.Image, rng: np.random.Generator) -> Image.Image:
        """Change the brightness; each pixel keeps the ratio of its channels, and so its hue."""
        pixels = np.asarray(image, dtype=np.float32)
        value: Floats = pixels.max(axis=2)
        exponent = math.exp(rng.uniform(-self.gamma, self.gamma))
        changed = 255 * (value / 255) ** exponent * self._gain_field(value.shape, rng)
        factor = np.clip(changed, 0, 255) / np.maximum(value, 1)
        return Image.fromarray(np.rint(pixels * factor[..., None]).astype(np.uint8))

    def _gain_field(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw the factor of the brightness of each pixel, (height, width)."""
        height, width = shape
        gain = rng.uniform(-self.gain, self.gain)
        knots = rng.uniform(-self.tgc, self.tgc, _KNOTS)
        depth = np.interp(np.linspace(0, 1, height), np.linspace(0, 1, _KNOTS), knots)
        coarse = rng.standard_normal((-(-height // _GRAIN), -(-width // _GRAIN)), dtype=np.float32)
        grains = np.kron(coarse, np.ones((_GRAIN, _GRAIN), dtype=np.float32))[:height, :width]
        noise = np.maximum(1 + rng.uniform(0, self.speckle) * grains, 0)
        field: Floats = (np.exp(gain + depth)[:, None] * noise).astype(np.float32)
        return field


def augmented_pixels(
    image: Image.Image, transform: ImageTransform, augmentation: Augmentation, rng: np.random.Generator
) -> torch.Tensor:
    """Return the pixels (3, H, W) of an image that is augmented at its final size, so that no change is cut off."""
    augmented = augmentation(transform.fitted(image), rng)
    # The image has its final size already; only its values are left to be normalised.
    return replace(transform, fit="squash", shortest_edge=None)(augmented)


def generator(seed: int, epoch: int, row: int, purpose: int = 0) -> np.random.Generator:
    """Return the random generator of one sample in one epoch, independent of process and earlier draws.

    :param purpose: another number gives an independent generator.
    """
    return np.random.default_rng((seed, epoch, row, purpose))
