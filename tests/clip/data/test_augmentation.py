"""Augmentation: repeatable, and harmless to what is seen."""

from __future__ import annotations

import colorsys
from dataclasses import asdict, replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from udt.clip.data.augmentation import Augmentation, generator

NONE = Augmentation(**dict.fromkeys(asdict(Augmentation()), 0))


@pytest.fixture
def image() -> Image.Image:
    """Bright above, dark below, with a patch of colour."""
    pixels = np.repeat(np.linspace(220, 20, 48, dtype=np.uint8)[:, None], 64, axis=1)
    pixels = np.stack([pixels] * 3, axis=2)
    pixels[10:20, 20:30] = (200, 40, 20)
    return Image.fromarray(pixels)


def test_the_same_generator_gives_the_same_image(image: Image.Image) -> None:
    change = Augmentation()
    first, again = (change(image, generator(1, 2, 3)) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    others = [change(image, generator(*place)).tobytes() for place in ((0, 2, 3), (1, 0, 3), (1, 2, 0))]
    assert len({first.tobytes(), *others}) == 4


def test_ranges_of_0_change_nothing(image: Image.Image) -> None:
    assert NONE(image, generator(0, 0, 0)).tobytes() == image.tobytes()


def test_a_flip_mirrors_the_image(image: Image.Image) -> None:
    mirrored = replace(NONE, flip=1.0)(image, generator(0, 0, 0))
    assert mirrored.tobytes() == ImageOps.mirror(image).tobytes()


def test_half_of_the_images_are_flipped(image: Image.Image) -> None:
    change = replace(NONE, flip=0.5)
    kept = sum(change(image, generator(0, 0, row)).tobytes() == image.tobytes() for row in range(200))
    assert 70 < kept < 130


@pytest.mark.parametrize("row", range(8))
def test_there_is_no_vertical_flip(image: Image.Image, row: int) -> None:
    changed = np.asarray(Augmentation()(image, generator(0, 0, row)).convert("L"), dtype=float)
    middle = changed[:, 16:48]
    assert middle[8:16].mean() > middle[20:28].mean() > middle[32:40].mean()


def test_a_shift_moves_by_whole_pixels(image: Image.Image) -> None:
    """Against the pixels themselves, moved by hand."""
    change = replace(NONE, shift=0.25)
    draw = generator(5, 0, 0)
    moved = np.asarray(change(image, draw), dtype=int)
    again = generator(5, 0, 0)
    again.uniform(0, 0)  # angle
    again.uniform(1, 1)  # scale
    right, down = (again.uniform(-0.25, 0.25) * edge for edge in image.size)
    pixels = np.asarray(image, dtype=float)
    for y, x in ((20, 30), (24, 32), (30, 40)):
        u, v = x + right, y + down
        i, j = int(np.floor(u)), int(np.floor(v))
        a, b = u - i, v - j
        corners = [(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b]
        near = [pixels[j, i], pixels[j, i + 1], pixels[j + 1, i], pixels[j + 1, i + 1]]
        expected = sum(share * pixel for share, pixel in zip(corners, near, strict=True))
        assert np.abs(moved[y, x] - expected).max() <= 2


def test_grey_stays_grey_and_colour_keeps_its_hue() -> None:
    pixels = np.zeros((32, 32, 3), dtype=np.uint8)
    pixels[:, :16], pixels[:, 16:] = 120, (210, 60, 30)
    seen = replace(NONE, gain=0.5, tgc=0.3, gamma=0.4, speckle=0.3)
    changed = np.asarray(seen(Image.fromarray(pixels), generator(0, 0, 0)), dtype=float)
    assert (changed[:, :16].max(axis=2) == changed[:, :16].min(axis=2)).all()
    hue = colorsys.rgb_to_hsv(210, 60, 30)[0]
    hues = [colorsys.rgb_to_hsv(*pixel)[0] for pixel in changed[:, 16:].reshape(-1, 3)]
    assert np.abs(np.array(hues) - hue).max() < 0.02
    assert changed.std(axis=(0, 1)).max() > 5


def test_black_stays_black() -> None:
    seen = replace(NONE, gain=1.0, tgc=1.0, gamma=1.0, speckle=1.0)
    assert not np.asarray(seen(Image.new("L", (20, 20)), generator(0, 0, 0))).any()


def test_gain_is_a_factor() -> None:
    grey = Image.new("L", (8, 8), 100)
    values = {int(np.asarray(replace(NONE, gain=0.2)(grey, generator(0, 0, row)))[0, 0, 0]) for row in range(50)}
    assert min(values) >= 81 and max(values) <= 123 and len(values) > 20
