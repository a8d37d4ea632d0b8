"""Split the caption of a composite figure into the segments of its parts, with the text that all of them share."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from udt.lexicon.lexicon import Lexicon
from udt.normalize.match.legend import find_legend
from udt.records.pairing.clauses import Span, first_word, is_closed, lowered, sentence_ends, trimmed, words_of
from udt.records.pairing.families import Layout
from udt.records.pairing.indicators import Indicator, IndicatorSeries, find_indicators
from udt.records.pairing.words import indicator_words


@dataclass(frozen=True, slots=True)
class SplitCaption:
    """The caption of a composite figure, split.

    :ivar layout: how the parts are arranged.
    :ivar segments: part of the figure to the spans of its text in the caption, in reading order; text that several
        parts share is in the spans of each.
    """

    text: str
    layout: Layout
    segments: Mapping[str, tuple[Span, ...]]

    def of(self, key: str) -> str:
        """Return the caption of one part: its spans, joined."""
        joined, end, ends = "", 0, sentence_ends(self.text)
        for span in self.segments[key]:
            part = self.text[span.start : span.end]
            ended = any(end < one <= span.start for one in ends)
            joined += ("" if not joined else ". " if ended and not is_closed(joined) else " ") + part
            end = span.end
        return joined


def split_caption(text: str, lexicon: Lexicon) -> SplitCaption | None:
    """Split a caption by its indicators, or return None if it has none.

    :param lexicon: has the cues of legends, which are about all parts.
    """
    series = find_indicators(text)
    if series is None:
        return None
    pieces = _Pieces(text, series.keys)
    (_split_trailing if series.trailing else _split_leading)(pieces, series, lexicon)
    return SplitCaption(text, series.layout, pieces.spans())


class _Pieces:
    """The spans of the parts, as they are found."""

    def __init__(self, text: str, keys: Sequence[str]) -> None:
        self.text = text
        self._keys = tuple(keys)
        self._spans: dict[str, list[Span]] = {key: [] for key in keys}

    def add(self, start: int, end: int, keys: Iterable[str] = ()) -> None:
        """Add a span to some parts, by default to all."""
        span = trimmed(self.text, Span(start, end))
        if span.start < span.end:
            for key in dict.fromkeys(keys) or self._keys:
                self._spans[key].append(span)

    def spans(self) -> dict[str, tuple[Span, ...]]:
        return {key: tuple(sorted(spans)) for key, spans in self._spans.items()}


def _split_leading(pieces: _Pieces, series: IndicatorSeries, lexicon: Lexicon) -> None:
    """Give each part the text from its indicator to the next one, and all parts what comes before the first."""
    text, found = pieces.text, series.indicators
    pieces.add(0, found[0].start)
    for one, after in pairwise(found):
        pieces.add(one.end, after.start, one.keys)
    last = found[-1]
    shared = _shared_view(text, found) or _shared_sentences(text, series, lexicon)
    pieces.add(last.end, shared, last.keys)
    pieces.add(shared, len(text))


def _shared_view(text: str, found: Sequence[Indicator]) -> int | None:
    """Return the end of the last segment if all are words for a view that share the rest of their sentence."""
    spans = [Span(one.end, after.start) for one, after in pairwise(found)]
    if not all(_views(text, span) == len(words_of(text, span)) > 0 for span in spans):
        return None
    rest = words_of(text, Span(found[-1].end, len(text)))
    count = _views(text, Span(found[-1].end, len(text)))
    return rest[count - 1].end if 0 < count < len(rest) else None


def _views(text: str, span: Span) -> int:
    """Count the words for a view at the start of a span."""
    words = [lowered(text, word) for word in words_of(text, span)]
    return next((n for n, word in enumerate(words) if word not in indicator_words().views), len(words))


def _shared_sentences(text: str, series: IndicatorSeries, lexicon: Lexicon) -> int:
    """Return the start of the sentences about the whole figure after the first sentence of the last segment.

    They begin with a legend, a word for the whole figure, or a sentence that refers back to a part.
    """
    ends = [end for end in sentence_ends(text) if end > series.indicators[-1].end]
    legends = sorted(find_legend(text, lexicon))
    for begin, end in pairwise(ends):
        words = words_of(text, Span(begin, end))
        if not words:
            continue
        first = bisect_left(legends, (begin, 0))
        legend = first < len(legends) and legends[first][0] <= words[0].start
        refers = any(begin <= one.start < end for one in series.references)
        if legend or refers or lowered(text, words[0]) in indicator_words().whole:
            return begin
    return len(text)


def _split_trailing(pieces: _Pieces, series: IndicatorSeries, lexicon: Lexicon) -> None:
    """Give each part the text before its indicator; the indicators of one sentence share the rest of it."""
    text, position = pieces.text, 0
    # A full stop within an indicator, as in "Fig. 1a", ends no sentence.
    ends = [end for end in sentence_ends(text) if not any(one.start < end < one.end for one in series.indicators)]
    groups = [list(group) for _, group in groupby(series.indicators, lambda one: bisect_left(ends, one.start + 1))]
    for n, group in enumerate(groups):
        start = max((end for end in ends if end <= group[0].start), default=0)
        own = () if n == 0 else tuple(key for one in group for key in one.keys)
        pieces.add(position, start, own)
        end = next(end for end in ends if end >= group[-1].end)
        _split_sentence(pieces, group, Span(start, end))
        position = end
    pieces.add(position, len(text))


def _split_sentence(pieces: _Pieces, group: Sequence[Indicator], sentence: Span) -> None:
    """Split a sentence with indicators after their texts."""
    text = pieces.text
    keys = [key for one in group for key in one.keys]
    begin, goes_on = sentence.start, False
    for n, one in enumerate(group):
        if n == 0 and len(group) > 1:
            begin = _after_shared(text, Span(begin, one.start), Span(one.end, group[1].start))
            pieces.add(sentence.start, begin, keys)
        pieces.add(begin, one.start, one.keys)
        stop = group[n + 1].start if n + 1 < len(group) else sentence.end
        verb = first_word(text, one.end) in indicator_words().verbs
        begin = one.end
        if n + 1 == len(group):
            pieces.add(begin, stop, one.keys if verb and goes_on else keys)
        elif verb:
            begin, goes_on = _last_join(text, Span(one.end, stop)), True
            pieces.add(one.end, begin, one.keys)


def _after_shared(text: str, first: Span, second: Span) -> int:
    """Return where the own text of the first of two coordinated segments begins.

    What both share ends at one of the words or signs that lead to a segment (*of*, *showing*, a colon): at the last
    one that is not within the segment, of which there are as many as within the second segment.
    """
    if first_word(text, second.start) in indicator_words().verbs:
        return first.start
    openers = _openers(text, first)
    within = len(_openers(text, trimmed(text, second)))
    return openers[-1 - within] if within < len(openers) else first.start


def _openers(text: str, span: Span) -> list[int]:
    """Return the ends of the words and signs that lead to a segment."""
    words = [word.end for word in words_of(text, span) if lowered(text, word) in indicator_words().openers]
    signs = [place + 1 for place in range(*span) if text[place] in ":,，："]
    return sorted([*words, *signs])


def _last_join(text: str, span: Span) -> int:
    """Return the end of the clause that a span begins with: its last comma, or the last word that joins clauses."""
    comma = text.rfind(",", span.start, span.end)
    clauses = indicator_words().joins - indicator_words().verbs
    joins = [word.start for word in words_of(text, span) if lowered(text, word) in clauses]
    return comma if comma >= 0 else joins[-1] if joins else span.end
