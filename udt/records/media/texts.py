"""Pair the images of media files with their texts: one sample for each frame of a clip, with the text of the clip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, func, select

from udt.core.errors import DataError
from udt.core.hashing import bytes_sha256
from udt.core.labels import LabelSet
from udt.core.tally import Tally
from udt.io.rows import Row, Skipped
from udt.records.database.bulk import insert_new
from udt.records.database.curation_models import ImageOrigin, Media
from udt.records.database.database import Database
from udt.records.database.models import Caption, Case, Image, Sample, Source
from udt.records.database.sources import check_source
from udt.records.importing.data_set import DataSet
from udt.records.importing.sample import NewSample

_NO_LABELS = LabelSet(())
_UNREADABLE, _UNKNOWN, _SEVERAL = "row that cannot be read", "no media file of this name", "several of this name"
_NO_FRAMES = "media file without frames"


@dataclass(frozen=True, slots=True)
class TextRequest:
    """Texts to pair with the images of a data set.

    :ivar texts: rows, each with the name of a media file and a text.
    :ivar source: name of the data set.
    :ivar media: the column with the path of a media file, its name with or without suffix, or the name of a case.
    :ivar text: the column with the text.
    """

    texts: DataSet
    source: str
    media: str = "media"
    text: str = "text"


@dataclass(slots=True)
class PairedTexts:
    """The outcome of pairing.

    :ivar rows: the rows that found images, and those left out.
    :ivar samples: number of new samples.
    """

    rows: Tally = field(default_factory=Tally)
    samples: int = 0

    def check(self) -> None:
        """Check that a row found images.

        :raises DataError: if there were no rows, or none found any.
        """
        if not self.rows.found:
            raise DataError("there are no rows with texts; check that this is the right file")
        if not self.rows.read:
            raise DataError(
                f"none of the {self.rows.found:,} rows found an image, and nothing was added; check the columns "
                "(--media, --text) and the names of the files"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        return {"rows": self.rows.to_dict(), "samples": self.samples}


def pair_texts(database: Database, request: TextRequest) -> PairedTexts:
    """Add a sample for each image of the media file, or of the case, that a row names. Samples that exist stay.

    :raises DataError: if there is no such data set, or it has no frames.
    """
    outcome = PairedTexts()
    with database.writing() as connection:
        check_source(connection, request.source)
        images = _Images.of(connection, request.source)
        for source in request.texts.sources:
            for row in source.rows():
                found = _found(row, request, images)
                if isinstance(found, Skipped):
                    outcome.rows.leave_out(found.reason, found.place)
                else:
                    outcome.rows.read += 1
                    outcome.samples += _add(connection, request.source, *found)
    return outcome


@dataclass(frozen=True, slots=True)
class _Frame:
    """An image of a media file."""

    id: int
    case_id: int
    case: str
    path: str
    index: int


@dataclass(frozen=True, slots=True)
class _Images:
    """The images of a data set by the names of their media files, and by case."""

    by_name: Mapping[str, Mapping[int, Sequence[_Frame]]]
    by_case: Mapping[str, Sequence[_Frame]]

    @classmethod
    def of(cls, connection: Connection, source: str) -> _Images:
        query = (
            select(Media.id, Media.path, Image.id, Case.id, Case.key, Image.path, Image.frame_index)
            .join(Source, Source.id == Media.source_id)
            .outerjoin(ImageOrigin, ImageOrigin.media_id == Media.id)
            .outerjoin(Image, Image.id == ImageOrigin.image_id)
            .outerjoin(Case, Case.id == Image.case_id)
            .where(Source.name == source)
            .order_by(Media.id, Image.frame_index)
        )
        by_name: dict[str, dict[int, list[_Frame]]] = defaultdict(dict)
        by_case: dict[str, list[_Frame]] = defaultdict(list)
        rows: Iterable[Any] = connection.execute(query)
        for media, path, image, *others in rows:
            place = PurePosixPath(path)
            frame = None if image is None else _Frame(image, *others)
            for name in {path, place.name, place.stem}:
                by_name[name].setdefault(media, []).extend([frame] if frame else [])
            if frame:
                by_case[frame.case].append(frame)
        if not by_case:
            raise DataError(
                f"the data set '{source}' has no frames of media; import and write them first: udt data import-media "
                "DIR --db …, then udt data frames --db …"
            )
        return cls(by_name, by_case)

    def named(self, name: str) -> Sequence[_Frame] | str:
        """Return the images of the media file or case with a name, or the reason for which there are none."""
        found = self.by_name.get(name)
        if found is None:
            return self.by_case.get(name) or _UNKNOWN
        if len(found) > 1:
            return _SEVERAL
        return next(iter(found.values())) or _NO_FRAMES


def _found(row: Row | Skipped, request: TextRequest, images: _Images) -> tuple[Sequence[_Frame], str] | Skipped:
    """Return the images and the text of a row, or why it is left out."""
    if isinstance(row, Skipped):
        return Skipped(str(row), _UNREADABLE)
    text = row.text(request.text)
    name = row.name(request.media) if request.media in row.cells else row.text(request.media)
    for part in (name, text):
        if isinstance(part, Skipped):
            return part
    frames = images.named(str(name))
    return Skipped(row.place, frames) if isinstance(frames, str) else (frames, str(text))


def _add(connection: Connection, source: str, frames: Sequence[_Frame], text: str) -> int:
    """Add the samples of a text, and return the number of new ones."""
    sha256 = bytes_sha256(text.encode())
    insert_new(connection, Caption, [{"text": text, "sha256": sha256}])
    caption = connection.execute(select(Caption.id).where(Caption.sha256 == sha256)).scalar_one()
    rows = list(_rows(source, frames, text, caption))
    before = _count(connection, rows)
    insert_new(connection, Sample, rows)
    return len(rows) - before


def _rows(source: str, frames: Sequence[_Frame], text: str, caption: int) -> Iterator[dict[str, Any]]:
    for frame in frames:
        new = NewSample(frame.case, frame.path, text, _NO_LABELS, _NO_LABELS, frame_index=frame.index)
        yield {
            "case_id": frame.case_id, "image_id": frame.id, "caption_id": caption, "digest": new.digest(source),
            "review": "unreviewed", "split": None,
        }  # fmt: skip


def _count(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    query = select(func.count()).where(Sample.digest.in_([row["digest"] for row in rows]))
    return connection.execute(query).scalar_one()
