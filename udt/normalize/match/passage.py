"""Sentences and sections of a text, each sentence with its mentions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter

from udt.core.report import Section
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import LEGEND, Mention

_STOPS = frozenset({".", "!", "?", ";", "\n", "。", "；", "！", "？"})
_HEADING_MARKS = frozenset({":", "：", "-", "\n"})
_BULLETS = frozenset({"*", "#", "-", "•", "·", "_"})
# Most words of a sentence; a longer one is split, so that the work for a sentence is bounded.
_LONGEST_SENTENCE = 256
# Words from the start of a sentence within which a heading ends (`Right lobe of the liver: …`).
_LONGEST_HEADING = 5
# Most letters of a word before a full stop that may be an unknown abbreviation, if a small letter follows.
_LONGEST_ABBREVIATION = 4
_FIRST = attrgetter("first")


@dataclass(slots=True)
class Sentence:
    """One sentence.

    :ivar first: index of its first word.
    :ivar end: exclusive end index of its words.
    :ivar kinds: the kind of each mention; most rules test it first and skip a sentence without mentions for them.
    :ivar sides: the mentions that name a side, without those in legends.
    :ivar section: label of its section, or None.
    :ivar section_excluded: whether the section reports no findings, but history, technique or recommendations.
    :ivar topic: the anatomy in the heading of the sentence or of its list (`KIDNEYS: …`), or None.
    :ivar topic_side: the side in that heading (`Right lobe: …`), or None.
    :ivar attributes: the values in it that are read as attributes, apart from `mentions`, in order.
    :ivar composed: whether some of the mentions are compositions.
    """

    first: int
    end: int
    mentions: list[Mention]
    kinds: list[Kind]
    sides: list[Mention]
    section: str | None = None
    section_excluded: bool = False
    topic: Mention | None = None
    topic_side: Mention | None = None
    attributes: Sequence[Mention] = ()
    composed: bool = False


@dataclass(slots=True)
class Passage:
    """A text with its words, sentences and sections."""

    text: str
    tokens: Tokens
    sentences: list[Sentence]
    sections: list[Section]

    def span(self, mention: Mention) -> tuple[int, int]:
        """Return the start and exclusive end offset of a mention in the text."""
        tokens = self.tokens
        return tokens.starts[mention.first], tokens.ends[mention.end - 1]


def split_passage(text: str, tokens: Tokens, mentions: list[Mention], kinds: list[Kind], lexicon: Lexicon) -> Passage:
    """Split `text` into sentences and sections, and assign `mentions` (in order) to the sentences.

    :param kinds: the kind of each mention.
    """
    if "?" in tokens.words:
        mentions = [m for m in mentions if tokens.words[m.first] != "?" or not _is_question_mark(text, tokens, m)]
        kinds = [mention.sense.kind for mention in mentions]
    sentences = []
    start = 0
    sided = "side" in kinds
    for first, end in _bounds(text, tokens, lexicon.abbreviations):
        stop = bisect_left(mentions, end, start, key=_FIRST)
        own = mentions[start:stop]
        sides = [m for m in own if m.sense.kind == "side" and m.excluded != LEGEND] if sided else []
        sentences.append(Sentence(first, end, own, kinds[start:stop], sides))
        start = stop
    sections = _assign_sections(text, tokens, sentences) if "section" in kinds else []
    if ":" in tokens.words:
        _assign_topics(tokens, sentences)
    return Passage(text, tokens, sentences, sections)


def _is_question_mark(text: str, tokens: Tokens, mention: Mention) -> bool:
    """Return whether a `?` ends a sentence instead of hedging the next word: it directly follows a word."""
    start = tokens.starts[mention.first]
    return start > 0 and not text[start - 1].isspace() and text[start - 1] != "("


def _bounds(text: str, tokens: Tokens, abbreviations: frozenset[str]) -> list[tuple[int, int]]:
    """Return the first and exclusive end word index of each sentence, at most `_LONGEST_SENTENCE` words apart."""
    words = tokens.words
    bounds = []
    first = 0
    stops = compress(range(len(words)), map(_STOPS.__contains__, words))  # faster than a loop over the words
    for i in [*stops, len(words)]:
        while i - first > _LONGEST_SENTENCE:
            bounds.append((first, first + _LONGEST_SENTENCE))
            first += _LONGEST_SENTENCE
        if i - first == _LONGEST_SENTENCE or i == len(words) or _ends_here(text, tokens, i, abbreviations):
            if i > first:
                bounds.append((first, i))
            first = i + 1
    return bounds


def _ends_here(text: str, tokens: Tokens, i: int, abbreviations: frozenset[str]) -> bool:
    word = tokens.words[i]
    if word == "\n":
        return _line_ends(text, tokens, i)
    if word == ".":
        return _full_stop(text, tokens, i, abbreviations)
    return word != "?" or (i > 0 and tokens.ends[i - 1] == tokens.starts[i])


def _full_stop(text: str, tokens: Tokens, i: int, abbreviations: frozenset[str]) -> bool:
    """Return whether a full stop ends a sentence: not after an initial or abbreviation, nor before a small letter."""
    after = tokens.ends[i]
    if after >= len(text):
        return True
    following = text[after]
    before = tokens.words[i - 1] if i else ""
    if (len(before) == 1 and before.isalpha()) or before in abbreviations:
        return following == "\n"
    if following.isspace():
        follower = text[tokens.starts[i + 1]] if i + 1 < len(tokens.words) else "\n"
        return not follower.islower() or len(before) > _LONGEST_ABBREVIATION
    return following.isupper() or following in "([\"'“”’"


def _line_ends(text: str, tokens: Tokens, i: int) -> bool:
    """Return whether a line break ends a sentence: at a blank line, or if the next line begins with no small letter."""
    if "\n" in text[tokens.starts[i] + 1 : tokens.ends[i]]:
        return True
    following = text[tokens.ends[i] : tokens.ends[i] + 1]
    return not following.islower()


def _assign_sections(text: str, tokens: Tokens, sentences: list[Sentence]) -> list[Section]:
    """Find the section headings and assign every sentence to its section."""
    sections: list[Section] = []
    current: Mention | None = None
    for sentence in sentences:
        heading = _heading(tokens, sentence)
        start = tokens.starts[sentence.first]
        if heading is not None:
            _close(sections, start)
            sections.append(Section(str(heading.sense.one("section")), start, len(text)))
            current = heading
        elif current is not None and current.sense.one("excluded") and _is_after(text, tokens, current, sentence):
            _close(sections, start)
            current = None
        sentence.section = sections[-1].label if current is not None else None
        sentence.section_excluded = current is not None and bool(current.sense.one("excluded"))
    return sections


def _close(sections: list[Section], end: int) -> None:
    """Set the end of the last section to `end` if it has none yet."""
    if sections and sections[-1].end > end:
        sections[-1] = Section(sections[-1].label, sections[-1].start, end)


def _heading(tokens: Tokens, sentence: Sentence) -> Mention | None:
    """Return the section heading at the start of `sentence`, followed by a colon or a dash, or alone on its line.

    Bullets and the marks of Markdown around it are skipped.
    """
    words = tokens.words
    first = sentence.first
    while first < sentence.end and words[first] in _BULLETS:
        first += 1
    for mention in sentence.mentions[:2]:
        if mention.sense.kind == "section" and mention.first == first:
            end = mention.end
            while end < len(words) and words[end] in _BULLETS - {"-"}:
                end += 1
            if end == len(words) or words[end] in _HEADING_MARKS:
                return mention
    return None


def _is_after(text: str, tokens: Tokens, heading: Mention, sentence: Sentence) -> bool:
    """Return whether a sentence is after the end of an excluded section, which no section heading has closed.

    A section whose text begins on the line of its heading ends with that line; any other ends at a blank line or before
    a line with a heading of its own (`LIVER: …`).
    """
    between = text[tokens.ends[heading.end - 1] : tokens.starts[sentence.first]]
    first_line, _, later = between.partition("\n")
    if not later and "\n" not in between:
        return False
    if first_line.strip(" :-\t"):
        return True
    blank = "\n\n" in later.replace(" ", "") if later.strip() else False
    return blank or _opens_with_heading(tokens, sentence)


def _opens_with_heading(tokens: Tokens, sentence: Sentence) -> bool:
    return ":" in tokens.words[sentence.first : min(sentence.first + _LONGEST_HEADING, sentence.end)]


def _assign_topics(tokens: Tokens, sentences: list[Sentence]) -> None:
    """Assign topics to sentences: anatomy and side before a colon (`LIVER: …`, `Right lobe: …`), up to the next one."""
    topic: Mention | None = None
    side: Mention | None = None
    section: str | None = None
    for sentence in sentences:
        if sentence.section != section:
            topic, side, section = None, None, sentence.section
        for mention in sentence.mentions:
            if mention.sense.kind == "anatomy":
                colon = mention.end < sentence.end and tokens.words[mention.end] == ":"
                if colon and mention.end - sentence.first <= _LONGEST_HEADING:
                    topic = mention
                break
        if _opens_with_heading(tokens, sentence):
            colon_at = tokens.words.index(":", sentence.first)
            side = next((m for m in sentence.sides if m.end <= colon_at), None)
        sentence.topic, sentence.topic_side = topic, side
