from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from udt.core.errors import DataError
from udt.core.executors import InProcess, each
from udt.core.ray_cluster import open_ray


def test_work_is_done_when_its_results_are_read() -> None:
    done: list[int] = []

    def work(batch: list[int]) -> Iterator[int]:
        for number in batch:
            done.append(number)
            yield -number

    pairs = InProcess().map_batches(lambda: work, [[1, 2], [3]])
    batch, results = next(pairs)
    assert batch == [1, 2] and done == []
    assert next(results) == -1 and done == [1]
    assert list(results) == [-2]
    assert [list(found) for _, found in pairs] == [[-3]]


def test_work_is_prepared_once() -> None:
    prepared = []
    executor = InProcess()
    list(executor.map_batches(lambda: prepared.append(1) or (lambda batch: batch), [[1], [2], [3]]))
    assert prepared == [1]


def test_the_items_of_a_batch_keep_their_order() -> None:
    batches = [list(range(50)), [], [7]]
    found = [(batch, list(results)) for batch, results in InProcess().map_each(str, batches)]
    assert found == [(batch, list(map(str, batch))) for batch in batches]
    assert list(each(str)()(batches[0])) == found[0][1]


def test_a_missing_ray_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "ray"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(DataError, match=r"needs ray, which is not installed.*pip install 'udt-toolkit\[ray\]'"),
        open_ray(),
    ):
        pass


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed; it is in the extra [ray]")
@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "127.0.0.1:99999"])
def test_a_cluster_that_does_not_answer_is_named(address: str) -> None:
    with pytest.raises(DataError, match=f"no Ray cluster answers at {address} .*check the address"), open_ray(address):
        pass
