"""Which language a text is mostly in, as far as the lexicon's languages go."""

from __future__ import annotations

from udt.lexicon.lexicon import FRENCH
from udt.normalize.mention import Mention


def language_of(text: str, mentions: list[Mention]) -> str:
    """`zh` where Chinese characters stand, `fr` where most function words are French, else `en`."""
    if not text.isascii() and any("\u4e00" <= c <= "\u9fff" for c in text):
        return "zh"
    words = [m for m in mentions if m.sense.kind == "function"]
    french = sum(1 for m in words if m.flags & FRENCH)
    return "fr" if words and french * 2 > len(words) else "en"
