"""The second pass over the words: the longest match of each dimension, which changes no mention of the first pass."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read
from udt.lexicon.cache import load_lexicon_data
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.match.attributes import assign_attributes, find_attributes
from udt.normalize.match.mentions import Mention, find_mentions
from udt.normalize.match.passage import split_passage


def found(text: str, lexicon: Lexicon) -> list[Mention]:
    """Return the attributes in a text."""
    tokens = tokenize(text)
    mentions, marked = find_mentions(text, tokens, lexicon)
    return find_attributes(text, tokens, mentions, marked.attributes, lexicon)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("predominantly cystic", {"udaf:composition.predominantly-cystic"}, id="longest of a dimension"),
        pytest.param(
            "mild ascites",
            {"udaf:severity.mild", "udaf:fluid-amount.small-amount", "udaf:ascites-amount.ascites-grade-1"},
            id="each dimension has its own",
        ),
        pytest.param("SEGMENT VI", {"udaf:liver-segment.segment-vi"}, id="any case"),
        pytest.param("BI-RADS category 4", {"udaf:bi-rads.bi-rads-4"}, id="word before a number"),
        pytest.param("BIRADS score: IV", {"udaf:bi-rads.bi-rads-4"}, id="words, a colon and a Roman number"),
        pytest.param("BI-RADS category", set(), id="no number"),
        pytest.param("TR 4", {"udaf:acr-ti-rads.tr4"}, id="abbreviation with a blank"),
        pytest.param("TR 4 cm", set(), id="size"),
        pytest.param(
            "segments V and VI", {"udaf:liver-segment.segment-v", "udaf:liver-segment.segment-vi"}, id="shared noun"
        ),
        pytest.param(
            "levels II, III and IV",
            {"udaf:node-level.level-ii", "udaf:node-level.level-iii", "udaf:node-level.level-iv"},
            id="list with a shared noun",
        ),
        pytest.param("upper and lower poles", {"udaf:pole.upper-pole", "udaf:pole.lower-pole"}, id="shared last word"),
        pytest.param(
            "2-3 o'clock", {"udaf:clock-position.2-o-clock", "udaf:clock-position.3-o-clock"}, id="range of a clock"
        ),
        pytest.param("segment V, 6 mm", {"udaf:liver-segment.segment-v"}, id="size after a list"),
        pytest.param("has nearly resolved", {"udaf:change-over-time.decreased"}, id="no word between shared words"),
        pytest.param("US-2", {"udaf:us-li-rads.us-2"}, id="abbreviation"),
        pytest.param("us 2", set(), id="not as an abbreviation is written"),
        pytest.param("haemorrhagic content", {"udaf:cyst-content.haemorrhagic-content"}, id="British spelling"),
        pytest.param("hemorrhagic content", {"udaf:cyst-content.haemorrhagic-content"}, id="American spelling"),
        pytest.param("acute cholecystitis", {"udaf:acuity.acute"}, id="inside a name, if the dimension allows it"),
        pytest.param("marked by", set(), id="inside a neutral phrase"),
        pytest.param("transvaginal", set(), id="dimension that is not read"),
        pytest.param(
            "irregular margins",
            {"udaf:margin-detail.irregular", "udaf:plaque-surface.irregular-surface"},
            id="word of the nine",
        ),
        pytest.param("", set(), id="nothing"),
        pytest.param("wall", set(), id="first word alone"),
    ],
)
def test_values(lexicon: Lexicon, text: str, values: set[str]) -> None:
    assert {attribute.sense.curie for attribute in found(text, lexicon)} == values


def test_the_words_at_which_attributes_may_start_are_found(lexicon: Lexicon) -> None:
    """Every word that begins a value is a start, also inside a longer mention, on the first visit and on later ones."""
    text = "Acute cholecystitis with zzz mild tender wall"
    words = tokenize(text).words
    expected = [i for i, word in enumerate(words) if word in lexicon.attribute_words]
    fresh = Lexicon(load_lexicon_data())
    assert expected
    for one in fresh, fresh, lexicon:
        assert find_mentions(text, tokenize(text), one)[1].attributes == expected


def test_attributes_belong_to_the_sentences_that_contain_them(lexicon: Lexicon) -> None:
    text = "Mild ascites. Liver is coarse.\n\nNothing here. Severe stenosis"
    tokens = tokenize(text)
    mentions, marked = find_mentions(text, tokens, lexicon)
    passage = split_passage(text, tokens, mentions, [m.sense.kind for m in mentions], lexicon)
    assign_attributes(passage.sentences, find_attributes(text, tokens, mentions, marked.attributes, lexicon))
    assert [sorted({a.sense.curie.split(".")[0] for a in s.attributes}) for s in passage.sentences] == [
        ["udaf:ascites-amount", "udaf:fluid-amount", "udaf:severity"],
        ["udaf:echotexture"],
        [],
        ["udaf:severity"],
    ]


@pytest.mark.parametrize("sign", [",", "/", " &", " -", " +", " or", " to", " and"])
def test_values_that_share_a_word(read: Read, sign: str) -> None:
    (cyst,) = read(f"Liver cyst in segments V{sign} VI.").findings
    assert cyst.attributes["liver_segment"] == ("segment V", "segment VI")


def test_values_that_several_words_join(read: Read) -> None:
    (node,) = read("Nodes in levels II, and III.").findings
    assert node.attributes["node_level"] == ("level II", "level III")


def test_other_words_before_a_number_are_not_skipped(read: Read) -> None:
    assert all("bi_rads" not in f.attributes for f in read("BI-RADS of the mass with 4 calcifications.").findings)


def test_words_before_the_number_of_a_category(read: Read) -> None:
    (finding,) = read("BI-RADS assessment category final: 4.").findings
    assert finding.attributes["bi_rads"] == ("BI-RADS 4",)
