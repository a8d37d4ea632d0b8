"""Pictures, animations and videos without identifiers: pixels alone are written, with blanked ones among them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain

import numpy as np
from PIL import Image

from udt.records.deidentify.masks import Hidden
from udt.records.media.opened import MediaFrame
from udt.records.media.packages import media_packages

_TICKS = Fraction(1, 90_000)  # seconds; the unit of time of MPEG
_QUALITY = {"crf": "12", "preset": "fast"}  # of H.264: hardly different from the original


def blanked(frames: Iterable[MediaFrame], hidden: Hidden) -> Iterator[MediaFrame]:
    """Yield frames with the hidden pixels black, and nothing but pixels."""
    for frame in frames:
        pixels = np.array(frame.image)
        pixels[hidden] = 0
        yield MediaFrame(frame.index, frame.time, frame.duration, Image.fromarray(pixels))


def write_picture(frame: MediaFrame) -> bytes:
    """Return a PNG file of one frame."""
    stream = io.BytesIO()
    frame.image.save(stream, "PNG")
    return stream.getvalue()


def write_animation(frames: Iterable[MediaFrame]) -> tuple[bytes, str]:
    """Return an animation without loss and its suffix: an animated PNG, or the pages of a TIFF file without times."""
    held = list(frames)
    stream, pictures = io.BytesIO(), [frame.image for frame in held]
    if held[0].time is None:
        pictures[0].save(stream, "TIFF", save_all=True, append_images=pictures[1:], compression="tiff_lzw")
        return stream.getvalue(), ".tiff"
    durations = [1000 * (frame.duration or 0) for frame in held]
    pictures[0].save(stream, "PNG", save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    return stream.getvalue(), ".png"


def write_video(frames: Iterable[MediaFrame]) -> bytes:
    """Return an MP4 file (H.264) with the same times; nothing of the original but pixels and times is in it."""
    with media_packages("writing videos"):
        import av

    rest = iter(frames)
    first = next(rest)
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=30, options=_QUALITY)
        video.width, video.height, video.pix_fmt = first.image.width, first.image.height, "yuv444p"
        video.time_base = video.codec_context.time_base = _TICKS
        last = -1
        for frame in chain([first], rest):
            picture = av.VideoFrame.from_ndarray(np.asarray(frame.image), format="rgb24")
            last = max(last + 1, round((frame.time or 0.0) / _TICKS))
            picture.pts, picture.time_base = last, _TICKS
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
    return stream.getvalue()
