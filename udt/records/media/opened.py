"""A media file of any format as a sequence of frames with presentation times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from udt.core.images import ImageError, Refusal
from udt.records.database.curation_models import MediaKind

CLIP_BYTES = 2**30
"""Size of a video or DICOM file; its frames are decoded one by one."""

MAX_FRAMES = 50_000
"""Frames of one file: more than a quarter of an hour at 50 a second."""


@dataclass(frozen=True, slots=True)
class MediaFrame:
    """One frame of a media file.

    :ivar index: its number in the order of presentation, from 0.
    :ivar time: seconds from the first frame; None for a still image, and if the file has no times.
    :ivar duration: seconds until the next frame; None if `time` is.
    :ivar image: its pixels, RGB.
    """

    index: int
    time: float | None
    duration: float | None
    image: Image.Image


@dataclass(frozen=True, slots=True)
class DicomKind:
    """Statements of a DICOM file about itself.

    :ivar modality: value of Modality, or "".
    :ivar sop_class: UID of its SOP class, or "".
    """

    modality: str
    sop_class: str


@dataclass(frozen=True, slots=True)
class OpenedMedia:
    """A media file that was opened; its frames are decoded by each call of `frames`.

    :ivar dicom: statements of a DICOM file, else None.
    """

    kind: MediaKind
    frames: Callable[[], Iterator[MediaFrame]]
    dicom: DicomKind | None = None


def check_count(index: int, place: object) -> None:
    """Check that a file has not too many frames.

    :param index: number of the frame that was reached, from 0.
    :raises ImageError: if it is beyond `MAX_FRAMES`.
    """
    if index >= MAX_FRAMES:
        fault = f"has more than the {MAX_FRAMES:,} frames that a file may have; cut it into shorter ones"
        raise ImageError(Refusal.TOO_LARGE, place, fault)
