from __future__ import annotations

import numpy as np
import pytest

from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.blend import blend


def test_is_the_weighted_mean(
    by_taxonomy: SimilaritySet, random_similarity: SimilaritySet, vocabulary: Vocabulary
) -> None:
    found = blend([(by_taxonomy, 1), (random_similarity, 3)], vocabulary)
    for key in vocabulary.keys:
        np.testing.assert_allclose(found[key], (by_taxonomy[key] + 3 * random_similarity[key]) / 4, atol=1e-6)
    parts = found.provenance.parameters["parts"]
    assert [(part["share"], part["method"]) for part in parts] == [(0.25, "taxonomy"), (0.75, "blend")]


def test_one_part_is_itself(random_similarity: SimilaritySet, vocabulary: Vocabulary) -> None:
    found = blend([(random_similarity, 0.3)], vocabulary)
    assert all(np.array_equal(found[key], random_similarity[key]) for key in vocabulary.keys)


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf")])
def test_weight_that_is_not_above_0(by_taxonomy: SimilaritySet, vocabulary: Vocabulary, weight: float) -> None:
    with pytest.raises(DataError, match="of the part 'taxonomy' is not above 0"):
        blend([(by_taxonomy, weight)], vocabulary)


def test_parts_have_the_labels_of_the_taxonomy(by_taxonomy: SimilaritySet, vocabulary: Vocabulary) -> None:
    with pytest.raises(DataError, match="other labels than the taxonomy"):
        blend([(by_taxonomy, 1)], Vocabulary(vocabulary.dimensions[1:], "1", "0"))
    with pytest.raises(DataError, match="a blend has no parts"):
        blend([], vocabulary)
