"""Similarity by the ontology: the first of three measures that is defined for two values.

1. Declared weight (`udt.similarity.methods.declared`).
2. Scale, if both values have an `ns:ordinal`: `1 - |p(a) - p(b)| / length`, p the position on the scale.
3. Tree: `2 d(c) / (d(a) + d(b))`, c the deepest concept above (or equal to) both and d the depth below the root.

The third is the conceptual similarity of Wu and Palmer (1994, Verb semantics and lexical selection) with depth 0 for
the root of a dimension, so that two values that share only the root have similarity 0. Body systems have depth 1,
organs depth 2: organs of one system get 1/2. The values of the other dimensions are siblings of depth 1 and get 0.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from udt.similarity.matrices import Matrix, SimilarityProvenance, SimilaritySet
from udt.similarity.methods.declared import Pair, declared_weights
from udt.similarity.methods.registry import SimilarityMethod
from udt.taxonomy.model.concept import Concept, Dimension
from udt.taxonomy.model.taxonomy import Taxonomy

_Measure = Callable[[Concept, Concept], float | None]


def taxonomy_similarity(
    taxonomy: Taxonomy, *, all_dimensions: bool = False, keys: Collection[str] | None = None
) -> SimilaritySet:
    """Compute the similarity of all values of the classification tasks of `taxonomy`, extensions included.

    :param all_dimensions: whether to include the dimensions without a task.
    :param keys: keys of the dimensions to compute, instead of the tasks.
    :raises udt.core.errors.TaxonomyError: if a declared weight is faulty.
    """
    if keys is not None:
        dimensions = tuple(dimension for dimension in taxonomy.dimensions if dimension.key in keys)
    else:
        dimensions = taxonomy.dimensions if all_dimensions else taxonomy.tasks
    declared, tree = declared_weights(taxonomy), _tree(taxonomy)
    matrices = {d.key: _matrix(d.values, (_stated(declared), _scale(d), tree)) for d in dimensions}
    parameters = {"tree": "Wu-Palmer, root at depth 0", "scale": "ns:ordinal", "declared": len(declared)}
    provenance = SimilarityProvenance.of("taxonomy", parameters, taxonomy.vocabulary)
    return SimilaritySet({d.key: d.labels for d in dimensions}, matrices, provenance)


def _matrix(values: Sequence[Concept], measures: Sequence[_Measure]) -> Matrix:
    """Compute the matrix of shape (values, values) by the first measure that is not None."""
    matrix = np.eye(len(values), dtype=np.float32)
    for (i, a), (j, b) in combinations(enumerate(values), 2):
        found = (measure(a, b) for measure in measures)
        matrix[i, j] = matrix[j, i] = next(weight for weight in found if weight is not None)
    return matrix


def _stated(declared: Mapping[Pair, float]) -> _Measure:
    return lambda a, b: declared.get(frozenset((a.iri, b.iri)))


def _scale(dimension: Dimension) -> _Measure:
    """Return the measure of the scale of a dimension; it is None for values without a position on it."""
    places = {value.iri: place for value in dimension.values if (place := value.number("ordinal")) is not None}
    length = max(places.values(), default=0) - min(places.values(), default=0)

    def measure(a: Concept, b: Concept) -> float | None:
        if a.iri not in places or b.iri not in places or not length:
            return None
        return 1 - abs(places[a.iri] - places[b.iri]) / length

    return measure


def _tree(taxonomy: Taxonomy) -> Callable[[Concept, Concept], float]:
    """Return the measure of Wu and Palmer along all parents; the depth is that of the longest path to the root."""

    @cache
    def depths(curie: str) -> Mapping[str, int]:
        """Return the depths of a concept and its ancestors: 0 for a dimension, 1 for another concept without parent."""
        concept = taxonomy.concepts[curie]
        above = {k: d for parent in concept.broader if parent in taxonomy.concepts for k, d in depths(parent).items()}
        nearest = [above[parent] for parent in concept.broader if parent in above]
        return {**above, curie: 0 if concept.kind == "Dimension" else 1 + max(nearest, default=0)}

    def measure(a: Concept, b: Concept) -> float:
        up_a, up_b = depths(a.curie), depths(b.curie)
        shared = max((up_a[curie] for curie in up_a.keys() & up_b.keys()), default=0)
        return 2 * shared / (up_a[a.curie] + up_b[b.curie])

    return measure


def _build(taxonomy: Taxonomy, given: Mapping[str, Any]) -> SimilaritySet:
    return taxonomy_similarity(taxonomy)


def _show(taxonomy: Taxonomy, key: str) -> SimilaritySet:
    return taxonomy_similarity(taxonomy, keys=[key])


METHOD = SimilarityMethod(
    "the tree of organs, the scales, and the weights declared in the ontology", _build, show=_show
)
