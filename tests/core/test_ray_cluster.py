"""Batches on a Ray of two workers, against the same work in this process."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ray_workers import KilledOnce, two_workers
from udt.core import ray_cluster
from udt.core.errors import DataError, TaxonomyError
from udt.core.executors import InProcess, WorkerError
from udt.core.ray_cluster import RayCluster, open_ray

pytestmark = pytest.mark.slow

BATCHES = [[number, number + 1] for number in range(0, 60, 2)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    with two_workers() as started:
        yield started


def results(executor: Any, prepare: Any, batches: Iterable[Any] = BATCHES) -> list[tuple[Any, list[Any]]]:
    return [(batch, list(found)) for batch, found in executor.map_batches(prepare, batches)]


def test_results_and_order_are_those_of_one_process(cluster: RayCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_cluster, "_AHEAD", 5)  # several windows, the last one short
    prepare = lambda: lambda batch: (number**2 for number in batch)  # noqa: E731 - travels as it is
    assert results(cluster, prepare) == results(InProcess(), prepare)
    assert results(cluster, prepare, []) == []
    assert [list(found) for _, found in cluster.map_each(str, BATCHES)] == [list(map(str, one)) for one in BATCHES]


def test_reading_is_ahead_by_a_bounded_number_of_batches(cluster: RayCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_cluster, "_AHEAD", 3)
    read: list[int] = []
    source = ([read.append(number) or number] for number in range(1000))
    pairs = cluster.map_batches(lambda: list, source)
    next(pairs)
    assert len(read) == 6
    pairs.close()  # type: ignore[attr-defined]


def test_work_is_prepared_once_in_a_worker(cluster: RayCluster, tmp_path: Path) -> None:
    def prepare() -> Callable[[Any], list[int]]:
        with (tmp_path / str(os.getpid())).open("a") as handle:
            handle.write("prepared\n")
        return lambda batch: [os.getpid()]

    workers = {found[0] for _, found in results(cluster, prepare)}
    assert os.getpid() not in workers
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {str(one): "prepared\n" for one in workers}


def test_a_killed_worker_changes_nothing(cluster: RayCluster, tmp_path: Path) -> None:
    killed = KilledOnce(cluster, tmp_path, batch=7)
    prepare = lambda: lambda batch: (number**2 for number in batch)  # noqa: E731
    assert results(killed, prepare) == results(InProcess(), prepare)
    assert len(killed.kills) == 1


def test_a_batch_that_kills_every_worker_is_given_up(cluster: RayCluster) -> None:
    def prepare() -> Any:
        return lambda batch: os.kill(os.getpid(), signal.SIGKILL) if 4 in batch else batch

    with pytest.raises(WorkerError, match=r"given up after 4 attempts.*use fewer workers"):
        results(cluster, prepare)
    assert results(cluster, lambda: list) == results(InProcess(), lambda: list)


def test_errors_come_after_all_earlier_results(cluster: RayCluster) -> None:
    def prepare() -> Any:
        def work(batch: list[int]) -> Iterator[int]:
            for number in batch:
                if number == 5:
                    raise DataError("the file is torn")
                yield number

        return work

    found: list[int] = []
    with pytest.raises(DataError, match="the file is torn"):
        found.extend(one for _, several in cluster.map_batches(prepare, BATCHES) for one in several)
    found = []
    pairs = cluster.map_batches(prepare, BATCHES)
    with pytest.raises(DataError):
        for _, several in pairs:
            for one in several:
                found.append(one)
    assert found == [0, 1, 2, 3, 4]


def test_a_fault_of_the_source_comes_after_all_earlier_results(cluster: RayCluster) -> None:
    def torn() -> Iterator[list[int]]:
        yield from BATCHES[:3]
        raise DataError("x.csv:702: torn")

    pairs = cluster.map_batches(lambda: list, torn())
    assert [list(next(pairs)[1]) for _ in range(3)] == BATCHES[:3]
    with pytest.raises(DataError, match=r"x\.csv:702: torn"):
        next(pairs)


@pytest.mark.parametrize(
    ("error", "parts", "kind", "message"),
    [
        (TaxonomyError, (["a fault"],), DataError, "the taxonomy has 1 fault:\n  - a fault"),
        (FileNotFoundError, (2, "No such file", "/media/x.png"), DataError, "/media/x.png: No such file"),
        (KeyError, ("organ",), RuntimeError, "KeyError: 'organ'"),
    ],
    ids=["with a constructor of its own", "of the file system", "of the program"],
)
def test_errors_keep_their_words(
    cluster: RayCluster, error: type[Exception], parts: Any, kind: type[Exception], message: str
) -> None:
    def prepare() -> Any:
        raise error(*parts)

    with pytest.raises(kind) as raised:
        results(cluster, prepare)
    assert str(raised.value) == message and "in prepare" in raised.value.__notes__[0]


def test_machines_with_another_version_are_refused(cluster: RayCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_cluster, "__version__", "0.0.1")
    with pytest.raises(DataError, match=r"and udt 0\.0\.1 where the command runs; install the same version"):
        results(cluster, lambda: list)


def test_neither_batches_nor_errors_are_in_the_logs(cluster: RayCluster) -> None:
    import ray

    words = "Quagliatrix"

    def prepare() -> Any:
        def work(batch: list[str]) -> Iterator[str]:
            yield batch[0]
            raise ValueError(batch[0])

        return work

    with pytest.raises(RuntimeError, match=words):
        results(cluster, prepare, [[words * 20]])
    logs = Path(ray._private.worker._global_node.get_logs_dir_path())
    files = [path for path in logs.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert [path.name for path in files if words.encode() in path.read_bytes()] == []


def test_a_connection_that_is_there_is_kept(cluster: RayCluster) -> None:
    import ray

    with open_ray(workers=1) as other:
        assert results(other, lambda: list) == results(cluster, lambda: list)
    assert ray.is_initialized()
