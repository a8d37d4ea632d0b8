"""Spelling correction: the only lexicon word one edit away from a long word with the same first letter."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

SHORTEST = 8


class SpellingCorrector:
    """Index of the lexicon words by their halves: a single edit leaves one half of a word unchanged.

    >>> SpellingCorrector(["hypoechoic"]).correct("hypoechioc")
    'hypoechoic'

    :param words: the words to correct to; those shorter than `SHORTEST` letters are ignored.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_half: dict[str, list[str]] = {}
        self._longest = SHORTEST
        for word in set(words):
            if len(word) >= SHORTEST and word.isalpha():
                self._longest = max(self._longest, len(word) + 1)
                middle = len(word) // 2
                for half in (word[:middle] + "-", "-" + word[middle:]):
                    self._by_half.setdefault(half, []).append(word)
        self._known = lru_cache(maxsize=65536)(self._nearest)

    def correct(self, word: str) -> str | None:
        """Return the only word one insertion, deletion, substitution or swap of letters away from `word`, or None."""
        return self._known(word) if SHORTEST <= len(word) <= self._longest else None

    def _nearest(self, word: str) -> str | None:
        if not word.isalpha():
            return None
        near: set[str] = set()
        for half in _intact(word):
            near.update(self._by_half.get(half, ()))
        matches = [w for w in near if abs(len(w) - len(word)) <= 1 and w[0] == word[0] and _one_edit(w, word)]
        return matches[0] if len(matches) == 1 else None


def _intact(word: str) -> tuple[str, ...]:
    """Return at least one half of each word that one edit turns into `word`.

    Such a word has the same length, or one letter more or less, so its middle is known up to one letter.
    """
    middle, early = len(word) // 2, (len(word) - 1) // 2
    unswapped = word[: middle - 1] + word[middle]  # a swap across the middle changes both halves
    return word[:early] + "-", word[: early + 1] + "-", unswapped + "-", "-" + word[-middle:], "-" + word[-middle - 1 :]


def _one_edit(a: str, b: str) -> bool:
    """Return whether one insertion, deletion, substitution or swap of adjacent letters turns `a` into `b`."""
    start, shortest = 0, min(len(a), len(b))
    while start < shortest and a[start] == b[start]:
        start += 1
    if len(a) != len(b):
        longer, shorter = (a, b) if len(a) > len(b) else (b, a)
        return longer[start + 1 :] == shorter[start:]
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return a[start + 1 :] == b[start + 1 :] or swapped
