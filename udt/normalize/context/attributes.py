"""The context of attributes: exclusion and certainty by the rules of other mentions, which stay as they are."""

from __future__ import annotations

from dataclasses import replace

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Kind
from udt.normalize.context.assertion import assign_certainty
from udt.normalize.context.exclusion import CUES, apply_exclusions
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

_CONTEXT: frozenset[Kind] = CUES | {"negation", "hedge"}


def assess_attributes(sentence: Sentence, words: list[str], lexicon: Lexicon) -> None:
    """Exclude the attributes of a sentence and set their certainty; its other mentions do not change.

    The rules are applied to copies of the mentions, with the attributes among them, so that an attribute in the scope
    of a cue is denied, but does not end the scope for others. A cue within an attribute is a part of its name
    (*not compressible*). It has to be called before the rules change `sentence`.
    """
    if sentence.section_excluded or not _CONTEXT.isdisjoint(sentence.kinds):
        copies = [Mention(m.first, m.end, m.sense, m.flags) for m in sentence.mentions]
        merged = sorted([*copies, *sentence.attributes], key=lambda m: (m.first, m.end))
        copy = replace(sentence, mentions=merged, kinds=[m.sense.kind for m in merged])
        apply_exclusions(copy, words)
        assign_certainty(copy, words, lexicon)
        for attribute in sentence.attributes:
            cue = attribute.cue
            if cue is not None and attribute.first <= cue.first and cue.end <= attribute.end:
                attribute.certainty, attribute.cue = "present", None
