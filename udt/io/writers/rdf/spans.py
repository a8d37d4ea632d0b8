"""Spans of text in the terms of the Web Annotation vocabulary; offsets count code points."""

from __future__ import annotations

from udt.io.writers.rdf.nodes import COUNTING, A, Iri, Literal, RdfNode, node, whole


def span(source: str, start: int, end: int, words: str = "") -> RdfNode | None:
    """Return a part of a text; None if it is empty, since nothing was read in a text.

    :param source: name of the text.
    :param end: the exclusive end offset.
    :param words: the text between the offsets; without them, the part has only its position.
    """
    if start == end:
        return None
    position = node(
        "",
        [
            (A, Iri("oa:TextPositionSelector")),
            ("oa:start", whole(start, COUNTING)),
            ("oa:end", whole(end, COUNTING)),
        ],
    )
    quote = [node("", [(A, Iri("oa:TextQuoteSelector")), ("oa:exact", Literal(words))])] if words else []
    return node(
        "",
        [
            (A, Iri("oa:SpecificResource")),
            ("oa:hasSource", Iri(source)),
            ("oa:hasSelector", [position, *quote]),
        ],
    )
