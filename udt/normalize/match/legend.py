"""Legends of figure captions: the meanings of arrows and abbreviations.

`L = liver; IVC, inferior vena cava. Arrow: aorta` names structures without a finding in them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import LEGEND, Mention

# Characters before a key that are searched for the start of the line or the sign before the key.
_INDENT = 16
_KEY = r"(?:[A-Z][A-Za-z]{0,2}\d?|[A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9]{0,3}|[a-z]{1,3}(?=\s?[:=,])|[*#§†‡])"
_ENTRY = re.compile(
    rf"(?<![\w/.-])(?P<key>{_KEY})\s?"
    r"(?P<sign>[:=]|,|\s[–—-]\s|\s(?=[A-Z]?[a-z]))\s*(?P<meaning>[A-Za-zÀ-ÿ][^;:=()\n]{0,200})"
)
# The start of an entry without `:` or `=`, after a sign or a wide gap; most texts have none.
_OPENING = re.compile(rf"[.;,()]\s*(?:{_KEY}(?:\s?,|\s{{1,2}}[–—-])|[A-Z]{{2,}}\s{{1,2}}[A-Za-z])")
_WIDE_GAP = re.compile(rf"\s{{{_INDENT}}}")
_STOP = re.compile(r"[,;)\n]|\.(?=\s|$|[A-Z])")
_WORD = re.compile(r"[^\W\d_]+")
# Most letters of a key before a colon; a longer word is a heading.
_LONGEST_KEY = 6
# Most letters of a key that may open the text: `L: liver` is an entry, `LIVER: normal` a heading.
_SHORT_KEY = 3


def exclude_legend(text: str, tokens: Tokens, mentions: list[Mention], attributes: list[Mention]) -> None:
    """Exclude the mentions and attributes in legends."""
    spans = [*_abbreviations(text, tokens, mentions), *_markers(text, tokens, mentions)]
    if not spans:
        return
    for found in mentions, attributes:
        starts = [tokens.starts[mention.first] for mention in found]
        last = (0, 0)
        for start, end in spans:
            if last[0] <= start and end <= last[1]:  # a part of the last one: *arrow: … arrow: …* without a stop
                continue
            last = start, end
            for mention in found[bisect_left(starts, start) : bisect_left(starts, end)]:
                if tokens.ends[mention.end - 1] <= end and not mention.excluded:
                    mention.excluded = LEGEND


def _abbreviations(text: str, tokens: Tokens, mentions: list[Mention]) -> Iterator[tuple[int, int]]:
    """Yield the spans of entries like `KEY: meaning`; the end of a longer name (`Segment VIII`) is not a key."""
    if not _may_have_entries(text):
        return
    position = 0
    next_stop = _NextStop(text)
    name_ends = {tokens.ends[mention.end - 1] for mention in mentions}
    while match := _ENTRY.search(text, position):
        position = match.end("key")
        if _is_entry(text, match, name_ends):
            end = next_stop.after(match.start("meaning"), match.end("meaning"))
            yield match.start("key"), end
            position = end


def _may_have_entries(text: str) -> bool:
    """Return whether the text may have entries: it contains `:`, `=`, or the possible start of an entry."""
    if ":" in text or "=" in text or _OPENING.search("." + text):  # the start of the text may be the start of an entry
        return True
    gaps = "  " in text or not text.isprintable()  # the space is the only printable white space
    return gaps and _WIDE_GAP.search(text) is not None


def _is_entry(text: str, match: re.Match[str], name_ends: set[int]) -> bool:
    """Return whether a match is an entry of a legend.

    :param name_ends: the ends of all known names: the key itself (`CBD: 5 mm`) or a longer one (`Segment VIII`).
    """
    key, sign, meaning = match["key"], match["sign"].strip(), match["meaning"]
    if sign == "=":
        return True
    if not sign and not (key.isupper() and len(key) > 1):
        return False
    if sign != ":" and not _opens_entry(text, match.start("key")):
        return False
    initials = "".join(word[0] for word in _WORD.findall(meaning)).lower()
    spelled = initials[:1] == key[0].lower()
    if sign == ":":
        panel = len(key) == 1 and not spelled and meaning[0].isupper()  # "B: Liver cyst"
        is_key = len(key) <= _LONGEST_KEY and (spelled or match.end("key") not in name_ends)
        return is_key and not panel and not _is_heading(text, match, spelled)
    if sign:
        return spelled and (key.isupper() or len(key) > 1 or meaning[:1].islower())
    return initials[: len(key)] == key.lower()


def _is_heading(text: str, match: re.Match[str], spelled: bool) -> bool:
    """Return whether a key is the heading of a paragraph instead: `LIVER: normal` at the start of a line.

    :param spelled: whether the meaning begins with the first letter of the key.
    """
    start = match.start("key")
    before = text[max(0, start - _INDENT) : start]
    opens_line = "\n" in before or (start < _INDENT and len(match["key"]) > _SHORT_KEY)
    return not spelled and opens_line and before.rpartition("\n")[2].strip() == ""


def _opens_entry(text: str, start: int) -> bool:
    before = text[max(0, start - _INDENT) : start].rstrip()
    return not before or before[-1] in ".;,(:)"


class _NextStop:
    """The ends of meanings, each a comma, a full stop or the next entry: looked up in order.

    :param text: the text, no part of which is searched twice, however many meanings have no end.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = -1

    def after(self, start: int, otherwise: int) -> int:
        """Return the offset of the first stop from `start` on, not before that of an earlier call, or `otherwise`."""
        if start > self._found:
            match = _STOP.search(self._text, start)
            self._found = match.start() if match else len(self._text)
        return self._found if self._found < len(self._text) else otherwise


def _markers(text: str, tokens: Tokens, mentions: list[Mention]) -> Iterator[tuple[int, int]]:
    """Yield the spans after `arrow:`, `asterisk =`, `white arrow,`."""
    next_stop = _NextStop(text)
    for mention in [m for m in mentions if m.sense.kind == "legend"]:
        if mention.end < len(tokens.words):
            sign = tokens.words[mention.end]
            if sign in {":", "="} or (sign == "," and _opens_entry(text, tokens.starts[mention.first])):
                start = tokens.ends[mention.end]
                yield start, next_stop.after(start, len(text))
