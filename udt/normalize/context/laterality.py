"""Tells the side of what a sentence speaks of."""

from __future__ import annotations

from collections.abc import Mapping

from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

_REACH = 4


def side_before(anchor: Mention, sentence: Sentence, words: list[str], sides: Mapping[str, str]) -> str | None:
    """The side that the anchor itself begins with (*right kidney*), or that stands shortly before it.

    :param sides: words that tell a side, and the side.
    """
    own = sides.get(words[anchor.first])
    if own is not None or not sentence.sides:
        return own
    near = [m for m in sentence.sides if 0 <= anchor.first - m.last <= _REACH]
    return side_of(near[-1]) if near else None


def side_of(mention: Mention) -> str:
    """The side that a word tells: `left`, `right`, `bilateral` or `midline`."""
    return str(mention.sense.one("side"))
