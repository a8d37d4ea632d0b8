"""SPARQL queries and servers that attack: each gets an answer or a worded error in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.attempt import Attempt, some
from tests.attacks.sparql import attempts

ATTACKS = tuple(attempts())


def test_names_are_unique() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 45


@pytest.mark.slow
@pytest.mark.parametrize("attack", some(ATTACKS, 20), ids=str)
def test_survived(attack: Attempt, tmp_path: Path) -> None:
    attack.run(tmp_path)
