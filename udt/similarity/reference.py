"""Reads and writes `task{n}_tag_normalized.npz`, the similarity matrices of the published Ultrasound-CLIP code.

A file holds `matrix` and the `labels` of its rows. The code numbers the tasks in an order of its own
(`ns:referenceTask`) and knows further names of some values (`ns:us365kLabel`). Files may hold the upper triangle alone.
Arrays that only `pickle` can read are refused: reading one runs whatever code it holds.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.core.atomic import atomic_output
from udt.core.errors import DataError
from udt.similarity.matrices import Matrix, SimilarityProvenance, SimilaritySet
from udt.taxonomy.model.concept import Dimension
from udt.taxonomy.model.taxonomy import Taxonomy

_TOLERANCE = 1e-6


def write_reference(similarity: SimilaritySet, folder: Path, taxonomy: Taxonomy) -> list[Path]:
    """Write a file for each dimension into `folder` and return their paths, in the order of the reference code.

    A further name of a value gets a row and a column of its own behind the others, equal to the value's.

    :raises DataError: where the set has other labels than `taxonomy`, or the folder does not exist.
    """
    similarity.check_labels(taxonomy.vocabulary)
    return [
        _write(folder / name, similarity[dimension.key], dimension)
        for name, dimension in sorted(_files(taxonomy).items())
    ]


def read_reference(folder: Path, taxonomy: Taxonomy) -> SimilaritySet:
    """Read the files in `folder`, their labels put into the order of `taxonomy`.

    Of a triangle the other half is filled in; a diagonal of zeros beside it means that it was left out. A file without
    `labels` has them in the order of the reference code. A value's own name goes before a further one. Labels that the
    taxonomy does not know are left out, and listed as `left_out` in the provenance.

    :raises DataError: where a file is missing, unreadable or pickled, lacks a label, or holds no similarity.
    """
    matrices: dict[str, Matrix] = {}
    left_out: dict[str, list[str]] = {}
    files = {dimension.key: (folder / name, dimension) for name, dimension in _files(taxonomy).items()}
    vocabulary = taxonomy.vocabulary
    for key in vocabulary.keys:
        path, dimension = files[key]
        square, labels = _read(path, dimension)
        matrices[key], unknown = _arranged(path, _whole(path, square), labels, dimension)
        left_out.update({key: unknown} if unknown else {})
    parameters = {"files": "task{n}_tag_normalized.npz", "left_out": left_out}
    return SimilaritySet.of(vocabulary, matrices, SimilarityProvenance.of("reference", parameters, vocabulary))


def _files(taxonomy: Taxonomy) -> Mapping[str, Dimension]:
    """Name of the file of each dimension."""
    return {f"task{d.concept.number('referenceTask')}_tag_normalized.npz": d for d in taxonomy.dimensions}


def _further(dimension: Dimension) -> Iterator[tuple[str, int]]:
    """Further names of the values, each with the label id of its value."""
    return ((name, i) for i, value in enumerate(dimension.values) for name in value.all("us365kLabel"))


def _reference_labels(dimension: Dimension) -> list[str]:
    return [*dimension.labels, *(name for name, _ in _further(dimension))]


def _write(path: Path, matrix: Matrix, dimension: Dimension) -> Path:
    rows = [*range(len(dimension.labels)), *(i for _, i in _further(dimension))]
    with atomic_output(path) as handle:
        np.savez(
            handle, matrix=matrix[np.ix_(rows, rows)], labels=np.array(_reference_labels(dimension), dtype=np.str_)
        )
    return path


def _read(path: Path, dimension: Dimension) -> tuple[NDArray[np.float64], list[str]]:
    """The matrix as it stands, and the label of each of its rows."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; it has to hold the similarity of {dimension.key}")
    found = _arrays(path)
    if "matrix" not in found:
        raise DataError(f"{path}: holds no array 'matrix'; give a file that numpy.savez(matrix=…, labels=…) made")
    labels = [str(label) for label in found.get("labels", _reference_labels(dimension))]
    matrix = found["matrix"]
    if matrix.dtype.kind not in "fiu" or matrix.shape != (len(labels), len(labels)):
        got = f"{' × '.join(map(str, matrix.shape))} of {matrix.dtype}"
        raise DataError(
            f"{path}: the matrix is {got}; for {len(labels)} labels it has to be {len(labels)} × {len(labels)}"
        )
    return matrix.astype(np.float64), labels


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    if not zipfile.is_zipfile(path):
        raise DataError(f"{path}: not an .npz file; give one that numpy.savez(matrix=…, labels=…) made")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in ("matrix", "labels") if name in arrays}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        pickled = "allow_pickle" in str(error)
        why = "holds pickled objects, which could run code" if pickled else f"is damaged ({error})"
        raise DataError(f"{path}: {why}; write it again: labels=np.array(labels, dtype=str)") from error


def _whole(path: Path, square: NDArray[np.float64]) -> NDArray[np.float64]:
    """`square`, mirrored where it is a triangle."""
    upper = np.triu(square, 1)
    if not np.tril(square, -1).any():
        diagonal = square.diagonal()
        return upper + upper.T + np.diag(diagonal if diagonal.any() else np.ones(len(square)))
    if not np.allclose(square, square.T, rtol=0, atol=_TOLERANCE):
        raise DataError(f"{path}: the matrix is neither symmetric nor an upper triangle; give one or the other")
    return (square + square.T) / 2


def _arranged(
    path: Path, square: NDArray[np.float64], labels: list[str], dimension: Dimension
) -> tuple[Matrix, list[str]]:
    """The matrix over the dimension's labels in its order, and the labels of the file that nobody knows."""
    further = {dimension.labels[i]: name for name, i in _further(dimension)}
    chosen = [label if label in labels else further.get(label, label) for label in dimension.labels]
    missing = [label for label in chosen if label not in labels]
    if missing:
        raise DataError(f"{path}: has no row for {', '.join(map(repr, missing))} of {dimension.key}; add them")
    rows = [labels.index(label) for label in chosen]
    matrix = square[np.ix_(rows, rows)].astype(np.float32)
    matrix[np.abs(matrix - 1) <= _TOLERANCE] = 1
    known = set(_reference_labels(dimension))
    return matrix, [label for label in labels if label not in known]
