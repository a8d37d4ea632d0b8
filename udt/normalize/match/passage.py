"""Sentences of a text, each with its mentions, its section and its topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from udt.core.report import Section
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.distances import LONGEST_ABBREVIATION, LONGEST_SENTENCE
from udt.normalize.match.headings import assign_sections, assign_topics, has_blank_line
from udt.normalize.match.mentions import LEGEND, Mention
from udt.normalize.match.order import index_at
from udt.normalize.match.sentence import Sentence

__all__ = ["Passage", "Sentence", "split_passage"]

_STOPS: Final = frozenset({".", "!", "?", ";", "\n", "。"})
# Signs before the first word of an item.
_ITEM_SIGNS: Final = _STOPS | {",", "-", "•", "|", "/"}
_DASHES: Final = frozenset({"-", "–", "="})
_TIMES: Final = (["x"], ["×"])
# Kinds of words with which a clause about another structure begins, and words that make it one.
_TOPICS: Final = frozenset({"anatomy", "side"})
_CUES_OF_CLAUSE: Final = frozenset({"negation", "hedge"})
# Structures that are in every region, and about which a clause is that of the structure before it.
_LAYER: Final = "TissueLayer"
_NORMAL: Final = "udaf:diagnosis.normal-appearance"


class Passage:
    """A text with its words, sentences and sections.

    :ivar spread: whether it has tables, whose words are in the order of sentences.
    """

    __slots__ = ("_ends", "_starts", "sections", "sentences", "spread", "text", "tokens")

    def __init__(
        self, text: str, tokens: Tokens, sentences: list[Sentence], sections: list[Section], spread: bool = False
    ) -> None:
        self.text, self.tokens = text, tokens
        self.sentences, self.sections = sentences, sections
        self.spread = spread
        self._starts, self._ends = tokens.starts, tokens.ends

    def span(self, mention: Mention) -> tuple[int, int]:
        """Return the start and exclusive end offset of a mention in the text.

        One of the words of a header and of a cell below it has the span of those in the cell (*level* … *II*).
        """
        starts, ends = self._starts, self._ends
        first, end = mention.first, mention.end
        if self.spread:
            for i in range(end - 1, first, -1):
                if starts[i] < ends[i - 1] or "\n" in self.text[ends[i - 1] : starts[i]]:
                    first = i
                    break
        return starts[first], ends[end - 1]


def split_passage(
    text: str,
    tokens: Tokens,
    mentions: list[Mention],
    kinds: list[Kind],
    lexicon: Lexicon,
    rows: Sequence[range] = (),
    divided: bool = False,
) -> Passage:
    """Split `text` into sentences and sections, and assign `mentions` (in order) to the sentences.

    :param kinds: the kind of each mention.
    :param rows: the words of the rows of tables, in order.
    :param divided: whether the language is written without blanks, so that a comma may end a sentence.
    """
    named, signs = frozenset(kinds), {word for word in tokens.words if len(word) == 1}
    if "?" in signs:
        mentions = [m for m in mentions if tokens.words[m.first] != "?" or not _is_question_mark(text, tokens, m)]
        kinds = [mention.sense.kind for mention in mentions]
    if "n" in signs and "value" in named:
        mentions = [m for m in mentions if m.sense.kind != "value" or not _is_stray_letter(m, mentions, tokens)]
        kinds = [mention.sense.kind for mention in mentions]
    sentences: list[Sentence] = []
    sections: list[Section] = []
    start = 0
    sided = "side" in named
    bounds = _bounds(text, tokens, lexicon.abbreviations)
    for first, end in _clauses(bounds, tokens.words, mentions) if divided else bounds:
        stop = index_at(mentions, end, start)
        own = mentions[start:stop]
        sides = [m for m in own if m.sense.kind == "side" and _names_side(m, own, text, tokens)] if sided else []
        sentences.append(Sentence(first, end, own, kinds[start:stop], [m.sense.role for m in own], sides))
        start = stop
    if rows:
        _mark_rows(sentences, rows)
    colons = ":" in signs
    if "section" in named or "modality" in named or colons:
        sections = assign_sections(text, tokens, sentences, lexicon)
    if colons or "\n" in signs:
        assign_topics(text, tokens, sentences)
    return Passage(text, tokens, sentences, sections, bool(rows))


def _clauses(bounds: Iterable[tuple[int, int]], words: list[str], mentions: list[Mention]) -> Iterator[tuple[int, int]]:
    """Yield the bounds of sentences, divided at the commas before a clause about another structure or side.

    Such a clause begins with the structure or the side, and has a verb of finding, a denial or a normal value.
    """
    k = 0
    for first, end in bounds:
        while k < len(mentions) and mentions[k].first < first:
            k += 1
        start = first
        for comma in [i for i in range(first, end) if words[i] == ","]:
            while k < len(mentions) and mentions[k].first < comma:
                k += 1
            if comma > start and _opens_clause(mentions, k, comma + 1, end, words):
                yield start, comma
                start = comma + 1
        yield start, end


def _opens_clause(mentions: list[Mention], k: int, first: int, end: int, words: list[str]) -> bool:
    """Return whether the words from `first` on are a clause about a structure or a side of its own."""
    topic = mentions[k] if k < len(mentions) else None
    if topic is None or topic.first != first or topic.sense.kind not in _TOPICS or topic.sense.specificity == _LAYER:
        return False
    for mention in mentions[k + 1 :]:
        if mention.first >= end or "," in words[first : mention.first]:
            return False
        if mention.sense.kind in _CUES_OF_CLAUSE or mention.sense.role == "Verb" or mention.sense.curie == _NORMAL:
            return True
    return False


def _mark_rows(sentences: list[Sentence], rows: Sequence[range]) -> None:
    """Note in which row of a table a sentence is."""
    n = 0
    for sentence in sentences:
        while n < len(rows) and rows[n].stop <= sentence.first:
            n += 1
        if n < len(rows) and sentence.first >= rows[n].start:
            sentence.row = rows[n]


def _names_side(side: Mention, mentions: list[Mention], text: str, tokens: Tokens) -> bool:
    """Return whether a word names a side and is in no legend.

    A single letter names one before a colon, before anatomy, before a size that follows no other number, before a word
    at the start of an item, and as a capital between a finding and a word for its place: `R: normal`, `the L ovary`,
    `R 14 mm, L 17 mm`, `10 cm (R)`, `1. L endometrioma`, `diverticulum R lateral`.

    :param mentions: the mentions of its sentence.
    """
    if side.excluded == LEGEND:
        return False
    if tokens.ends[side.end - 1] - tokens.starts[side.first] > 1 or not tokens.words[side.first].isascii():
        return True
    before = tokens.words[side.first - 1] if side.first else "\n"
    after = tokens.words[side.end] if side.end < len(tokens.words) else "\n"
    if before == "(" and after == ")":
        return _is_length(side.first - 2, mentions)
    if after == ":" or ((before in _ITEM_SIGNS or before == ":") and after.isalpha()):
        return True
    if after[0].isdigit() and not before[0].isdigit():
        return "." in after or tokens.words[side.end + 1 : side.end + 2] in _TIMES or _is_length(side.end + 1, mentions)
    capital = text[tokens.starts[side.first]].isupper() and after.isalpha()
    beside = (m for m in mentions if m.sense.kind in {"anatomy", "finding"})
    return any(m.first == side.end or (capital and m.end == side.first) for m in beside)


def _is_length(word: int, mentions: list[Mention]) -> bool:
    """Return whether a word is a unit of length."""
    return any(m.first == word and m.sense.kind == "length unit" for m in mentions)


def _is_stray_letter(value: Mention, mentions: list[Mention], tokens: Tokens) -> bool:
    """Return whether a single letter means no value.

    *N* is *normal* only as an answer (`RK: 10 cm, N.`), and before what is normal at the start of an item (`N echo`).
    """
    first, words = value.first, tokens.words
    if value.end - first > 1 or tokens.ends[first] - tokens.starts[first] > 1 or not words[first].isascii():
        return False
    if value.end < len(words) and words[value.end] not in _STOPS | {",", ")"}:
        k = index_at(mentions, value.end)
        described = k < len(mentions) and mentions[k].first == value.end and mentions[k].sense.kind == "head"
        return not (described and first and words[first - 1] in _ITEM_SIGNS | {":"})
    before = first - 1 if first and words[first - 1] == "," else first
    if before and words[before - 1] == ":":
        return False
    k = index_at(mentions, before) - 1
    if before > 1 and words[before - 2][0].isdigit() and words[before - 1].isalnum():
        return False  # after a number with a unit
    if before == first and first > 1 and words[first - 1] in _DASHES:
        k, before = index_at(mentions, first - 1) - 1, first - 1
        return not (k >= 0 and mentions[k].end == before and mentions[k].sense.kind == "anatomy")
    return not (before == first and k >= 0 and mentions[k].end == before and mentions[k].sense.kind == "anatomy")


def _is_question_mark(text: str, tokens: Tokens, mention: Mention) -> bool:
    """Return whether a `?` ends a sentence instead of hedging the next word: beside a word, or at the end of a line."""
    start = tokens.starts[mention.first]
    beside = start > 0 and not text[start - 1].isspace() and text[start - 1] != "("
    return beside or _ends_line(tokens.words, mention.first)


def _ends_line(words: list[str], i: int) -> bool:
    """Return whether a sign after a word is the last one of its line (*Kyste ?*)."""
    return i > 0 and words[i - 1].isalpha() and (i + 1 == len(words) or words[i + 1] == "\n")


def _bounds(text: str, tokens: Tokens, abbreviations: frozenset[str]) -> list[tuple[int, int]]:
    """Return the first and exclusive end word index of each sentence, at most `LONGEST_SENTENCE` words apart."""
    words = tokens.words
    bounds = []
    first = 0
    for i in [*(i for i, word in enumerate(words) if len(word) == 1 and word in _STOPS), len(words)]:
        while i - first > LONGEST_SENTENCE:
            bounds.append((first, first + LONGEST_SENTENCE))
            first += LONGEST_SENTENCE
        if i - first == LONGEST_SENTENCE or i == len(words) or _ends_here(text, tokens, i, abbreviations):
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
    return word != "?" or (i > 0 and tokens.ends[i - 1] == tokens.starts[i]) or _ends_line(tokens.words, i)


def _full_stop(text: str, tokens: Tokens, i: int, abbreviations: frozenset[str]) -> bool:
    """Return whether a full stop ends a sentence: not after an initial or abbreviation, nor before a small letter."""
    after = tokens.ends[i]
    if after >= len(text):
        return True
    following = text[after]
    before = tokens.words[i - 1] if i else ""
    if before in abbreviations or (i and _is_initial(text, tokens, i - 1)):
        return following == "\n"
    if following.isspace():
        follower = text[tokens.starts[i + 1]] if i + 1 < len(tokens.words) else "\n"
        return not follower.islower() or len(before) > LONGEST_ABBREVIATION
    return following.isupper() or following in "([\"'“”’"


def _is_initial(text: str, tokens: Tokens, i: int) -> bool:
    """Return whether a word is an initial (*J. Smith*, *a. renalis*), and not the end of a name or unit.

    A capital letter after a small one ends a name (*hepatitis B*, *level V*), a letter after a sign a unit (*cm/s*).
    """
    word, start = tokens.words[i], tokens.starts[i]
    if len(word) != 1 or not word.isalpha():
        return False
    before = text[:start].rstrip()[-1:]
    if word == "n" and i and (tokens.words[i - 1] == ":" or tokens.words[i - 1] == ","):
        return False  # normal, as an answer
    return not (before.islower() and text[start].isupper()) and (start == 0 or text[start - 1].isspace())


def _line_ends(text: str, tokens: Tokens, i: int) -> bool:
    """Return whether a line break ends a sentence: at a blank line, or if the next line begins with no small letter."""
    if has_blank_line(text, tokens, i):
        return True
    following = text[tokens.ends[i] : tokens.ends[i] + 1]
    return not following.islower()
