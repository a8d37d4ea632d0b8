"""Projection of text embeddings to the plane by t-SNE, without and with their graphs (needs scikit-learn)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

_FEWEST = 5
_PERPLEXITY = 30.0

SEVERAL, NONE = "several", "not said"


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """N captions in the plane.

    :ivar dimension: key of the dimension of the names.
    :ivar names: the label of each caption in the dimension, or `SEVERAL`, or `NONE`.
    :ivar text: (N, 2), the texts alone.
    :ivar graph: (N, 2), the texts with their graphs; None for an encoder without graphs.
    """

    dimension: str
    names: tuple[str, ...]
    text: NDArray[np.float32]
    graph: NDArray[np.float32] | None


def sampled(count: int, size: int, seed: int) -> NDArray[np.int64]:
    """Sample at most `size` of `count` indices, ascending."""
    indices = np.random.default_rng(seed).permutation(count)[:size]
    found: NDArray[np.int64] = np.sort(indices)
    return found


def names_in(samples: Sequence[LabelSet], dimension: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the label of each sample in one dimension, or `SEVERAL`, or `NONE`.

    :raises udt.core.errors.UnknownConceptError: if there is no such dimension.
    """
    labels, index = vocabulary[dimension].labels, vocabulary.keys.index(dimension)
    ids = (sample.ids[index] for sample in samples)
    return tuple(labels[found[0]] if len(found) == 1 else SEVERAL if found else NONE for found in ids)


def t_sne(rows: torch.Tensor, seed: int = 0) -> NDArray[np.float32]:
    """Project embeddings to the plane by t-SNE (van der Maaten and Hinton 2008), with cosine neighbours.

    :param rows: (N, P) of length 1.
    :param seed: the same seed gives the same result.
    :returns: (N, 2).
    :raises DataError: if scikit-learn is not installed, or there are too few rows.
    """
    manifold = _manifold()
    if len(rows) < _FEWEST:
        raise DataError(
            f"t-SNE places texts by their neighbours; it needs at least {_FEWEST} texts, but got {len(rows)}"
        )
    perplexity = min(_PERPLEXITY, (len(rows) - 1) / 3)
    # The squared distance of unit rows is 2 - 2 cos, so that Euclidean neighbours are those by cosine.
    made = manifold.TSNE(perplexity=perplexity, init="random", random_state=seed).fit_transform(rows.numpy())
    found: NDArray[np.float32] = made.astype(np.float32)
    return found


def _manifold() -> Any:
    try:
        from sklearn import manifold
    except ImportError as error:
        raise DataError(
            "t-SNE needs scikit-learn, which is not installed; install it with: pip install scikit-learn"
        ) from error
    return manifold
