"""Damaged databases and full disks: each command gives a result or a worded error, and leaves nothing half-written."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from tests.attacks.attempt import Attempt
from tests.attacks.databases import COMMANDS, damaged, full_disks

ATTEMPTS = [*chain(damaged(1, 200), full_disks(1, 30))]


@pytest.mark.slow
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_attack(attempt: Attempt, tmp_path: Path) -> None:
    attempt.run(tmp_path)


def test_every_command_is_attacked() -> None:
    assert {attempt.name.partition(" ")[0] for attempt in ATTEMPTS} == set(COMMANDS)
