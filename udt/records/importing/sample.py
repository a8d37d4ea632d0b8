"""One sample on its way into the database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from udt.core.labels import LabelSet
from udt.records.database.models import Split


def sha256_of(*parts: str) -> str:
    """SHA-256 of texts in UTF-8, hexadecimal; where there are several, of their lengths too."""
    framed = parts[0] if len(parts) == 1 else "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(framed.encode()).hexdigest()


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
        return sha256_of(source, self.case, self.image or "", str(self.frame_index), self.caption or "")
