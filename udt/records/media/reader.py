"""Open a media file of a folder by its content."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from udt.core.images import (
    DICOM_SUFFIXES,
    MAX_BYTES,
    SUFFIXES,
    VIDEO_SUFFIXES,
    ImageError,
    Refusal,
    find_image,
    other_media,
    read_image,
)
from udt.records.database.curation_models import MediaKind
from udt.records.media.dicom import open_dicom
from udt.records.media.opened import CLIP_BYTES, OpenedMedia
from udt.records.media.stills import open_pictures
from udt.records.media.videos import open_video

MEDIA_SUFFIXES = (*SUFFIXES, *VIDEO_SUFFIXES, *DICOM_SUFFIXES)


def read_media_file(root: Path, name: str) -> bytes:
    """Read a media file; links that lead out of the folder are not followed.

    :param name: path relative to `root`.
    :raises ImageError: if it is missing, outside, unreadable, empty or too large.
    """
    picture = PurePosixPath(name).suffix.lower() in SUFFIXES
    content = read_image(find_image(root, name), MAX_BYTES if picture else CLIP_BYTES)
    if not content:
        raise ImageError(Refusal.DAMAGED, name, "is empty; copy the file again")
    return content


def open_media(content: bytes, name: str) -> OpenedMedia:
    """Open a media file by its content; its name alone decides if DICOM data lack their preamble.

    :raises ImageError: if it has no format that can be read, is damaged, or is too large.
    :raises DataError: if a package that reads its format is not installed.
    """
    found = other_media(content)
    if found is Refusal.VIDEO:
        return open_video(content, name)
    if found is Refusal.DICOM or PurePosixPath(name).suffix.lower() in DICOM_SUFFIXES:
        return open_dicom(content, name)
    return open_pictures(content, name)


def kind_of(content: bytes, name: str) -> MediaKind:
    """Return the kind of a file that cannot be opened, by its first bytes and its name."""
    suffix, found = PurePosixPath(name).suffix.lower(), other_media(content)
    if found is Refusal.DICOM or suffix in DICOM_SUFFIXES:
        return MediaKind.DICOM
    return MediaKind.CLIP if found is Refusal.VIDEO or suffix in VIDEO_SUFFIXES else MediaKind.STILL
