"""Write the samples of a database as a bundle; `udt.bundle.reader` describes and reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from udt.bundle.reader import KIND, MANIFEST, ImageKind
from udt.bundle.writer import BundleSample, write_files
from udt.core.atomic import atomic_folder
from udt.core.errors import DataError
from udt.core.hashing import bytes_sha256
from udt.core.images import ImageError, Refusal, check_file, check_relative, decode_image, find_image, read_image
from udt.core.labels import positions_of
from udt.core.tally import Tally
from udt.core.vocabulary import Vocabulary
from udt.corpus.samples import SampleRow, rejected, samples, sources
from udt.normalize.captions import CaptionReader
from udt.normalize.normalizer import Normalizer
from udt.similarity.matrices import SimilaritySet


def write_bundle(
    connection: Connection,
    out: Path,
    vocabulary: Vocabulary,
    similarity: SimilaritySet,
    *,
    normalizer: Normalizer | None = None,
    tasks: Iterable[str] | None = None,
    images: ImageKind = "path",
    skip: bool = False,
    overwrite: bool = False,
) -> Mapping[str, Any]:
    """Write the samples of a database as a bundle to the folder `out`, atomically; return its manifest.

    The same database gives the same bytes. `case_id` is the name of the source, `/`, and the key of the case in it.

    An image enters only from the image folder of its source, and only if it was decoded in full, by the import or now;
    the manifest counts those of sources without an image folder, whose paths alone are written (`unread_images`).

    :param vocabulary: of all classification tasks in which records may have labels.
    :param normalizer: reads the labels that captions name; by default one of the built-in taxonomy.
    :param tasks: keys of those to write; by default all.
    :param images: whether to write the path of each image (`path`) or the encoded image (`bytes`).
    :param skip: whether samples whose image is refused are left out, and counted in the manifest (`left_out`).
    :param overwrite: whether a bundle in `out` may be replaced.
    :raises DataError: if `out` exists and may not be replaced, there are no samples, an image is refused and `skip` is
        not set, a record or `similarity` has other labels than `vocabulary`, or the normaliser lacks a dimension.
    :raises udt.core.errors.UnknownConceptError: if one of `tasks` is not in `vocabulary`.
    """
    written = vocabulary if tasks is None else vocabulary.select(tasks)
    captions = CaptionReader(written, normalizer)
    chosen = _Chosen(images, positions_of(written, vocabulary))
    # The counts of `chosen` are complete once the samples are written, and the manifest comes after them.
    about = {
        "rejected": rejected(connection),
        "sources": [source._asdict() for source in sources(connection)],
        "unread_images": chosen.unread,
        "left_out": chosen.tally.left_out,
        "examples": chosen.tally.examples,
    }
    with atomic_folder(out, MANIFEST, KIND, overwrite=overwrite) as folder:
        rows = chosen.of(samples(connection, vocabulary))
        matrices = similarity.restricted(written)
        manifest = write_files(folder, rows, written, matrices, captions, images=images, about=about)
        _check(chosen.tally, skip)
    return manifest


def _check(tally: Tally, skip: bool) -> None:
    if not tally.found:
        raise DataError("the database has no samples to bundle; fill it with 'udt data import --db …'")
    if tally.left_out and not (skip and tally.read):
        hint = "" if skip else ", or leave these samples out (--on-error skip)"
        raise DataError(
            f"the images of {tally.left_out.total():,} of {tally.found:,} samples cannot enter a bundle "
            f"({tally.reasons}), e.g. {'; '.join(tally.first_examples())}. Mend the files and import the data set "
            f"again with its images (--images DIR){hint}"
        )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The samples whose image can enter a bundle.

    :ivar positions: positions of the dimensions to write.
    :ivar tally: counts the samples.
    :ivar unread: number of images that were not read for each source, since its image folder is not known.
    """

    images: ImageKind
    positions: Sequence[int | None]
    tally: Tally = field(default_factory=Tally)
    unread: dict[str, int] = field(default_factory=dict)

    def of(self, rows: Iterable[SampleRow]) -> Iterator[BundleSample]:
        """Yield the samples with their images, and count those left out."""
        for row in rows:
            try:
                image = self._image(row)
            except ImageError as error:
                self.tally.leave_out(error.refusal, f"sample {row.id}: {error}")
                continue
            self.tally.read += 1
            labels = row.labels.arranged(self.positions)
            yield BundleSample(f"{row.source}/{row.case}", image, row.caption, labels, row.split)

    def _image(self, row: SampleRow) -> str | bytes | None:
        if row.image is None:
            return None
        if row.root is None:
            return self._of_unknown_folder(row, row.image)
        path = find_image(Path(row.root), row.image)
        if self.images == "path" and row.sha256 is not None:
            check_file(path)
            return str(path)
        content = _decodable(path, row.sha256)
        return content if self.images == "bytes" else str(path)

    def _of_unknown_folder(self, row: SampleRow, name: str) -> str:
        if self.images == "bytes":
            fault = f"the image folder of the source '{row.source}' is not known; give it to the import (--images DIR)"
            raise ImageError(Refusal.NO_FOLDER, name, fault)
        check_relative(name)
        self.unread[row.source] = self.unread.get(row.source, 0) + 1
        return name


def _decodable(path: Path, sha256: str | None) -> bytes:
    """Read an image and check that it can be decoded, and is the one that was imported.

    :param sha256: of the file that was imported; None if it was not read then.
    """
    content = read_image(path)
    if sha256 not in (None, bytes_sha256(content)):
        hint = "restore the file, or import the data set into a new database"
        raise ImageError(Refusal.CHANGED, path, f"is not the file that was imported, whose SHA-256 is {sha256}; {hint}")
    decode_image(content, "L", path)
    return content
