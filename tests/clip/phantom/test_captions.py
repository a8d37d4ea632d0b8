"""Captions mention all labels and no others, with variety; sampled labels are plausible."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import udt
from tests.ten_tasks import KEY, with_tenth
from udt.clip.phantom.captions import _wordings, phantom_caption
from udt.clip.phantom.drawing import draw_phantom
from udt.clip.phantom.sampling import sample_phantom_labels
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

from .conftest import Named

COUNT = 300


@pytest.fixture(scope="module")
def normalizer() -> udt.Normalizer:
    return udt.Normalizer()


@pytest.fixture(scope="module")
def captioned(vocabulary: Vocabulary) -> list[tuple[LabelSet, str]]:
    """Label sets with a caption each."""
    rngs = [np.random.default_rng([9, n]) for n in range(COUNT)]
    labels = [sample_phantom_labels(vocabulary, rng) for rng in rngs]
    return [(one, phantom_caption(one, vocabulary, rng)) for one, rng in zip(labels, rngs, strict=True)]


def test_normaliser_extracts_the_labels(
    captioned: list[tuple[LabelSet, str]], normalizer: udt.Normalizer, vocabulary: Vocabulary
) -> None:
    misread = [
        (text, found.labels) for labels, text in captioned
        if LabelSet.of((found := normalizer.normalize(text)).labels, vocabulary) != labels
    ]  # fmt: skip
    assert not misread


def test_captions_vary(captioned: list[tuple[LabelSet, str]]) -> None:
    assert len({text for _, text in captioned}) > 0.97 * COUNT


def test_every_wording_is_read_as_its_label(normalizer: udt.Normalizer, vocabulary: Vocabulary) -> None:
    """Check each noun phrase in a sentence of its own."""
    for dimension, names in enumerate(vocabulary.dimensions):
        for label, iri in enumerate(names.iris):
            wording = _wordings().get(iri)
            for noun in wording.noun if wording and names.key not in ("body_system", "organ", "diagnosis") else ():
                found = LabelSet.of(normalizer.normalize(f"There is a lesion with {noun}.").labels, vocabulary)
                assert found.ids[dimension] == (label,), noun


def test_same_seed_gives_the_same_caption(vocabulary: Vocabulary, named: Named) -> None:
    labels = named(organ="Liver", diagnosis="mass", shape="round")
    texts = [phantom_caption(labels, vocabulary, np.random.default_rng(seed)) for seed in range(30)]
    assert texts == [phantom_caption(labels, vocabulary, np.random.default_rng(seed)) for seed in range(30)]
    assert len(set(texts)) > 15


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {"diagnosis": "normal appearance"},
        {"body_system": "Thorax"},
        {"vascularity": "increased vascularity"},
        {"organ": "Liver", "diagnosis": ("cyst", "nodule"), "echogenicity": ("anechoic", "hyperechoic")},
        {"organ": "Breast", "diagnosis": ("mass", "normal appearance"), "shape": "irregular"},
        {"organ": "Liver", "vascularity": "no vascularity"},
    ],
    ids=["nothing", "normal", "system", "flow", "two lesions", "normal beside a mass", "flow in an organ"],
)
def test_sparse_and_multiple_labels(
    labels: dict[str, str], normalizer: udt.Normalizer, vocabulary: Vocabulary, named: Named
) -> None:
    expected = named(**labels)
    for seed in range(4):
        text = phantom_caption(expected, vocabulary, np.random.default_rng(seed))
        found = LabelSet.of(normalizer.normalize(text).labels, vocabulary)
        # The body system of an organ is always read.
        assert found.ids[1:] == expected.ids[1:], text
        assert set(expected.ids[0]) <= set(found.ids[0]), text


def test_samples_are_plausible(vocabulary: Vocabulary) -> None:
    samples = [sample_phantom_labels(vocabulary, np.random.default_rng(n)).named(vocabulary) for n in range(1500)]
    seen = Counter((key, label) for sample in samples for key, labels in sample.items() for label in labels)
    for key in vocabulary.keys[2:]:
        assert all(seen[key, label] > 15 for label in vocabulary[key].labels), key
    cysts = [one for one in samples if one["diagnosis"] == ("cyst",) and one["echogenicity"]]
    assert np.mean([one["echogenicity"] == ("anechoic",) for one in cysts]) > 0.5
    for sample in samples:
        assert len(sample["body_system"]) == 1
        if sample["diagnosis"] == ("normal appearance",):
            assert not any(sample[key] for key in ("shape", "margins", "echogenicity", "internal_characteristics"))
        if "mixed cystic and solid mass" in sample["internal_characteristics"]:
            assert "mass" in sample["diagnosis"]
    unlabelled = np.mean([[not one[key] for key in vocabulary.keys] for one in samples], axis=0)
    assert 0.02 < unlabelled[1] < 0.1 and (unlabelled[3:] > 0.1).all()
    assert any(len(labels) > 1 for sample in samples for labels in sample.values())


def test_a_dimension_that_is_not_drawn_has_no_label(vocabulary: Vocabulary) -> None:
    """Phantoms of ten tasks are those of nine without label in the tenth; such a label is refused."""
    ten = with_tenth(vocabulary)
    for seed in range(40):
        nine, more = (sample_phantom_labels(words, np.random.default_rng(seed)) for words in (vocabulary, ten))
        assert more.ids == (*nine.ids, ())
        texts = [phantom_caption(*pair, np.random.default_rng(seed)) for pair in ((nine, vocabulary), (more, ten))]
        assert texts[0] == texts[1]
    labels = LabelSet.of({"organ": ["Breast"], "diagnosis": ["mass"], KEY: ["parallel"]}, ten)
    message = f"{KEY}: 'parallel' cannot be drawn, since phantoms do not show this dimension; leave it out"
    for make in (phantom_caption, draw_phantom):
        with pytest.raises(DataError, match=message):
            make(labels, ten, np.random.default_rng(0))
