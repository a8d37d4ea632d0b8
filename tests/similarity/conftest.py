from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilarityProvenance, SimilaritySet
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.namespaces import PREFIXES
from udt.taxonomy.model.taxonomy import Taxonomy

MakeSets = Callable[..., list[LabelSet]]


@pytest.fixture(scope="session")
def by_taxonomy(taxonomy: Taxonomy) -> SimilaritySet:
    """The similarities of the built-in ontology."""
    return taxonomy_similarity(taxonomy)


@pytest.fixture(scope="session")
def random_similarity(vocabulary: Vocabulary) -> SimilaritySet:
    """Matrices of random numbers."""
    random = np.random.default_rng(7)
    matrices = {}
    for dimension in vocabulary.dimensions:
        half = np.triu(random.random((len(dimension), len(dimension)), dtype=np.float32), 1)
        matrices[dimension.key] = half + half.T + np.eye(len(dimension), dtype=np.float32)
    return SimilaritySet.of(vocabulary, matrices, SimilarityProvenance.of("blend", {}, vocabulary))


@pytest.fixture(scope="session")
def label_sets(vocabulary: Vocabulary) -> MakeSets:
    """Function that makes random label sets: each dimension has no label half of the time, else one to three."""

    def make(count: int, seed: int = 0) -> list[LabelSet]:
        random = np.random.default_rng(seed)

        def ids(size: int) -> tuple[int, ...]:
            count = min(size, int(random.integers(1, 4))) if random.random() < 0.5 else 0
            return tuple(sorted(int(i) for i in random.choice(size, count, replace=False)))

        return [LabelSet(tuple(ids(len(d)) for d in vocabulary.dimensions)) for _ in range(count)]

    return make


@pytest.fixture
def extended(tmp_path: Path) -> Callable[[str], Taxonomy]:
    """Function that loads the built-in taxonomy with an extension, given as Turtle."""
    header = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())

    def load(body: str) -> Taxonomy:
        path = tmp_path / "extra.ttl"
        path.write_text(f"{header}@prefix ex: <https://example.org/> .\n{body}", "utf-8")
        return Taxonomy.load(path)

    return load
