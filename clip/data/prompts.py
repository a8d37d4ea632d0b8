"""Prompts of labels as training texts, in place of a share of the captions.

Zero-shot classification embeds the prompts of labels. A text tower that is trained on captions alone may never have
seen their words; prompts in place of some captions let it learn each label on its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from udt.clip.data.rows import Bools
from udt.core.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class PromptMix:
    """How many captions are replaced by prompts.

    :ivar share: share of the samples, in [0, 1].
    :ivar max_labels: maximum number of labels in a text; their number is drawn uniformly from 1 to it, or to the number
        of labels of the sample.
    """

    share: float = 0.0
    max_labels: int = 3

    def draw(self, labels: Bools, rng: np.random.Generator) -> Bools | None:
        """Draw the prompt labels of a sample.

        :param labels: (V,), the labels of the sample.
        :returns: (V,), at least one of them; None if the caption is kept.
        """
        columns = np.flatnonzero(labels)
        if rng.random() >= self.share or not len(columns):
            return None
        count = rng.integers(1, min(self.max_labels, len(columns)) + 1)
        chosen = np.zeros_like(labels)
        chosen[rng.choice(columns, count, replace=False)] = True
        return chosen


def prompts(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the prompt of each of the V labels, all dimensions in task order."""
    return tuple(prompt for dimension in vocabulary.dimensions for prompt in dimension.prompts)


def group_of(text: str) -> int:
    """Hash a text to a negative group number, the same on every machine; captions are numbered from 0."""
    return -1 - (int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 2)
