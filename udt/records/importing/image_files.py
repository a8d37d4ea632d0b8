"""Read image files: their hash, size, and perceptual hash, by which images that look the same are found."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import UnidentifiedImageError
from sqlalchemy import bindparam, select

from udt.core.hashing import bytes_sha256
from udt.records.database.bulk import table
from udt.records.database.database import Database
from udt.records.database.models import Case, Image, Source

_SIDE = 32
_KEPT = 8
_BATCH = 512


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Properties of an image file; see `models.Image`."""

    sha256: str
    bytes: int
    width: int
    height: int
    perceptual_hash: str


def read_image_file(path: Path) -> ImageFacts | None:
    """Read one image file; return None if it is missing or unreadable."""
    try:
        content = path.read_bytes()
        with Pillow.open(io.BytesIO(content)) as image:
            width, height = image.size
            grey = image.convert("L")
            fingerprint = perceptual_hash(grey)
    except (OSError, UnidentifiedImageError, Pillow.DecompressionBombError):
        return None
    return ImageFacts(bytes_sha256(content), len(content), width, height, fingerprint)


def perceptual_hash(grey: Pillow.Image) -> str:
    """Compute a hash of 64 bits by the discrete cosine transform.

    A bit is 1 if the coefficient of one of the 8 × 8 lowest spatial frequencies is above their median, in which the
    mean brightness is left out. The image is resized to 32 × 32 and transformed, `D x Dᵀ`; row by row, high bit first.

    :returns: 16 hexadecimal digits.
    """
    small = np.asarray(grey.resize((_SIDE, _SIDE), Pillow.Resampling.LANCZOS), dtype=np.float64)
    low = (_cosines() @ small @ _cosines().T).ravel()
    bits = low > np.median(low[1:])
    return np.packbits(bits).tobytes().hex()


@cache
def _cosines() -> NDArray[np.float64]:
    """Return the 8 lowest cosines over 32 points, shape (8, 32)."""
    frequency, position = np.arange(_KEPT)[:, None], np.arange(_SIDE)[None, :]
    return np.cos(np.pi * frequency * (2 * position + 1) / (2 * _SIDE))


def read_image_files(database: Database, source: str) -> Iterator[int]:
    """Read the files of all images of `source` that were not read yet, and store their properties.

    Files that are missing or unreadable are tried again by the next import; `udt data validate` lists them.

    :returns: number of files tried so far, after each batch.
    """
    done, last = 0, 0
    with ThreadPoolExecutor() as threads:
        while images := _unread(database, source, last):
            found = threads.map(read_image_file, (path for _, path in images))
            rows = [_row(id, facts) for (id, _), facts in zip(images, found, strict=True) if facts]
            if rows:
                with database.writing() as connection:
                    connection.execute(table(Image).update().where(Image.id == bindparam("key")), rows)
            last, done = images[-1][0], done + len(images)
            yield done


def _row(id: int, facts: ImageFacts) -> dict[str, object]:
    return {"key": id, **{name: getattr(facts, name) for name in ImageFacts.__slots__}}


def _unread(database: Database, source: str, after: int) -> list[tuple[int, Path]]:
    query = (
        select(Image.id, Source.root, Image.path)
        .join(Case, Image.case_id == Case.id)
        .join(Source)
        .where(Source.name == source, Source.root.is_not(None), Image.sha256.is_(None), Image.id > after)
        .order_by(Image.id)
        .limit(_BATCH)
    )
    with database.reading() as connection:
        return [(id, Path(root or "") / path) for id, root, path in connection.execute(query)]
