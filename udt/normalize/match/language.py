"""The main language of a text, among the languages of the lexicon."""

from __future__ import annotations

import re
from operator import attrgetter

from udt.lexicon.build import FRENCH
from udt.normalize.match.mentions import Mention

_FLAGS = attrgetter("flags")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def language_of(text: str, mentions: list[Mention]) -> str:
    """Return `zh` if there are Chinese characters, `fr` if most function words are French, else `en`."""
    if not text.isascii() and _CHINESE.search(text):
        return "zh"
    for flags in set(map(_FLAGS, mentions)):
        if flags & FRENCH:
            break
    else:
        return "en"
    flags = [m.flags & FRENCH for m in mentions if m.sense.kind == "function"]
    return "fr" if flags.count(FRENCH) * 2 > len(flags) else "en"
