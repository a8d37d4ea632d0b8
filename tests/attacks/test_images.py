"""Every attack by an image ends with a result or a worded error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.attempt import Attempt, some
from tests.attacks.images import attempts


@pytest.mark.slow
@pytest.mark.parametrize("attempt", some(attempts(), 16), ids=str)
def test_images(attempt: Attempt, tmp_path: Path) -> None:
    attempt.run(tmp_path)
