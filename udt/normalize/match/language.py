"""The main language of a text, among the languages of the lexicon."""

from __future__ import annotations

import re

from udt.lexicon.build import FRENCH
from udt.normalize.match.mentions import Mention

_CHINESE = re.compile("[\u4e00-\u9fff]")


def language_of(text: str, mentions: list[Mention]) -> str:
    """Return `zh` if there are Chinese characters, `fr` if most function words are French, else `en`."""
    if not text.isascii() and _CHINESE.search(text):
        return "zh"
    flags = [m.flags & FRENCH for m in mentions if m.sense.kind == "function"]
    return "fr" if flags.count(FRENCH) * 2 > len(flags) else "en"
