"""Join rows with a stream of values, both by ascending id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class MergeJoin(Generic[T]):
    """Left join of ascending ids with a stream of (id, value) pairs in ascending order, in one pass.

    >>> values = MergeJoin([(2, "b"), (5, "e")], "-")
    >>> [values.get(id) for id in (1, 2, 3, 5, 6)]
    ['-', 'b', '-', 'e', '-']

    :param default: the value of ids that are not in the stream.
    """

    def __init__(self, pairs: Iterable[tuple[int, T]], default: T) -> None:
        self._pairs = iter(pairs)
        self._default = default
        self._next = next(self._pairs, None)

    def get(self, id: int) -> T:
        """Return the value of `id`, which has to be above the previous one, or the default."""
        while self._next is not None and self._next[0] < id:
            self._next = next(self._pairs, None)
        return self._next[1] if self._next is not None and self._next[0] == id else self._default
