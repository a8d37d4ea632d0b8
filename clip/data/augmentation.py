"""Changes of an image that leave its findings as they are.

They imitate another position of the probe and other settings of the scanner: rotation, translation, scale and
horizontal flip; gain, time gain compensation, dynamic range, speckle and sharpness. Images are never flipped
vertically, since shadow and enhancement extend along the depth, and keep their hue, since colour shows flow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from udt.core.parsing import Range

Floats = NDArray[np.float32]

_KNOTS = 4
_GRAIN = 2

_Share = Annotated[float, Range(0, 1)]
_Small = Annotated[float, Range(0, below=1)]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Strengths of the random changes of an image; 0 disables a change.

    :ivar flip: share of the images that are flipped horizontally. Set it to 0 if images show the side: body marks,
        lettering, views that are always displayed in one direction.
    :ivar rotation: degrees at most, to either side.
    :ivar shift: share of each edge at most.
    :ivar zoom: scale from 1 - zoom to 1 + zoom.
    :ivar gain: brightness, as a natural logarithm: factor from exp(-gain) to exp(gain).
    :ivar tgc: time gain compensation: like `gain`, but different at each depth.
    :ivar gamma: dynamic range: exponent of the brightness from exp(-gamma) to exp(gamma).
    :ivar speckle: standard deviation of multiplicative noise at most, with grains of two pixels.
    :ivar blur: radius of a Gaussian at most, as a share of the longer edge.
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

    def __call__(self, image: Image.Image, draw: np.random.Generator) -> Image.Image:
        """Return a changed copy, RGB, of the same size; the same state of `draw` gives the same copy."""
        moved = self._transformed(image.convert("RGB"), draw)
        return self._with_brightness(
            moved.filter(ImageFilter.GaussianBlur(draw.uniform(0, self.blur) * max(image.size))), draw
        )

    def _transformed(self, image: Image.Image, draw: np.random.Generator) -> Image.Image:
        """Rotate, translate, scale and flip about the centre; areas from outside the image are black."""
        angle = math.radians(draw.uniform(-self.rotation, self.rotation))
        scale = 1 / draw.uniform(1 - self.zoom, 1 + self.zoom)
        right, down = (draw.uniform(-self.shift, self.shift) * edge for edge in image.size)
        mirror = -1 if draw.random() < self.flip else 1
        cos, sin = scale * math.cos(angle), scale * math.sin(angle)
        x, y = image.width / 2, image.height / 2
        # From a place in the result to its origin, both seen from the middle: [[a, b], [d, e]].
        a, b, d, e = mirror * cos, mirror * -sin, sin, cos
        matrix = (a, b, x + right - a * x - b * y, d, e, y + down - d * x - e * y)
        return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)

    def _with_brightness(self, image: Image.Image, draw: np.random.Generator) -> Image.Image:
        """Change the brightness; each pixel keeps the ratio of its channels, and so its hue."""
        pixels = np.asarray(image, dtype=np.float32)
        value: Floats = pixels.max(axis=2)
        exponent = math.exp(draw.uniform(-self.gamma, self.gamma))
        changed = 255 * (value / 255) ** exponent * self._brightness(value.shape, draw)
        factor = np.clip(changed, 0, 255) / np.maximum(value, 1)
        return Image.fromarray(np.rint(pixels * factor[..., None]).astype(np.uint8))

    def _brightness(self, shape: tuple[int, ...], draw: np.random.Generator) -> Floats:
        """Return the factor of the brightness, (height, width)."""
        height, width = shape
        gain = draw.uniform(-self.gain, self.gain)
        knots = draw.uniform(-self.tgc, self.tgc, _KNOTS)
        depth = np.interp(np.linspace(0, 1, height), np.linspace(0, 1, _KNOTS), knots)
        coarse = draw.standard_normal((-(-height // _GRAIN), -(-width // _GRAIN)), dtype=np.float32)
        grains = np.kron(coarse, np.ones((_GRAIN, _GRAIN), dtype=np.float32))[:height, :width]
        noise = np.maximum(1 + draw.uniform(0, self.speckle) * grains, 0)
        field: Floats = (np.exp(gain + depth)[:, None] * noise).astype(np.float32)
        return field


def generator(seed: int, epoch: int, row: int, purpose: int = 0) -> np.random.Generator:
    """Return the random generator of one sample in one epoch; it depends on neither earlier draws nor the process.

    :param purpose: number of an independent stream of the same sample.
    """
    return np.random.default_rng((seed, epoch, row, purpose))
