"""Read and write `task{n}_tag_normalized.npz`, the similarity matrices of the published Ultrasound-CLIP code.

A file holds `matrix` and the `labels` of its rows. The code numbers the tasks in an order of its own
(`ns:referenceTask`) and has alternative labels for some values (`ns:us365kLabel`). It has no file for a dimension
without such a number. A file may hold the upper triangle alone. Pickled arrays are refused, since reading one can run
arbitrary code.
"""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.core.atomic import atomic_output
from udt.core.errors import DataError
from udt.similarity.matrices import Matrix, SimilarityProvenance, SimilaritySet
from udt.similarity.methods.registry import MethodOption, OptionKind, SimilarityMethod
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.concept import Dimension
from udt.taxonomy.model.taxonomy import Taxonomy

_NUMBER = "referenceTask"
_TOLERANCE = 1e-6
_LARGEST = 256 << 20
"""Most bytes of the arrays of a file, unpacked."""
# The errors of NumPy and zipfile on damaged headers, sizes and methods of compression.
_DAMAGE = (
    *(ValueError, OSError, EOFError, KeyError, TypeError, SyntaxError, OverflowError, MemoryError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError),
)


def write_reference(similarity: SimilaritySet, folder: Path, taxonomy: Taxonomy) -> list[Path]:
    """Write a file for each dimension with a number in the reference code into `folder`; return their paths in order.

    An alternative label of a value gets a row and a column of its own after the others, equal to those of the value.
    `without_reference` returns the dimensions that are left out.

    :raises DataError: if the set has other labels than `taxonomy`, two dimensions have the same number, or the folder
        does not exist.
    """
    similarity.check_labels(taxonomy.vocabulary)
    return [_write(folder / name, similarity[dimension.key], dimension) for name, dimension in _files(taxonomy).items()]


def without_reference(taxonomy: Taxonomy) -> list[str]:
    """Return the keys of the tasks for which the reference code has no file."""
    return [dimension.key for dimension in taxonomy.tasks if dimension.concept.number(_NUMBER) is None]


def read_reference(folder: Path, taxonomy: Taxonomy) -> SimilaritySet:
    """Read the files in `folder` and put their labels into the order of `taxonomy`.

    An upper triangle is mirrored; if its diagonal is 0 throughout, the diagonal is set to 1. A file without `labels`
    has them in the order of the reference code. The label of a value is preferred to an alternative one. Labels that
    the taxonomy does not have are left out and listed as `left_out` in the provenance. A dimension for which the
    reference code has no file gets the matrix of the method `taxonomy` and is listed as `by_taxonomy`.

    :raises DataError: if a file is missing, unreadable or pickled, lacks a label, or does not hold a similarity matrix,
        or two dimensions have the same number.
    """
    matrices: dict[str, Matrix] = {}
    left_out: dict[str, list[str]] = {}
    files = {dimension.key: (folder / name, dimension) for name, dimension in _files(taxonomy).items()}
    vocabulary, others = taxonomy.vocabulary, without_reference(taxonomy)
    computed = taxonomy_similarity(taxonomy) if others else None
    for key in vocabulary.keys:
        if computed is not None and key in others:
            matrices[key] = computed[key]
            continue
        path, dimension = files[key]
        square, labels = _read(path, dimension)
        matrices[key], unknown = _arranged(path, _symmetric(path, square), labels, dimension)
        left_out.update({key: unknown} if unknown else {})
    parameters: dict[str, Any] = {"files": "task{n}_tag_normalized.npz", "left_out": left_out}
    parameters |= {"by_taxonomy": others} if others else {}
    return SimilaritySet.of(vocabulary, matrices, SimilarityProvenance.of("reference", parameters, vocabulary))


def _files(taxonomy: Taxonomy) -> Mapping[str, Dimension]:
    """Map file names to their dimensions, by number.

    :raises DataError: if two dimensions have the same number, or none has one.
    """
    numbered = [(number, d) for d in taxonomy.tasks if (number := d.concept.number(_NUMBER)) is not None]
    found = dict(sorted(numbered, key=itemgetter(0)))
    if twice := [f"{d.key} and {found[number].key}" for number, d in numbered if found[number] is not d]:
        raise DataError(f"{'; '.join(twice)} have the same ns:{_NUMBER}; give each dimension a number of its own")
    if not found:
        raise DataError(f"no dimension of the taxonomy has an ns:{_NUMBER}; build the matrices with another method")
    return {f"task{number}_tag_normalized.npz": dimension for number, dimension in found.items()}


def _alternatives(dimension: Dimension) -> Iterator[tuple[str, int]]:
    """Return the alternative labels of the values, each with the label id of its value."""
    return ((name, i) for i, value in enumerate(dimension.values) for name in value.all("us365kLabel"))


def _reference_labels(dimension: Dimension) -> list[str]:
    return [*dimension.labels, *(name for name, _ in _alternatives(dimension))]


def _write(path: Path, matrix: Matrix, dimension: Dimension) -> Path:
    rows = [*range(len(dimension.labels)), *(i for _, i in _alternatives(dimension))]
    with atomic_output(path) as handle:
        np.savez(
            handle, matrix=matrix[np.ix_(rows, rows)], labels=np.array(_reference_labels(dimension), dtype=np.str_)
        )
    return path


def _read(path: Path, dimension: Dimension) -> tuple[NDArray[np.float64], list[str]]:
    """Read the matrix as stored, and the label of each of its rows."""
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
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            size = sum(part.file_size for part in arrays.zip.infolist())
            if size > _LARGEST:
                raise DataError(
                    f"{path}: holds {size:,} bytes of arrays; allowed: {_LARGEST:,}; leave out other arrays"
                )
            return {name: arrays[name] for name in ("matrix", "labels") if name in arrays}
    except _DAMAGE as error:
        if isinstance(error, DataError):
            raise
        pickled = "allow_pickle" in str(error)
        why = "holds pickled objects, which could run code" if pickled else f"is damaged ({type(error).__name__})"
        raise DataError(f"{path}: {why}; write it again: labels=np.array(labels, dtype=str)") from error


def _symmetric(path: Path, square: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a symmetric matrix: the mirrored upper triangle, or the mean of `square` and its transpose.

    :raises DataError: if `square` is neither a triangle nor symmetric.
    """
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
    """Return the matrix over the labels of the dimension in its order, and the labels that only the file has."""
    alternatives = {dimension.labels[i]: name for name, i in _alternatives(dimension)}
    names = [label if label in labels else alternatives.get(label, label) for label in dimension.labels]
    missing = [label for label in names if label not in labels]
    if missing:
        raise DataError(f"{path}: has no row for {', '.join(map(repr, missing))} of {dimension.key}; add them")
    rows = [labels.index(label) for label in names]
    matrix = square[np.ix_(rows, rows)].astype(np.float32)
    matrix[np.abs(matrix - 1) <= _TOLERANCE] = 1
    known = set(_reference_labels(dimension))
    return matrix, [label for label in labels if label not in known]


def _build(taxonomy: Taxonomy, given: Mapping[str, Any]) -> SimilaritySet:
    return read_reference(given["source"], taxonomy)


def _notes(similarity: SimilaritySet) -> Iterator[str]:
    parameters = similarity.provenance.parameters
    for key, labels in parameters["left_out"].items():
        yield f"{key}: left out {', '.join(map(repr, labels))}, which the taxonomy does not have"
    for key in parameters.get("by_taxonomy", ()):
        yield f"{key}: computed with the method taxonomy, since the published code has no file for it"


METHOD = SimilarityMethod(
    summary="the matrices of the published Ultrasound-CLIP code",
    build=_build,
    options=(
        MethodOption(
            "source",
            OptionKind.FOLDER,
            "the folder of the published code's task{n}_tag_normalized.npz; a dimension without a file there, as one "
            "of an extension, is computed with the method taxonomy.",
            metavar="FOLDER",
        ),
    ),
    requires=(("source",),),
    notes=_notes,
)
