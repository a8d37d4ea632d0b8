"""A sample before it is written to the database."""

from __future__ import annotations

from dataclasses import dataclass

from udt.core.hashing import parts_sha256
from udt.core.labels import LabelSet
from udt.core.report import NOT_STATED, NamedConcept, PatientInfo
from udt.records.database.models import Split


@dataclass(frozen=True, slots=True)
class RowLesion:
    """The one lesion of a row, beside its labels.

    :ivar concepts: what it is, the main one first.
    :ivar interpretations: what it may be.
    :ivar laterality: `left`, `right`, `bilateral`, `midline` or None.
    """

    concepts: tuple[NamedConcept, ...] = ()
    interpretations: tuple[NamedConcept, ...] = ()
    laterality: str | None = None


@dataclass(frozen=True, slots=True)
class NewSample:
    """An image, a caption, or a pair of both, with its labels.

    :ivar case: name of the case in the source.
    :ivar image: path relative to the root of the source, or None.
    :ivar frame_index: number of the frame if the image is a video, else 0.
    :ivar frame_time: seconds from the start of the video, or None.
    :ivar labels: labels that are present.
    :ivar possible: labels that are possible.
    :ivar lesion: its finding, if the rows of the data set describe one lesion each.
    :ivar patient: age and sex of the patient, as far as given.
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
    lesion: RowLesion | None = None
    patient: PatientInfo = NOT_STATED

    def digest(self, source: str) -> str:
        """Return the SHA-256 of the identity of the sample: source, case, image, frame and caption."""
        return parts_sha256(source, self.case, self.image or "", str(self.frame_index), self.caption or "")
