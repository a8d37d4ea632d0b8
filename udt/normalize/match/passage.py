"""The text cut into sentences and sections, each sentence with its mentions."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from operator import attrgetter

from udt.core.report import Section
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import Mention

_STOPS = frozenset({".", "!", "?", ";", "\n", "。", "；", "！", "？"})
_HEADING_MARKS = frozenset({":", "：", "-", "\n"})
_BULLETS = frozenset({"*", "#", "-", "•", "·", "_"})
_LONGEST_SENTENCE = 256
_FIRST = attrgetter("first")


@dataclass(slots=True)
class Sentence:
    """One sentence.

    :ivar first: index of its first word; `last`: index behind its last.
    :ivar kinds: the kind of each of its mentions: most rules look there first whether there is anything for them.
    :ivar sides: those of the mentions that tell a side, legends left out.
    :ivar section: label of the section it stands in, or None.
    :ivar told: whether the section tells history or technique instead of findings.
    :ivar topic: the anatomy that heads it or the list it stands in (`KIDNEYS: …`), or None.
    :ivar side: the side in that heading (`Right lobe: …`), or None.
    """

    first: int
    last: int
    mentions: list[Mention]
    kinds: list[Kind]
    sides: list[Mention]
    section: str | None = None
    told: bool = False
    topic: Mention | None = None
    side: Mention | None = None


@dataclass(slots=True)
class Passage:
    """A text with everything read in it so far."""

    text: str
    tokens: Tokens
    sentences: list[Sentence]
    sections: list[Section]

    def span(self, mention: Mention) -> tuple[int, int]:
        """Offsets of a mention in the text."""
        tokens = self.tokens
        return tokens.starts[mention.first], tokens.ends[mention.last - 1]


def divide(text: str, tokens: Tokens, mentions: list[Mention], lexicon: Lexicon) -> Passage:
    """Sentences and sections of `text`, with `mentions` (in order) handed out to them."""
    if "?" in tokens.words:
        mentions = [m for m in mentions if tokens.words[m.first] != "?" or not _is_question_mark(text, tokens, m)]
    kinds = [mention.sense.kind for mention in mentions]
    sentences = []
    start = 0
    for first, last in _bounds(text, tokens, lexicon.abbreviations):
        end = bisect_left(mentions, last, start, key=_FIRST)
        mine = mentions[start:end]
        sides = [m for m in mine if m.sense.kind == "side" and m.excluded != "legend"] if "side" in kinds else []
        sentences.append(Sentence(first, last, mine, kinds[start:end], sides))
        start = end
    sections = _sections(text, tokens, sentences) if "section" in kinds else []
    if ":" in tokens.words:
        _topics(tokens, sentences)
    return Passage(text, tokens, sentences, sections)


def _is_question_mark(text: str, tokens: Tokens, mention: Mention) -> bool:
    """Whether a `?` ends a sentence, and so hedges nothing: it stands right behind a word."""
    start = tokens.starts[mention.first]
    return start > 0 and not text[start - 1].isspace() and text[start - 1] != "("


def _bounds(text: str, tokens: Tokens, abbreviations: frozenset[str]) -> list[tuple[int, int]]:
    """Word ranges of the sentences; one without end is cut, so that work on a sentence stays bounded."""
    words = tokens.words
    bounds = []
    first = 0
    stops = [i for i, word in enumerate(words) if word in _STOPS]
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
    """A full stop ends a sentence unless it closes an initial or abbreviation, or a small letter follows at once."""
    after = tokens.ends[i]
    if after >= len(text):
        return True
    following = text[after]
    before = tokens.words[i - 1] if i else ""
    if (len(before) == 1 and before.isalpha()) or before in abbreviations:
        return following == "\n"
    if following.isspace():
        follower = text[tokens.starts[i + 1]] if i + 1 < len(tokens.words) else "\n"
        return not follower.islower() or len(before) > 4
    return following.isupper() or following in "([\"'“”’"


def _line_ends(text: str, tokens: Tokens, i: int) -> bool:
    """A line break ends a sentence unless the line was only wrapped: the next one goes on in small letters."""
    if "\n" in text[tokens.starts[i] + 1 : tokens.ends[i]]:
        return True
    following = text[tokens.ends[i] : tokens.ends[i] + 1]
    return not following.islower()


def _sections(text: str, tokens: Tokens, sentences: list[Sentence]) -> list[Section]:
    """Finds headings and tells every sentence its section."""
    sections: list[Section] = []
    current: Mention | None = None
    for sentence in sentences:
        heading = _heading(tokens, sentence)
        start = tokens.starts[sentence.first]
        if heading is not None:
            _close(sections, start)
            sections.append(Section(str(heading.sense.one("section")), start, len(text)))
            current = heading
        elif current is not None and current.sense.one("excluded") and _leaves(text, tokens, current, sentence):
            _close(sections, start)
            current = None
        sentence.section = sections[-1].label if current is not None else None
        sentence.told = current is not None and bool(current.sense.one("excluded"))
    return sections


def _close(sections: list[Section], end: int) -> None:
    """Ends the last section at `end` where it is still open."""
    if sections and sections[-1].end > end:
        sections[-1] = Section(sections[-1].label, sections[-1].start, end)


def _heading(tokens: Tokens, sentence: Sentence) -> Mention | None:
    """The section heading that opens `sentence`: first on its line, and before a colon or alone on the line.

    Bullets and the marks of Markdown around it do not count.
    """
    words = tokens.words
    first = sentence.first
    while first < sentence.last and words[first] in _BULLETS:
        first += 1
    for mention in sentence.mentions[:2]:
        if mention.sense.kind == "section" and mention.first == first:
            behind = mention.last
            while behind < len(words) and words[behind] in _BULLETS - {"-"}:
                behind += 1
            if behind == len(words) or words[behind] in _HEADING_MARKS:
                return mention
    return None


def _leaves(text: str, tokens: Tokens, heading: Mention, sentence: Sentence) -> bool:
    """Whether a sentence stands outside a section of history that no further heading has closed.

    Such a section ends with its line where it began on the line of its heading, else at a blank line; and in any case
    where a line opens with a heading of its own (`LIVER: …`).
    """
    between = text[tokens.ends[heading.last - 1] : tokens.starts[sentence.first]]
    first_line, _, later = between.partition("\n")
    if not later and "\n" not in between:
        return False
    if first_line.strip(" :-\t"):
        return True
    blank = "\n\n" in later.replace(" ", "") if later.strip() else False
    return blank or _opens_with_heading(tokens, sentence)


def _opens_with_heading(tokens: Tokens, sentence: Sentence) -> bool:
    return ":" in tokens.words[sentence.first : min(sentence.first + 5, sentence.last)]


def _topics(tokens: Tokens, sentences: list[Sentence]) -> None:
    """Tells sentences what heads their lines: anatomy before a colon is the topic, and a side there is the side, of the
    sentences up to the next such heading (`LIVER: …`, `Right lobe: …`)."""
    topic: Mention | None = None
    side: Mention | None = None
    section: str | None = None
    for sentence in sentences:
        if sentence.section != section:
            topic, side, section = None, None, sentence.section
        for mention in sentence.mentions:
            if mention.sense.kind == "anatomy":
                colon = mention.last < sentence.last and tokens.words[mention.last] == ":"
                if colon and mention.last - sentence.first <= 5:
                    topic = mention
                break
        if _opens_with_heading(tokens, sentence):
            colon_at = tokens.words.index(":", sentence.first)
            side = next((m for m in sentence.sides if m.last <= colon_at), None)
        sentence.topic, sentence.side = topic, side
