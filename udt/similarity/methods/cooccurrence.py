"""Similarity by co-occurrence: of the samples with either of two labels, the share that has both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.core.batches import batches
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.label_counts import labels_of_database, labels_of_lines
from udt.similarity.matrices import Matrix, SimilarityProvenance, SimilaritySet
from udt.similarity.methods.corpus_options import CORPUS, DATABASE
from udt.similarity.methods.registry import SimilarityMethod
from udt.similarity.multi_hot import multi_hot
from udt.taxonomy.model.taxonomy import Taxonomy

_BATCH = 8192


def cooccurrence_similarity(label_sets: Iterable[LabelSet], vocabulary: Vocabulary) -> SimilaritySet:
    """Compute the Jaccard coefficient `n(a and b) / n(a or b)` of all label pairs over a stream of samples.

    A label that no sample has is similar to itself alone; the provenance lists such labels as `unseen`.

    :raises DataError: if there is no sample, or a label id that the vocabulary does not have.
    """
    sizes = [len(dimension) for dimension in vocabulary.dimensions]
    together, samples = _counts(label_sets, sizes)
    if not samples:
        raise DataError("the corpus holds no record; co-occurrence needs at least one")
    stops = np.cumsum(sizes)
    blocks = {
        d.key: together[s - len(d) : s, s - len(d) : s] for d, s in zip(vocabulary.dimensions, stops, strict=True)
    }
    unseen = {
        d.key: [d.labels[i] for i in np.flatnonzero(blocks[d.key].diagonal() == 0)] for d in vocabulary.dimensions
    }
    parameters = {"samples": samples, "unseen": {key: labels for key, labels in unseen.items() if labels}}
    provenance = SimilarityProvenance.of("cooccurrence", parameters, vocabulary)
    return SimilaritySet.of(vocabulary, {key: _jaccard(block) for key, block in blocks.items()}, provenance)


def _counts(label_sets: Iterable[LabelSet], sizes: list[int]) -> tuple[NDArray[np.float64], int]:
    """Count the samples with both labels of each pair, shape (labels, labels), and all samples."""
    together = np.zeros((sum(sizes), sum(sizes)))
    samples = 0
    for batch in batches(label_sets, _BATCH):
        rows = multi_hot(batch, sizes).astype(np.float64)
        together += rows.T @ rows
        samples += len(batch)
    return together, samples


def _jaccard(together: NDArray[np.float64]) -> Matrix:
    single = together.diagonal()
    either = single[:, None] + single[None, :] - together
    matrix = (together / np.where(either > 0, either, 1)).astype(np.float32)
    np.fill_diagonal(matrix, 1)
    return matrix


def _build(taxonomy: Taxonomy, given: Mapping[str, Any]) -> SimilaritySet:
    vocabulary = taxonomy.vocabulary
    if "db" in given:
        return cooccurrence_similarity(labels_of_database(given["db"], vocabulary), vocabulary)
    return cooccurrence_similarity(labels_of_lines(given["corpus"], vocabulary), vocabulary)


METHOD = SimilarityMethod(
    summary="how often labels occur together in a corpus (Jaccard)",
    build=_build,
    options=(CORPUS, DATABASE),
    requires=(("corpus", "db"),),
)
