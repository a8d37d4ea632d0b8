"""Accuracy by the number of dimensions in which a sample has labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from udt.clip.evaluation.classification import Classification


@dataclass(frozen=True, slots=True)
class Level:
    """The samples with labels in the same number of dimensions.

    :ivar tasks: number of dimensions, from 1.
    :ivar samples: number of samples.
    :ivar accuracy: share of correct predictions among all `samples * tasks` of them, in [0, 1].
    :ivar random: expected accuracy of a random guess.
    """

    tasks: int
    samples: int
    accuracy: float
    random: float


def by_sparsity(result: Classification) -> tuple[Level, ...]:
    """Return a level for each number of labelled dimensions, ascending; samples without labels are left out."""
    known, correct, chance = (
        np.stack([getattr(task, name) for task in result.tasks]) for name in ("known", "correct", "chance")
    )
    counts = known.sum(axis=0)
    found = []
    for tasks in sorted(set(counts.tolist()) - {0}):
        these = counts == tasks
        samples = int(these.sum())
        shares = (float(part[:, these].sum()) / (samples * tasks) for part in (correct, chance))
        found.append(Level(tasks, samples, *shares))
    return tuple(found)
