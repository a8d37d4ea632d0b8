"""The certainty of attributes, and that their sentences stay as they are."""

from __future__ import annotations

import pytest

from udt.core.report import Certainty
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.context.attributes import assess_attributes
from udt.normalize.match.attributes import assign_attributes, find_attributes
from udt.normalize.match.mentions import find_mentions
from udt.normalize.match.passage import Sentence, split_passage


def assessed(text: str, lexicon: Lexicon) -> Sentence:
    """Return the last sentence of a text with assessed attributes."""
    tokens = tokenize(text)
    mentions, marked = find_mentions(text, tokens, lexicon)
    passage = split_passage(text, tokens, mentions, [m.sense.kind for m in mentions], lexicon)
    assign_attributes(passage.sentences, find_attributes(text, tokens, mentions, marked.attributes, lexicon))
    assess_attributes(passage.sentences[-1], tokens.words)
    return passage.sentences[-1]


@pytest.mark.parametrize(
    ("text", "certainty", "cue"),
    [
        pytest.param("severe stenosis", "present", None, id="affirmed"),
        pytest.param("no severe stenosis", "absent", "cue:neg.no", id="denied"),
        pytest.param("the node is not tender", "present", None, id="the cue is a part of the label"),
        pytest.param("stenosis is seen, which is not severe", "absent", "cue:neg.prefix", id="next phrase"),
        pytest.param("possible severe stenosis", "possible", "cue:hedge.either", id="hedged"),
        pytest.param("no possible severe stenosis", "absent", "cue:neg.no", id="a negation overrides a hedge"),
    ],
)
def test_certainty(lexicon: Lexicon, text: str, certainty: Certainty, cue: str | None) -> None:
    attributes = assessed(text, lexicon).attributes
    assert {(a.certainty, a.cue.sense.curie if a.cue is not None else None) for a in attributes} == {(certainty, cue)}


def test_other_mentions_stay_as_they_are(lexicon: Lexicon) -> None:
    sentence = assessed("no severe stenosis, possible mild ascites", lexicon)
    assert {mention.certainty for mention in sentence.mentions} == {"present"}
    assert {attribute.certainty for attribute in sentence.attributes} == {"absent", "possible"}


def test_attributes_of_an_excluded_section_are_excluded(lexicon: Lexicon) -> None:
    attributes = assessed("HISTORY: severe stenosis", lexicon).attributes
    assert [attribute.excluded for attribute in attributes] == ["section history"]
