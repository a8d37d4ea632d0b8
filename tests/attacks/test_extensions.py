"""Extensions and caches that attack: each gives a result or a worded error in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.attempt import Attempt, some
from tests.attacks.extensions import attempts

ATTACKS = tuple(attempts())


def test_names_are_unique() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 28


@pytest.mark.slow
@pytest.mark.parametrize("attack", some(ATTACKS, 12), ids=str)
def test_survived(attack: Attempt, tmp_path: Path) -> None:
    attack.run(tmp_path)
