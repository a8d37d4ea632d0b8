"""A Ray of two workers on this machine, and work that kills the worker which does it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from udt.core.ray_cluster import RayCluster, open_ray


@contextmanager
def two_workers() -> Iterator[RayCluster]:
    """Start Ray, or skip the test if it is not installed."""
    pytest.importorskip("ray", reason="Ray is not installed; it is in the extra [ray]")
    with open_ray("local", 2) as cluster:
        yield cluster


class KilledOnce:
    """A cluster whose worker is killed in the middle of a batch.

    :ivar kills: files of the kills so far.
    """

    here = False

    def __init__(self, cluster: RayCluster, folder: Path, batch: int = 1) -> None:
        self._cluster, self._folder, self._batch = cluster, folder, batch
        self._calls = 0

    @property
    def kills(self) -> list[Path]:
        return sorted(self._folder.glob("killed-*"))

    def map_batches(self, prepare: Any, batches: Iterable[Any]) -> Iterator[tuple[Any, Iterator[Any]]]:
        self._calls += 1
        numbered = deadly(prepare, self._folder / f"killed-{self._calls}", self._batch)
        for (_, batch), results in self._cluster.map_batches(numbered, enumerate(batches)):
            yield batch, results

    def map_each(self, do: Any, batches: Iterable[Any]) -> Iterator[tuple[Any, Iterator[Any]]]:
        return self.map_batches(lambda: lambda batch: map(do, batch), batches)


def deadly(prepare: Callable[[], Callable[[Any], Iterable[Any]]], marker: Path, fatal: int) -> Any:
    """Return a preparation of the same work on (number, batch) pairs, which is killed once, at the batch `fatal`.

    A function within a function travels to the workers as it is; they need not be able to import the tests.
    """

    def prepared() -> Callable[[tuple[int, Any]], Iterator[Any]]:
        work = prepare()

        def run(numbered: tuple[int, Any]) -> Iterator[Any]:
            number, batch = numbered
            for result in work(batch):
                if number == fatal and not marker.exists():
                    marker.touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                yield result

        return run

    return prepared
