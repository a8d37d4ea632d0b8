"""The soft prior of a batch: the similarity of its samples, computed from the similarity of their labels.

With T dimensions and the similarity matrices `S`, for samples i and j with the label sets `L`,

    A[t, i, j] = mean of S[t][a, b] over a in L[i, t], b in L[j, t]
    P[i, j]    = mean of A[t, i, j] over t, each t with its weight, by default 1

after arXiv 2604.01749, which has no weights. The means over label pairs are matrix products: with `R` the multi-hot
rows, each divided by its number of labels, `A[t] = R[t] @ S[t] @ R[t].T`. One block-diagonal matrix holds the `S` of
all dimensions, so that the sum over them is one product. The same code runs on NumPy arrays and torch tensors.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, get_args

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.similarity.matrices import SimilaritySet
from udt.similarity.multi_hot import multi_hot

if TYPE_CHECKING:
    import torch

Array = TypeVar("Array", NDArray[Any], "torch.Tensor")
Missing = Literal["zero", "mask"]


@dataclass(frozen=True, slots=True, eq=False)
class PriorTables(Generic[Array]):
    """Constant factors of `prior` for one array library, device and precision. V labels, T dimensions.

    :ivar similarity: (V, V), block-diagonal, the similarity matrices of all dimensions, each times its weight.
    :ivar membership: (V, T), 1 if the label belongs to the dimension, else 0.
    :ivar weights: (T,), the weight of each dimension, in units of the smallest weight above 0.
    :ivar sizes: number of labels of each dimension.
    """

    similarity: Array
    membership: Array
    weights: Array
    sizes: tuple[int, ...]

    @staticmethod
    def numpy(similarity: SimilaritySet, weights: Mapping[str, float] | None = None) -> PriorTables[NDArray[Any]]:
        """Build tables of NumPy arrays, float32.

        :param weights: key of a dimension to its weight, at least 0, in the mean over dimensions; 1 for other keys.
        :raises DataError: if there is no dimension of a key, a weight is not allowed, or all weights are 0.
        """
        given = _weights(similarity, weights or {})
        sizes = tuple(len(labels) for labels in similarity.labels.values())
        block = np.zeros((sum(sizes), sum(sizes)), dtype=np.float32)
        stops = np.cumsum(sizes)
        for stop, key, weight in zip(stops, similarity.labels, given, strict=True):
            matrix = similarity[key]
            block[stop - len(matrix) : stop, stop - len(matrix) : stop] = weight * matrix
        return PriorTables(block, np.repeat(np.eye(len(sizes), dtype=np.float32), sizes, axis=0), given, sizes)

    @staticmethod
    def torch(
        similarity: SimilaritySet,
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> PriorTables[torch.Tensor]:
        """Build tables of tensors on `device`, by default float32.

        :param weights: as for `numpy`.
        :raises DataError: as `numpy`.
        """
        import torch

        tables = PriorTables.numpy(similarity, weights)
        block, membership, given = (
            torch.as_tensor(array, device=device, dtype=dtype)
            for array in (tables.similarity, tables.membership, tables.weights)
        )
        return PriorTables(block, membership, given, tables.sizes)


def _weights(similarity: SimilaritySet, weights: Mapping[str, float]) -> NDArray[np.float32]:
    """Return the weights (T,) in units of the smallest one above 0, so that a mean is divided by at least 1."""
    faults = [weight_fault(key, weight, similarity.labels) for key, weight in weights.items()]
    if found := [fault for fault in faults if fault]:
        raise DataError("; ".join(found))
    given = np.array([weights.get(key, 1.0) for key in similarity.labels], dtype=np.float64)
    if not given.any():
        raise DataError("the weights of all tasks of the prior are 0; give one of them a weight above 0")
    scaled: NDArray[np.float32] = (given / given[given > 0].min()).astype(np.float32)
    return scaled


def weight_fault(key: str, weight: object, keys: Collection[str]) -> str | None:
    """Return a message if the weight of a dimension is not allowed, or there is none of its key; otherwise None.

    :param keys: of the dimensions of the prior.
    """
    if key not in keys:
        return f"the prior has no task '{key}' to weigh; allowed: {', '.join(keys)}"
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < math.inf:
        return f"the weight of the task '{key}' is {weight}; it has to be a number, at least 0"
    return None


def prior(
    labels_i: Array | Sequence[LabelSet],
    labels_j: Array | Sequence[LabelSet],
    similarity: SimilaritySet | PriorTables[Array],
    missing: Missing = "mask",
) -> Array:
    """Compute the similarity of each sample of one batch to each sample of another.

    If both batches are the same object, the diagonal is 1. `PriorTables` are the same for every step of a training;
    build them once.

    :param labels_i: (I, V) multi-hot rows, as from `multi_hot`, or I label sets.
    :param labels_j: (J, V) multi-hot rows, or J label sets.
    :param missing: a dimension in which one of two samples has no label is left out of the mean (`mask`), or counts as
        0 (`zero`, as published), so that with k of T dimensions labelled the result is at most k/T. With no dimension
        left the result is 0; `shared_tasks` distinguishes such pairs.
    :returns: (I, J) in [0, 1], in the library, on the device and in the precision of the tables.
    :raises DataError: if the number of columns is not V, or `missing` is neither of the two.
    """
    if missing not in get_args(Missing):
        raise DataError(f"missing='{missing}'; allowed: {', '.join(get_args(Missing))}")
    rows_i, rows_j, tables = _prepared(labels_i, labels_j, similarity)
    with _full_precision(tables):
        shares_i, present_i = _shares(rows_i, tables)
        shares_j, present_j = (shares_i, present_i) if rows_j is rows_i else _shares(rows_j, tables)
        total = shares_i @ tables.similarity @ shares_j.T
        counted = present_i * tables.weights
        tasks = tables.weights.sum() if missing == "zero" else (counted @ present_j.T).clip(min=1)
        found = (total / tasks).clip(max=1)  # rounding errors may exceed 1
    return cast(Array, _with_ones(found) if labels_j is labels_i else found)


def shared_tasks(
    labels_i: Array | Sequence[LabelSet],
    labels_j: Array | Sequence[LabelSet],
    similarity: SimilaritySet | PriorTables[Array],
) -> Array:
    """Count the dimensions in which both samples have labels, shape (I, J); with 0 their similarity is unknown.

    Dimensions of weight 0 do not count.

    :raises DataError: as `prior`.
    """
    rows_i, rows_j, tables = _prepared(labels_i, labels_j, similarity)
    with _full_precision(tables):
        weighed = _shares(rows_i, tables)[1] * (tables.weights > 0)
        return cast(Array, weighed @ _shares(rows_j, tables)[1].T)


def equal_labels(
    labels_i: Array | Sequence[LabelSet],
    labels_j: Array | Sequence[LabelSet],
    similarity: SimilaritySet | PriorTables[Array],
) -> Array:
    """Return whether two samples have the same labels, at least one, shape (I, J), bool.

    :raises DataError: as `prior`.
    """
    rows_i, rows_j, tables = _prepared(labels_i, labels_j, similarity)
    with _full_precision(tables):
        common = rows_i @ rows_j.T
    return cast(Array, (common == rows_i.sum(1)[:, None]) & (common == rows_j.sum(1)) & (common > 0))


def _prepared(labels_i: Any, labels_j: Any, similarity: Any) -> tuple[Any, Any, Any]:
    """Return both batches as multi-hot rows (one object if they were one), and tables of their array library."""
    tables = _tables(labels_i, similarity) if isinstance(similarity, SimilaritySet) else similarity
    rows_i = _rows(labels_i, tables)
    return rows_i, rows_i if labels_j is labels_i else _rows(labels_j, tables), tables


def _tables(labels: Any, similarity: SimilaritySet) -> Any:
    return PriorTables.torch(similarity, labels.device) if _is_tensor(labels) else PriorTables.numpy(similarity)


def _rows(labels: Any, tables: Any) -> Any:
    """Return `labels` as multi-hot rows in the library, on the device and in the precision of `tables`."""
    if not _is_tensor(labels) and not isinstance(labels, np.ndarray):
        labels = multi_hot(labels, tables.sizes)
    if len(labels.shape) != 2 or labels.shape[1] != len(tables.membership):
        got = " × ".join(map(str, labels.shape))
        raise DataError(
            f"the labels have the shape {got}; expected: samples × {len(tables.membership)}, a column for each label"
        )
    if _is_tensor(tables.membership):
        import torch

        return torch.as_tensor(labels != 0).to(tables.membership)
    return np.asarray(labels != 0, dtype=tables.membership.dtype)


def _shares(rows: Any, tables: Any) -> tuple[Any, Any]:
    """Return the rows divided by the number of labels in each dimension, (N, V), and 1 if that is above 0, (N, T)."""
    counts = rows @ tables.membership
    return rows * ((1 / counts.clip(min=1)) @ tables.membership.T), counts.clip(max=1)


def _full_precision(tables: Any) -> AbstractContextManager[object]:
    """Disable autocast, under which torch would round the products to half the precision of the tables."""
    if not _is_tensor(tables.similarity):
        return nullcontext()
    import torch

    device = tables.similarity.device.type
    return torch.autocast(device, enabled=False) if torch.amp.is_autocast_available(device) else nullcontext()


def _with_ones(square: Any) -> Any:
    """Set the diagonal to 1, in place."""
    if _is_tensor(square):
        return square.fill_diagonal_(1)
    np.fill_diagonal(square, 1)
    return square


def _is_tensor(value: object) -> bool:
    """Check for a tensor without importing torch; before torch is imported there are none."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
