"""The samples of a database that may be composite figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, exists, select, update

from udt.core.errors import DataError
from udt.records.database.bulk import table
from udt.records.database.composites import has_parts
from udt.records.database.curation_models import Flag, FlagKind, SampleOrigin
from udt.records.database.database import Database
from udt.records.database.effective_labels import Query
from udt.records.database.models import Caption, Case, Image, ReviewState, Sample, Source, Split
from udt.records.stored_images import record_image

_PAGE = 64


class CompositeRow(NamedTuple):
    """A sample that may be a composite figure."""

    id: int
    source_id: int
    source: str
    root: str | None
    case: str
    image_id: int
    path: str
    frame_time: float | None
    sha256: str | None
    caption: str
    split: Split | None

    def content(self) -> bytes:
        """Read the image file.

        :raises ImageError: if the image folder is unknown, or the file is missing, not readable or another one.
        """
        return record_image(self.root, self.path, self.sha256)


def composite_pages(database: Database, source: str | None, provenance: int | None) -> Iterator[list[CompositeRow]]:
    """Yield the samples with image and caption in pages, by id, so that no open reader blocks the writer.

    Left out are samples that were rejected, have parts, are parts themselves, or were flagged by this maker.

    :param source: name of the data set, or None for all.
    :param provenance: the maker, or None if it has flagged nothing yet.
    """
    query = _query(source, provenance)
    last = 0
    while True:
        with database.reading() as connection:
            page = [CompositeRow(*row) for row in connection.execute(query.where(Sample.id > last).limit(_PAGE))]
        if not page:
            return
        yield page
        last = page[-1].id


def _query(source: str | None, provenance: int | None) -> Query:
    flagged = exists().where(
        Flag.sample_id == Sample.id, Flag.kind == FlagKind.PAIRING, Flag.provenance_id == provenance
    )
    query = (
        select(
            *(Sample.id, Source.id, Source.name, Source.root, Case.key),
            *(Image.id, Image.path, Image.frame_time, Image.sha256, Caption.text, Sample.split),
        )
        .join(Case, Sample.case_id == Case.id)
        .join(Source, Case.source_id == Source.id)
        .join(Image, Sample.image_id == Image.id)
        .join(Caption, Sample.caption_id == Caption.id)
        .where(Sample.review != ReviewState.REJECTED, ~has_parts(), ~flagged)
        .where(~exists().where(SampleOrigin.sample_id == Sample.id))
        .order_by(Sample.id)
    )
    return query if source is None else query.where(Source.name == source)


def set_image_folder(connection: Connection, source: str | None, images: Path) -> None:
    """Store the image folder of the data sets that were imported without one."""
    change = update(table(Source)).where(Source.root.is_(None)).values(root=str(images.resolve()))
    connection.execute(change if source is None else change.where(Source.name == source))


def folder_in_sources(connection: Connection, source: str | None, out: Path) -> dict[str, str]:
    """Return the path of a folder in each data set, relative to its image folder, by the name of the data set.

    :raises DataError: if the folder is in the image folder of none of them, or of not all.
    """
    query = select(Source.name, Source.root).where(Source.root.is_not(None)).order_by(Source.name)
    found = {}
    for name, root in connection.execute(query if source is None else query.where(Source.name == source)):
        folder = Path(root or "").resolve()
        if not out.resolve().is_relative_to(folder):
            raise DataError(
                f"{out}: is not in the image folder of '{name}', {folder}, from which the paths of its images start; "
                "give a folder in it, or one data set alone (--source)"
            )
        found[name] = out.resolve().relative_to(folder).as_posix()
    return found
