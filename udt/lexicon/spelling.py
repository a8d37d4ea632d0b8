"""Finds the word that a misspelling stands for: a long word one edit away, its first letter right, no other as near."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

SHORTEST = 8


class Spelling:
    """Words of the lexicon under each of their forms with one letter left out (symmetric deletion).

    >>> Spelling(["hypoechoic"]).correct("hypoechioc")
    'hypoechoic'

    :param words: the words that may be meant; those shorter than `SHORTEST` letters are left out.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._under: dict[str, set[str]] = {}
        self._longest = SHORTEST
        for word in words:
            if len(word) >= SHORTEST and word.isalpha():
                self._longest = max(self._longest, len(word) + 1)
                for form in _shortened(word):
                    self._under.setdefault(form, set()).add(word)
        self._known = lru_cache(maxsize=65536)(self._nearest)

    def correct(self, word: str) -> str | None:
        """The only word one insertion, deletion, substitution or swap of letters away from `word`, or None."""
        return self._known(word) if SHORTEST <= len(word) <= self._longest else None

    def _nearest(self, word: str) -> str | None:
        if not word.isalpha():
            return None
        near = {meant for form in _shortened(word) for meant in self._under.get(form, ())}
        meant = [w for w in near if w[0] == word[0] and abs(len(w) - len(word)) <= 1 and _one_edit(w, word)]
        return meant[0] if len(meant) == 1 else None


def _shortened(word: str) -> Iterator[str]:
    yield word
    for i in range(1, len(word)):
        yield word[:i] + word[i + 1 :]


def _one_edit(a: str, b: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours turns `a` into `b`."""
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) != len(b):
        longer, shorter = (a, b) if len(a) > len(b) else (b, a)
        return longer[start + 1 :] == shorter[start:]
    swapped = a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    return a[start + 1 :] == b[start + 1 :] or swapped
