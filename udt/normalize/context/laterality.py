"""Laterality: the side that a word names, or that precedes a mention."""

from __future__ import annotations

from collections.abc import Mapping

from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

# Most words between a side and the mention that it belongs to (*the right mid polar kidney*).
_REACH = 4


def side_before(mention: Mention, sentence: Sentence, words: list[str], side_words: Mapping[str, str]) -> str | None:
    """Return the side that is the first word of a mention (*right kidney*), or that shortly precedes it, or None.

    :param side_words: single word to the side that it names.
    """
    own = side_words.get(words[mention.first])
    if own is not None or not sentence.sides:
        return own
    near = [side for side in sentence.sides if 0 <= mention.first - side.end <= _REACH]
    return side_of(near[-1]) if near else None


def side_of(mention: Mention) -> str:
    """Return the side that a mention names: `left`, `right`, `bilateral` or `midline`."""
    return str(mention.sense.one("side"))
