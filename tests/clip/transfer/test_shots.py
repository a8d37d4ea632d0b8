"""Draws of a few images for each class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from udt.clip.transfer.dataset import TransferSet
from udt.clip.transfer.shots import draw_shots, most_shots
from udt.core.errors import DataError


def test_shots_are_nested_and_of_other_groups(data: TransferSet) -> None:
    grouped = replace(data, groups=np.arange(len(data)) // 2)
    pool = np.arange(0, len(data))
    before: set[int] = set()
    for count in (1, 2, 4, 8):
        drawn = draw_shots(grouped, pool, count, 5)
        assert grouped.counts(drawn) == [count] * 3
        for label in range(3):
            own = grouped.groups[drawn[grouped.labels[drawn] == label]]
            assert len(set(own.tolist())) == count
        assert before <= set(drawn.tolist())
        before = set(drawn.tolist())
    assert before != set(draw_shots(grouped, pool, 8, 6).tolist())


def test_only_the_given_images_are_drawn(data: TransferSet) -> None:
    pool = np.arange(0, len(data), 3)
    assert set(draw_shots(data, pool, 4, 0).tolist()) <= set(pool.tolist())


def test_too_few_images_are_worded(data: TransferSet) -> None:
    grouped = replace(data, groups=np.where(data.labels == 1, data.labels - 9, np.arange(len(data))))
    assert most_shots(grouped, np.arange(len(data))) == ("dark", 1)
    with pytest.raises(
        DataError, match="2 images of each class are to be drawn, but the class 'dark' has 1 for training"
    ):
        draw_shots(grouped, np.arange(len(data)), 2, 0)
