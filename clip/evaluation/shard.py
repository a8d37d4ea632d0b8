"""The share of one process in an evaluation by several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from torch import distributed

T = TypeVar("T")


class Shard(NamedTuple):
    """The share of a process: every `count`-th item from `index` on. By default it is all of them.

    :ivar index: rank of the process, from 0.
    :ivar count: number of processes that evaluate together, each of which has to make the same calls.
    """

    index: int = 0
    count: int = 1

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Return the share of this process."""
        return items[self.index :: self.count]

    def gather(self, own: T) -> list[T]:
        """Return the results of all processes, in the order of their ranks.

        :param own: that of this process; tensors are on the CPU.
        """
        if self.count == 1:
            return [own]
        found: list[Any] = [None] * self.count
        distributed.all_gather_object(found, own)
        return found
