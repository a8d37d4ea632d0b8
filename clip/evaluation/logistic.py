"""Multinomial logistic regression with a validated L2 penalty, by L-BFGS.

    loss  mean over samples of -Σ_a y_a log softmax(W x + b)_a  +  penalty / 2 · ‖W‖²

A sample with k labels has y_a = 1/k for each of them. Features are standardised. The penalty with the smallest loss on
held-out cases is taken, and the regression fitted again to all samples (Hastie, Tibshirani and Friedman 2009, *The
Elements of Statistical Learning*, sections 4.4 and 7.10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from udt.core.errors import DataError

PENALTIES = (100.0, 10.0, 1.0, 0.1, 0.01)
"""From the largest; each fit to choose from starts at the weights of the one before."""

_HELD_OUT = 5  # one case in five
_STEPS = 100
_TOLERANCE = 1e-6
_GRADIENT = 1e-5

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Standardisation:
    """Features of mean 0 and standard deviation 1, in the directions in which the samples differ.

    :ivar mean: (D,).
    :ivar directions: (D, R), with R at most the number of samples it was made of. The penalised optimum is a sum of
        samples, so that nothing is lost.
    """

    mean: Floats
    directions: Floats

    @classmethod
    def of(cls, features: NDArray[Any]) -> Standardisation:
        """Measure (N, D) features; a feature that is constant becomes 0."""
        mean, spread = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
        scale = np.where(spread > _TOLERANCE * np.maximum(np.abs(mean), 1), 1 / np.maximum(spread, 1e-300), 0)
        if features.shape[1] <= len(features):
            return cls(mean, np.diag(scale))
        rows = (features - mean) * scale
        squares, vectors = np.linalg.eigh(rows @ rows.T)
        kept = squares > _TOLERANCE**2 * squares.max()
        return cls(mean, scale[:, None] * (rows.T @ vectors[:, kept]) / np.sqrt(squares[kept]))

    def __call__(self, features: NDArray[Any]) -> torch.Tensor:
        """Convert (N, D) features to (N, R) float64."""
        return torch.from_numpy((features - self.mean) @ self.directions)


@dataclass(frozen=True, slots=True, eq=False)
class LogisticRegression:
    """A fitted regression.

    :ivar weights: (R, C).
    :ivar bias: (C,).
    :ivar penalty: that was chosen.
    """

    weights: torch.Tensor
    bias: torch.Tensor
    penalty: float

    @classmethod
    def fit(
        cls,
        inputs: torch.Tensor,
        truth: NDArray[np.bool_],
        cases: Sequence[str],
        penalties: Sequence[float] = PENALTIES,
        seed: int = 0,
    ) -> LogisticRegression:
        """Fit to samples; those without a label are left out.

        :param inputs: (N, R) float64, standardised.
        :param truth: (N, C), whether the sample has the label.
        :param cases: (N,); a fifth of them, drawn with `seed`, is held out to choose the penalty.
        :param penalties: from the largest.
        :raises DataError: if no sample has a label.
        """
        known: NDArray[np.bool_] = np.any(truth, axis=1)
        if not known.any():
            raise DataError("a regression needs samples with labels, but no sample of the training split has any")
        inputs, targets = inputs[torch.from_numpy(known)], torch.from_numpy(_shares(truth[known]))
        held = torch.from_numpy(held_out([case for case, one in zip(cases, known, strict=True) if one], seed))
        best = penalties[0]
        if held.any() and not held.all():
            fits = _path(inputs[~held], targets[~held], penalties)
            losses = [_loss(w, b, inputs[held], targets[held], 0.0).item() for w, b in fits]
            best = penalties[int(np.argmin(losses))]
        return cls(*_path(inputs, targets, [best])[0], best)

    def __call__(self, inputs: torch.Tensor) -> Floats:
        """Return the logarithm of the probability of each label for (N, R) inputs, (N, C)."""
        found: Floats = torch.log_softmax(inputs @ self.weights + self.bias, 1).numpy()
        return found


def _shares(truth: NDArray[np.bool_]) -> Floats:
    found: Floats = truth / truth.sum(axis=1, keepdims=True)
    return found


def held_out(cases: Sequence[str], seed: int) -> NDArray[np.bool_]:
    """Return whether each sample is of a case that is held out, a fifth of the cases, drawn with `seed`."""
    names, index = np.unique(np.asarray(cases), return_inverse=True)
    drawn = np.random.default_rng(seed).permutation(len(names))[: len(names) // _HELD_OUT]
    found: NDArray[np.bool_] = np.isin(index, drawn)
    return found


def _path(
    inputs: torch.Tensor, targets: torch.Tensor, penalties: Sequence[float]
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Fit weights and bias for each penalty."""
    weights = torch.zeros(inputs.shape[1], targets.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(targets.shape[1], dtype=torch.float64, requires_grad=True)
    found = []
    for penalty in penalties:
        _minimise(weights, bias, inputs, targets, penalty)
        found.append((weights.detach().clone(), bias.detach().clone()))
    return found


def _minimise(
    weights: torch.Tensor, bias: torch.Tensor, inputs: torch.Tensor, targets: torch.Tensor, penalty: float
) -> None:
    optimiser = torch.optim.LBFGS(
        [weights, bias], max_iter=_STEPS, tolerance_grad=_GRADIENT, tolerance_change=1e-9, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = _loss(weights, bias, inputs, targets, penalty)
        loss.backward()
        return loss

    with torch.enable_grad():
        optimiser.step(closure)


def _loss(
    weights: torch.Tensor, bias: torch.Tensor, inputs: torch.Tensor, targets: torch.Tensor, penalty: float
) -> torch.Tensor:
    entropy = torch.nn.functional.cross_entropy(inputs @ weights + bias, targets)
    return entropy + penalty / 2 * weights.square().sum()
