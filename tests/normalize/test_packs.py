"""The sentences of every language pack: one battery, a row an example of a phenomenon."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read
from udt.scoring.languages.sentences import PackSentence, check_sentences, read_sentences
from udt.taxonomy.model.source import ontology_folder

PACKS = sorted(path.parent.name for path in (ontology_folder() / "language").glob("*/sentences.tsv"))
# Phenomena of which every pack has an example.
NEEDED = {
    "affirmed",
    "denied before",
    "denied after",
    "ruled out",
    "scope ends",
    "hedge before",
    "hedge after",
    "history",
}


def sentences(tag: str) -> list[PackSentence]:
    """Return the sentences of a pack."""
    return read_sentences(ontology_folder() / "language" / tag / "sentences.tsv")


@pytest.mark.parametrize("tag", PACKS)
def test_a_pack_has_an_example_of_each_phenomenon(tag: str) -> None:
    assert {sentence.phenomenon for sentence in sentences(tag)} >= NEEDED


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [pytest.param(tag, sentence, id=f"{tag}: {sentence.text}") for tag in PACKS for sentence in sentences(tag)],
)
def test_a_sentence_is_read_right(read: Read, tag: str, sentence: PackSentence) -> None:
    (outcome,) = check_sentences([sentence], read)
    assert not outcome.missed
