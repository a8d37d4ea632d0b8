"""Write the frames of the media of a database as PNG files, each tied to its clip, its case and its time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, exists, select

from udt.core.atomic import atomic_output, make_folder
from udt.core.errors import DataError
from udt.core.executors import Executor, InProcess, each
from udt.core.hashing import bytes_sha256
from udt.core.images import ImageError, Refusal
from udt.core.tally import Tally
from udt.core.texts import brief_path
from udt.core.version import __version__
from udt.records.database.bulk import advance_counters, insert, next_id, table
from udt.records.database.curation_models import ImageOrigin, Media, MediaState
from udt.records.database.database import Database
from udt.records.database.models import Image, Maker, Source
from udt.records.database.provenance import provenance_id
from udt.records.media.opened import MediaFrame
from udt.records.media.reader import open_media, read_media_file
from udt.records.media.sampling import distinct, every_seconds

_DIGITS = 16  # of the hash of an image in its name
_SAME = "looks the same as the frame before"
OnFrames = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """The frames to write.

    :ivar out: folder of the images, which becomes the root of their sources.
    :ivar every: seconds between frames.
    :ivar distance: bits by which the perceptual hashes of frames that look the same differ at most.
    :ivar source: name of the only source, or None for all.
    """

    out: Path
    every: float
    distance: int
    source: str | None = None

    @property
    def made_by(self) -> str:
        """The program with its settings, for the provenance."""
        return f"udt {__version__}, frames every {self.every:g} s, distance {self.distance}"


@dataclass(slots=True)
class FrameOutcome:
    """Counts of the writing of frames.

    :ivar media: the media files that are taken; read are those whose frames are written, by this run or before.
    :ivar frames: the frames at the intervals; read are those written.
    :ivar known: number of media files whose frames an earlier run wrote.
    """

    media: Tally = field(default_factory=Tally)
    frames: Tally = field(default_factory=Tally)
    known: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        return {"media": self.media.to_dict(), "frames": self.frames.to_dict(), "known": self.known}


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A media file whose frames are not written."""

    id: int
    case_id: int
    root: Path
    path: str
    sha256: str


def write_frames(
    database: Database,
    request: FrameRequest,
    on_progress: OnFrames = lambda *_: None,
    executor: Executor | None = None,
) -> FrameOutcome:
    """Write the frames of all media that are taken; the rows of a file are one transaction, so it can be resumed.

    An image is named by the number of its clip, the number of the frame and the hash of its content, so that its name
    does not identify a patient.

    :param executor: decodes the media and writes the images, in folders that all of its machines see at the same path;
        by default, this process does. The rows are written by this process.
    :raises DataError: if the folder cannot be used, or a package is missing.
    """
    outcome = FrameOutcome()
    request = replace(request, out=request.out.resolve())
    with database.writing() as connection:
        _use_folder(connection, request)
        make_folder(request.out)
        made = provenance_id(connection, Maker.RULE, request.made_by, version=__version__)
        outcome.known = outcome.media.read = _count_known(connection, request)
        waiting = list(_waiting(connection, request))
    store = _FrameStore(database, made, outcome)
    write = each(_FrameFiles(request).write)
    for done, (batch, found) in enumerate((executor or InProcess()).map_batches(write, ([one] for one in waiting)), 1):
        for media, written in zip(batch, found, strict=True):
            store.add(media, written)
        on_progress("media files", done)
    return outcome


class _Written(NamedTuple):
    """The images of a media file.

    :ivar rows: their columns.
    :ivar same: number of frames that look the same as the one before.
    """

    rows: list[dict[str, Any]]
    same: int


@dataclass(frozen=True, slots=True)
class _FrameFiles:
    """Writes the images; it may run on another machine than the database."""

    request: FrameRequest

    def write(self, media: _Waiting) -> _Written | ImageError:
        """Write the frames of one media file; return the error if it is refused."""
        try:
            return self._written(media)
        except ImageError as error:
            return error

    def _written(self, media: _Waiting) -> _Written:
        content = read_media_file(media.root, media.path)
        if bytes_sha256(content) != media.sha256:
            fault = "has other content than when it was imported; import the folder again"
            raise ImageError(Refusal.CHANGED, media.path, fault)
        chosen = every_seconds(open_media(content, media.path).frames(), self.request.every)
        rows, same = list[dict[str, Any]](), 0
        for frame, found in distinct(chosen, self.request.distance):
            if found is None:
                same += 1
            else:
                rows.append({"case_id": media.case_id, "perceptual_hash": found, **self._file(frame, media.id)})
        return _Written(rows, same)

    def _file(self, frame: MediaFrame, media_id: int) -> dict[str, Any]:
        """Write one image, unless it is there, and return its columns."""
        stream = io.BytesIO()
        frame.image.save(stream, "PNG")
        content = stream.getvalue()
        digest = bytes_sha256(content)
        path = self.request.out / f"{media_id:06}" / f"{frame.index:06}-{digest[:_DIGITS]}.png"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            with atomic_output(path) as handle:
                handle.write(content)
        return {
            "path": path.relative_to(self.request.out).as_posix(), "frame_index": frame.index,
            "frame_time": frame.time, "sha256": digest, "bytes": len(content), "width": frame.image.width,
            "height": frame.image.height,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _FrameStore:
    """Writes the rows of images."""

    database: Database
    provenance_id: int
    outcome: FrameOutcome

    def add(self, media: _Waiting, written: _Written | ImageError) -> None:
        """Store the images of one media file, or count it as left out."""
        if isinstance(written, ImageError):
            self.outcome.media.leave_out(str(written.refusal), f"{brief_path(media.path)}: {written.fault}")
        elif self.database.transact(lambda connection: self._store(connection, media, written.rows)):
            self.outcome.media.read += 1
            self.outcome.frames.read += len(written.rows)
            if written.same:
                self.outcome.frames.leave_out(_SAME, count=written.same)

    def _store(self, connection: Connection, media: _Waiting, rows: list[dict[str, Any]]) -> bool:
        """Insert the images with their origins, unless another run has; return whether this one did."""
        if connection.scalar(select(exists().where(ImageOrigin.media_id == media.id))):
            return False
        first = next_id(connection, Image)
        insert(connection, Image, [{"id": id, **row} for id, row in enumerate(rows, first)])
        origin = {"media_id": media.id, "provenance_id": self.provenance_id}
        insert(connection, ImageOrigin, [{"image_id": first + place, **origin} for place in range(len(rows))])
        advance_counters(connection, [Image])
        return True


def _use_folder(connection: Connection, request: FrameRequest) -> None:
    """Make the folder the root of the sources that have media.

    :raises DataError: if there are no media, or a source has images in another folder.
    """
    root, sources = str(request.out.resolve()), table(Source)
    query = select(Source.id, Source.name, Source.root).where(Source.id.in_(select(Media.source_id)))
    rows = connection.execute(query if request.source is None else query.where(Source.name == request.source)).all()
    if not rows:
        of = f"the source '{request.source}' has" if request.source else "the database has"
        raise DataError(f"{of} no media; import some: udt data import-media DIR --db … --source NAME")
    for id, name, before in rows:
        if before not in (None, root):
            hint = f"give --out {before}, or import the media under another source"
            raise DataError(f"the images of the source '{name}' are in {before}, and a source has one folder; {hint}")
        connection.execute(sources.update().where(sources.c.id == id).values(root=root))


def _chosen(request: FrameRequest) -> Any:
    """Return the condition for the media that are taken."""
    of_source = select(Source.id) if request.source is None else select(Source.id).where(Source.name == request.source)
    return (Media.state == MediaState.TAKEN) & Media.case_id.is_not(None) & Media.source_id.in_(of_source)


def _written() -> Any:
    return exists().where(ImageOrigin.media_id == Media.id)


def _count_known(connection: Connection, request: FrameRequest) -> int:
    return len(connection.execute(select(Media.id).where(_chosen(request), _written())).all())


def _waiting(connection: Connection, request: FrameRequest) -> Iterator[_Waiting]:
    query = select(Media.id, Media.case_id, Media.root, Source.root, Media.path, Media.sha256)
    query = query.join(Source, Source.id == Media.source_id).where(_chosen(request), ~_written())
    for id, case, root, of_source, path, sha256 in connection.execute(query.order_by(Media.id)):
        yield _Waiting(id, case or 0, Path(root or of_source or ""), path, sha256)
