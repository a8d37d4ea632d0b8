"""Import a folder of media files: each becomes a row with its case, its frames and the decision of the filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from udt.core.errors import DataError
from udt.core.executors import Executor, InProcess, each
from udt.core.hashing import bytes_sha256
from udt.core.images import ImageError, Refusal
from udt.core.tally import Tally
from udt.core.texts import brief_path, fault_of_name
from udt.records.database.bulk import insert_new, table
from udt.records.database.curation_models import Media, MediaState
from udt.records.database.database import Database
from udt.records.database.models import Case
from udt.records.database.sources import add_source
from udt.records.media.case_names import CaseOf
from udt.records.media.facts import MediaFacts, media_facts
from udt.records.media.files import media_names
from udt.records.media.reader import read_media_file

_REPEATED = "same content as another file"
_NO_CASE = "without a case by the rule"
OnMedia = Callable[[str, int], None]


@dataclass(slots=True)
class MediaOutcome:
    """Counts of an import of media.

    :ivar files: the files of the folder; those of other kinds, and those whose content is not ultrasound or damaged,
        are left out.
    :ivar known: number of those that an earlier import read.
    :ivar doubtful: number of those that wait for a person.
    """

    files: Tally = field(default_factory=Tally)
    known: int = 0
    taken: int = 0
    doubtful: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return a dictionary for `json.dumps`."""
        counts = {"known": self.known, "taken": self.taken, "doubtful": self.doubtful}
        return {**self.files.to_dict(), **counts}


def import_media(
    database: Database,
    folder: Path,
    source: str,
    case_of: CaseOf,
    on_progress: OnMedia = lambda *_: None,
    executor: Executor | None = None,
    *,
    about: Mapping[str, str] | None = None,
) -> MediaOutcome:
    """Import the media files in a folder and the folders below it; each file is a transaction, so it can be resumed.

    A file with the content of one that the source has is not decoded again.

    :param source: name of the source, which is created if there is none.
    :param on_progress: called with the noun of the items and the number of them that are done.
    :param executor: reads the files, in a folder that all of its machines see at the same path; by default, this
        process does. The rows are written by this process.
    :param about: version, licence and url of the source, as far as known.
    :raises DataError: if the folder does not exist, has no media file, or none with a case by the rule, a package is
        missing, or the database fails. Nothing is stored then.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: is not a folder; give the folder of the media files")
    outcome, root = MediaOutcome(), folder.resolve()
    names = media_names(root, outcome.files)
    _check_names(folder, names, case_of, outcome.files)
    with database.writing() as connection:
        source_id = add_source(connection, source, about or {})
    executor = executor or InProcess()
    run = _MediaRun(database, root, source_id, outcome)
    reader = _MediaReader(root, keep=executor.here)
    hashed = executor.map_batches(each(reader.hashed), ([_MediaFile.named(name, case_of)] for name in names))
    looked_up = ([run.look_up(one) for one in found] for _, found in hashed)
    done = 0
    for _, read in executor.map_batches(each(reader.read), looked_up):
        for file in read:
            run.store(file)
            done += 1
            on_progress("media files", done)
    return outcome


class _Known(NamedTuple):
    """The media file of the source that has some content."""

    root: str | None
    path: str
    state: MediaState
    reason: str | None


@dataclass(frozen=True, slots=True)
class _MediaFile:
    """A media file, as far as it was read.

    :ivar case: name of its case; None if it has none, and is not to be read.
    :ivar content: kept between its hash and its facts, if both are made in one process.
    :ivar fault: the reason for which its content cannot be had.
    :ivar known: the file of the source with this content.
    """

    name: str
    case: str | None
    sha256: str = ""
    size: int = 0
    content: bytes | None = None
    fault: ImageError | None = None
    known: _Known | None = None
    facts: MediaFacts | None = None

    @classmethod
    def named(cls, name: str, case_of: CaseOf) -> _MediaFile:
        """Return a file that is not read yet."""
        return cls(name, None if fault_of_name(name) else case_of(name))


@dataclass(frozen=True, slots=True)
class _MediaReader:
    """Reads files; it may run on another machine than the database.

    :ivar keep: whether contents are kept, so that no file is read twice.
    """

    root: Path
    keep: bool

    def hashed(self, file: _MediaFile) -> _MediaFile:
        """Read a file and hash it."""
        if file.case is None:
            return file
        try:
            content = read_media_file(self.root, file.name)
        except ImageError as error:
            return replace(file, fault=error)
        kept = content if self.keep else None
        return replace(file, sha256=bytes_sha256(content), size=len(content), content=kept)

    def read(self, file: _MediaFile) -> _MediaFile:
        """Decode a file, unless the source has its content."""
        if not file.sha256 or file.known is not None:
            return file
        try:
            return replace(file, content=None, facts=media_facts(self._content(file), file.name))
        except ImageError as error:
            return replace(file, fault=error)

    def _content(self, file: _MediaFile) -> bytes:
        if file.content is not None:
            return file.content
        content = read_media_file(self.root, file.name)
        if bytes_sha256(content) != file.sha256:
            raise ImageError(Refusal.CHANGED, file.name, "was changed while it was read; import the folder again")
        return content


def _check_names(folder: Path, names: Sequence[str], case_of: CaseOf, others: Tally) -> None:
    """Check that there is a file to import.

    :raises DataError: if there are no media, or none of them has a case.
    """
    if not names:
        beside = f" ({others.reasons})" if others.found else ""
        raise DataError(f"{folder}: has no media files{beside}; give the folder of the pictures, clips and DICOM files")
    if not any(map(case_of, names)):
        hint = "give folder, file, or a regular expression that is in the paths (--case-from)"
        raise DataError(
            f"the rule of cases finds no case in the paths of {len(names):,} media files, e.g. "
            f"{brief_path(names[0])}; {hint}"
        )


@dataclass(frozen=True, slots=True)
class _MediaRun:
    database: Database
    root: Path
    source_id: int
    outcome: MediaOutcome

    def look_up(self, file: _MediaFile) -> _MediaFile:
        """Look up the file of the source that has the same content."""
        query = select(Media.root, Media.path, Media.state, Media.reason)
        query = query.where(Media.source_id == self.source_id, Media.sha256 == file.sha256)
        with self.database.reading() as connection:
            found = connection.execute(query).first()
        return file if found is None else replace(file, known=_Known(*found))

    def store(self, file: _MediaFile) -> None:
        """Count a file, and write its row unless the source has its content."""
        if file.case is None:
            reason = "name that cannot be stored" if fault_of_name(file.name) else _NO_CASE
            self.outcome.files.leave_out(reason, brief_path(file.name))
        elif file.fault is not None:
            self.outcome.files.leave_out(str(file.fault.refusal), f"{brief_path(file.name)}: {file.fault.fault}")
        elif known := self.look_up(file).known or file.known:
            self._count_known(file.name, known)
        elif file.facts is not None:
            facts = file.facts
            self.database.transact(lambda connection: self._write(connection, file, facts))
            self._count(file.name, facts.decision.state, facts.decision.reason, facts.fault)

    def _count_known(self, name: str, known: _Known) -> None:
        if (known.root, known.path) == (str(self.root), name):
            self.outcome.known += 1
            self._count(name, known.state, known.reason)
        else:
            self.outcome.files.leave_out(_REPEATED, brief_path(name))

    def _write(self, connection: Connection, file: _MediaFile, facts: MediaFacts) -> None:
        """Write the row of a file; one with other content at the same path is replaced."""
        media = table(Media)
        place = (media.c.source_id == self.source_id) & (media.c.root == str(self.root)) & (media.c.path == file.name)
        connection.execute(media.delete().where(place))
        row = {
            "source_id": self.source_id, "case_id": self._case(connection, file.case or ""), "root": str(self.root),
            "path": file.name, "sha256": file.sha256, "bytes": file.size, "kind": facts.kind,
            "frames": facts.frames, "seconds": facts.seconds, **facts.decision._asdict(),
        }  # fmt: skip
        connection.execute(media.insert().values(row))

    def _case(self, connection: Connection, key: str) -> int:
        insert_new(connection, Case, [{"source_id": self.source_id, "key": key}])
        return connection.execute(select(Case.id).filter_by(source_id=self.source_id, key=key)).scalar_one()

    def _count(self, name: str, state: MediaState, reason: str | None, fault: str | None = None) -> None:
        if state is MediaState.LEFT_OUT:
            detail = f": {fault}" if fault else ""
            self.outcome.files.leave_out(reason or "", f"{brief_path(name)}{detail}")
            return
        self.outcome.files.read += 1
        self.outcome.taken += state is MediaState.TAKEN
        self.outcome.doubtful += state is MediaState.DOUBTFUL
