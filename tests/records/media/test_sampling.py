from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.records.media.media_files import phantom
from udt.core.near_duplicates import perceptual_hash
from udt.records.media.opened import MediaFrame
from udt.records.media.sampling import distinct, every_seconds

DOT = Image.new("RGB", (1, 1))


def timed(times: Sequence[float | None]) -> list[MediaFrame]:
    return [MediaFrame(index, time, 0.1, DOT) for index, time in enumerate(times)]


@pytest.mark.parametrize(
    ("times", "every", "expected"),
    [
        ([i * 0.04 for i in range(60)], 0.5, [0.0, 0.52, 1.0, 1.52, 2.0]),
        ([0.0, 0.1, 0.9, 1.1, 3.2, 3.4, 3.5], 0.5, [0.0, 0.9, 1.1, 3.2, 3.5]),
        ([0.0, 0.49999999, 0.6], 0.5, [0.0, 0.49999999]),
        ([0.0, 2.0, 4.0], 0.5, [0.0, 2.0, 4.0]),
        ([None, None], 0.5, [None, None]),
        ([0.0], 0.5, [0.0]),
    ],
    ids=["even", "variable", "rounding", "slower than the interval", "without times", "one"],
)
def test_the_first_frame_at_or_after_each_multiple(
    times: list[float | None], every: float, expected: list[float | None]
) -> None:
    found = [frame.time for frame in every_seconds(timed(times), every)]
    assert found == (expected if None in expected else pytest.approx(expected))


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True).map(sorted),
    st.sampled_from([10, 50, 70]),
)
def test_it_agrees_with_a_search_for_each_multiple(ticks: list[int], step: int) -> None:
    """In hundredths of a second, which are exact."""
    slow = {next(tick for tick in ticks if tick >= due) for due in range(0, ticks[-1] + 1, step)}
    found = every_seconds(timed([tick / 100 for tick in ticks]), step / 100)
    assert [frame.time for frame in found] == [tick / 100 for tick in sorted(slow)]


def test_frames_that_look_the_same_are_compared_with_the_last_kept_one() -> None:
    one, other = phantom(1), phantom(5)
    noisy = Image.fromarray(np.clip(np.asarray(one).astype(int) + 2, 0, 255).astype(np.uint8))
    frames = [MediaFrame(i, None, None, image) for i, image in enumerate([one, noisy, other, one])]
    kept = [found is not None for _, found in distinct(frames, 4)]
    assert kept == [True, False, True, True]
    assert next(distinct(frames, 4))[1] == perceptual_hash(one.convert("L"))


def test_the_distance_is_inclusive() -> None:
    one, other = phantom(1), phantom(2)
    bits = bin(int(perceptual_hash(one.convert("L")), 16) ^ int(perceptual_hash(other.convert("L")), 16)).count("1")
    frames = [MediaFrame(i, None, None, image) for i, image in enumerate([one, other])]
    kept = {
        distance: sum(found is not None for _, found in distinct(frames, distance)) for distance in (bits - 1, bits)
    }
    assert bits > 0 and kept == {bits - 1: 2, bits: 1}
