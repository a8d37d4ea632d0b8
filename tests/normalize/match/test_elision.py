"""Names in a list that leave out their last words."""

from __future__ import annotations

import pytest

from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.match.elision import complete_names
from udt.normalize.match.mentions import find_mentions


def structures_in(text: str, lexicon: Lexicon) -> list[str]:
    """Return the labels of the structures that a text names, in order."""
    tokens = tokenize(text)
    mentions, _ = find_mentions(text, tokens, lexicon)
    complete_names(tokens.words, mentions, lexicon)
    return [str(m.sense.attributes["label"]) for m in mentions if m.sense.kind == "anatomy"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("common femoral and popliteal veins", ["common femoral vein", "popliteal vein"], id="two"),
        pytest.param(
            "brachial, radial and ulnar arteries", ["brachial artery", "radial artery", "ulnar artery"], id="three"
        ),
        pytest.param("left renal and right iliac arteries", ["renal artery", "iliac artery"], id="sides"),
        pytest.param(
            "left and right hepatic veins", ["left hepatic vein", "right hepatic vein"], id="side as the name"
        ),
        pytest.param(
            "supraspinatus and infraspinatus tendons", ["supraspinatus tendon", "infraspinatus tendon"], id="noun"
        ),
        pytest.param("liver and portal vein", ["Liver", "portal vein"], id="noun of another structure"),
        pytest.param("gallbladder and abdominal wall", ["gallbladder", "Abdominal wall"], id="noun before a part"),
        pytest.param("femoral fracture and portal vein", ["femoral artery", "portal vein"], id="another word between"),
    ],
)
def test_the_last_words_of_a_list_complete_its_names(lexicon: Lexicon, text: str, names: list[str]) -> None:
    assert structures_in(text, lexicon) == names


def test_a_plural_by_a_list_is_no_pair(lexicon: Lexicon) -> None:
    tokens = tokenize("common femoral and popliteal veins")
    mentions, _ = find_mentions("common femoral and popliteal veins", tokens, lexicon)
    complete_names(tokens.words, mentions, lexicon)
    assert [m.flags for m in mentions if m.sense.kind == "anatomy"] == [0, 0]
