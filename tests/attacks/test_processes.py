from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.attempt import Attempt
from tests.attacks.processes import normalize_kills


@pytest.mark.slow
@pytest.mark.parametrize("attempt", [*normalize_kills(1, 1), *normalize_kills(1, 2)], ids=str)
def test_normalize_ends_at_any_moment(attempt: Attempt, tmp_path: Path) -> None:
    attempt.run(tmp_path)
