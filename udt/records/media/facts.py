"""Read a media file once: its number of frames, its duration, and pictures to decide by."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

from udt.core.images import ImageError
from udt.records.database.curation_models import MediaKind, MediaState
from udt.records.media.opened import MediaFrame, OpenedMedia
from udt.records.media.reader import kind_of, open_media
from udt.records.media.ultrasound_filter import FilterDecision, picture_decision, stated_decision

_PICTURES = 5  # of a clip, to decide by
_APART = 1.0  # seconds between them, or as many frames without times


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """Properties of a media file and the decision about it; see `curation_models.Media`.

    :ivar fault: what is wrong with a file that cannot be read, and what to do.
    """

    kind: MediaKind
    decision: FilterDecision
    frames: int | None = None
    seconds: float | None = None
    fault: str | None = None


def media_facts(content: bytes, name: str) -> MediaFacts:
    """Decode all frames of a media file, and decide whether it is ultrasound.

    A damaged file is left out with the reason. One that states another modality is not decoded.

    :raises DataError: if a package that reads it is not installed.
    """
    try:
        opened = open_media(content, name)
        stated = stated_decision(opened.dicom)
        if stated is not None and stated.state is MediaState.LEFT_OUT:
            return MediaFacts(opened.kind, stated)
        summary = _summary(opened)
    except ImageError as error:
        decision = FilterDecision(MediaState.LEFT_OUT, None, str(error.refusal))
        return MediaFacts(kind_of(content, name), decision, fault=error.fault)
    return MediaFacts(opened.kind, stated or picture_decision(summary.pictures), summary.frames, summary.seconds)


@dataclass(slots=True)
class _Summary:
    frames: int = 0
    seconds: float | None = None
    pictures: list[Image.Image] = field(default_factory=list)

    def add(self, frame: MediaFrame) -> None:
        self.frames += 1
        if frame.time is not None:
            self.seconds = frame.time + (frame.duration or 0)
        due = frame.index if frame.time is None else frame.time / _APART
        if len(self.pictures) < _PICTURES and due >= len(self.pictures):
            self.pictures.append(frame.image)


def _summary(opened: OpenedMedia) -> _Summary:
    summary = _Summary()
    for frame in opened.frames():
        summary.add(frame)
    return summary
