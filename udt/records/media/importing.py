"""Import a folder of media files: each becomes a row with its case, its frames and the decision of the filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from udt.core.errors import DataError
from udt.core.hashing import bytes_sha256
from udt.core.images import ImageError
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
    *,
    about: Mapping[str, str] | None = None,
) -> MediaOutcome:
    """Import the media files in a folder and the folders below it; each file is a transaction, so it can be resumed.

    A file with the content of one that the source has is not decoded again.

    :param source: name of the source, which is created if there is none.
    :param on_progress: called with the noun of the items and the number of them that are done.
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
    run = _MediaRun(database, root, source_id, case_of, outcome)
    for done, name in enumerate(names, 1):
        run.read(name)
        on_progress("media files", done)
    return outcome


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
    case_of: CaseOf
    outcome: MediaOutcome

    def read(self, name: str) -> None:
        """Read one file, unless the source has one with its content."""
        case = self.case_of(name)
        fault = fault_of_name(name)
        if case is None or fault:
            self.outcome.files.leave_out(_NO_CASE if fault is None else "name that cannot be stored", brief_path(name))
            return
        try:
            content = read_media_file(self.root, name)
        except ImageError as error:
            self.outcome.files.leave_out(str(error.refusal), f"{brief_path(name)}: {error.fault}")
            return
        digest = bytes_sha256(content)
        if not self._known(name, digest):
            facts = media_facts(content, name)
            self.database.transact(lambda connection: self._write(connection, name, case, digest, len(content), facts))
            self._count(name, facts.decision.state, facts.decision.reason, facts.fault)

    def _known(self, name: str, digest: str) -> bool:
        """Return whether the source has a file with this content, and count it."""
        query = select(Media.root, Media.path, Media.state, Media.reason)
        query = query.where(Media.source_id == self.source_id, Media.sha256 == digest)
        with self.database.reading() as connection:
            found = connection.execute(query).first()
        if found is None:
            return False
        root, path, state, reason = found
        if (root, path) == (str(self.root), name):
            self.outcome.known += 1
            self._count(name, state, reason)
        else:
            self.outcome.files.leave_out(_REPEATED, brief_path(name))
        return True

    def _write(self, connection: Connection, name: str, case: str, digest: str, size: int, facts: MediaFacts) -> None:
        """Write the row of a file; one with other content at the same path is replaced."""
        media = table(Media)
        place = (media.c.source_id == self.source_id) & (media.c.root == str(self.root)) & (media.c.path == name)
        connection.execute(media.delete().where(place))
        row = {
            "source_id": self.source_id, "case_id": self._case(connection, case),
            "root": str(self.root), "path": name, "sha256": digest, "bytes": size, "kind": facts.kind,
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
