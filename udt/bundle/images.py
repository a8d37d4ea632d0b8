"""Read the image of a sample as a bundle stores it."""

from __future__ import annotations

from pathlib import Path

from udt.core.images import find_image, read_image


def stored_image(image: str | bytes, image_root: Path | None = None) -> bytes:
    """Return the encoded image that a bundle stores itself or as a path.

    :param image: as `udt.bundle.reader.Bundle.image` returns it.
    :param image_root: folder that relative paths start from and must stay in; by default the current one.
    :raises udt.core.images.ImageError: if the file is not in the folder, or cannot be read.
    """
    if isinstance(image, bytes):
        return image
    root = Path("/") if Path(image).is_absolute() else image_root or Path()
    return read_image(find_image(root, image))
