"""Write the samples of a database as a bundle; `udt.bundle.reader` describes and reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from udt.bundle.reader import KIND, MANIFEST, ImageKind
from udt.bundle.writer import BundleSample, write_files
from udt.core.atomic import atomic_folder
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.corpus.samples import SampleRow, rejected, samples, sources
from udt.similarity.matrices import SimilaritySet


def write_bundle(
    connection: Connection,
    out: Path,
    vocabulary: Vocabulary,
    similarity: SimilaritySet,
    *,
    images: ImageKind = "path",
    overwrite: bool = False,
) -> Mapping[str, Any]:
    """Write the samples of a database as a bundle to the folder `out`, atomically; return its manifest.

    The same database gives the same bytes. `case_id` is the name of the source, `/`, and the key of the case in it.

    :param images: whether to write the path of each image (`path`) or the encoded image (`bytes`).
    :param overwrite: whether a bundle in `out` may be replaced.
    :raises DataError: if `out` exists and may not be replaced, there are no samples, an image cannot be read, or a
        record or `similarity` has other labels than `vocabulary`.
    """
    about = {"rejected": rejected(connection), "sources": [source._asdict() for source in sources(connection)]}
    rows = (_sample(row, images) for row in samples(connection, vocabulary))
    with atomic_folder(out, MANIFEST, KIND, overwrite=overwrite) as folder:
        manifest = write_files(folder, rows, vocabulary, similarity, images=images, about=about)
        if not manifest["samples"]:
            raise DataError("the database has no samples to bundle; fill it with 'udt data import --db …'")
    return manifest


def _sample(row: SampleRow, images: ImageKind) -> BundleSample:
    image = _path_of(row) if images == "path" else _bytes_of(row)
    return BundleSample(f"{row.source}/{row.case}", image, row.caption, row.labels, row.split)


def _path_of(row: SampleRow) -> str | None:
    """Return the path of the image, absolute if the image folder of the source is known."""
    if row.image is None or row.root is None:
        return row.image
    return str(Path(row.root, row.image))


def _bytes_of(row: SampleRow) -> bytes | None:
    path = _path_of(row)
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        hint = "import the source again with its images, or write paths (--images path)"
        raise DataError(f"sample {row.id}: its image {path} cannot be read: {error.strerror}; {hint}") from error
