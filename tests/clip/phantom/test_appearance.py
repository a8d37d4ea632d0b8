"""Files of looks are checked, and faults named with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from udt.clip.phantom.appearance import Appearance, built_in
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary

PREFIX = '[prefixes]\nudaf = "https://w3id.org/udt/udaf/"\n'
FAULTS = {
    "no TOML": ("[", "is not TOML"),
    "other table": ("[size]\n", "has the tables size; allowed: diagnosis, .*vascularity"),
    "other default": ("[unsaid]\nvascularity = 1\n", "unsaid has vascularity; allowed: diagnosis, shape"),
    "prefix": ('[margins]\n"my:x" = { blur = 1 }\n', "'my:x' has no known prefix; allowed: udaf, or a whole IRI"),
    "no table": ('[margins]\n"udaf:x" = 3\n', "margins.udaf:x: is 3; it has to be a table"),
    "other field": ('[margins]\n"udaf:x" = { blur = 1, size = 2 }\n', "has size; allowed: blur, ragged, rim"),
    "field missing": ('[margins]\n"udaf:x" = { rim = 1 }\n', "margins.udaf:x: lacks blur"),
    "text": ('[margins]\n"udaf:x" = { blur = "a" }\n', "blur: is 'a'; it has to be of the kind float"),
    "truth": ('[diagnosis]\n"udaf:x" = { lesion = 1 }\n', "lesion: is 1; it has to be of the kind bool"),
    "range": ('[posterior_acoustics]\n"udaf:x" = { gain = [3, 1] }\n', r"gain: is \[3, 1\]; it has to be a number, or"),
    "choice": ('[shape]\n"udaf:x" = { kind = "star", aspect = 1 }\n', "kind: is 'star'; allowed: ellipse, lobes"),
    "list": (
        '[organ]\n"udaf:x" = { frame = "linear", x = 0, y = 1, layers = 3 }\n',
        "layers: is 3; it has to be a list",
    ),
    "in a list": (
        '[organ]\n"udaf:x" = { frame = "linear", x = 0, y = 1, layers = [{ level = 2 }] }\n',
        "organ.udaf:x.layers, number 1: lacks thickness",
    ),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS)
def test_faults_are_named(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "looks.toml"
    path.write_text(PREFIX + text)
    with pytest.raises(DataError, match=message) as caught:
        Appearance.load(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.toml: cannot be read"):
        Appearance.load(tmp_path / "none.toml")


def test_a_further_file_wins(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "looks.toml"
    path.write_text(
        PREFIX + '[unsaid]\nmargins = { blur = 0.5 }\n[margins]\n"udaf:margins.well-defined" = { blur = 0.3 }\n'
    )
    margins = Appearance.load(path).margins
    assert (margins.of(vocabulary, 0).blur, margins.unsaid.blur) == (0.3, 0.5)
    assert margins.of(vocabulary, 1) == built_in().margins.of(vocabulary, 1)


def test_every_attribute_has_a_look(vocabulary: Vocabulary) -> None:
    for key in vocabulary.keys[2:]:
        assert getattr(built_in(), key).drawn(vocabulary) == tuple(range(len(vocabulary[key])))


def test_what_has_no_default_says_so() -> None:
    with pytest.raises(DataError, match=r"says nothing of unsaid\.vascularity"):
        _ = built_in().vascularity.unsaid
