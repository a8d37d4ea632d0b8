"""A sample before it is written to the database."""

from __future__ import annotations

from dataclasses import dataclass

from udt.core.hashing import parts_sha256
from udt.core.labels import LabelSet
from udt.records.database.models import Split


@dataclass(frozen=True, slots=True)
class NewSample:
    """An image, a caption, or a pair of both, with its labels.

    :ivar case: name of the case in the source.
    :ivar image: path relative to the root of the source, or None.
    :ivar frame_index: number of the frame if the image is a video, else 0.
    :ivar frame_time: seconds from the start of the video, or None.
    :ivar labels: labels that are present.
    :ivar possible: labels that are possible.
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
        """Return the SHA-256 of the identity of the sample: source, case, image, frame and caption."""
        return parts_sha256(source, self.case, self.image or "", str(self.frame_index), self.caption or "")
