from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.attempt import Attempt, some
from tests.attacks.privacy import attempts, slow_attempts

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("attempt", [*some(attempts(), 24), *some(slow_attempts(), 12)], ids=str)
def test_no_text_is_printed_or_left(attempt: Attempt, tmp_path: Path) -> None:
    attempt.run(tmp_path)
