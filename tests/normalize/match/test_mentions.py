"""The longest name in a text wins, so its finding has to imply the values of the words within the name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from udt.lexicon.cache import load_lexicon_data
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import FULL
from udt.lexicon.tokens import tokenize
from udt.normalize.match.mentions import Mention, find_mentions
from udt.taxonomy.model.taxonomy import Taxonomy

_DENIED = {"negation", "pseudo"}


def _mentions(text: str, lexicon: Lexicon) -> list[Mention]:
    return find_mentions(text, tokenize(text), lexicon)[0]


def _within(name: str, lexicon: Lexicon) -> list[Mention]:
    """Return the mentions that a text has which lacks the first or the last word of `name`."""
    words = tokenize(name).words
    parts = [" ".join(words[1:]), " ".join(words[:-1])]
    return [mention for part in parts for mention in _mentions(part, lexicon)]


def _hidden_values(name: str, lexicon: Lexicon) -> Iterator[str]:
    """Yield the values, other than places, of the words within `name`, unless it denies them."""
    mentions = _within(name, lexicon)
    if not any(mention.sense.kind in _DENIED for mention in mentions):
        for mention in mentions:
            if mention.weight is FULL:
                yield from (value.label for value in mention.values if value.role != "place")


def test_a_sign_implies_what_the_words_of_its_names_do(taxonomy: Taxonomy, lexicon: Lexicon) -> None:
    signs = [concept for concept in taxonomy if "signs.ttl" in concept.source and concept.definition]
    names = [(c.curie, label.text) for c in signs for label in c.labels if label.language == "en"]
    implied = {c.curie: {value.label for value in lexicon.senses[c.curie].values} for c in signs}
    lost = {(curie, name): set(_hidden_values(name, lexicon)) - implied[curie] for curie, name in names}
    assert len(signs) > 300
    assert {name: sorted(values) for name, values in lost.items() if values} == {}


def test_a_name_hides_the_names_within_it(lexicon: Lexicon) -> None:
    (mention,) = _mentions("gallbladder wall thickening", lexicon)
    assert (mention.first, mention.end, mention.sense.curie) == (0, 3, "finding:gallbladder-wall-thickening")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("septated pleural effusion", ["septated pleural effusion"], id="affirmed"),
        pytest.param("non-septated pleural effusion", ["non", "septated", "pleural effusion"], id="joined"),
        pytest.param("non-haemorrhagic cyst", ["non", "haemorrhagic", "cyst"], id="synonym"),
        pytest.param("non-compressible vein", ["non-compressible vein"], id="a name that begins with it"),
        pytest.param("non-granulosa cell tumour", ["non", "granulosa cell tumour"], id="no name alone"),
    ],
)
def test_a_joined_negation_denies_one_word(lexicon: Lexicon, text: str, names: list[str]) -> None:
    tokens = tokenize(text)
    found = [text[tokens.starts[m.first] : tokens.ends[m.end - 1]] for m in _mentions(text, lexicon)]
    assert found == names


def test_a_look_up_of_a_word_changes_no_reading(monkeypatch: pytest.MonkeyPatch, lexicon: Lexicon) -> None:
    word = next(w for w in lexicon.attribute_words if w in lexicon.root.following)
    before = find_mentions(word, tokenize(word), lexicon)[1].attributes
    for look_up in (lexicon.entries, lambda word: lexicon.entries_of([word])):
        monkeypatch.delitem(lexicon.root.children, word)
        look_up(word)
        assert find_mentions(word, tokenize(word), lexicon)[1].attributes == before == [0]


def test_the_words_of_parts_and_of_measurements_are_found(lexicon: Lexicon) -> None:
    """Each word that may start a part, end a predicate or start a unit is found, inside a longer mention as well."""
    text = "The zzz gallbladder wall measures 4 mm, the vein is compressible, PSV 80 cm/s"
    words = tokenize(text).words
    fresh = Lexicon(load_lexicon_data())
    for one in fresh, fresh, lexicon:
        marked = find_mentions(text, tokenize(text), one)[1]
        assert [words[i] for i in marked.parts] == [word for word in words if word in lexicon.part_words]
        known = lexicon.measurement_root.following
        assert [words[i] for i in marked.measurements] == [word for word in words if word in known]
        assert marked.parts
        assert marked.measurements
