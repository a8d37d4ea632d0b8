"""The share of one process in the work of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from torch import distributed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Share:
    """The share of a process: every `processes`-th item from `rank` on.

    :ivar rank: of the process, from 0.
    :ivar processes: their number; each of them has to make the same calls.
    """

    rank: int = 0
    processes: int = 1

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Return the share of this process."""
        return items[self.rank :: self.processes]

    def gather(self, own: T) -> list[T]:
        """Return the results of all processes, in the order of their ranks.

        :param own: that of this process; tensors are on the CPU.
        """
        if self.processes == 1:
            return [own]
        found: list[Any] = [None] * self.processes
        distributed.all_gather_object(found, own)
        return found


WHOLE = Share()
"""The share of a single process: everything."""
