"""Similarity matrices, one for each dimension, with their labels and provenance."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as safetensors_bytes

from udt.core.atomic import atomic_output
from udt.core.errors import DataError
from udt.core.strict_json import parse_json
from udt.core.version import __version__
from udt.core.vocabulary import Vocabulary

SCHEMA = "udt-similarity/1"
FILE_NAME = "similarity.safetensors"

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SimilarityProvenance:
    """How the matrices were made.

    :ivar method: name of the method, e.g. `taxonomy`; see `udt.similarity.methods.registry`.
    :ivar parameters: plain data for JSON; for a blend, the provenance of its parts.
    :ivar taxonomy: version of the taxonomy of the labels.
    :ivar digest: SHA-256 of the files of the taxonomy.
    :ivar versions: versions of the packages that computed the matrices.
    """

    method: str
    parameters: Mapping[str, Any]
    taxonomy: str
    digest: str
    versions: Mapping[str, str]

    @classmethod
    def of(
        cls, method: str, parameters: Mapping[str, Any], vocabulary: Vocabulary, packages: Iterable[str] = ()
    ) -> SimilarityProvenance:
        """Return a provenance with the installed versions of udt, NumPy and `packages`."""
        versions = {"udt": __version__, **{name: version(name) for name in ("numpy", *packages)}}
        return cls(method, parameters, vocabulary.version, vocabulary.digest, versions)


@dataclass(frozen=True, slots=True, eq=False)
class SimilaritySet:
    """Similarity matrices, one for each dimension, in task order.

    :ivar labels: dimension key to its labels in order.
    :ivar matrices: dimension key to its matrix, (labels, labels), float32: symmetric, in [0, 1], 1 on the diagonal.
    :raises DataError: listing every fault of the matrices.
    """

    labels: Mapping[str, tuple[str, ...]]
    matrices: Mapping[str, Matrix]
    provenance: SimilarityProvenance

    def __post_init__(self) -> None:
        faults = [
            fault for key in self.labels for fault in matrix_faults(key, self.labels[key], self.matrices.get(key))
        ]
        faults += [f"{key}: a matrix without labels" for key in self.matrices if key not in self.labels]
        if faults:
            raise DataError("the similarity matrices are not valid:\n" + "\n".join(f"  - {fault}" for fault in faults))

    @classmethod
    def of(
        cls, vocabulary: Vocabulary, matrices: Mapping[str, Matrix], provenance: SimilarityProvenance
    ) -> SimilaritySet:
        """Return the set over all labels of `vocabulary`."""
        return cls({d.key: d.labels for d in vocabulary.dimensions}, matrices, provenance)

    def __getitem__(self, key: str) -> Matrix:
        """Return the matrix of one dimension.

        :raises DataError: if there is no such dimension.
        """
        if key not in self.matrices:
            raise DataError(f"there is no similarity matrix '{key}'; allowed: {', '.join(self.matrices)}")
        return self.matrices[key]

    def restricted(self, vocabulary: Vocabulary) -> SimilaritySet:
        """Return the matrices of the dimensions of `vocabulary`, in its order; the set itself if these are all.

        :raises DataError: if a dimension is missing, or the labels or their order differ.
        """
        keys = [key for key in vocabulary.keys if key in self.labels]
        found = self
        if keys != list(self.labels):
            matrices = {key: self.matrices[key] for key in keys}
            found = SimilaritySet({key: self.labels[key] for key in keys}, matrices, self.provenance)
        found.check_labels(vocabulary)
        return found

    def check_labels(self, vocabulary: Vocabulary) -> None:
        """Check that the label ids of `vocabulary` are those of the matrices.

        :raises DataError: if the dimensions, the labels or their order differ.
        """
        expected = {d.key: d.labels for d in vocabulary.dimensions}
        if list(expected.items()) != list(self.labels.items()):
            raise DataError(
                f"the similarity matrices have other labels than the taxonomy: {_difference(self.labels, expected)}; "
                "build them again with this taxonomy: udt similarity build"
            )

    def save(self, folder: Path) -> Path:
        """Write `similarity.safetensors` into `folder` atomically and return its path.

        :raises DataError: if the folder does not exist.
        """
        dimensions = [{"key": key, "labels": list(labels)} for key, labels in self.labels.items()]
        head = {"schema": SCHEMA, "dimensions": dimensions, "provenance": asdict(self.provenance)}
        text = json.dumps(head, ensure_ascii=False, sort_keys=True)
        with atomic_output(folder / FILE_NAME) as handle:
            handle.write(
                safetensors_bytes({k: np.ascontiguousarray(m) for k, m in self.matrices.items()}, {SCHEMA: text})
            )
        return folder / FILE_NAME

    @classmethod
    def load(cls, path: Path) -> SimilaritySet:
        """Read a file that `save` wrote.

        :param path: the file, or its folder.
        :raises DataError: if it is missing, of another kind, or damaged.
        """
        stored = StoredMatrices.load(path)
        try:
            return cls(stored.labels, stored.matrices, stored.provenance)
        except DataError as error:
            raise DataError(f"{stored.file}: {error}") from error


@dataclass(frozen=True, slots=True, eq=False)
class StoredMatrices:
    """The content of a file of similarity matrices, which may be faulty: not symmetric, or out of range.

    :ivar labels: dimension key to its labels in order.
    :ivar matrices: name to the array that the file holds under it.
    """

    file: Path
    labels: Mapping[str, tuple[str, ...]]
    matrices: Mapping[str, Matrix]
    provenance: SimilarityProvenance

    @classmethod
    def load(cls, path: Path) -> StoredMatrices:
        """Read a file that `SimilaritySet.save` wrote, without checks of the numbers.

        :param path: the file, or its folder.
        :raises DataError: if it is missing, of another kind, or its description is damaged.
        """
        file = path / FILE_NAME if path.is_dir() else path
        head, matrices = _read(file)
        try:
            labels = {d["key"]: tuple(d["labels"]) for d in head["dimensions"]}
            return cls(file, labels, matrices, SimilarityProvenance(**head["provenance"]))
        except (KeyError, TypeError) as error:
            raise DataError(f"{file}: its description is damaged ({error}); build it again") from error


def _read(file: Path) -> tuple[dict[str, Any], dict[str, Matrix]]:
    """Read the description and the matrices."""
    if not file.is_file():
        raise DataError(f"{file}: no such file; build it with: udt similarity build --method taxonomy --out DIR")
    try:
        with safe_open(file, framework="numpy") as tensors:
            head = (tensors.metadata() or {}).get(SCHEMA)
            matrices = {key: tensors.get_tensor(key) for key in tensors.keys()}  # noqa: SIM118 (not a mapping)
        if head is None:
            raise DataError(f"{file}: holds no '{SCHEMA}'; give a file that `udt similarity build` made")
        return parse_json(head), matrices
    # The last two: a type of numbers that NumPy does not have.
    except (SafetensorError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{file}: not a readable safetensors file ({error}); build it again") from error


def matrix_faults(key: str, labels: tuple[str, ...], matrix: Matrix | None) -> Iterator[str]:
    """Yield the faults of one matrix, a sentence each; None is a missing matrix."""
    if matrix is None:
        yield f"{key}: the matrix is missing"
    elif matrix.shape != (len(labels), len(labels)):
        yield f"{key}: has the shape {matrix.shape}, but there are {len(labels)} labels"
    elif matrix.dtype != np.float32:
        yield f"{key}: holds {matrix.dtype}; it has to hold float32"
    elif not np.isfinite(matrix).all():
        yield f"{key}: holds values that are NaN or infinite"
    else:
        if matrix.size and not 0 <= matrix.min() <= matrix.max() <= 1:
            yield f"{key}: its values range from {matrix.min():g} to {matrix.max():g}; allowed: 0 to 1"
        if not np.array_equal(matrix, matrix.T):
            yield f"{key}: is not symmetric"
        if not (matrix.diagonal() == 1).all():
            yield f"{key}: its diagonal is not 1 throughout"


def _difference(found: Mapping[str, tuple[str, ...]], expected: Mapping[str, tuple[str, ...]]) -> str:
    """Describe the first difference of the labels."""
    for key in dict.fromkeys((*expected, *found)):
        ours, theirs = found.get(key), expected.get(key)
        if ours is None or theirs is None:
            return f"{key} is in {'the taxonomy' if ours is None else 'the matrices'} alone"
        for index, label in enumerate(theirs):
            if ours[index : index + 1] != (label,):
                name = repr(ours[index]) if index < len(ours) else "nothing"
                return f"the label {index} of {key} is {name} instead of '{label}'"
        if len(ours) > len(theirs):
            return f"{key} has '{ours[len(theirs)]}', which the taxonomy does not have"
    return "the dimensions are in another order"
