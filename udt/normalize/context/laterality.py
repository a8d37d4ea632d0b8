"""Laterality: the side that a word names."""

from __future__ import annotations

from udt.normalize.match.mentions import Mention


def side_of(mention: Mention) -> str:
    """Return the side that a mention names: `left`, `right`, `bilateral` or `midline`."""
    return str(mention.sense.one("side"))
