"""Frames of a clip at fixed intervals, without those that look the same as the one before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from udt.core.near_duplicates import perceptual_hash
from udt.records.media.opened import MediaFrame

_TOLERANCE = 1e-6  # seconds; times are sums and quotients of floating-point numbers


def every_seconds(frames: Iterable[MediaFrame], every: float) -> Iterator[MediaFrame]:
    """Yield the first frame at or after each multiple of `every` seconds, each frame once.

    Frames without times, as the pages of a TIFF file or a stack of slices, are all taken.

    :param frames: in the order of presentation.
    """
    due = 0
    for frame in frames:
        if frame.time is None:
            yield frame
        elif frame.time >= due * every - _TOLERANCE:
            yield frame
            due = math.floor((frame.time + _TOLERANCE) / every) + 1


def distinct(frames: Iterable[MediaFrame], distance: int) -> Iterator[tuple[MediaFrame, str | None]]:
    """Yield each frame with its perceptual hash, or with None if it looks the same as the last one with a hash.

    :param distance: number of bits by which the hashes of two frames that look the same differ at most.
    """
    last: int | None = None
    for frame in frames:
        found = perceptual_hash(frame.image.convert("L"))
        value = int(found, 16)
        if last is not None and (value ^ last).bit_count() <= distance:
            yield frame, None
        else:
            last = value
            yield frame, found
