"""Odd files and arguments give a result or a worded error, through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.attempt import Attempt, some
from tests.attacks.odd_files import attempts

ATTEMPTS = attempts()


@pytest.mark.slow
@pytest.mark.parametrize("attempt", some(ATTEMPTS, 16), ids=str)
def test_odd_files(attempt: Attempt, tmp_path: Path) -> None:
    attempt.run(tmp_path)


def test_names_are_unique() -> None:
    names = [one.name for one in ATTEMPTS]
    assert len(set(names)) == len(names) >= 38
