"""DICOM files by pydicom: their statements about themselves, and their frames with times."""

from __future__ import annotations

import io
import logging
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING

from udt.core.images import ImageError, Refusal, check_size, decoding
from udt.records.database.curation_models import MediaKind
from udt.records.media.dicom_pixels import rgb_frames
from udt.records.media.opened import CLIP_BYTES, DicomKind, MediaFrame, OpenedMedia, check_count
from udt.records.media.packages import media_packages

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

_DEFLATED, _META = b"1.2.840.10008.1.2.1.99", 1024  # transfer syntax, and bytes in which it is stated
_PREAMBLE = 144  # bytes until the file meta information, with its length in the last four
_RATES = ("CineRate", "RecommendedDisplayFrameRate")

# pydicom logs values of faulty attributes, which may name a patient.
logging.getLogger("pydicom").addHandler(logging.NullHandler())
logging.getLogger("pydicom").propagate = False


@contextmanager
def reading_dicom(place: object) -> Iterator[None]:
    """Run a block that reads a DICOM file, without its warnings, which repeat values.

    :raises ImageError: for each error of a damaged file.
    :raises DataError: if pydicom is not installed.
    """
    with media_packages("reading DICOM"):
        from pydicom.errors import BytesLengthException, InvalidDicomError
    with decoding(place), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (BytesLengthException, InvalidDicomError) as error:
            raise ImageError(Refusal.DAMAGED, place, "is a damaged DICOM file; copy the file again") from error


def read_dicom(content: bytes, place: object) -> FileDataset:
    """Read a DICOM file with or without its preamble and its file meta information.

    :param place: name of the file, for messages.
    :raises ImageError: if it is no DICOM file, or damaged.
    :raises DataError: if pydicom is not installed.
    """
    with reading_dicom(place):
        from pydicom import dcmread

        _check_inflated(content, place)
        data = dcmread(io.BytesIO(content), force=True)
        if "SOPClassUID" not in data and "Rows" not in data:
            raise ImageError(Refusal.FORMAT, place, "is not a DICOM file that can be read; check the file")
        _complete_syntax(data)
    return data


def open_dicom(content: bytes, place: object) -> OpenedMedia:
    """Open a DICOM file.

    :raises ImageError: if it is damaged, has no pixels, or too many.
    :raises DataError: if pydicom is not installed.
    """
    data = read_dicom(content, place)
    with reading_dicom(place):
        count = frame_count(data, place)
        durations = frame_durations(data, count)
        stated = DicomKind(str(data.get("Modality") or ""), str(data.get("SOPClassUID") or ""))
    kind = MediaKind.DICOM_CLIP if count > 1 else MediaKind.DICOM
    return OpenedMedia(kind, lambda: _frames(data, durations, place), stated)


def frame_count(data: FileDataset, place: object) -> int:
    """Return the number of frames of a DICOM file.

    :raises ImageError: if it has no pixels, or more than are allowed.
    """
    if not any(name in data for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise ImageError(Refusal.NO_PIXELS, place, "is a DICOM file without pixels; leave it out")
    check_size((max(1, int(data.Columns)), max(1, int(data.Rows))), place)
    count = int(data.get("NumberOfFrames") or 1)
    check_count(count - 1, place)
    return max(1, count)


def frame_durations(data: FileDataset, count: int) -> list[float] | None:
    """Return the seconds that each frame lasts; None for one frame, and if no attribute gives times.

    The increments of Frame Time Vector, in milliseconds, come before Frame Time, and that before a rate in frames a
    second. A vector of another length than the number of frames is not used.
    """
    if count < 2:
        return None
    vector = data.get("FrameTimeVector")
    steps = (
        [float(step) / 1000 for step in vector] if vector is not None and not isinstance(vector, (str, float)) else []
    )
    if len(steps) == count and all(step >= 0 for step in steps) and sum(steps) > 0:
        return [*steps[1:], steps[-1]]
    if float(data.get("FrameTime") or 0) > 0:
        return [float(data.FrameTime) / 1000] * count
    rates = (float(data.get(name) or 0) for name in _RATES)
    rate = next((rate for rate in rates if rate > 0), None)
    return [1 / rate] * count if rate else None


def _check_inflated(content: bytes, place: object) -> None:
    """Check the size of a file whose data set is compressed as a whole, since pydicom inflates it without a limit.

    :raises ImageError: if it is larger than a file may be.
    """
    if _DEFLATED not in content[:_META]:
        return
    start = _PREAMBLE + int.from_bytes(content[_PREAMBLE - 4 : _PREAMBLE], "little")
    if len(zlib.decompressobj(-zlib.MAX_WBITS).decompress(content[start:], CLIP_BYTES + 1)) > CLIP_BYTES:
        fault = (
            f"has more than the {CLIP_BYTES // 2**20} MiB that it may have when inflated; write it without compression"
        )
        raise ImageError(Refusal.TOO_LARGE, place, fault)


def _complete_syntax(data: FileDataset) -> None:
    """Add the transfer syntax to a file without one, as its data were read."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if not hasattr(data, "file_meta"):
        data.file_meta = FileMetaDataset()
    if "TransferSyntaxUID" in data.file_meta:
        return
    implicit, little = data.original_encoding
    explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    data.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit


def _frames(data: FileDataset, durations: list[float] | None, place: object) -> Iterator[MediaFrame]:
    times = None if durations is None else list(accumulate(durations[:-1], initial=0.0))
    pictures, index = rgb_frames(data), 0
    while True:
        with reading_dicom(place):  # not around the yield, so that the warnings of others are theirs
            picture = next(pictures, None)
        if picture is None:
            return
        time, duration = (None, None) if times is None or durations is None else (times[index], durations[index])
        yield MediaFrame(index, time, duration, picture)
        index += 1
