"""The share of a text that is read: its clauses with evidence, and the words that no label has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from udt.core.report import Report
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.match.mentions import find_mentions
from udt.normalize.match.paths import find_by_path

_MARKS: Final = re.compile(r"[.,;:!?，。；：、！？\n]+")
_DIGITS: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of some texts is read.

    :ivar texts: number of texts in the language, of `all_texts`.
    :ivar clauses: clauses that have a letter.
    :ivar read: those of them with evidence of a label, a finding or a measurement, or with an excluded mention.
    :ivar unread: words of the other clauses that are in no label, with their numbers, the most frequent first.
    """

    all_texts: int
    texts: int
    clauses: int
    read: int
    unread: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        """Share of the clauses that are read, in [0, 1]; 1 if there are none."""
        return self.read / self.clauses if self.clauses else 1.0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        counts = {"all_texts": self.all_texts, "texts": self.texts, "clauses": self.clauses, "read": self.read}
        return {**counts, "share": self.share, "unread": [[word, count] for word, count in self.unread]}


def coverage(texts: Iterable[tuple[str, Report]], tag: str, lexicon: Lexicon, limit: int = 30) -> Coverage:
    """Measure how much of the texts in a language is read.

    :param texts: texts with their reports; those in another language are left out.
    :param lexicon: a lexicon of the taxonomy that read them.
    :param limit: most unread words.
    """
    own = lexicon.in_language(tag)
    count = kept = clauses = read = 0
    unread: Counter[str] = Counter()
    for text, report in texts:
        count += 1
        if report.language != tag:
            continue
        kept += 1
        spans = list(_spans(report))
        for start, end in _clauses(text):
            clauses += 1
            if any(first < end and start < last for first, last in spans):
                read += 1
            else:
                unread.update(_unread(text[start:end], own))
    return Coverage(count, kept, clauses, read, tuple(unread.most_common(limit)))


def _spans(report: Report) -> Iterator[tuple[int, int]]:
    for finding in report.findings:
        yield from ((one.start, one.end) for one in finding.evidence)
        yield from ((one.start, one.end) for one in finding.measurements)
    yield from ((one.start, one.end) for one in report.excluded)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and exclusive end of each clause with a letter."""
    start = 0
    for mark in [*_MARKS.finditer(text), None]:
        end = len(text) if mark is None else mark.start()
        if any(map(str.isalpha, text[start:end])):
            yield start, end
        start = end if mark is None else mark.end()


def _unread(clause: str, lexicon: Lexicon) -> Iterator[str]:
    """Yield the words of a clause that are in no label; in a language without blanks, letters beside one another."""
    tokens = tokenize(clause)
    mentions, _ = (find_by_path if lexicon.divided else find_mentions)(clause, tokens, lexicon)
    known = {i for mention in mentions for i in range(mention.first, mention.end)}
    word = ""
    for i, part in enumerate([*tokens.words, ""]):
        if part and i not in known and part.isalpha() and not _DIGITS.search(part):
            if lexicon.letters.fullmatch(part):
                word += part
                continue
            yield part
        if word:
            yield word
            word = ""
