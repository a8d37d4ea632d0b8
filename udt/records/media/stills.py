"""Pictures and animations by Pillow: JPEG, PNG, WebP, TIFF, GIF and the other formats of `udt.core.images`."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageFile, ImageOps, ImageSequence

from udt.core.images import check_complete, check_size, decoding, opened_image
from udt.records.database.curation_models import MediaKind
from udt.records.media.opened import MediaFrame, OpenedMedia, check_count

_TIMED = ("GIF", "PNG", "WEBP")
_SHORTEST = 0.011  # seconds; browsers show a frame with a shorter or no duration for a tenth of a second
_USUAL = 0.1
_PREVIEWS = ("BMP", "JPEG", "MPO", "PPM")  # the further pictures of MPO, a kind of JPEG, are previews


def open_pictures(content: bytes, place: object) -> OpenedMedia:
    """Open a picture or an animation.

    :param place: name of the file, for messages.
    :raises ImageError: if it is not a picture in one of the formats, damaged or too large.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # another library may have changed it
    with decoding(place), opened_image(content) as image:
        check_size(image.size, place)
        check_complete(image.format, content, place)
        several = image.format not in _PREVIEWS and getattr(image, "is_animated", False)
    kind = MediaKind.CLIP if several else MediaKind.STILL
    return OpenedMedia(kind, lambda: _frames(content, several, place))


def _frames(content: bytes, several: bool, place: object) -> Iterator[MediaFrame]:
    with decoding(place), opened_image(content) as image:
        if not several:
            yield MediaFrame(0, None, None, upright(image))
            return
        timed, time = image.format in _TIMED, 0.0
        for index, frame in enumerate(ImageSequence.Iterator(image)):
            check_count(index, place)
            check_size(frame.size, place)
            picture = frame.convert("RGB")  # decodes the frame, and with it its duration
            duration = _duration(frame)
            yield MediaFrame(index, time if timed else None, duration if timed else None, picture)
            time += duration


def upright(image: Image.Image) -> Image.Image:
    """Return a picture as it is shown: RGB on black, turned as its EXIF data state."""
    turned = ImageOps.exif_transpose(image)
    if turned.mode in ("I", "I;16", "I;16B", "I;16L", "F"):
        return _eight_bits(turned).convert("RGB")
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        flat = turned.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", flat.size, "black"), flat).convert("RGB")
    return turned.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale the values of a picture of more than 8 bits from its darkest to its brightest; Pillow would cut them."""
    values = image.convert("F")
    low, high = values.getextrema()
    assert isinstance(low, float) and isinstance(high, float)  # noqa: S101  # a picture of one band
    scale = 255 / (high - low) if high > low else 0.0
    return values.point(lambda value: value * scale - low * scale).convert("L")


def _duration(frame: Image.Image) -> float:
    seconds = float(frame.info.get("duration") or 0) / 1000
    return seconds if seconds >= _SHORTEST else _USUAL
