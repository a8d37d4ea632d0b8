"""Open images from files and bytes that nobody has checked: inside a folder, within limits, and decoded in full.

A file is read only if it is an ordinary file in the image folder after all links are followed. Pillow may try the
formats of `FORMATS` alone; no other decoder, and no program such as Ghostscript, is run.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Literal

from PIL import Image as Pillow
from PIL import ImageFile, UnidentifiedImageError

from udt.core.errors import DataError
from udt.core.texts import brief_path, one_line

FORMATS = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg"),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "PPM": (".pbm", ".pgm", ".pnm", ".ppm"),
}
"""Formats, by their names in Pillow, with the suffixes of their files."""

SUFFIXES = tuple(suffix for suffixes in FORMATS.values() for suffix in suffixes)

MAX_BYTES = 128 * 2**20
"""Size of a file."""

MAX_PIXELS = 36_000_000
"""Width × height; Pillow alone would decode five times as many."""

MAX_RATIO = 100
"""Longer side / shorter side; cropping the centre of a narrower image would enlarge it without bounds."""

MAX_SCANS = 100
"""Scans of a JPEG; each one costs as much time as a whole image, and some bytes."""

_WITHOUT_FRAMES = ("BMP", "JPEG", "MPO", "PPM")  # the further pictures of MPO, a kind of JPEG, are previews
_HEAD = 1024
_VIDEO = re.compile(
    rb".{4}(?:ftyp(?!avi[fs]|hei[cfx]|m[is]f1)|moov|mdat|wide)|RIFF.{4}AVI |\x1a\x45\xdf\xa3|\x00\x00\x01[\xb0-\xbf]"
    rb"|FLV\x01|\x30\x26\xb2\x75|OggS|(?:\x47.{187}){3}",
    re.DOTALL,
)
_NO_VIDEO = b"GIF8"
_DICOM = re.compile(rb".{128}DICM", re.DOTALL)
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)  # no restart marker, and no stuffed byte of a scan
_END, _SCAN = b"\xd9", b"\xda"

# Everything that the decoders of Pillow and pydicom raise for damaged bytes.
_FAULTS = (
    ArithmeticError, AssertionError, AttributeError, BufferError, EOFError, LookupError, MemoryError, OSError,
    RuntimeError, SyntaxError, TypeError, ValueError, Warning, struct.error, zlib.error,
)  # fmt: skip

# Pillow warns of metadata that it ignores, and of sizes that are refused here.
warnings.filterwarnings("ignore", module=r"PIL\.")


class Refusal(StrEnum):
    """Reason why an image is refused, as counted and shown."""

    MISSING = "missing"
    OUTSIDE = "outside the image folder"
    NO_FOLDER = "without a known image folder"
    NOT_A_FILE = "not a file"
    UNREADABLE = "not readable"
    TOO_LARGE = "too large"
    NARROW = "too narrow"
    FRAMES = "more than one frame"
    VIDEO = "video"
    DICOM = "DICOM"
    NO_PIXELS = "DICOM without pixels"
    FORMAT = "not an image"
    DAMAGED = "damaged"
    CHANGED = "changed since the import"


class ImageError(DataError):
    """An image is refused.

    :ivar refusal: the reason, for counts.
    :ivar fault: what is wrong and what to do, without the place.
    """

    def __init__(self, refusal: Refusal, place: object, fault: str) -> None:
        self.refusal = refusal
        self.fault = fault
        self._place = str(place)
        super().__init__(f"{brief_path(self._place)}: {fault}")

    def __reduce__(self) -> tuple[type[ImageError], tuple[Refusal, str, str]]:
        """Return the three parts that it is pickled by, since the message alone does not make another one."""
        return type(self), (self.refusal, self._place, self.fault)


def find_image(root: Path, name: str) -> Path:
    """Return the path of the image `name` in the folder `root`, with all links followed; it may not exist.

    :param name: relative to `root`, or absolute and in it.
    :raises ImageError: if it is not in the folder.
    """
    with _worded(root / name):
        folder = root.resolve()
        path = (folder / name).resolve()
        if path.is_symlink():  # Python 3.13 resolves a loop of links to one of them
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if not path.is_relative_to(folder):
        hint = "put the file into the folder, or give the folder that all images are in (--images)"
        raise ImageError(Refusal.OUTSIDE, name, f"leads out of the image folder {one_line(str(folder))}; {hint}")
    return path


def check_relative(name: str) -> None:
    """Check that the path of an image in an unknown folder cannot lead out of it.

    :raises ImageError: if it is absolute, or has `..` or a NUL character in it.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        fault = "may lead out of the image folder, which is not known; import the data set again with --images DIR"
        raise ImageError(Refusal.OUTSIDE, name, fault)


def check_file(path: Path, limit: int | None = None) -> None:
    """Check that an image file is there, without opening it.

    :param path: from `find_image`.
    :param limit: as for `read_image`.
    :raises ImageError: if it is missing, not an ordinary file, or too large.
    """
    with _worded(path):
        _check_status(path, path.lstat(), limit)


def read_image(path: Path, limit: int | None = None) -> bytes:
    """Read an image file, which is not decoded yet. Nothing but an ordinary file is opened, so that this never blocks.

    :param path: from `find_image`.
    :param limit: the largest size that is allowed; by default `MAX_BYTES`.
    :raises ImageError: as `check_file`, or if it cannot be read.
    """
    with _worded(path):
        check_file(path, limit)  # before it is opened, since opening a device can have an effect
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as stream:
            _check_status(path, os.fstat(stream.fileno()), limit)
            content = stream.read((limit or MAX_BYTES) + 1)
    _check_bytes(path, len(content), limit)
    return content


def decode_image(content: bytes, mode: Literal["L", "RGB"], place: object) -> Pillow.Image:
    """Decode an image in full, and convert it to `mode`.

    :param place: file or sample, for messages.
    :raises ImageError: if it is not an image in one of `FORMATS`, damaged, too large, or has several frames.
    """
    _check_bytes(place, len(content))
    _refuse_other_media(content, place)
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # another library may have changed it
    with decoding(place), opened_image(content) as image:
        check_size(image.size, place)
        check_complete(image.format, content, place)
        decoded = image.convert(mode)
        _refuse_frames(image, place)
    return decoded


def image_suffix(content: bytes, place: object) -> str:
    """Return the first suffix of the format of an encoded image in `FORMATS`, such as `.png`.

    :param place: file or sample, for messages.
    :raises ImageError: if it has none of these formats.
    """
    with decoding(place), opened_image(content) as image:
        return FORMATS.get(image.format or "", FORMATS["JPEG"])[0]  # MPO is a kind of JPEG


VIDEO_SUFFIXES = (
    ".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".ts", ".webm", ".wmv",
)  # fmt: skip
DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")


def other_media(content: bytes) -> Refusal | None:
    """Return `VIDEO` or `DICOM` if bytes begin like such a file, else None.

    :param content: the first kilobyte at least, or all of a shorter file.
    """
    head = content[:_HEAD]
    if _DICOM.match(head):
        return Refusal.DICOM
    return Refusal.VIDEO if _VIDEO.match(head) and not head.startswith(_NO_VIDEO) else None


def _refuse_other_media(content: bytes, place: object) -> None:
    found = other_media(content)
    if found is Refusal.DICOM:
        raise ImageError(found, place, "is a DICOM file; write its frames as PNG images first")
    if found is Refusal.VIDEO:
        raise ImageError(found, place, "is a video; extract its frames as PNG images first")
    if not content:
        raise ImageError(Refusal.DAMAGED, place, "is empty; copy the file again")


def opened_image(content: bytes) -> ImageFile.ImageFile:
    """Open an encoded image in one of `FORMATS`; its pixels are decoded later. Use it within `decoding`."""
    return Pillow.open(io.BytesIO(content), formats=tuple(FORMATS))


def _check_status(path: Path, status: os.stat_result, limit: int | None = None) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe, a device or another special file"
        raise ImageError(Refusal.NOT_A_FILE, path, f"is {kind}; give the path of an image file")
    _check_bytes(path, status.st_size, limit)


def _check_bytes(place: object, size: int, limit: int | None = None) -> None:
    limit = limit or MAX_BYTES
    if size > limit:
        fault = f"is too large: more than the {limit // 2**20} MiB that it may have; write a smaller one"
        raise ImageError(Refusal.TOO_LARGE, place, fault)


def check_size(size: tuple[int, int], place: object) -> None:
    """Check the number of pixels and the shape of an image before it is decoded.

    :param size: width and height.
    :param place: file or sample, for messages.
    :raises ImageError: if it has more pixels than `MAX_PIXELS`, or a side is longer than `MAX_RATIO` allows.
    """
    if size[0] * size[1] > MAX_PIXELS:
        raise _too_many_pixels(place)
    if max(size) > MAX_RATIO * min(size):
        fault = f"has {size[0]:,} × {size[1]:,} pixels; a side may be at most {MAX_RATIO} times as long as the other"
        raise ImageError(Refusal.NARROW, place, fault)


def _too_many_pixels(place: object) -> ImageError:
    fault = f"has more than the {MAX_PIXELS:,} pixels that an image may have; write a smaller image"
    return ImageError(Refusal.TOO_LARGE, place, fault)


def check_complete(format: str | None, content: bytes, place: object) -> None:
    """Check the parts of a file that decoding its pixels does not need, so that a file that was cut is refused.

    :param format: its name in Pillow.
    :raises ImageError: if an end is missing, or a JPEG has too many scans.
    """
    if format == "PNG":
        with opened_image(content) as again:
            again.verify()
    elif format in ("JPEG", "MPO"):
        _check_scans(content, place)


def _check_scans(content: bytes, place: object) -> None:
    """Check that the first image of a JPEG file ends, with a number of scans that is allowed."""
    position, scans = 2, 0
    while marker := _MARKER.search(content, position):
        if marker[1] == _END:
            return
        scans += marker[1] == _SCAN
        if scans > MAX_SCANS:
            fault = f"has more than the {MAX_SCANS} scans that a JPEG may have; write the image again"
            raise ImageError(Refusal.TOO_LARGE, place, fault)
        position = marker.end() + int.from_bytes(content[marker.end() : marker.end() + 2])
    raise ImageError(Refusal.DAMAGED, place, "is cut off: its end is missing; copy the file again")


def _refuse_frames(image: ImageFile.ImageFile, place: object) -> None:
    if image.format in _WITHOUT_FRAMES:
        return
    try:
        image.seek(1)
    except EOFError:
        return
    fault = "has more than one frame, of which only the first would be used; extract its frames as PNG images first"
    raise ImageError(Refusal.FRAMES, place, fault)


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    """Turn the errors of the file system into an ImageError.

    :raises ImageError: for each of them, and for names that no file can have.
    """
    try:
        yield
    except ImageError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ImageError(Refusal.MISSING, path, "there is no such file; check the path") from error
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links is a RuntimeError, NUL a ValueError
        looped = isinstance(error, RuntimeError) or (isinstance(error, OSError) and error.errno == errno.ELOOP)
        reason = "links that lead in a circle" if looped else getattr(error, "strerror", None) or error
        raise ImageError(Refusal.UNREADABLE, path, f"cannot be opened: {reason}; check the path") from error


@contextmanager
def decoding(place: object) -> Iterator[None]:
    """Turn the errors of a decoder of images into an ImageError.

    :param place: file or sample, for messages.
    :raises ImageError: for each of them.
    """
    try:
        yield
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        fault = f"is not an image that can be read, or its beginning is damaged; allowed: {', '.join(FORMATS)}"
        raise ImageError(Refusal.FORMAT, place, fault) from error
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise _too_many_pixels(place) from error
    except _FAULTS as error:
        fault = f"is damaged or cut off ({one_line(str(error)) or type(error).__name__}); copy the file again"
        raise ImageError(Refusal.DAMAGED, place, fault) from error
