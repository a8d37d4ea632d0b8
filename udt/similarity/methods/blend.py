"""Weighted mean of similarity sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import fsum, isfinite
from typing import Any

import numpy as np

from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.similarity.graph.concept_graph import FINDING
from udt.similarity.matrices import SimilarityProvenance, SimilaritySet
from udt.similarity.methods.registry import MethodOption, OptionKind, SimilarityMethod
from udt.taxonomy.model.taxonomy import Taxonomy


def blend(parts: Sequence[tuple[SimilaritySet, float]], vocabulary: Vocabulary) -> SimilaritySet:
    """Return the weighted mean of several similarity sets over the labels of `vocabulary`.

    :param parts: (similarity set, weight) pairs; the weights are divided by their sum.
    :raises DataError: if there is no part, a weight is not above 0, or a set has other labels.
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


def _build(taxonomy: Taxonomy, given: Mapping[str, Any]) -> SimilaritySet:
    parts = [(_without_findings(SimilaritySet.load(path)), weight) for path, weight in given["parts"]]
    return blend(parts, taxonomy.vocabulary)


def _without_findings(similarity: SimilaritySet) -> SimilaritySet:
    """Return the set without the matrix of the findings, which not every method has."""
    if FINDING not in similarity.labels:
        return similarity
    labels = {key: names for key, names in similarity.labels.items() if key != FINDING}
    return SimilaritySet(labels, {key: similarity[key] for key in labels}, similarity.provenance)


METHOD = SimilarityMethod(
    summary="the weighted mean of matrices that were built before",
    build=_build,
    options=(
        MethodOption(
            "parts",
            OptionKind.WEIGHTED_PATHS,
            "matrices that were built, and their weight; repeatable.",
            metavar="FOLDER WEIGHT",
            flag="--part",
        ),
    ),
    requires=(("parts",),),
)
