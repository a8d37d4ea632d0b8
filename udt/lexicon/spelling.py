"""Finds the word that a misspelling stands for: a long word one edit away, its first letter right, no other as near."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

SHORTEST = 8


class SpellingCorrector:
    """Words of the lexicon under each of their halves, one of which an edit leaves as it is.

    >>> SpellingCorrector(["hypoechoic"]).correct("hypoechioc")
    'hypoechoic'

    :param words: the words that may be meant; those shorter than `SHORTEST` letters are left out.
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
        """The only word one insertion, deletion, substitution or swap of letters away from `word`, or None."""
        return self._known(word) if SHORTEST <= len(word) <= self._longest else None

    def _nearest(self, word: str) -> str | None:
        if not word.isalpha():
            return None
        near: set[str] = set()
        for half in _intact(word):
            near.update(self._by_half.get(half, ()))
        meant = [w for w in near if abs(len(w) - len(word)) <= 1 and w[0] == word[0] and _one_edit(w, word)]
        return meant[0] if len(meant) == 1 else None


def _intact(word: str) -> tuple[str, ...]:
    """Halves of the words that one edit turns into `word`: of each such word, at least one.

    The edited word is as long or a letter longer or shorter, so its middle is known up to one letter.
    """
    middle, early = len(word) // 2, (len(word) - 1) // 2
    unswapped = word[: middle - 1] + word[middle]  # a swap across the middle spoils both halves
    return word[:early] + "-", word[: early + 1] + "-", unswapped + "-", "-" + word[-middle:], "-" + word[-middle - 1 :]


def _one_edit(a: str, b: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours turns `a` into `b`."""
    start, shortest = 0, min(len(a), len(b))
    while start < shortest and a[start] == b[start]:
        start += 1
    if len(a) != len(b):
        longer, shorter = (a, b) if len(a) > len(b) else (b, a)
        return longer[start + 1 :] == shorter[start:]
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return a[start + 1 :] == b[start + 1 :] or swapped
