"""Arabic and Roman numbers in the names of values: *grade 2* and *grade II*, *BI-RADS 4A* and *BI-RADS IVA*."""

from __future__ import annotations

import re

from udt.lexicon.entries import Entries
from udt.lexicon.forms import Words

_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii")
_NUMERAL = re.compile(r"(viii|vii|vi|iv|v|iii|ii|i)([a-f]?)")
_DIGIT = re.compile(r"[1-8]")
_LETTER = re.compile(r"[a-f]")
# Words beside a number that is no position on a scale: *50%*, *2 o'clock*, *10:00*.
_COUNTING = frozenset({"%", "percent", ":", "o", "<", ">", "≥", "≤"})


def with_numerals(entries: Entries) -> Entries:
    """Return entries with the other way of writing the number of each, and with the plural before it (*levels II*).

    What has an entry already keeps it.
    """
    derived: Entries = {}
    for words, named in entries.items():
        free = [entry for entry in named if entry[2] is None]
        for form in _forms(words) if free else ():
            if form not in entries:
                derived.setdefault(form, []).extend(free)
    return entries | derived


def _forms(words: Words) -> list[Words]:
    """Return the other forms of words with one number; none for others.

    >>> _forms(("level", "ii"))
    [('level', '2'), ('levels', 'ii'), ('levels', '2')]
    """
    numbers = [i for i, word in enumerate(words) if _NUMERAL.fullmatch(word) or word.isdecimal()]
    if len(numbers) != 1 or len(words) == 1 or not _COUNTING.isdisjoint(words):
        return []
    at = numbers[0]
    before, number, after = words[:at], words[at], words[at + 1 :]
    written: list[Words] = [(number,)]
    roman = _NUMERAL.fullmatch(number)
    if roman is not None:
        written.append((str(_ROMAN.index(roman[1]) + 1), *roman[2]))
    elif _DIGIT.fullmatch(number):
        lettered = after[:1] if after and _LETTER.fullmatch(after[0]) else ()
        if lettered:
            after, written = after[1:], [(number, *lettered)]
        written.append((_ROMAN[int(number) - 1] + "".join(lettered),))
    names = [before, (*before[:-1], before[-1] + "s")] if before else [before]
    forms = [(*name, *one, *after) for name in names for one in written]
    return [form for form in forms if form != words]
