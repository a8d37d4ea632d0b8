"""Legends of figure captions: the meanings of arrows and abbreviations.

`L = liver; IVC, inferior vena cava. Arrow: aorta` names structures without a finding in them. A report writes headings
in the same form: `RK: cyst of 2 cm`, `IMP: liver cyst`. An entry of a legend gives the meaning of its key and nothing
else; a heading is followed by what was found: a value, a measurement, a denial.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens, tokenize
from udt.normalize.distances import KEY_INDENT, LONGEST_NAME, SHORT_KEY, SHORT_SPELLED
from udt.normalize.match.mentions import LEGEND, Mention, find_mentions
from udt.normalize.match.order import index_at

_KEY: Final = r"(?:[A-Z][A-Za-z]{0,2}\d?|[A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9]{0,3}|[a-z]{1,3}(?=\s?[:=,])|[*#§†‡])"
_KEY_AT: Final = re.compile(rf"(?<![\w/.-])(?P<key>{_KEY})")
_ENTRY: Final = re.compile(
    rf"{_KEY_AT.pattern}\s?"
    r"(?P<sign>[:=]|,|\s[–—-]\s|\s(?=[A-Z]?[a-z]))\s*(?P<meaning>[A-Za-zÀ-ÿ][^;:=()\n]{0,200})"
)
# The start of an entry without `:` or `=`, which most texts have not; the signs before it, those after its key, and
# keys that are signs.
_OPENING: Final = re.compile(rf"{_KEY}(?:\s?,|\s{{1,2}}[–—-])|[A-Z]{{2,}}\s{{1,2}}[A-Za-z]")
_BEFORE_ENTRY: Final = ".;,()"
_OPENING_IN_LINES: Final = re.compile(rf"[{_BEFORE_ENTRY}]\s*(?:{_OPENING.pattern})")
_AFTER_KEY: Final = frozenset({",", ":", "=", "-"})
_KEY_SIGNS: Final = "*#§†‡"
_WIDE_GAP: Final = re.compile(rf"\s{{{KEY_INDENT}}}")
_GENITIVE: Final = re.compile(r"['\u2019\u2018\u02bc`\u00b4]s", re.IGNORECASE)
_STOP: Final = re.compile(r"[,;)\n]|\.(?=\s|$|[A-Z])")
_WORD: Final = re.compile(r"[^\W\d_]+")
# Kinds of words that report what was found, which the meaning of a key never contains.
_FOUND: Final[frozenset[Kind]] = frozenset({"negation", "hedge", "pseudo", "length unit", "age unit"})
# Kinds of names that an entry has only if they begin with its key.
_DESCRIBING: Final[frozenset[Kind]] = frozenset({"value", "finding", "modifier"})


def exclude_legend(
    text: str, tokens: Tokens, mentions: list[Mention], kinds: list[Kind], attributes: list[Mention]
) -> None:
    """Exclude the mentions and attributes in legends.

    :param kinds: the kind of each mention.
    """
    spans = _abbreviations(text, tokens, mentions) if _may_have_entries(text, tokens) else []
    if "legend" in kinds:
        spans += [(start, end) for _, start, end in _markers(text, tokens, mentions)]
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
                if tokens.ends[mention.end - 1] <= end:
                    mention.excluded = LEGEND


def find_legend(text: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Return the start and exclusive end of each entry of a legend in a text, its key or marker included."""
    tokens = tokenize(text)
    mentions, _ = find_mentions(text, tokens, lexicon)
    entries = _abbreviations(text, tokens, mentions) if _may_have_entries(text, tokens) else []
    return sorted([*entries, *((start, end) for start, _, end in _markers(text, tokens, mentions))])


def _abbreviations(text: str, tokens: Tokens, mentions: list[Mention]) -> list[tuple[int, int]]:
    """Return the spans of entries like `KEY: meaning`; the end of a longer name (`Segment VIII`) is not a key."""
    found: list[tuple[int, int]] = []
    position = 0
    for start in _starts_of_keys(text, tokens):
        match = _ENTRY.match(text, start) if start >= position else None
        if match is not None and _is_entry(text, match, tokens, mentions):
            position = _meaning_end(text, match)
            found.append((start, position))
    return found


def _starts_of_keys(text: str, tokens: Tokens) -> list[int]:
    """Return where the keys of entries may start, in order."""
    if "\n" in text or _GENITIVE.search(text):  # the words may be in another order than the text, or leave an s out
        return [match.start() for match in _KEY_AT.finditer(text)]
    return [start for i, start in enumerate(tokens.starts) if _may_be_key(i, text, tokens)]


def _may_have_entries(text: str, tokens: Tokens) -> bool:
    """Return whether the text may have entries: it contains `:`, `=`, or the possible start of an entry."""
    if ":" in text or "=" in text or _has_opening(text, tokens):
        return True
    gaps = "  " in text or not text.isprintable()  # the space is the only printable white space
    return gaps and _WIDE_GAP.search(text) is not None


def _has_opening(text: str, tokens: Tokens) -> bool:
    """Return whether an entry without `:` or `=` may start in a text, at its beginning or after a sign."""
    if "\n" in text:  # the words of tables are in another order than the text
        return _OPENING_IN_LINES.search("." + text) is not None
    opens = True
    for i, word in enumerate(tokens.words):
        if opens and _may_be_key(i, text, tokens) and _OPENING.match(text, tokens.starts[i]):
            return True
        opens = word in _BEFORE_ENTRY
    return False


def _may_be_key(i: int, text: str, tokens: Tokens) -> bool:
    """Return whether a word may be the key of an entry: one in small letters but the first is before a sign."""
    start, end = tokens.starts[i], tokens.ends[i]
    first = text[start]
    following = tokens.words[i + 1] if i + 1 < len(tokens.words) else ""
    if "A" <= first <= "Z":
        small = end == start + 1 or text[start + 1 : end].islower()
        followed = i + 1 < len(tokens.words) and tokens.starts[i + 1] == end and following not in _AFTER_KEY
        return not small or followed or following in _AFTER_KEY
    return following in _AFTER_KEY if "a" <= first <= "z" else first in _KEY_SIGNS


def _is_entry(text: str, match: re.Match[str], tokens: Tokens, mentions: list[Mention]) -> bool:
    key, sign, meaning = match["key"], match["sign"].strip(), match["meaning"]
    if sign == "=":
        return True
    if not sign and len(key) == 1:
        return False
    if sign != ":" and not _opens_entry(text, match.start("key")):
        return False
    initials = "".join(word[0] for word in _WORD.findall(meaning)).lower()
    spelled = initials[:1] == key[0].lower()
    if sign == ":":
        return not _is_heading(text, match, spelled) and _is_expansion(text, match, spelled, tokens, mentions)
    if sign:
        return spelled
    return initials[: len(key)] == key.lower()


def _is_expansion(text: str, match: re.Match[str], spelled: bool, tokens: Tokens, mentions: list[Mention]) -> bool:
    """Return whether the text after `KEY:` is the meaning of the key, instead of what was found under that heading.

    :param spelled: whether the meaning begins with the first letter of the key.
    """
    start, end = match.start("meaning"), _meaning_end(text, match)
    meaning = _mentions_within(start, end, tokens, mentions)
    if any(m.sense.kind in _FOUND for m in meaning):
        return False
    key = match["key"].lower()
    if _abbreviates(key, [word.lower() for word in _WORD.findall(text, start, end)]):
        return True
    if len(key) > SHORT_SPELLED and any(m.sense.kind == "finding" for m in meaning):
        return False  # "FAST: free fluid"
    names = _names_before(match.end("key"), tokens, mentions)
    if names:
        known = {m.sense.curie for m in names}
        return spelled and any(m.sense.curie in known for m in meaning)
    return spelled or not any(m.sense.kind in _DESCRIBING for m in meaning)


def _abbreviates(key: str, words: list[str]) -> bool:
    """Return whether a key consists of letters of several words, in order: *pv* of *portal vein*.

    Its first letter begins the first word, its last letter a later one: *taa* of *thoracoacromial artery*.
    """
    for k in range(1, min(len(words), len(key))):
        letters = iter("".join(words[:k]))
        if words[k][0] == key[-1] and all(letter in letters for letter in key[:-1]):
            return True
    return False


def _mentions_within(start: int, end: int, tokens: Tokens, mentions: list[Mention]) -> list[Mention]:
    """Return the mentions that begin within a span of the text."""
    first, stop = bisect_left(tokens.starts, start), bisect_left(tokens.starts, end)
    return mentions[index_at(mentions, first) : index_at(mentions, stop)]


def _names_before(end: int, tokens: Tokens, mentions: list[Mention]) -> list[Mention]:
    """Return the known names that end at `end`: the key itself (`CBD: 5 mm`) or a longer one (`Segment VIII`).

    The single letter of a side is none, since `L: liver` is an entry.
    """
    word = bisect_left(tokens.ends, end)
    near = mentions[index_at(mentions, word - LONGEST_NAME) : index_at(mentions, word + 1)]
    return [m for m in near if m.end == word + 1 and m.sense.kind != "side"]


def _is_heading(text: str, match: re.Match[str], spelled: bool) -> bool:
    """Return whether a key is the heading of a paragraph instead: `LIVER: normal` at the start of a line.

    :param spelled: whether the meaning begins with the first letter of the key.
    """
    start = match.start("key")
    before = text[max(0, start - KEY_INDENT) : start]
    opens_line = "\n" in before or len(match["key"]) > SHORT_KEY
    return not spelled and opens_line and before.rpartition("\n")[2].strip() == ""


def _opens_entry(text: str, start: int) -> bool:
    before = text[max(0, start - KEY_INDENT) : start].rstrip()
    return not before or before[-1] in ".;,(:)"


def _meaning_end(text: str, match: re.Match[str]) -> int:
    """Return the end offset of the meaning: a comma, a full stop, or the next entry."""
    stop = _STOP.search(text, match.start("meaning"), match.end("meaning"))
    return stop.start() if stop else match.end("meaning")


class _NextStop:
    """The ends of meanings, each a comma, a full stop or the next entry: looked up in order.

    :param text: the text, no part of which is searched twice, however many meanings have no end.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = -1

    def after(self, start: int) -> int:
        """Return the offset of the first stop from `start` on, not before that of an earlier call, or of the end."""
        if start > self._found:
            match = _STOP.search(self._text, start)
            self._found = match.start() if match else len(self._text)
        return self._found


def _markers(text: str, tokens: Tokens, mentions: list[Mention]) -> Iterator[tuple[int, int, int]]:
    """Yield the start of each of `arrow:`, `asterisk =`, `white arrow,`, and the start and end of its meaning."""
    next_stop = _NextStop(text)
    for mention in [m for m in mentions if m.sense.kind == "legend"]:
        if mention.end < len(tokens.words):
            sign = tokens.words[mention.end]
            if sign in {":", "="} or (sign == "," and _opens_entry(text, tokens.starts[mention.first])):
                start = tokens.ends[mention.end]
                yield tokens.starts[mention.first], start, next_stop.after(start)
