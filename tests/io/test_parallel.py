from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from udt.core.errors import DataError
from udt.core.executors import WorkerError
from udt.io.parallel import normalize_lines
from udt.io.writers.registry import writer

WORDS = ("liver", "hypoechoic", "no cyst", "possible mass", "kidney", "2 cm", "ü")


def items(count: int) -> Iterator[tuple[str, str]]:
    return ((str(i), " ".join(WORDS[(i * k) % len(WORDS)] for k in range(1, 2 + i % 9))) for i in range(count))


@pytest.mark.parametrize("format", ["jsonl", "csv", "ttl", "fhir", "parquet", "table"])
def test_any_number_of_workers_gives_the_same(format: str) -> None:
    encode = writer(format).encode
    alone, *others = (list(normalize_lines(items(600), workers=n, extensions=(), encode=encode)) for n in (1, 2, 3))
    assert len(alone) == 600
    assert all(other == alone for other in others)


def test_reading_is_ahead_of_the_results_by_a_bounded_number_of_texts() -> None:
    read = 0

    def counted() -> Iterator[tuple[str, str]]:
        nonlocal read
        for item in items(50_000):
            read += 1
            yield item

    results = normalize_lines(counted(), workers=2, extensions=(), encode=writer("csv").encode)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert read < 3000


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_is_raised_after_all_earlier_results(workers: int) -> None:
    def faulty() -> Iterator[tuple[str, str]]:
        yield from items(700)
        raise DataError("x.csv:702: torn")

    done = []
    with pytest.raises(DataError, match=r"x\.csv:702: torn"):
        done.extend(normalize_lines(faulty(), workers=workers, extensions=(), encode=writer("jsonl").encode))
    results = normalize_lines(faulty(), workers=workers, extensions=(), encode=writer("jsonl").encode)
    done = [json.loads(next(results))["id"] for _ in range(700)]
    assert done == [str(i) for i in range(700)]
    with pytest.raises(DataError):
        next(results)


def test_a_dead_worker_raises_a_worker_error() -> None:
    with pytest.raises(WorkerError, match=r"a worker process ended unexpectedly.*use fewer --workers"):
        list(normalize_lines([("1", "DIE")], workers=2, extensions=(), encode=writer("jsonl").encode))


def test_workers_must_be_positive() -> None:
    with pytest.raises(ValueError, match="workers is 0"):
        list(normalize_lines([], workers=0, extensions=(), encode=str))
