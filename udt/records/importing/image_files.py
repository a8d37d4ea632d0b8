"""What is read from image files: their hash, size, and a perceptual hash, by which images that look alike are found."""

from __future__ import annotations

import hashlib
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

from udt.records.database.bulk import table
from udt.records.database.database import Database
from udt.records.database.models import Case, Image, Source

_SIDE = 32
_KEPT = 8
_BATCH = 512


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What one image file says of itself; see `models.Image`."""

    sha256: str
    bytes: int
    width: int
    height: int
    perceptual_hash: str


def look_at(path: Path) -> ImageFacts | None:
    """Read one image file; None where there is none that can be read."""
    try:
        content = path.read_bytes()
        with Pillow.open(io.BytesIO(content)) as image:
            width, height = image.size
            grey = image.convert("L")
            hashed = perceptual_hash(grey)
    except (OSError, UnidentifiedImageError, Pillow.DecompressionBombError):
        return None
    return ImageFacts(hashlib.sha256(content).hexdigest(), len(content), width, height, hashed)


def perceptual_hash(grey: Pillow.Image) -> str:
    """64 bits: whether each of the 8 × 8 lowest spatial frequencies is above their median, without the mean brightness.

    The image is shrunk to 32 × 32 and its discrete cosine transform taken, `D x Dᵀ`; row by row, high bit first.
    """
    small = np.asarray(grey.resize((_SIDE, _SIDE), Pillow.Resampling.LANCZOS), dtype=np.float64)
    low = (_cosines() @ small @ _cosines().T).ravel()
    bits = low > np.median(low[1:])
    return np.packbits(bits).tobytes().hex()


@cache
def _cosines() -> NDArray[np.float64]:
    """The 8 lowest cosines over 32 points, one a row."""
    frequency, place = np.arange(_KEPT)[:, None], np.arange(_SIDE)[None, :]
    return np.cos(np.pi * frequency * (2 * place + 1) / (2 * _SIDE))


def read_pictures(database: Database, source: str) -> Iterator[int]:
    """Read the files of all images of `source` that were not read yet, and keep what they say.

    Files that are missing or unreadable are left for the next time; `udt data validate` lists them.

    :returns: how many were looked at, after each batch.
    """
    done, last = 0, 0
    with ThreadPoolExecutor() as threads:
        while images := _unread(database, source, last):
            found = threads.map(look_at, (path for _, path in images))
            rows = [_row(id, picture) for (id, _), picture in zip(images, found, strict=True) if picture]
            if rows:
                with database.writing() as connection:
                    connection.execute(table(Image).update().where(Image.id == bindparam("key")), rows)
            last, done = images[-1][0], done + len(images)
            yield done


def _row(id: int, picture: ImageFacts) -> dict[str, object]:
    return {"key": id, **{name: getattr(picture, name) for name in ImageFacts.__slots__}}


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
