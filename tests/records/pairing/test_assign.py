"""Panels are assigned to the parts of a caption in reading order or by position, and never by a guess."""

from __future__ import annotations

from functools import cache

import pytest

from udt.lexicon.lexicon import Lexicon
from udt.records.pairing.assign import PairingDoubt, assign_panels
from udt.records.pairing.panels import PanelBox, PanelLayout
from udt.records.pairing.segments import split_caption

ROW = (PanelBox(0, 0, 10, 10), PanelBox(12, 0, 10, 10))
COLUMN = (PanelBox(0, 0, 10, 10), PanelBox(0, 12, 10, 10))
GRID = (*ROW, PanelBox(0, 12, 10, 10), PanelBox(12, 12, 10, 10))
ONE = (PanelBox(0, 0, 22, 22),)


@cache
def _lexicon() -> Lexicon:
    return Lexicon.load()


def _assigned(caption: str, *layouts: tuple[PanelBox, ...]) -> list[tuple[PanelBox, str]]:
    found = [PanelLayout(boxes, sure=n == 0) for n, boxes in enumerate(layouts)]
    return [(part.box, part.caption) for part in assign_panels(found, split_caption(caption, _lexicon()))]


def test_letters_follow_reading_order() -> None:
    caption = "(A) Cyst. (B) Stone. (C) Mass. (D) Abscess."
    assert _assigned(caption, GRID) == list(zip(GRID, ["Cyst.", "Stone.", "Mass.", "Abscess."], strict=True))


def test_positions_are_placed() -> None:
    assert _assigned("Left image: cyst. Right image: stone.", ROW) == [(ROW[0], "cyst."), (ROW[1], "stone.")]
    assert _assigned("Bottom image: cyst. Top image: stone.", COLUMN) == [(COLUMN[0], "stone."), (COLUMN[1], "cyst.")]
    quadrants = "Bottom right: a mass. Top left: a cyst. Top right: a stone. Bottom left: an abscess."
    assert [caption for _, caption in _assigned(quadrants, GRID)] == ["a cyst.", "a stone.", "an abscess.", "a mass."]


def test_a_doubtful_layout_serves_a_caption_with_as_many_parts() -> None:
    assert [box for box, _ in _assigned("(A) Cyst. (B) Stone.", ONE, ROW)] == list(ROW)
    assert _assigned("A cyst.", ONE, ROW) == []


@pytest.mark.parametrize(
    ("caption", "layouts", "doubt"),
    [
        ("A cyst.", [GRID], "4 panels, no indicator in the caption"),
        ("(A) Cyst. (B) Stone.", [ONE], "1 panel, 2 parts in the caption"),
        ("(A) Cyst. (B) Stone. (C) Mass.", [GRID], "4 panels, 3 parts in the caption"),
        ("Left image: cyst. Right image: stone.", [COLUMN], "not placed as in the caption: left, right"),
        ("Top image: cyst. Bottom image: stone.", [ROW], "not placed as in the caption: top, bottom"),
        ("A: B: Stone.", [ROW], "a part of the caption is empty"),
    ],
    ids=["no indicator", "one panel", "too many panels", "one above the other", "side by side", "empty"],
)
def test_a_disagreement_is_a_doubt(caption: str, layouts: list[tuple[PanelBox, ...]], doubt: str) -> None:
    with pytest.raises(PairingDoubt, match=doubt):
        _assigned(caption, *layouts)
