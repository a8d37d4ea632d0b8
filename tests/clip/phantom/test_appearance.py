"""Files of appearances: checks and messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from udt.clip.phantom.appearance import Acquisition, Appearance, default_appearance
from udt.clip.phantom.tables import UniformRange
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary

PREFIX = '[prefixes]\nudaf = "https://w3id.org/udt/udaf/"\n'
FAULTS = {
    "no TOML": ("[", "is not TOML"),
    "other table": ("[size]\n", "has the tables size; allowed: acquisition, diagnosis, .*vascularity"),
    "other default": ("[unsaid]\nvascularity = 1\n", "unsaid has vascularity; allowed: diagnosis, shape"),
    "prefix": ('[margins]\n"my:x" = { blur = 1 }\n', "'my:x' has no known prefix; allowed: udaf, or a full IRI"),
    "no table": ('[margins]\n"udaf:x" = 3\n', "margins.udaf:x: is 3; give a table"),
    "other field": ('[margins]\n"udaf:x" = { blur = 1, size = 2 }\n', "has size; allowed: blur, rim"),
    "field missing": ('[margins]\n"udaf:x" = { rim = 1 }\n', "margins.udaf:x: lacks blur"),
    "text": ('[margins]\n"udaf:x" = { blur = "a" }\n', "blur: is 'a'; give a value of the type float"),
    "boolean": ('[diagnosis]\n"udaf:x" = { lesion = 1 }\n', "lesion: is 1; give a value of the type bool"),
    "range": ('[posterior_acoustics]\n"udaf:x" = { gain = [3, 1] }\n', r"gain: is \[3, 1\]; give a number, or"),
    "choice": ('[shape]\n"udaf:x" = { kind = "star", aspect = 1 }\n', "kind: is 'star'; allowed: ellipse, lobes"),
    "list": (
        '[organ]\n"udaf:x" = { frame = "linear", x = 0, y = 1, layers = 3 }\n',
        "layers: is 3; give a list",
    ),
    "no view": ('[organ]\n"udaf:x" = []\n', "organ.udaf:x: has no view; give a table, or a list"),
    "second view": (
        '[[organ."udaf:x"]]\nframe = "linear"\nx = 0\ny = 1\nlayers = []\n[[organ."udaf:x"]]\nframe = "linear"\n',
        "organ.udaf:x, number 2: lacks layers, x, y",
    ),
    "acquisition": ("[acquisition]\nzoom = 'a'\n", "acquisition.zoom: is 'a'; give a number, or"),
    "in a list": (
        '[organ]\n"udaf:x" = { frame = "linear", x = 0, y = 1, layers = [{ level = 2 }] }\n',
        "organ.udaf:x.layers, number 1: lacks thickness",
    ),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS)
def test_faulty_files_are_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "looks.toml"
    path.write_text(PREFIX + text)
    with pytest.raises(DataError, match=message) as caught:
        Appearance.load(path)
    assert str(path) in str(caught.value)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none.toml: cannot be read"):
        Appearance.load(tmp_path / "none.toml")


def test_further_file_overrides(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "looks.toml"
    path.write_text(
        PREFIX + '[unsaid]\nmargins = { blur = 0.5 }\n[margins]\n"udaf:margins.well-defined" = { blur = 0.3 }\n'
    )
    margins = Appearance.load(path).margins
    assert (margins.of(vocabulary, 0).blur, margins.default.blur) == (0.3, 0.5)
    assert margins.of(vocabulary, 1) == default_appearance().margins.of(vocabulary, 1)


def test_every_attribute_can_be_drawn(vocabulary: Vocabulary) -> None:
    for key in vocabulary.keys[2:]:
        assert getattr(default_appearance(), key).drawable(vocabulary) == tuple(range(len(vocabulary[key])))


def test_missing_default_is_refused() -> None:
    with pytest.raises(DataError, match=r"the table unsaid\.vascularity is missing; add it"):
        _ = default_appearance().vascularity.default


def test_organs_have_several_views(vocabulary: Vocabulary) -> None:
    organs = default_appearance().organ
    assert all(len(organs.of(vocabulary, one)) > 1 for one in organs.drawable(vocabulary))


def test_acquisition_is_overridden_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "looks.toml"
    path.write_text("[acquisition]\ngain = [1, 2]\n")
    assert Appearance.load(path).acquisition == Acquisition(gain=UniformRange(1, 2))
    assert default_appearance().acquisition.mirror == 0.5
