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


def words_in(quote: str) -> float:
    """Count the words and numbers of a quote; two Chinese characters count as one word.

    >>> words_in("Hypoechoic, 2 cm"), words_in("肝内囊肿")
    (3.0, 2.0)
    """
    words = [word for word in tokenize(quote).words if word[0].isalnum()]
    return len(words) - sum(len(word) == 1 and not word.isascii() for word in words) / 2
