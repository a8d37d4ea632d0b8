"""Assign the panels of a figure to the segments of its caption. If they do not agree, nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from udt.records.pairing.panels import PanelBox, PanelLayout
from udt.records.pairing.segments import SplitCaption


@dataclass(frozen=True, slots=True)
class FigurePart:
    """One part of a composite figure: its box in the image and its caption."""

    box: PanelBox
    caption: str


class PairingDoubt(ValueError):
    """Panels and segments that disagree; the message is the doubt for a person, without text of the caption."""


def assign_panels(layouts: Iterable[PanelLayout], split: SplitCaption | None) -> tuple[FigurePart, ...]:
    """Return the parts of a figure, in reading order; none if it is no composite figure.

    The first layout with as many panels as the caption has segments is taken.

    :param layouts: possible layouts of the figure, one at least, from `find_layouts`.
    :param split: its caption, or None if that has no indicators.
    :raises PairingDoubt: if the numbers disagree, or the panels are not where the caption has them.
    """
    possible = iter(layouts)
    first = next(possible)
    panels = len(first.boxes)
    if split is None:
        if panels > 1:
            raise PairingDoubt(f"{panels} panels, no indicator in the caption")
        return ()
    captions = [split.of(key) for key in split.segments]
    fitting = [one.boxes for one in chain([first], possible) if len(one.boxes) == len(captions)]
    if not fitting:
        counted = "1 panel" if panels == 1 else f"{panels} panels"
        raise PairingDoubt(f"{counted}, {len(captions)} parts in the caption")
    placed = next((boxes for boxes in fitting if _is_placed(boxes, split)), None)
    if placed is None:
        raise PairingDoubt(f"the panels are not placed as in the caption: {', '.join(split.segments)}")
    if not all(any(character.isalnum() for character in caption) for caption in captions):
        raise PairingDoubt("a part of the caption is empty")
    return tuple(FigurePart(box, caption) for box, caption in zip(placed, captions, strict=True))


def _is_placed(boxes: Sequence[PanelBox], split: SplitCaption) -> bool:
    """Return whether panels in reading order are where the words of the caption have them."""
    if split.layout == "horizontal":
        return all(one.left + one.width <= other.left for one, other in pairwise(boxes))
    if split.layout == "vertical":
        return all(one.top + one.height <= other.top for one, other in pairwise(boxes))
    if split.layout == "quadrants":
        upper_left, upper_right, lower_left, lower_right = boxes
        beside = (upper_left, upper_right), (lower_left, lower_right)
        above = (upper_left, lower_left), (upper_right, lower_right)
        return all(one.left + one.width <= other.left for one, other in beside) and all(
            one.top + one.height <= other.top for one, other in above
        )
    return True
