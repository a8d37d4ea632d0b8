"""A damaged file of similarities gives matrices or a worded error."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.mutations import mutations
from udt.core.errors import DataError
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.reference import read_reference, write_reference
from udt.taxonomy.model.taxonomy import Taxonomy


def test_damaged_safetensors(by_taxonomy: SimilaritySet, tmp_path: Path) -> None:
    path = by_taxonomy.save(tmp_path)
    whole = path.read_bytes()
    head = 8 + int.from_bytes(whole[:8], "little")
    # Most changes are made in the head, which describes the matrices.
    samples = [(whole[:8] + whole[8:head], whole[head:], 400), (whole, b"", 100)]
    refused = 0
    for seed, (sample, rest, count) in enumerate(samples):
        for content in mutations(sample, count, seed):
            path.write_bytes(content + rest)
            try:
                SimilaritySet.load(path)
            except DataError as error:
                assert path.name in str(error)
                refused += 1
    assert refused > 400


def test_damaged_arrays(random_similarity: SimilaritySet, taxonomy: Taxonomy, tmp_path: Path) -> None:
    write_reference(random_similarity, tmp_path, taxonomy)
    path = tmp_path / "task4_tag_normalized.npz"
    refused = 0
    for content in mutations(path.read_bytes(), 500, seed=6):
        path.write_bytes(content)
        try:
            read_reference(tmp_path, taxonomy)
        except DataError as error:
            assert path.name in str(error) or "similarity matrices" in str(error)
            refused += 1
    assert refused > 200
