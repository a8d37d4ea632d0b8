"""The context of attributes: exclusion and certainty by the cues of their sentence, whose other mentions do not change.

An attribute of an excluded mention is left out with it, by the assignment to findings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from udt.normalize.context.assertion import apply_cues, deny, hedge
from udt.normalize.context.clauses import Mark
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Sentence

_CUES: Final = frozenset({"negation", "hedge"})
_CONDITIONAL: Final = "Conditional"
_THAN: Final = "than"
_ENDS_OF_LIST: Final = frozenset({",", ";", "("})


def assess_attributes(sentence: Sentence, words: list[str]) -> None:
    """Exclude the attributes of an excluded section, and set the certainty of those of other sentences.

    Attributes in the scope of a cue are denied or hedged, but do not end the scope for others. A cue that an
    attribute overlaps is a part of its name (*not compressible*).
    """
    if sentence.section_excluded:
        for attribute in sentence.attributes:
            attribute.excluded = f"section {sentence.section}"
    else:
        assess(sentence, sentence.attributes, words)
        if _CONDITIONAL in sentence.role_set:
            _exclude_conditional(sentence)
        for attribute in sentence.attributes:
            if words[attribute.end : attribute.end + 1] == [_THAN] and _is_number(words, attribute.end + 1):
                attribute.excluded = "comparison"  # larger than 8 mm


def _is_number(words: list[str], i: int) -> bool:
    return i < len(words) and words[i][:1].isdigit()


def _exclude_conditional(sentence: Sentence) -> None:
    """Exclude the attributes of a clause about the time to come: *once the collection has resolved*."""
    first = next(mention.first for mention in sentence.mentions if mention.sense.role == _CONDITIONAL)
    for attribute in sentence.attributes:
        if attribute.first > first:
            attribute.excluded = "condition"


def assess(sentence: Sentence, added: Sequence[Mention], words: list[str]) -> None:
    """Set the certainty of mentions that are `added` to those of a sentence, in order, by the cues of the sentence."""
    if not _CUES.isdisjoint(sentence.kind_set):
        mentions = _merged(sentence.mentions, added)
        own = {id(mention) for mention in added}

        def of_added(mark: Mark) -> Mark:
            def mark_added(mention: Mention, cue: Mention) -> None:
                if id(mention) in own and not mention.overlaps(cue) and not _is_verdict(mention, cue, words):
                    mark(mention, cue)

            return mark_added

        merged = Sentence(sentence.first, sentence.end, [], [], [], [])
        merged.replace_mentions(mentions)
        merged.divided = sentence.divided
        apply_cues(merged, words, of_added(hedge), of_added(deny))


def _merged(mentions: list[Mention], attributes: Sequence[Mention]) -> list[Mention]:
    """Return both lists in one, in the order of their first words; attributes after mentions of the same word."""
    merged: list[Mention] = []
    start = 0
    for attribute in attributes:
        end = start
        while end < len(mentions) and mentions[end].first <= attribute.first:
            end += 1
        merged += mentions[start:end]
        merged.append(attribute)
        start = end
    return merged + mentions[start:]


def _is_verdict(attribute: Mention, cue: Mention, words: list[str]) -> bool:
    """Return whether an attribute is a category after a list that a cue denies or hedges (*no flow, O-RADS 2*)."""
    rules = attribute.sense.rules
    if rules is None or not rules.rated or attribute.end - attribute.first == 1:
        return False
    return not _ENDS_OF_LIST.isdisjoint(words[cue.end : attribute.first])
