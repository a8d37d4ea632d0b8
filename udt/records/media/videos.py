"""Videos by PyAV: MP4, MOV, AVI, MPEG and the other containers of `_CONTAINERS`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from udt.core.images import ImageError, Refusal, check_size, decoding
from udt.core.texts import one_line
from udt.records.database.curation_models import MediaKind
from udt.records.media.opened import MediaFrame, OpenedMedia, check_count
from udt.records.media.packages import media_packages

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

# A playlist is no container here: it would make the library open other files and addresses.
_CONTAINERS = "mov,avi,mpeg,mpegvideo,m4v,mpegts,matroska,asf,flv,ogg"
_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": ""}


def open_video(content: bytes, place: object) -> OpenedMedia:
    """Open a video.

    :param place: name of the file, for messages.
    :raises ImageError: if it is not a video in one of the containers, has no pictures, or they are too large.
    :raises DataError: if PyAV is not installed.
    """
    with _container(content, place):
        return OpenedMedia(MediaKind.CLIP, lambda: _frames(content, place))


@contextmanager
def _container(content: bytes, place: object) -> Iterator[InputContainer]:
    with media_packages("reading videos"):
        import av
    try:
        with decoding(place), av.open(io.BytesIO(content), "r", options=_OPTIONS) as container:
            if not container.streams.video:
                raise ImageError(Refusal.FORMAT, place, "is a file of sound without pictures; leave it out")
            yield container
    except av.FFmpegError as error:
        raise ImageError(Refusal.DAMAGED, place, _damaged(error)) from error


def _damaged(error: Exception) -> str:
    reason = one_line(getattr(error, "strerror", None) or type(error).__name__)
    return f"is damaged, or no video that can be read ({reason}); copy the file again"


def _frames(content: bytes, place: object) -> Iterator[MediaFrame]:
    """Decode the frames; each lasts until the next, and the last one as long as the one before unless it is known."""
    held: MediaFrame | None = None
    for frame in _decoded(content, place):
        if held is not None:
            yield _lasting(held, frame.time)
        held = frame
    if held is None:
        raise ImageError(Refusal.DAMAGED, place, "has no frame that can be decoded; copy the file again")
    yield held


def _lasting(frame: MediaFrame, end: float | None) -> MediaFrame:
    if frame.time is None or end is None:
        return frame
    return replace(frame, duration=max(0.0, end - frame.time))


def _decoded(content: bytes, place: object) -> Iterator[MediaFrame]:
    with _container(content, place) as container:
        stream = container.streams.video[0]
        check_size((stream.width or 1, stream.height or 1), place)
        first: float | None = None
        for index, frame in enumerate(container.decode(stream)):
            check_count(index, place)
            check_size((frame.width, frame.height), place)
            first = frame.time if first is None else first
            time = None if frame.time is None or first is None else max(0.0, frame.time - first)
            yield MediaFrame(
                index,
                time,
                None if time is None else _own_duration(frame),
                Image.fromarray(frame.to_ndarray(format="rgb24")),
            )


def _own_duration(frame: VideoFrame) -> float:
    """Return the duration that a frame itself states; 0 if it states none."""
    return float((frame.duration or 0) * frame.time_base) if frame.time_base is not None else 0.0
