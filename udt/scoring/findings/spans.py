"""Spans of a text: half-open pairs of code-point offsets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

Span = tuple[int, int]
Spans = frozenset[Span]


def overlap(span: Span, others: Iterable[Span]) -> int:
    """Return the number of characters that `span` shares with each of the others, summed up.

    >>> overlap((2, 8), [(0, 4), (7, 9), (8, 10)])
    3
    """
    return sum(max(0, min(span[1], end) - max(span[0], start)) for start, end in others)


def is_within(span: Span, others: Iterable[Span]) -> bool:
    """Return whether one of the others contains the whole of `span`.

    >>> is_within((2, 4), [(0, 3), (2, 4)]), is_within((2, 4), [(0, 3), (3, 4)])
    (True, False)
    """
    return any(start <= span[0] and span[1] <= end for start, end in others)


def spans_of(item: object) -> Iterator[Span]:
    """Yield the span of an object of a document, if it has one, and those of its evidence."""
    if isinstance(item, Mapping):
        yield from own_span(item)
        for evidence in item.get("evidence") or ():
            yield from own_span(evidence)


def own_span(item: Mapping[str, object]) -> Iterator[Span]:
    """Yield the span of an object of a document, if it has one."""
    start, end = item.get("start"), item.get("end")
    if isinstance(start, int) and isinstance(end, int):
        yield start, end
