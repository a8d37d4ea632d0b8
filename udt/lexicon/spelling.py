"""Spelling correction: the only lexicon word one edit away from a long word with the same first letter.

A word that is right by itself is never corrected: one that occurs in any label of the lexicon, one that begins with
another combining form (*infrahepatic* beside *intrahepatic*), and another form of the same stem (*hypodermic* beside
*hypodermis*).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final

SHORTEST: Final = 8
# Fewest letters after a combining form in a word that is made with it.
_SHORTEST_BASE: Final = 4
# Endings of nouns, adjectives and verbs, English and Latin: two words that differ in them alone are both right.
_ENDINGS_LISTED: Final = """
a ae al ale ally ar ary as ate ates e ed el en ent ents er ers es i ia ial ian ic ica ical ics ide ies in ine ing ings
is ism ist ists ium ix ized m ment o on or os ous s um us y
"""
_ENDINGS: Final = frozenset(_ENDINGS_LISTED.split())
# Letters that stand for one sound, so that the second letter may be one of them by mistake (*hipoechoic*).
_SAME_SOUND: Final = frozenset({"iy", "yi"})


class SpellingCorrector:
    """Index of the lexicon words by their halves: a single edit leaves one half of a word unchanged.

    >>> SpellingCorrector(["hypoechoic"]).correct("hypoechioc")
    'hypoechoic'

    :param words: the words to correct to; those shorter than `SHORTEST` letters are ignored.
    :param known: words that are right, whatever they resemble; the `words` need not be among them.
    :param prefixes: combining forms, e.g. `infra`.
    """

    def __init__(self, words: Iterable[str], known: Collection[str] = (), prefixes: Iterable[str] = ()) -> None:
        self._right = known
        self._prefixes = tuple(sorted(prefixes, key=len, reverse=True))
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
        """Return the only word one insertion, deletion, substitution or swap of letters away from `word`, or None.

        A word of the lexicon is its own correction; None for any other word that is right.
        """
        return self._known(word) if SHORTEST <= len(word) <= self._longest else None

    def _nearest(self, word: str) -> str | None:
        if not word.isalpha():
            return None
        near: set[str] = set()
        for half in _intact(word):
            near.update(self._by_half.get(half, ()))
        matches = [w for w in near if abs(len(w) - len(word)) <= 1 and w[0] == word[0] and _one_edit(w, word)]
        if len(matches) != 1 or (matches[0] != word and self._is_right(word, matches[0])):
            return None
        return matches[0]

    def _is_right(self, word: str, near: str) -> bool:
        """Return whether `word` is right by itself, and no misspelling of the word `near` it."""
        return word in self._right or self._has_other_prefix(word, near) or _differ_in_form(word, near)

    def _has_other_prefix(self, word: str, near: str) -> bool:
        prefix = next((p for p in self._prefixes if word.startswith(p) and len(word) >= len(p) + _SHORTEST_BASE), "")
        return not near.startswith(prefix)


def _differ_in_form(a: str, b: str) -> bool:
    """Return whether two words of one edit differ in their ending alone, or in a second letter of another sound."""
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if start == 1 and len(a) == len(b):
        return a[2:] == b[2:] and a[1] + b[1] not in _SAME_SOUND
    stems = range(max(start - 2, 1), start + 1)
    return any(a[stem:] in _ENDINGS and (b[stem:] in _ENDINGS or stem == len(b)) for stem in stems)


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
