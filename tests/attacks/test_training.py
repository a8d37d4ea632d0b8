from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.attempt import Attempt
from tests.attacks.training import training_kills

pytest.importorskip("torch", reason="torch is not installed; it is in the extra [train]")


@pytest.mark.slow
@pytest.mark.parametrize(
    "attempt", [*training_kills(1), *training_kills(1, "TERM", 0), *training_kills(1, "INT twice")], ids=str
)
def test_a_training_is_resumed_after_any_end(attempt: Attempt, tmp_path: Path) -> None:
    attempt.run(tmp_path)
