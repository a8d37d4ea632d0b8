"""Find the place of a quote in a text: verbatim but for case, accents and white space."""

from __future__ import annotations

import re
from collections.abc import Iterator

from udt.lexicon.tokens import fold, tokenize


def places_of(quote: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield the (start, exclusive end) of each occurrence of `quote` in `text` that consists of whole words.

    >>> list(places_of("thyroid  Cyst", "Thyroid\\ncyst, no thyroid cysts"))
    [(0, 12)]
    """
    words = fold(quote).split()
    if not words:
        return
    tokens = tokenize(text)
    starts, ends = set(tokens.starts), set(tokens.ends)
    for found in re.finditer(r"\s+".join(map(re.escape, words)), fold(text)):
        if found.start() in starts and found.end() in ends:
            yield found.span()
