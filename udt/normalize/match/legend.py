"""Finds the legend of a figure caption: what its arrows and abbreviations stand for.

`L = liver; IVC, inferior vena cava. Arrow: aorta` names structures without saying anything of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import Mention

_INDENT = 16
_KEY = r"(?:[A-Z][A-Za-z]{0,2}\d?|[A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9]{0,3}|[a-z]{1,3}(?=\s?[:=,])|[*#§†‡])"
_ENTRY = re.compile(
    rf"(?<![\w/.-])(?P<key>{_KEY})\s?"
    r"(?P<sign>[:=]|,|\s[–—-]\s|\s(?=[A-Z]?[a-z]))\s*(?P<meaning>[A-Za-zÀ-ÿ][^;:=()\n]{0,200})"
)
# How an entry without `:` or `=` begins; most texts have none. It follows a sign or a wide gap.
_OPENING = re.compile(rf"[.;,()]\s*(?:{_KEY}(?:\s?,|\s{{1,2}}[–—-])|[A-Z]{{2,}}\s{{1,2}}[A-Za-z])")
_WIDE_GAP = re.compile(rf"\s{{{_INDENT}}}")
_STOP = re.compile(r"[,;)\n]|\.(?=\s|$|[A-Z])")
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_KEY = 6
_SHORT_KEY = 3


def mark_legend(text: str, tokens: Tokens, mentions: list[Mention]) -> None:
    """Excludes the mentions that stand in a legend."""
    spans = [*_abbreviations(text, tokens, mentions), *_markers(text, tokens, mentions)]
    if not spans:
        return
    starts = [tokens.starts[mention.first] for mention in mentions]
    for start, end in spans:
        for mention in mentions[bisect_left(starts, start) : bisect_left(starts, end)]:
            if tokens.ends[mention.last - 1] <= end and not mention.excluded:
                mention.excluded = "legend"


def _abbreviations(text: str, tokens: Tokens, mentions: list[Mention]) -> Iterator[tuple[int, int]]:
    """Spans of `KEY: meaning` and its like; a key that is only the end of a longer name (`Segment VIII`) is none."""
    if not _may_have_entries(text):
        return
    position = 0
    while match := _ENTRY.search(text, position):
        position = match.end("key")
        if _is_entry(text, match, tokens, mentions):
            end = _meaning_end(text, match)
            yield match.start("key"), end
            position = end


def _may_have_entries(text: str) -> bool:
    """Whether a closer look pays: a sign of an entry is there, or what may open one."""
    if ":" in text or "=" in text or _OPENING.search("." + text):  # what opens the text opens an entry
        return True
    gaps = "  " in text or not text.isprintable()  # of the blanks, only the space is printable
    return gaps and _WIDE_GAP.search(text) is not None


def _is_entry(text: str, match: re.Match[str], tokens: Tokens, mentions: list[Mention]) -> bool:
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
        fits = len(key) <= _LONGEST_KEY and (spelled or not _closes_name(match.end("key"), tokens, mentions))
        return fits and not panel and not _is_heading(text, match, spelled)
    if sign:
        return spelled and (key.isupper() or len(key) > 1 or meaning[:1].islower())
    return initials[: len(key)] == key.lower()


def _closes_name(end: int, tokens: Tokens, mentions: list[Mention]) -> bool:
    """Whether a known name ends at `end`: the key itself (`CBD: 5 mm`) or a longer one (`Segment VIII`)."""
    return any(tokens.ends[mention.last - 1] == end for mention in mentions)


def _is_heading(text: str, match: re.Match[str], spelled: bool) -> bool:
    """`LIVER: normal` at the start of a line heads a paragraph; it spells nothing out."""
    start = match.start("key")
    before = text[max(0, start - _INDENT) : start]
    opens_line = "\n" in before or (start < _INDENT and len(match["key"]) > _SHORT_KEY)
    return not spelled and opens_line and before.rpartition("\n")[2].strip() == ""


def _opens_entry(text: str, start: int) -> bool:
    before = text[max(0, start - _INDENT) : start].rstrip()
    return not before or before[-1] in ".;,(:)"


def _meaning_end(text: str, match: re.Match[str]) -> int:
    """Where the meaning ends: at a comma, a full stop, or the next entry."""
    stop = _STOP.search(text, match.start("meaning"))
    return stop.start() if stop else match.end("meaning")


def _markers(text: str, tokens: Tokens, mentions: list[Mention]) -> Iterator[tuple[int, int]]:
    """Spans behind `arrow:`, `asterisk =`, `white arrow,`."""
    for mention in [mention for mention in mentions if mention.sense.kind == "legend"]:
        if mention.last < len(tokens.words):
            sign = tokens.words[mention.last]
            if sign in {":", "="} or (sign == "," and _opens_entry(text, tokens.starts[mention.first])):
                start = tokens.ends[mention.last]
                stop = _STOP.search(text, start)
                yield start, stop.start() if stop else len(text)
