"""The media files of a folder, by their suffixes and first bytes, and counts of the other files."""

from __future__ import annotations

from pathlib import Path

from udt.core.images import Refusal, other_media
from udt.core.tally import Tally
from udt.io.folder import Listing, shown_suffix
from udt.records.media.reader import MEDIA_SUFFIXES

_HEAD = 1024


def media_names(root: Path, files: Tally, further: tuple[str, ...] = ()) -> list[str]:
    """Return the paths of the media files in a folder and the folders below it, sorted, and count the other files.

    Hidden files and linked folders are left out.

    :param further: suffixes of other files that are read.
    """
    suffixes = {*MEDIA_SUFFIXES, *further}
    listing = Listing.of(root, lambda path: (path.suffix.lower() in suffixes or _is_dicom(path), shown_suffix(path)))
    for kind, count in listing.counts.items():
        files.leave_out(f"{kind} (no media)" if kind.startswith(".") else kind, count=count)
    for fault in listing.faults:
        files.leave_out("folder that cannot be read", str(fault))
    return [path.relative_to(root).as_posix() for path in listing.texts]


def _is_dicom(path: Path) -> bool:
    """Return whether a file begins like DICOM, whose names often have no suffix, or a number as one."""
    if path.is_symlink():
        return False
    try:
        with path.open("rb") as stream:
            return other_media(stream.read(_HEAD)) is Refusal.DICOM
    except OSError:
        return False
