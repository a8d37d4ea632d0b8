"""Every attack by an image ends with a result or a worded error."""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.attacks.attempt import Attempt, some
from tests.attacks.images import attempts

_FAST = ("flipped bytes", "cut off")  # the others run several commands, each in a process of its own


def _marked(attempt: Attempt) -> ParameterSet:
    marks = [] if attempt.name.startswith(_FAST) else [pytest.mark.slow]
    return pytest.param(attempt, id=attempt.name, marks=marks)


@pytest.mark.parametrize("attempt", [_marked(attempt) for attempt in some(attempts(), 6)])
def test_images(attempt: Attempt, tmp_path: Path) -> None:
    attempt.run(tmp_path)
