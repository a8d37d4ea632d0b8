"""Several similarity sets as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import fsum, isfinite

import numpy as np

from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilarityProvenance, SimilaritySet


def blend(parts: Sequence[tuple[SimilaritySet, float]], vocabulary: Vocabulary) -> SimilaritySet:
    """The weighted mean of `parts`: sets over the labels of `vocabulary`, each with its weight.

    :param parts: weights are taken as shares of their sum.
    :raises DataError: where there is no part, a weight is not above 0, or a set has other labels.
    """
    if not parts:
        raise DataError("a blend has no parts; give at least one similarity set with its weight")
    for similarity, weight in parts:
        similarity.check_labels(vocabulary)
        if not (isfinite(weight) and weight > 0):
            raise DataError(f"the weight {weight:g} of the part '{similarity.provenance.method}' is not above 0")
    total = fsum(weight for _, weight in parts)
    shares = [(similarity, weight / total) for similarity, weight in parts]
    matrices = {}
    for key in vocabulary.keys:
        mean = sum(share * similarity[key].astype(np.float64) for similarity, share in shares)
        matrices[key] = np.clip(mean, 0, 1).astype(np.float32)
        np.fill_diagonal(matrices[key], 1)
    parameters = {"parts": [{"share": share, **asdict(similarity.provenance)} for similarity, share in shares]}
    return SimilaritySet.of(vocabulary, matrices, SimilarityProvenance.of("blend", parameters, vocabulary))
