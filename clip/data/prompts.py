"""Texts made of label prompts, which take the place of captions now and then.

Zero-shot classification asks with prompts. A text tower that has read captions alone may never have met their words;
one that reads prompts in place of some captions has, and learns what each label on its own looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from udt.core.vocabulary import Vocabulary

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PromptMix:
    """How often labels speak instead of the caption.

    :ivar share: share of the samples, in [0, 1].
    :ivar most: labels at most that a text names; each number of them is as likely as another.
    """

    share: float = 0.0
    most: int = 3

    def draw(self, labels: Bools, draw: np.random.Generator) -> Bools | None:
        """Choose which of a sample's labels (V,) make its text, at least one; None if its caption is used."""
        places = np.flatnonzero(labels)
        if draw.random() >= self.share or not len(places):
            return None
        count = draw.integers(1, min(self.most, len(places)) + 1)
        chosen = np.zeros_like(labels)
        chosen[draw.choice(places, count, replace=False)] = True
        return chosen


def prompts(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the prompt of each of the V labels; the dimensions are concatenated in task order."""
    return tuple(prompt for dimension in vocabulary.dimensions for prompt in dimension.prompts)


def group_of(text: str) -> int:
    """Return a negative number that is the same for the same text on every machine; captions have numbers from 0."""
    return -1 - (int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 2)
