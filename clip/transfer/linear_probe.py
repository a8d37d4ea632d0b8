"""The linear probe: logistic regression on frozen features of images, with a validated L2 penalty.

    loss  mean over images of -log softmax(W x + b)_y  +  penalty / 2 · ‖W‖²

Features are centred and divided by one number, the root of their mean square, so that a handful of images suffices to
do it. The penalties form a path; the one with the smallest loss on the validation part is taken. The test part is never
seen.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.clip.transfer.grouping import Ints

PENALTIES = tuple(10.0 ** (exponent / 2) for exponent in range(4, -7, -1))
"""The path, from 100 to 0.001, two for each power of ten."""

_STEPS = 1000
_TINY = 1e-12

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LinearProbe:
    """A fitted probe.

    :ivar penalty: that was chosen.
    :ivar losses: validation loss of each penalty of the path.
    """

    scale: FeatureScale
    model: Any
    penalty: float
    losses: tuple[float, ...]

    @classmethod
    def fit(cls, features: NDArray[Any], labels: Ints, train: Ints, valid: Ints) -> LinearProbe:
        """Fit to the training images, and choose the penalty by the loss on those for validation.

        :param features: (N, D).
        :param labels: (N,) classes.
        :param train: indices of at least one image of each class; `valid` likewise.
        """
        scale = FeatureScale.of(features[train])
        inputs, held = scale(features[train]), scale(features[valid])
        models = [_fitted(inputs, labels[train], penalty) for penalty in PENALTIES]
        losses = [_loss(model, held, labels[valid]) for model in models]
        best = int(np.argmin(losses))
        return cls(scale, models[best], PENALTIES[best], tuple(losses))

    def __call__(self, features: NDArray[Any]) -> Floats:
        """Return the logarithm of the probability of each class, (T, C), for features (T, D)."""
        found: Floats = self.model.predict_log_proba(self.scale(features))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class FeatureScale:
    """Centres features and divides them by one number.

    :ivar mean: (D,).
    :ivar directions: (D, R), with R at most the number of images: the penalised optimum is a sum of images, so that
        nothing is lost.
    """

    mean: Floats
    directions: Floats

    @classmethod
    def of(cls, features: NDArray[Any]) -> FeatureScale:
        """Measure (N, D) features."""
        rows = np.asarray(features, dtype=np.float64)
        mean = rows.mean(axis=0)
        centred = rows - mean
        scale = max(float(np.sqrt((centred**2).mean())), _TINY)
        if len(rows) >= rows.shape[1]:
            return cls(mean, np.eye(rows.shape[1]) / scale)
        _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
        kept = sizes > sizes.max(initial=0.0) * 1e-9
        return cls(mean, axes[kept].T / scale if kept.any() else np.zeros((rows.shape[1], 1)))

    def __call__(self, features: NDArray[Any]) -> Floats:
        """Convert (N, D) features to (N, R)."""
        found: Floats = (np.asarray(features, dtype=np.float64) - self.mean) @ self.directions
        return found


def _fitted(inputs: Floats, labels: Ints, penalty: float) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1 / (penalty * len(inputs)), max_iter=_STEPS)
    with warnings.catch_warnings():
        # The validation loss judges a fit that ends early like any other.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(inputs, labels)


def _loss(model: Any, inputs: Floats, labels: Ints) -> float:
    rows = model.predict_log_proba(inputs)
    return float(-rows[np.arange(len(labels)), labels].mean())
