"""The words of a language, its sentences, and the coverage of texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from udt.core.errors import DataError
from udt.normalize.normalizer import Normalizer
from udt.scoring.languages.coverage import coverage
from udt.scoring.languages.inventory import inventory, known_languages
from udt.scoring.languages.sentences import PackSentence, check_sentences, read_sentences
from udt.taxonomy.model.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer()


def sentence(text: str, *expected: str) -> PackSentence:
    """Return a sentence."""
    return PackSentence("any", text, expected)


@pytest.mark.parametrize(
    ("text", "item", "found"),
    [
        pytest.param("Liver cyst.", "present diagnosis:cyst", None, id="present"),
        pytest.param("Liver cyst.", "absent diagnosis:cyst", "present", id="not absent"),
        pytest.param("Possible cyst.", "possible diagnosis:cyst", None, id="possible"),
        pytest.param("No cyst.", "present diagnosis:cyst", "absent", id="denied"),
        pytest.param("Normal liver.", "none diagnosis:cyst", None, id="none"),
        pytest.param("Cyst of the left kidney.", "side left", None, id="side"),
        pytest.param("Cyst of the left kidney.", "side right", "left", id="other side"),
        pytest.param("Liver cyst.", "side right", "no side", id="no side"),
        pytest.param("Liver cyst, 8 x 12 mm.", "size 12x8", None, id="size in any order"),
        pytest.param("Liver cyst, 8 x 12 mm.", "size 8", "8x12", id="other size"),
        pytest.param("Liver cyst.", "size 8", "no size", id="no size"),
        pytest.param("Liver cyst.", "concept hepatic cyst", None, id="concept"),
        pytest.param("No liver cyst.", "concept hepatic cyst", "no concept", id="denied concept"),
        pytest.param("Liver cyst.", "no concept hepatic cyst", "hepatic cyst", id="concept that has to be missing"),
        pytest.param("45-year-old woman with a cyst.", "age 45", None, id="age"),
        pytest.param("A cyst.", "age 45", "None", id="no age"),
    ],
)
def test_an_expected_item(normalizer: Normalizer, text: str, item: str, found: str | None) -> None:
    (outcome,) = check_sentences([sentence(text, item)], normalizer.normalize)
    assert outcome.missed == (() if found is None else (f"{item}, found {found}",))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        pytest.param("text\texpected\n", "line 1: the columns have to be phenomenon, text, expected", id="columns"),
        pytest.param("", "line 1: the columns have to be", id="empty"),
        pytest.param("phenomenon\ttext\texpected\nx\ty\t\n", "line 2: a row needs", id="nothing expected"),
        pytest.param("phenomenon\ttext\texpected\nx\ty\tside up\n", "'side up' is no expected item", id="side"),
        pytest.param("phenomenon\ttext\texpected\nx\ty\tsize big\n", "'size big' is no expected item", id="size"),
        pytest.param("phenomenon\ttext\texpected\nx\ty\tcyst\n", "'cyst' is no expected item; allowed", id="label"),
    ],
)
def test_a_faulty_table(tmp_path: Path, table: str, message: str) -> None:
    path = tmp_path / "sentences.tsv"
    path.write_text(table, "utf-8")
    with pytest.raises(DataError, match=message):
        read_sentences(path)


def test_an_unreadable_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"missing\.tsv: cannot be read: No such file"):
        read_sentences(tmp_path / "missing.tsv")


def test_rows(tmp_path: Path) -> None:
    path = tmp_path / "sentences.tsv"
    path.write_text("phenomenon\ttext\texpected\nsize\tCyst, 5 mm.\tsize 5; present diagnosis:cyst\n", "utf-8")
    assert read_sentences(path) == [PackSentence("size", "Cyst, 5 mm.", ("size 5", "present diagnosis:cyst"))]


def test_inventory() -> None:
    taxonomy = Taxonomy.load()
    assert {"en", "zh", "fr"} <= set(known_languages(taxonomy))
    chinese = inventory(taxonomy, "zh")
    organs = next(count for count in chinese.names if count.kind == "organs")
    assert (organs.named, organs.concepts) == (52, 52)
    assert organs.labels >= 52
    assert not chinese.missing


def test_a_language_without_grammar_lacks_it(swedish: Path) -> None:
    counted = inventory(Taxonomy.load(swedish), "sv")
    assert (counted.name, "denial" in counted.missing) == ("Swedish", True)


def test_coverage(normalizer: Normalizer) -> None:
    texts = ["Liver cyst, 5 mm. Zzyzx qwertz. Left kidney: normal.", "肝未见囊肿，某某某。"]
    read = [(text, normalizer.normalize(text)) for text in texts]
    english = coverage(read, "en", normalizer.lexicon)
    assert (english.all_texts, english.texts, english.clauses, english.read) == (2, 1, 5, 4)
    assert english.unread == (("qwertz", 1), ("zzyzx", 1)) or set(english.unread) == {("qwertz", 1), ("zzyzx", 1)}
    assert english.share == pytest.approx(0.8)
    assert coverage(read, "zh", normalizer.lexicon).unread == (("某某某", 1),)
    assert coverage([], "en", normalizer.lexicon).share == 1.0
