"""Composite figures of drawn ultrasound images, with the known boxes of their panels."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from udt.records.pairing.panels import PanelBox

Pixels = NDArray[np.float64]
Draw = Callable[[int, int, np.random.Generator], Pixels]


def speckle(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Tissue that fills a rectangle: log-compressed speckle, brighter at the top, with a dark lesion."""
    field = rng.normal(size=(2, height + 6, width + 6))
    smooth = sum(np.roll(field, (y, x), (1, 2)) for y in range(3) for x in range(4)) / 3.5
    envelope = np.hypot(*smooth)[3 : height + 3, 3 : width + 3]
    rows, columns = np.mgrid[:height, :width]
    level = 95 - 40 * rows / height + 28 * np.log(np.maximum(envelope, 0.05))
    lesion = ((rows / height - 0.55) / 0.2) ** 2 + ((columns / width - 0.45) / 0.25) ** 2 < 1
    return np.clip(level - 60 * lesion, 0, 255)


def fan(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """A sector in black, as of a curved probe, with a black strip above it."""
    rows, columns = np.mgrid[:height, :width]
    down, aside = rows + 0.25 * height, columns - width / 2
    radius, angle = np.hypot(down, aside), np.abs(np.arctan2(aside, down))
    inside = (radius > 0.35 * height) & (radius < 1.18 * height) & (angle < 0.62)
    return speckle(width, height, rng) * inside


def banded(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Tissue with an anechoic band across it from side to side, as of a full bladder or a vessel."""
    pixels = speckle(width, height, rng)
    middle, half = int(height * 0.5), max(6, height // 12)
    pixels[middle - half : middle + half] = rng.uniform(0, 6, size=(2 * half, width))
    return pixels


@dataclass(frozen=True)
class Figure:
    """A figure to draw.

    :ivar rows: the relative widths of the panels of each row, top first.
    :ivar heights: relative heights of the rows.
    :ivar gutter: pixels between panels.
    :ivar level: grey level of gutters and margin.
    :ivar border: pixels of a black frame around each panel.
    :ivar letters: whether a letter is in a corner of each panel.
    :ivar noise: standard deviation of noise that is added to the figure.
    :ivar jpeg: quality of JPEG, or None for none.
    """

    rows: Sequence[Sequence[float]]
    heights: Sequence[float] = ()
    draw: Sequence[Draw] = (speckle,)
    gutter: int = 8
    margin: int = 0
    level: int = 255
    border: int = 0
    letters: bool = False
    noise: float = 0
    jpeg: int | None = None
    width: int = 640
    height: int = 480
    columns: bool = False

    def compose(self, seed: int = 0) -> tuple[Image.Image, list[PanelBox]]:
        """Draw the figure; return it with the boxes of its panels in reading order."""
        if self.columns:
            return self._transposed(seed)
        rng = np.random.default_rng(seed)
        page = np.full((self.height, self.width), float(self.level))
        boxes = []
        heights = _sizes(self.heights or [1] * len(self.rows), self.height - 2 * self.margin, self.gutter)
        top = self.margin
        for row, height in zip(self.rows, heights, strict=True):
            left = self.margin
            for width in _sizes(row, self.width - 2 * self.margin, self.gutter):
                boxes.append(PanelBox(left, top, width, height))
                panel = self.draw[len(boxes) % len(self.draw)](width, height, rng)
                if self.border:
                    edge = self.border
                    panel[:edge], panel[-edge:], panel[:, :edge], panel[:, -edge:] = 0, 0, 0, 0
                page[top : top + height, left : left + width] = panel
                left += width + self.gutter
            top += height + self.gutter
        return self._finished(page, boxes, rng), boxes

    def _transposed(self, seed: int) -> tuple[Image.Image, list[PanelBox]]:
        turned = replace(self, columns=False, width=self.height, height=self.width)
        image, boxes = turned.compose(seed)
        return image.transpose(Image.Transpose.TRANSPOSE), [PanelBox(b.top, b.left, b.height, b.width) for b in boxes]

    def _finished(self, page: Pixels, boxes: Sequence[PanelBox], rng: np.random.Generator) -> Image.Image:
        noisy = page + rng.normal(0, self.noise, page.shape) if self.noise else page
        image = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
        if self.letters:
            pen = ImageDraw.Draw(image)
            for letter, box in zip("ABCDEFGHIJKL", boxes, strict=False):
                pen.rectangle((box.left + 4, box.top + 4, box.left + 20, box.top + 20), fill=255)
                pen.text((box.left + 8, box.top + 6), letter, fill=0)
        if self.jpeg is None:
            return image
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=self.jpeg)
        return Image.open(io.BytesIO(encoded.getvalue())).convert("L")


def _sizes(shares: Sequence[float], total: int, gutter: int) -> list[int]:
    """Divide pixels in the ratio of `shares`, gutters apart."""
    free = total - gutter * (len(shares) - 1)
    ends = [round(free * sum(shares[:n]) / sum(shares)) for n in range(len(shares) + 1)]
    return [end - start for start, end in pairwise(ends)]


def overlap(one: PanelBox, other: PanelBox) -> float:
    """Return the intersection over the union of two boxes."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    common = max(0, width) * max(0, height)
    return common / (one.width * one.height + other.width * other.height - common)


_PAIR, _GRID, _NINE = [[1, 1]], [[1, 1], [1, 1]], [[1, 1, 1]] * 3

FIGURES = {
    "1x2 white": Figure(_PAIR),
    "1x3 white": Figure([[1, 1, 1]]),
    "1x4 white": Figure([[1, 1, 1, 1]], width=1000, height=280),
    "2x1 white": Figure([[1], [1]], height=640),
    "3x1 white": Figure([[1], [1], [1]], width=360, height=800),
    "2x2 white": Figure(_GRID),
    "2x3 white": Figure([[1, 1, 1]] * 2),
    "3x2 white": Figure(_PAIR * 3, height=760),
    "3x3 white": Figure(_NINE, width=720, height=720),
    "2x2 grey": Figure(_GRID, level=160),
    "1x2 dark grey": Figure(_PAIR, level=60, gutter=12),
    "2x2 black": Figure(_GRID, level=0),
    "1x2 black": Figure(_PAIR, level=0, gutter=6),
    "3x3 black": Figure(_NINE, level=0, width=720, height=720),
    "2x2 white line": Figure(_GRID, gutter=1),
    "1x2 white line": Figure(_PAIR, gutter=1),
    "1x3 white lines": Figure([[1, 1, 1]], gutter=3),
    "1x2 black line": Figure(_PAIR, gutter=2, level=0),
    "2x2 lines jpeg": Figure(_GRID, gutter=3, jpeg=85),
    "2x2 margin": Figure(_GRID, margin=30),
    "1x2 margin jpeg": Figure(_PAIR, margin=16, jpeg=60),
    "2x2 frames": Figure(_GRID, border=2, margin=12, gutter=14),
    "2x2 noise": Figure(_GRID, noise=6),
    "2x2 grey noise jpeg": Figure(_GRID, level=180, noise=5, jpeg=75),
    "2x3 letters": Figure([[1, 1, 1]] * 2, letters=True),
    "1x2 letters jpeg": Figure(_PAIR, letters=True, jpeg=70),
    "two above one": Figure([[1, 1], [1]]),
    "one above three": Figure([[1], [1, 1, 1]], heights=[3, 2]),
    "two above three": Figure([[1, 1], [1, 1, 1]]),
    "one beside two": Figure([[1], [1, 1]], columns=True),
    "wide and narrow": Figure([[3, 2]]),
    "high and low": Figure([[2, 1], [1, 2]], heights=[3, 2]),
    "1x2 fans": Figure(_PAIR, draw=[fan]),
    "2x2 fans": Figure(_GRID, draw=[fan], gutter=6),
    "2x2 fans jpeg": Figure(_GRID, draw=[fan], jpeg=70),
    "fan beside tissue": Figure(_PAIR, draw=[fan, speckle]),
    "bands": Figure(_PAIR, draw=[banded]),
    "2x2 bands": Figure(_GRID, draw=[banded, speckle]),
    "fans with margin": Figure([[1, 1, 1]], draw=[fan], margin=20, level=245, width=900, height=340),
    "large": Figure(_GRID, draw=[fan, speckle], width=1600, height=1200, gutter=20, margin=40, jpeg=90),
}
"""Figures by name; all their gutters are certain."""
