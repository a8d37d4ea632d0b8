"""The files of the published code: its order of tasks and labels, triangles, and no pickle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.ten_tasks import KEY, extension
from udt.core.errors import DataError
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.reference import read_reference, without_reference, write_reference
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

# As the published code counts them.
ORDER = (
    "diagnosis",
    "body_system",
    "organ",
    "shape",
    "margins",
    "echogenicity",
    "internal_characteristics",
    "posterior_acoustics",
    "vascularity",
)
INTERNAL = [
    "cystic components",
    "calcifications",
    "septations",
    "solid components",
    "mixed cystic and solid mass",
    "complex cystic solid",
]


def file(folder: Path, task: int) -> Path:
    return folder / f"task{task}_tag_normalized.npz"


def rewrite(folder: Path, task: int, **changed: np.ndarray | None) -> None:
    """Replace or (with None) take out arrays of one file."""
    with np.load(file(folder, task)) as arrays:
        kept = {**arrays, **changed}
    np.savez(file(folder, task), **{name: array for name, array in kept.items() if array is not None})


@pytest.fixture
def folder(random_similarity: SimilaritySet, taxonomy: Taxonomy, tmp_path: Path) -> Path:
    """Nine files of random matrices."""
    write_reference(random_similarity, tmp_path, taxonomy)
    return tmp_path


def same(found: SimilaritySet, expected: SimilaritySet) -> bool:
    return all(np.array_equal(found[key], expected[key]) for key in expected.labels)


def test_files_have_the_published_form(folder: Path, random_similarity: SimilaritySet) -> None:
    for task, key in enumerate(ORDER, 1):
        with np.load(file(folder, task), allow_pickle=False) as arrays:
            matrix, labels = arrays["matrix"], arrays["labels"].tolist()
        expected = random_similarity.labels[key]
        if key == "internal_characteristics":
            assert labels == INTERNAL
            assert np.array_equal(matrix[5], matrix[4])
            assert matrix[4, 5] == 1
        else:
            assert labels == list(expected)
        assert np.array_equal(matrix[: len(expected), : len(expected)], random_similarity[key])


def test_write_and_read(folder: Path, random_similarity: SimilaritySet, taxonomy: Taxonomy) -> None:
    found = read_reference(folder, taxonomy)
    assert same(found, random_similarity)
    assert found.provenance.parameters["left_out"] == {}


@pytest.mark.parametrize("first", [0, 1], ids=["with its diagonal", "without"])
def test_a_triangle_is_mirrored(folder: Path, random_similarity: SimilaritySet, taxonomy: Taxonomy, first: int) -> None:
    for task in range(1, 10):
        with np.load(file(folder, task)) as arrays:
            half = np.triu(arrays["matrix"], first)
        rewrite(folder, task, matrix=half)
    assert same(read_reference(folder, taxonomy), random_similarity)


def test_labels_in_another_order_with_unknown_ones(
    folder: Path, random_similarity: SimilaritySet, taxonomy: Taxonomy
) -> None:
    labels = sorted([*INTERNAL[:5], "junk"])
    matrix = np.eye(6)
    known = [labels.index(label) for label in INTERNAL[:5]]
    matrix[np.ix_(known, known)] = random_similarity["internal_characteristics"]
    rewrite(folder, 7, matrix=matrix, labels=np.array(labels))
    found = read_reference(folder, taxonomy)
    assert same(found, random_similarity)
    assert found.provenance.parameters["left_out"] == {"internal_characteristics": ["junk"]}


def test_alternative_label_replaces_missing_label(folder: Path, taxonomy: Taxonomy) -> None:
    rewrite(folder, 7, matrix=np.eye(5), labels=np.array([*INTERNAL[:4], INTERNAL[5]]))
    assert np.array_equal(read_reference(folder, taxonomy)["internal_characteristics"], np.eye(5))


def test_without_labels_the_order_is_the_published_one(
    folder: Path, random_similarity: SimilaritySet, taxonomy: Taxonomy
) -> None:
    for task in range(1, 10):
        rewrite(folder, task, labels=None)
    assert same(read_reference(folder, taxonomy), random_similarity)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"labels": np.array(["well-defined", "vague"])}, "no row for 'ill-defined/indistinct' of margins"),
        ({"labels": np.array(["well-defined", "ill-defined/indistinct"], dtype=object)}, "could run code"),
        ({"matrix": None}, "holds no array 'matrix'"),
        ({"matrix": np.eye(3)}, "is 3 × 3 of float64; for 2 labels it has to be 2 × 2"),
        ({"matrix": np.array([["1", "0"], ["0", "1"]])}, "is 2 × 2 of <U1"),
        ({"matrix": np.array([[1, 0.2], [0.3, 1]])}, "neither symmetric nor an upper triangle"),
        ({"matrix": np.array([[1, 1.2], [1.2, 1]])}, "margins: its values range from 1 to 1.2"),
        ({"matrix": np.array([[0.5, 0.2], [0.2, 1]])}, "margins: its diagonal is not 1"),
    ],
    ids=["label", "pickle", "no matrix", "shape", "text", "asymmetric", "range", "diagonal"],
)
def test_faulty_files(folder: Path, taxonomy: Taxonomy, changed: dict[str, np.ndarray], message: str) -> None:
    rewrite(folder, 5, **changed)
    with pytest.raises(DataError) as caught:
        read_reference(folder, taxonomy)
    assert message in str(caught.value)


def test_missing_and_damaged_files(folder: Path, taxonomy: Taxonomy) -> None:
    file(folder, 4).write_bytes(b"PK no zip")
    with pytest.raises(DataError, match=r"task4_tag_normalized\.npz: not an \.npz file"):
        read_reference(folder, taxonomy)
    file(folder, 4).unlink()
    with pytest.raises(DataError, match="no such file; it has to hold the similarity of shape"):
        read_reference(folder, taxonomy)


def test_a_dimension_that_the_code_lacks_is_computed(
    random_similarity: SimilaritySet, folder: Path, tmp_path: Path, extended: Callable[[str], Taxonomy]
) -> None:
    """The other nine are those of the files; the tenth has no file when they are written again."""
    ten = extended(extension())
    assert without_reference(ten) == [KEY]
    found = read_reference(folder, ten)
    assert found.provenance.parameters["by_taxonomy"] == [KEY]
    assert same(found, random_similarity)
    assert np.array_equal(found[KEY], taxonomy_similarity(ten)[KEY])
    again = tmp_path / "again"
    again.mkdir()
    assert [path.name for path in write_reference(found, again, ten)] == [file(again, n).name for n in range(1, 10)]


def test_a_dimension_with_a_number_of_its_own_has_a_file(tmp_path: Path, extended: Callable[[str], Taxonomy]) -> None:
    ten = extended(extension() + "udaf:orientation ns:referenceTask 10 .")
    similarity = taxonomy_similarity(ten)
    written = write_reference(similarity, tmp_path, ten)
    assert [path.name for path in written] == [file(tmp_path, n).name for n in range(1, 11)]
    assert np.array_equal(read_reference(tmp_path, ten)[KEY], similarity[KEY])


def test_two_dimensions_of_one_number_are_refused(tmp_path: Path, extended: Callable[[str], Taxonomy]) -> None:
    ten = extended(extension() + "udaf:orientation ns:referenceTask 4 .")
    with pytest.raises(DataError, match="shape and orientation have the same ns:referenceTask"):
        write_reference(taxonomy_similarity(ten), tmp_path, ten)
