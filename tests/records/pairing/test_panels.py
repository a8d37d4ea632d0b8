"""The panels of drawn figures are found where they were drawn, and single images are not divided."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.records.pairing.figures import FIGURES, Figure, banded, fan, overlap, speckle
from udt.records.pairing.panels import PanelBox, find_layouts, reading_order

_ALIKE = 0.9  # intersection over union


def test_there_are_figures() -> None:
    assert len(FIGURES) >= 30


@pytest.mark.parametrize("name", list(FIGURES), ids=list(FIGURES))
def test_panels_are_found(name: str) -> None:
    image, boxes = FIGURES[name].compose(seed=5)
    layout = next(find_layouts(image))
    assert len(layout.boxes) == len(boxes)
    assert min(overlap(found, box) for found, box in zip(layout.boxes, boxes, strict=True)) >= _ALIKE
    assert layout.sure


@pytest.mark.parametrize("draw", [speckle, fan, banded], ids=["tissue", "fan", "band"])
@pytest.mark.parametrize("jpeg", [None, 70], ids=["png", "jpeg"])
def test_a_single_image_has_one_panel(draw: object, jpeg: int | None) -> None:
    """Also with black strips above a fan, and with a black band from side to side."""
    image, (box,) = Figure([[1]], draw=[draw], jpeg=jpeg).compose(seed=2)  # type: ignore[list-item]
    first = next(find_layouts(image))
    assert len(first.boxes) == 1
    assert overlap(first.boxes[0], box) >= _ALIKE


def test_a_split_screen_is_a_further_layout() -> None:
    """Two dark halves with a dark gap are one image for certain, and two panels only for a caption that has two."""
    image = Image.fromarray(np.hstack([_dark_half(1), np.zeros((300, 40), np.uint8), _dark_half(2)]))
    first, *others = find_layouts(image)
    assert len(first.boxes) == 1
    (halves,) = [layout.boxes for layout in others if len(layout.boxes) == 2]
    drawn = PanelBox(0, 0, 320, 300), PanelBox(320, 0, 320, 300)
    assert min(overlap(box, half) for box, half in zip(halves, drawn, strict=True)) > 0.8


def _dark_half(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Return a sector that is narrow at its edges, so that nothing bright is beside the gap."""
    pixels = fan(300, 300, np.random.default_rng(seed))
    pixels[:, :30] = pixels[:, -30:] = 0
    return pixels.astype(np.uint8)


def test_panels_without_a_gutter_are_a_further_layout() -> None:
    """A seam between images of different brightness divides them only for a caption that has two parts."""
    rng = np.random.default_rng(3)
    bright, dark = 140 + rng.normal(0, 4, (240, 300)), 40 + rng.normal(0, 4, (240, 300))
    image = Image.fromarray(np.hstack([bright, dark]).clip(0, 255).astype(np.uint8))
    first, *others = find_layouts(image)
    assert len(first.boxes) == 1
    assert (PanelBox(0, 0, 300, 240), PanelBox(300, 0, 300, 240)) in [layout.boxes for layout in others]


@pytest.mark.parametrize(
    ("boxes", "order"),
    [
        ([(0, 0, 9, 9), (0, 10, 9, 9), (10, 0, 9, 9), (10, 10, 9, 9)], [0, 2, 1, 3]),
        ([(0, 0, 9, 9), (0, 11, 9, 8), (10, 0, 9, 10), (10, 10, 9, 9)], [0, 2, 1, 3]),
        ([(10, 10, 9, 9), (10, 0, 9, 9), (0, 0, 9, 19)], [2, 1, 0]),
        ([(10, 10, 9, 9), (0, 10, 9, 9), (0, 0, 19, 9)], [2, 1, 0]),
    ],
    ids=["columns first", "not aligned", "one beside two", "one above two"],
)
def test_reading_order(boxes: list[tuple[int, int, int, int]], order: list[int]) -> None:
    given = [PanelBox(*box) for box in boxes]
    assert reading_order(given) == [given[number] for number in order]


@pytest.mark.parametrize("level", [0, 128, 255], ids=["black", "grey", "white"])
def test_an_image_of_one_colour_has_one_panel(level: int) -> None:
    image = Image.new("RGB", (200, 100), (level, level, level))
    assert [layout.boxes for layout in find_layouts(image)] == [(PanelBox(0, 0, 200, 100),)]


def test_a_tiny_image_has_one_panel() -> None:
    assert next(find_layouts(Image.new("L", (3, 2)))).boxes == (PanelBox(0, 0, 3, 2),)
