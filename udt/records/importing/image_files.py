"""Read image files: their hash, size, and perceptual hash, by which images that look the same are found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from udt.core.executors import Executor, InProcess
from udt.core.hashing import bytes_sha256
from udt.core.images import ImageError, Refusal, decode_image, find_image, read_image
from udt.core.near_duplicates import perceptual_hash
from udt.core.tally import Tally
from udt.core.texts import brief_path
from udt.records.database.bulk import table
from udt.records.database.database import Database
from udt.records.database.effective_labels import Query
from udt.records.database.models import Case, Image, Source

_BATCH = 512


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Properties of an image file; see `models.Image`."""

    sha256: str
    bytes: int
    width: int
    height: int
    perceptual_hash: str


def image_facts(root: Path, name: str) -> ImageFacts:
    """Read and decode one image file.

    :param root: the image folder.
    :param name: the path of the image in it.
    :raises ImageError: if the file is missing, lies outside the folder, or is not an image that can be decoded in full.
    """
    content = read_image(find_image(root, name))
    grey = decode_image(content, "L", name)
    return ImageFacts(bytes_sha256(content), len(content), grey.width, grey.height, perceptual_hash(grey))


class _Unread(NamedTuple):
    """An image whose file has not been read."""

    id: int
    root: Path
    path: str

    def facts(self) -> ImageFacts | ImageError:
        """Read the file; return the error if it is refused."""
        try:
            return image_facts(self.root, self.path)
        except ImageError as error:
            return error


def read_image_files(database: Database, source: str, tally: Tally, executor: Executor | None = None) -> Iterator[int]:
    """Read the files of all images of `source` that were not read yet, and store their properties.

    Images that are refused are tried again by the next import; `udt data validate` lists them.

    :param tally: counts all images of `source`, those that an earlier import read included.
    :param executor: reads the files; by default, threads of this process do.
    :returns: number of files tried so far, after each batch.
    """
    with database.reading() as connection:
        tally.read += _count(connection, source, Image.sha256.is_not(None))
        if homeless := _count(connection, source, Image.sha256.is_(None), Source.root.is_(None)):
            tally.leave_out(Refusal.NO_FOLDER, count=homeless)
    done = 0
    for images, found in (executor or InProcess()).map_each(_Unread.facts, _batches(database, source)):
        _store(database, zip(images, found, strict=True), tally)
        done += len(images)
        yield done


def _store(database: Database, found: Iterable[tuple[_Unread, ImageFacts | ImageError]], tally: Tally) -> None:
    """Store the properties of a batch of images, and count the images."""
    rows = []
    for image, facts in found:
        if isinstance(facts, ImageFacts):
            tally.read += 1
            rows.append({"key": image.id, **{name: getattr(facts, name) for name in ImageFacts.__slots__}})
        else:
            tally.leave_out(facts.refusal, f"{brief_path(image.path)}: {facts.fault}")
    if rows:
        with database.writing() as connection:
            connection.execute(table(Image).update().where(Image.id == bindparam("key")), rows)


def _of(query: Query, source: str) -> Query:
    return query.select_from(Image).join(Case, Image.case_id == Case.id).join(Source).where(Source.name == source)


def _count(connection: Connection, source: str, *conditions: ColumnElement[bool]) -> int:
    return connection.scalar(_of(select(func.count()), source).where(*conditions)) or 0


def _batches(database: Database, source: str) -> Iterator[list[_Unread]]:
    last = 0
    while images := _unread(database, source, last):
        yield images
        last = images[-1].id


def _unread(database: Database, source: str, after: int) -> list[_Unread]:
    query = _of(select(Image.id, Source.root, Image.path), source)
    query = query.where(Source.root.is_not(None), Image.sha256.is_(None), Image.id > after)
    with database.reading() as connection:
        rows = connection.execute(query.order_by(Image.id).limit(_BATCH))
        return [_Unread(id, Path(root or ""), path) for id, root, path in rows]
