"""Look-ups in mentions that are in the order of their first words."""

from __future__ import annotations

from collections.abc import Sequence

from udt.normalize.match.mentions import Mention


def index_at(mentions: Sequence[Mention], word: int, start: int = 0) -> int:
    """Return the index of the first mention, from `start` on, that begins at a word or after it; else their number."""
    low, high = start, len(mentions)
    while low < high:
        middle = (low + high) >> 1
        if mentions[middle].first < word:
            low = middle + 1
        else:
            high = middle
    return low
