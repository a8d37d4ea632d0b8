"""Headings: the sections, modalities and topics that they open.

A heading opens a sentence and ends with a colon or a dash, or fills its line: `FINDINGS:`, `CLINICAL HISTORY -`,
`MAMMOGRAM`, `RIGHT KIDNEY: …`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.core.report import Section
from udt.lexicon.flags import PLURAL
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import Tokens
from udt.normalize.distances import LONGEST_HEADING, LONGEST_INLINE_TITLE, LONGEST_TITLE
from udt.normalize.match.mentions import Mention, side_of
from udt.normalize.match.sentence import Sentence

ULTRASOUND: Final = "ultrasound"

_MARKS: Final = frozenset({":", "-", "\n"})
_BULLETS: Final = frozenset({"*", "#", "-", "•", "·", "_"})
_BLANKS: Final = _BULLETS | {"\n"}
# Kinds of mentions in the heading of an item that describes the topic before it (`Size: …`, `Wall: …`).
_DESCRIBING: Final = frozenset({"head", "modifier", "value"})


def assign_sections(text: str, tokens: Tokens, sentences: list[Sentence], lexicon: Lexicon) -> list[Section]:
    """Find the headings of sections and modalities, and assign every sentence to its section and modality.

    :returns: the sections, in order; a part before the first heading has none.
    """
    sections: list[Section] = []
    current: Mention | None = None
    modality = _Modality(text, tokens, sentences)
    for number, sentence in enumerate(sentences):
        heading = _section_heading(text, tokens, sentence, lexicon)
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
        sentence.modality = modality.of(number, heading)
    return sections


def assign_topics(text: str, tokens: Tokens, sentences: list[Sentence]) -> None:
    """Assign the topic and side of the headings of items (`LIVER: …`, `Right lobe: …`) to their sentences.

    They hold up to the next heading with anatomy of its own. An item of another kind (`Free fluid: none`) ends them as
    well, and so does a blank line, if the text of the topic began on the line of its heading; an item that describes
    the topic (`Size: 14 cm`) does not. The side of a heading that fills its line (`RIGHT LEG`) is that of the paired
    structures in the headings below it, too.
    """
    topic: Mention | None = None
    side: Mention | None = None
    part_side: Mention | None = None
    row_topic: Mention | None = None
    row_side: Mention | None = None
    section: str | None = None
    fills_line, of_region = False, False
    words, bullet = tokens.words, ""
    for sentence in sentences:
        if sentence.section != section:
            topic, side, part_side, section = None, None, None, sentence.section
        if sentence.row is not None:
            if sentence.first == sentence.row.start:
                row_topic, row_side = _topic_of_row(tokens, sentence, topic, side)
            sentence.topic, sentence.topic_side = row_topic, row_side
            continue
        colon = _heading_end(tokens, sentence, LONGEST_HEADING)
        if colon is None and (alone := _title_alone(text, tokens, sentence)) is not None:
            topic, side, fills_line = alone, _side_of_part(sentence), True
            part_side = side
            of_region = alone.sense.specificity == "BodyRegion"
        elif colon is None:
            if topic is not None and not fills_line and _ends_topic(text, tokens, sentence, topic):
                topic, side = None, None
            if words[sentence.first] == bullet:
                topic, side = None, None  # the next item of a list (`- R flank: …`)
        else:
            sentence.headed = _opens_line(tokens, sentence)
            bullet = words[sentence.first] if words[sentence.first] in _BULLETS else ""
            named = [m for m in sentence.mentions if m.end <= colon]
            anatomy = _named_in_heading(named)
            own_side = _only_side([m for m in sentence.sides if m.end <= colon])
            describes = any(m.sense.kind in _DESCRIBING for m in named)
            if anatomy is not None:
                fills_line = colon + 1 >= sentence.end
                part_side = own_side if fills_line else part_side
                in_part = _is_one_of_pair(anatomy) or (of_region and not _follows_blank_line(text, tokens, sentence))
                topic, side = anatomy, own_side or (part_side if in_part else None)
            elif own_side is not None or not describes:
                side = own_side
            if anatomy is None and own_side is None and sentence.headed and not fills_line and not describes:
                topic = None
        sentence.topic, sentence.topic_side = topic, side


def _ends_topic(text: str, tokens: Tokens, sentence: Sentence, topic: Mention) -> bool:
    """Return whether a sentence without a heading is not about the structure in the heading of a line before.

    It follows a blank line, or opens a line about more than one of a pair (`LEFT OVARY: …`, then *no adnexal mass*).
    """
    if _follows_blank_line(text, tokens, sentence):
        return True
    named = next((m for m in sentence.mentions if m.sense.kind == "anatomy"), None)
    if named is None or topic.sense.curie in named.sense.line:
        return False
    return named.sense.curie in topic.sense.line


def _named_in_heading(mentions: Sequence[Mention]) -> Mention | None:
    """Return the anatomy that a heading names, rather a structure than a region: *RUQ (Morison pouch)*."""
    named = [m for m in mentions if m.sense.kind == "anatomy"]
    return next((m for m in named if m.sense.concept_kind != "Region"), next(iter(named), None))


def _side_of_part(sentence: Sentence) -> Mention | None:
    """Return the side in a heading that fills its line; the title of an examination of both sides has none."""
    side = next(iter(sentence.sides), None)
    return None if side is not None and "Exam" in sentence.role_set and side_of(side) == "bilateral" else side


def _topic_of_row(
    tokens: Tokens, sentence: Sentence, topic: Mention | None, side: Mention | None
) -> tuple[Mention | None, Mention | None]:
    """Return the topic and the side of a row of a table: those that its name states, else those of the text above."""
    colon = _heading_end(tokens, sentence, LONGEST_TITLE) or sentence.first
    own = next((m for m in sentence.mentions if m.end <= colon and m.sense.kind == "anatomy"), None)
    own_side = next((m for m in sentence.sides if m.end <= colon), None)
    return own or topic, own_side or (side if own is None or _is_one_of_pair(own) else None)


def _only_side(sides: Sequence[Mention]) -> Mention | None:
    """Return the first of the sides in a heading, or None if they are two (*Right and left ovary: …*)."""
    return sides[0] if len({side.sense.curie for side in sides}) == 1 else None


def _title_alone(text: str, tokens: Tokens, sentence: Sentence) -> Mention | None:
    """Return the structure that a line of its own names, before a line that goes on about it: `RIGHT KIDNEY`."""
    words = tokens.words
    if not _opens_line(tokens, sentence) or words[sentence.end : sentence.end + 1] != ["\n"]:
        return None
    if sentence.end - sentence.first > LONGEST_HEADING or has_blank_line(text, tokens, sentence.end):
        return None
    anatomy = next((m for m in sentence.mentions if m.sense.kind == "anatomy"), None)
    covered = sum(m.end - m.first for m in sentence.mentions if m.sense.kind in {"anatomy", "side", "function"})
    return anatomy if covered >= sentence.end - sentence.first else None


def _is_one_of_pair(structure: Mention) -> bool:
    return structure.sense.paired and not structure.flags & PLURAL


def has_blank_line(text: str, tokens: Tokens, line_break: int) -> bool:
    """Return whether a line break, the word with this index, is followed by a blank line."""
    return text.count("\n", tokens.starts[line_break], tokens.ends[line_break]) > 1


def _close(sections: list[Section], end: int) -> None:
    """Set the end of the last section to `end` if it has none yet."""
    if sections and sections[-1].end > end:
        sections[-1] = Section(sections[-1].label, sections[-1].start, end)


#
# Positions
#


def _first_word(tokens: Tokens, sentence: Sentence) -> int:
    """Return the index of the first word of a sentence that is no bullet or mark of Markdown."""
    first = sentence.first
    while first < sentence.end and tokens.words[first] in _BULLETS:
        first += 1
    return first


def _opens_line(tokens: Tokens, sentence: Sentence) -> bool:
    """Return whether a sentence opens a line, or follows the number of an item there (`1. History: …`)."""
    words, first = tokens.words, sentence.first
    if first > 1 and words[first - 1] == "." and words[first - 2].isdigit():
        first -= 2
    return first == 0 or words[first - 1] == "\n"


def _heading_end(tokens: Tokens, sentence: Sentence, longest: int) -> int | None:
    """Return the index of the colon that ends a heading at the start of a sentence, or None.

    :param longest: most words of the heading.
    """
    first = _first_word(tokens, sentence)
    for i in range(first, min(first + longest + 1, sentence.end)):
        if tokens.words[i] == ":":
            return i
    return None


def _is_upper(text: str, tokens: Tokens, first: int, end: int) -> bool:
    return end > first and text[tokens.starts[first] : tokens.ends[end - 1]].isupper()


def _follows_blank_line(text: str, tokens: Tokens, sentence: Sentence) -> bool:
    before = sentence.first - 1
    return before >= 0 and has_blank_line(text, tokens, before)


#
# Sections
#


def _section_heading(text: str, tokens: Tokens, sentence: Sentence, lexicon: Lexicon) -> Mention | None:
    """Return the section heading at the start of a sentence, or None."""
    if "section" in sentence.kind_set:
        return _opening_heading(tokens, sentence) or _longer_heading(text, tokens, sentence)
    return _cut_heading(tokens, sentence, lexicon)


def _opening_heading(tokens: Tokens, sentence: Sentence) -> Mention | None:
    """Return the heading that is followed by a colon or a dash, or alone on its line: `FINDINGS:`, `**History**`."""
    words = tokens.words
    first = _first_word(tokens, sentence)
    for mention in sentence.mentions[:2]:
        if mention.sense.kind == "section" and mention.first == first:
            end = mention.end
            while end < len(words) and words[end] in _BULLETS - {"-"}:
                end += 1
            if end == len(words) or words[end] in _MARKS:
                return mention
    return None


def _longer_heading(text: str, tokens: Tokens, sentence: Sentence) -> Mention | None:
    """Return the heading within a longer one at the start of a line.

    It is directly before the colon (`BRIEF CLINICAL HISTORY:`), or anywhere in capitals (`HISTORY AND COURSE:`), where
    one that reports findings takes precedence (`TECHNIQUE AND FINDINGS:`).
    """
    colon = _heading_end(tokens, sentence, LONGEST_TITLE)
    if colon is None or not _opens_line(tokens, sentence):
        return None
    named = [m for m in sentence.mentions if m.sense.kind == "section" and m.end <= colon]
    if not _is_upper(text, tokens, sentence.first, colon):
        named = [m for m in named if m.end == colon]
    reporting = [m for m in named if not m.sense.one("excluded")]
    return next(iter(reporting or named), None)


def _cut_heading(tokens: Tokens, sentence: Sentence, lexicon: Lexicon) -> Mention | None:
    """Return the heading at the start of a line that has lost its first letter (`NDICATION: …`)."""
    first = sentence.first
    if tokens.words[first + 1 : first + 2] != [":"]:
        return None
    sense = lexicon.cut_headings.get(tokens.words[first])
    return None if sense is None else Mention(first, first + 1, sense)


def _is_after(text: str, tokens: Tokens, heading: Mention, sentence: Sentence) -> bool:
    """Return whether a sentence is after the end of an excluded section, which no section heading has closed.

    A section whose text begins on the line of its heading ends with that line; any other ends at a blank line or before
    a line with a heading of its own (`LIVER: …`).
    """
    between = text[tokens.ends[heading.end - 1] : tokens.starts[sentence.first]]
    first_line, _, later = between.partition("\n")
    if "\n" not in between:
        return False
    if first_line.strip(" :-\t"):
        return True
    blank = "\n\n" in later.replace(" ", "") if later.strip() else False
    return blank or _heading_end(tokens, sentence, LONGEST_HEADING - 1) is not None


#
# Modalities
#


class _Modality:
    """The modality of one sentence after the other.

    A part that is not ultrasound ends at the heading of a section or of ultrasound, at a sentence that speaks of
    ultrasound, and at a blank line, unless a later heading of ultrasound will end it.
    """

    def __init__(self, text: str, tokens: Tokens, sentences: list[Sentence]) -> None:
        self._text = text
        self._tokens = tokens
        self._sentences = sentences
        self._named = [self._name(sentence) for sentence in sentences]
        back = (n for n in range(len(sentences) - 1, -1, -1) if self._named[n] == ULTRASOUND)
        self._last_of_ultrasound = next(back, -1)
        self._current: str | None = None
        self._heading_end = 0

    def of(self, number: int, section: Mention | None) -> str | None:
        """Return the modality of a sentence, or None; the sentences are asked for in order.

        :param section: the heading of a section that opens the sentence, or None.
        """
        sentence, named = self._sentences[number], self._named[number]
        if named is not None:
            self._current = named
            colon = _heading_end(self._tokens, sentence, LONGEST_TITLE)
            self._heading_end = sentence.end if colon is None else colon + 1
        elif self._is_over(number, section):
            self._current = None
        return self._current

    def _is_over(self, number: int, section: Mention | None) -> bool:
        sentence, words = self._sentences[number], self._tokens.words
        if section is not None:
            between = words[self._heading_end : min(sentence.first, self._heading_end + len(_BLANKS))]
            return not _BLANKS.issuperset(between)
        if "modality" not in sentence.kind_set and "Exam" in sentence.role_set:
            return True
        return number > self._last_of_ultrasound and _follows_blank_line(self._text, self._tokens, sentence)

    def _name(self, sentence: Sentence) -> str | None:
        """Return the modality that the heading of a sentence names, or None.

        A heading that names a part without findings (`COMPARISON CT:`), or ultrasound as well, names none.
        """
        near = [m for m in sentence.mentions[:LONGEST_TITLE] if m.sense.kind == "modality" or m.sense.role == "Exam"]
        end = self._title_end(sentence) if near else None
        if end is None:
            return None
        if any(m.sense.one("excluded") for m in sentence.mentions if m.end <= end):
            return None
        names = {str(m.sense.one("otherModality") or ULTRASOUND) for m in near if m.end <= end}
        return names.pop() if len(names) == 1 else None

    def _title_end(self, sentence: Sentence) -> int | None:
        """Return the exclusive end of a heading that may name a modality: before a colon, or a line in capitals."""
        tokens = self._tokens
        first = _first_word(tokens, sentence)
        colon = _heading_end(tokens, sentence, LONGEST_TITLE)
        if colon is not None:
            return colon if colon - first <= LONGEST_INLINE_TITLE or _opens_line(tokens, sentence) else None
        fills_line = sentence.end == len(tokens.words) or tokens.words[sentence.end] == "\n"
        is_title = fills_line and sentence.end - first <= LONGEST_TITLE and _opens_line(tokens, sentence)
        return sentence.end if is_title and _is_upper(self._text, tokens, first, sentence.end) else None
