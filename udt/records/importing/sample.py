"""One sample on its way into the database."""

from __future__ import annotations

from dataclasses import dataclass

from udt.core.hashing import parts_sha256
from udt.core.labels import LabelSet
from udt.records.database.models import Split


@dataclass(frozen=True, slots=True)
class NewSample:
    """One image, caption, or pair of both, with what the source says of it.

    :ivar case: name of the case in the source.
    :ivar image: path relative to the root of the source, or None.
    :ivar frame_index: number of the frame where the image is a video, else 0.
    :ivar frame_time: seconds from the start of the video, or None.
    :ivar labels: those that it has.
    :ivar possible: those that it may have.
    :ivar unmapped: (dimension or column, label) pairs that the taxonomy does not have.
    """

    case: str
    image: str | None
    caption: str | None
    labels: LabelSet
    possible: LabelSet
    unmapped: tuple[tuple[str, str], ...] = ()
    split: Split | None = None
    frame_index: int = 0
    frame_time: float | None = None

    def digest(self, source: str) -> str:
        """What makes it the same sample as another of `source`: case, image, frame and caption."""
        return parts_sha256(source, self.case, self.image or "", str(self.frame_index), self.caption or "")
