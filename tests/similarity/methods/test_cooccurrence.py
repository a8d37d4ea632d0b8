from __future__ import annotations

import numpy as np
import pytest

from tests.similarity.conftest import MakeSets
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.methods import cooccurrence
from udt.similarity.methods.cooccurrence import cooccurrence_similarity


@pytest.mark.parametrize("batch", [7, 8192])
def test_agrees_with_sets_of_samples(
    vocabulary: Vocabulary, label_sets: MakeSets, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(cooccurrence, "_BATCH", batch)
    samples = label_sets(300)
    found = cooccurrence_similarity(iter(samples), vocabulary)
    assert found.provenance.parameters["samples"] == 300
    for task, dimension in enumerate(vocabulary.dimensions):
        having = [{n for n, s in enumerate(samples) if i in s.ids[task]} for i in range(len(dimension))]
        for i, a in enumerate(having):
            for j, b in enumerate(having):
                expected = 1.0 if i == j else len(a & b) / len(a | b) if a | b else 0.0
                assert found[dimension.key][i, j] == pytest.approx(expected)


def test_labels_that_never_occur_are_listed(vocabulary: Vocabulary) -> None:
    sample = LabelSet.of({"margins": ["well-defined"]}, vocabulary)
    found = cooccurrence_similarity([sample], vocabulary)
    assert np.array_equal(found["organ"], np.eye(52, dtype=np.float32))
    assert found.provenance.parameters["unseen"]["margins"] == ["ill-defined/indistinct"]


def test_an_empty_corpus_is_refused(vocabulary: Vocabulary) -> None:
    with pytest.raises(DataError, match="the corpus holds no record"):
        cooccurrence_similarity([], vocabulary)
