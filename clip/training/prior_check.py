"""A warning if the soft prior is nearly the identity, so that a training with it is one without."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import torch

from udt.clip.loss.gather import mean_over_processes, process_index
from udt.clip.loss.statistics import EFFECTIVE_POSITIVES, OWN_MASS

logger = logging.getLogger(__name__)

_CHECKED = (EFFECTIVE_POSITIVES, OWN_MASS)
_STEPS = 10
_FEWEST_POSITIVES = 1.05


class PriorCheck:
    """Warns once, after the first ten steps of a training, if a text has fewer than 1.05 effective positives."""

    def __init__(self) -> None:
        self._seen: list[Mapping[str, torch.Tensor]] = []
        self._done = False

    def add(self, statistics: Mapping[str, torch.Tensor]) -> None:
        """Add the statistics of a batch; values stay on their device. Those without a prior are left out."""
        if EFFECTIVE_POSITIVES in statistics and not self._done:
            self._seen.append(statistics)

    def step(self, step: int, batch_size: int) -> None:
        """Check the batches so far if `step`, counted from the start of the training, is the last one to wait for.

        Each process has to call this, since its statistics are those of its own samples.

        :param batch_size: over all processes, for the message.
        """
        if step < _STEPS or self._done:
            return
        self._done = True
        if step > _STEPS or not self._seen:
            return
        means = torch.stack([torch.stack([one[name] for one in self._seen]).mean() for name in _CHECKED])
        positives, own = mean_over_processes(means).tolist()
        if positives < _FEWEST_POSITIVES and process_index() == 0:
            logger.warning(
                "the prior of the labels has no effect: over the first %d steps an image has %.2f effective positives "
                "among %d texts, and its own text takes %.3f of the target; this warning is given below %g. Set "
                'objective.missing = "mask" and objective.match_prior = true, raise objective.temperature, set '
                "objective.negatives_only = true, or train without a prior: objective.semantic_weight = 0",
                step, positives, batch_size, own, _FEWEST_POSITIVES,
            )  # fmt: skip
