"""The exponential moving average (EMA) of the weights, after Polyak and Juditsky 1992, SIAM J. Control Optim. 30(4).

After step t = 1, 2, …, average ← d · average + (1 − d) · weights with d = min(decay, (1 + t) / (10 + t)), as in
`tf.train.ExponentialMovingAverage`, so that the weights of the first steps count little. It starts from the weights
before the first step.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.optim.swa_utils import get_ema_multi_avg_fn

from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.training.checkpoint import put_trained_state, trained_state

FILE = "average.safetensors"

_STEPS = "steps"


class WeightAverage:
    """The moving average of all weights and buffers of a model that training changes.

    :param model: before the first step.
    :param decay: highest decay, in (0, 1).
    """

    def __init__(self, model: UltrasoundClipModel, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self._average = {name: part.clone() for name, part in trained_state(model).items()}

    @torch.no_grad()
    def update(self, model: UltrasoundClipModel) -> None:
        """Add the weights of a model after a step."""
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        current = trained_state(model)
        averaged = [name for name, part in current.items() if part.is_floating_point()]
        get_ema_multi_avg_fn(decay)([self._average[name] for name in averaged], [current[name] for name in averaged], 0)
        for name in current.keys() - set(averaged):
            self._average[name].copy_(current[name])

    def put(self, model: UltrasoundClipModel) -> None:
        """Replace the weights of a model by the average."""
        put_trained_state(model, self._average)

    def save(self, folder: Path) -> None:
        """Write the average to a checkpoint."""
        state = {name: part.contiguous() for name, part in self._average.items()}
        save_file({**state, _STEPS: torch.tensor(self.steps)}, folder / FILE)

    def load(self, folder: Path) -> None:
        """Read the average of a checkpoint.

        :raises ValueError: if it has other weights.
        :raises OSError: if it cannot be read.
        """
        found = load_file(folder / FILE)
        steps = found.pop(_STEPS, None)
        if steps is None or found.keys() != self._average.keys():
            raise ValueError("it is of another model")
        self.steps = int(steps)
        for name, part in self._average.items():
            part.copy_(found[name])
