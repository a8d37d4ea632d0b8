"""Batches of streams."""

from __future__ import annotations

import pytest

from udt.core.batches import batches


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (2, [2]), (3, [3]), (7, [3, 3, 1])], ids=str)
def test_every_item_is_in_one_batch(count: int, sizes: list[int]) -> None:
    found = list(batches(iter(range(count)), 3))
    assert [len(batch) for batch in found] == sizes
    assert [item for batch in found for item in batch] == list(range(count))
