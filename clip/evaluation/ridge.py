"""Ridge regression from features of images to embeddings of texts, with a validated penalty.

    loss  mean over samples of ‖W x + b - t‖²  +  penalty · ‖W‖²

in closed form (Hoerl and Kennard 1970). It places images among the texts of any encoder, as a linear reference for
retrieval. Images and texts are compared by their differences from the mean text, which all of them share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from udt.clip.evaluation.logistic import PENALTIES, held_out


@dataclass(frozen=True, slots=True, eq=False)
class RidgeRegression:
    """A fitted regression.

    :ivar weights: (R, P).
    :ivar mean: mean of the inputs, (R,); `offset` is that of the targets, (P,).
    :ivar penalty: that was chosen: the one with the smallest error on held-out cases.
    """

    weights: torch.Tensor
    mean: torch.Tensor
    offset: torch.Tensor
    penalty: float

    @classmethod
    def fit(
        cls,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        cases: Sequence[str],
        penalties: Sequence[float] = PENALTIES,
        seed: int = 0,
    ) -> RidgeRegression:
        """Fit to samples.

        :param inputs: (N, R) float64, standardised.
        :param targets: (N, P).
        :param cases: (N,); a fifth of them, drawn with `seed`, is held out to choose the penalty.
        """
        targets = targets.double()
        held = torch.from_numpy(held_out(cases, seed))
        best = penalties[0]
        if held.any() and not held.all():
            fits = (_solve(inputs[~held], targets[~held], penalty) for penalty in penalties)
            errors = [((inputs[held] - m) @ w + o - targets[held]).square().sum().item() for w, m, o in fits]
            best = penalties[int(np.argmin(errors))]
        return cls(*_solve(inputs, targets, best), best)

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Predict the targets of (N, R) inputs; (N, P) float32 differences from the mean target, of length 1."""
        return _unit((inputs - self.mean) @ self.weights)

    def centred(self, targets: torch.Tensor) -> torch.Tensor:
        """Return the differences of (N, P) targets from the mean target, of length 1."""
        return _unit(targets.double() - self.offset)


def _unit(rows: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(rows, dim=1).float()


def _solve(
    inputs: torch.Tensor, targets: torch.Tensor, penalty: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    mean, offset = inputs.mean(0), targets.mean(0)
    centred = inputs - mean
    system = centred.T @ centred / len(inputs) + penalty * torch.eye(inputs.shape[1], dtype=inputs.dtype)
    return torch.linalg.solve(system, centred.T @ (targets - offset) / len(inputs)), mean, offset
