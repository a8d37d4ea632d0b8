"""Read the image files of records, and make small copies of them that pages embed."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image as Pillow

from udt.core.hashing import bytes_sha256
from udt.core.images import ImageError, Refusal, decode_image, find_image, read_image

_QUALITY = 88  # of the JPEG copies


def record_image(root: str | None, name: str, sha256: str | None) -> bytes:
    """Read the file of an image, and check that it is the one that was imported.

    :param root: image folder of its source, or None if unknown.
    :param name: path of the image in that folder.
    :param sha256: of the file that was imported; None if it was not read then.
    :raises ImageError: if the folder is unknown, or the file is missing, not readable or another one.
    """
    if root is None:
        fault = "the image folder of its source is not known; give it with --images DIR, here or at the import"
        raise ImageError(Refusal.NO_FOLDER, name, fault)
    content = read_image(find_image(Path(root), name))
    if sha256 not in (None, bytes_sha256(content)):
        fault = "is not the file that was imported; restore the file, or import the data set into a new database"
        raise ImageError(Refusal.CHANGED, name, fault)
    return content


def small_copy(content: bytes, side: int, place: object) -> Pillow.Image:
    """Decode an image and reduce it so that its longer side has at most `side` pixels. It has no metadata.

    :param place: the image in messages.
    :raises ImageError: if it cannot be decoded in full.
    """
    image = decode_image(content, "RGB", place)
    image.thumbnail((side, side), Pillow.Resampling.LANCZOS)
    return image


def data_uri(image: Pillow.Image) -> str:
    """Encode an image as JPEG in a data URI."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
