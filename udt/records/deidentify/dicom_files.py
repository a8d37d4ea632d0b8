"""DICOM files without identifiers: attributes of the profile, blanked pixels, and new file meta information."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from udt.core.images import ImageError, Refusal
from udt.core.version import __version__
from udt.records.deidentify.attributes import AttributeCleaner
from udt.records.deidentify.masks import Hidden, PixelBox
from udt.records.media.dicom import frame_count, read_dicom, reading_dicom
from udt.records.media.dicom_pixels import rgb_frames

if TYPE_CHECKING:
    from pydicom.dataset import Dataset, FileDataset

_BASIC = "113100", "Basic Application Confidentiality Profile"
_PIXELS = "113101", "Clean Pixel Data Option"
_MOVED = "113107", "Retain Longitudinal Temporal Information Modified Dates Option"
_MAX_DECODED = 4 * 2**30  # bytes
_KINDS = (np.uint8, np.int8, np.uint16, np.int16)


class CleanDicom(NamedTuple):
    """A DICOM file without identifiers.

    :ivar changed: number of attributes that were removed or replaced.
    """

    content: bytes
    changed: int


def ultrasound_regions(data: FileDataset) -> list[PixelBox]:
    """Return the boxes of the ultrasound regions that a file states; those that are faulty are left out."""
    names = ("RegionLocationMinX0", "RegionLocationMinY0", "RegionLocationMaxX1", "RegionLocationMaxY1")
    boxes = []
    for item in data.get("SequenceOfUltrasoundRegions") or ():
        if all(isinstance(item.get(name), int) for name in names):
            left, top, right, bottom = (int(item.get(name)) for name in names)
            boxes.append(PixelBox(left, top, right - left + 1, bottom - top + 1))
    return [box for box in boxes if box.width > 0 and box.height > 0]


def clean_dicom(content: bytes, hidden: Hidden, cleaner: AttributeCleaner, place: object) -> CleanDicom:
    """Return a DICOM file without identifiers; its pixels are compressed without loss (RLE).

    Grey values keep their bits. Colours become RGB of 8 bits, as they are shown.

    :param hidden: the pixels that are blanked.
    :raises ImageError: if it is damaged, or has pixels of a kind that cannot be written.
    """
    data = read_dicom(content, place)
    with reading_dicom(place):
        _check_decoded(data, frame_count(data, place), place)
        kept, changed = cleaner.clean(data)
        if "SOPClassUID" not in kept or "SOPInstanceUID" not in kept:
            raise ImageError(Refusal.FORMAT, place, "lacks a SOP class or instance of the standard; leave it out")
        _set_pixels(kept, data, hidden, place)
        _state_method(kept, cleaner.shift_dates)
        return CleanDicom(_encoded(kept), changed)


def _check_decoded(data: FileDataset, count: int, place: object) -> None:
    """Check the size of the decoded frames, which are held in memory.

    :raises ImageError: if it is beyond `_MAX_DECODED`.
    """
    pixels = count * int(data.Rows) * int(data.Columns) * int(data.SamplesPerPixel)
    if pixels * max(1, int(data.BitsAllocated) // 8) > _MAX_DECODED:
        limit = f"more than the {_MAX_DECODED // 2**30} GiB of pixels that a file may have"
        raise ImageError(Refusal.TOO_LARGE, place, f"has {limit}; cut it into shorter ones")


def _set_pixels(kept: Dataset, data: FileDataset, hidden: Hidden, place: object) -> None:
    from pydicom.dataset import FileMetaDataset
    from pydicom.pixels.utils import set_pixel_data
    from pydicom.uid import ExplicitVRLittleEndian, RLELossless

    space = str(data.PhotometricInterpretation)
    grey = space.startswith("MONOCHROME")
    pixels = _grey(data, hidden, space) if grey else _colours(rgb_frames(data), hidden)
    if pixels.dtype not in _KINDS:
        fault = f"has pixels of {8 * pixels.dtype.itemsize} bits, which cannot be written; leave it out"
        raise ImageError(Refusal.FORMAT, place, fault)
    kept.file_meta = FileMetaDataset()
    kept.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for name in ("SmallestImagePixelValue", "LargestImagePixelValue", "NumberOfFrames"):
        if name in kept:
            delattr(kept, name)
    bits = int(data.BitsStored) if grey else 8
    set_pixel_data(kept, pixels, space if grey else "RGB", bits, generate_instance_uid=False)
    if "PixelAspectRatio" in data:
        kept.PixelAspectRatio = data.PixelAspectRatio
    kept.compress(RLELossless, generate_instance_uid=False)


def _grey(data: FileDataset, hidden: Hidden, space: str) -> NDArray[Any]:
    from pydicom.pixels.utils import iter_pixels

    pixels = np.stack(list(iter_pixels(data, raw=True)))
    pixels[:, hidden] = pixels.max() if space == "MONOCHROME1" else pixels.min()
    return pixels if len(pixels) > 1 else pixels[0]


def _colours(frames: Iterable[Image.Image], hidden: Hidden) -> NDArray[Any]:
    pixels = np.stack([np.asarray(frame) for frame in frames])
    pixels[:, hidden] = 0
    return pixels if len(pixels) > 1 else pixels[0]


def _state_method(kept: Dataset, shifted: bool) -> None:
    from pydicom.dataset import Dataset

    kept.PatientIdentityRemoved = "YES"
    kept.DeidentificationMethod = f"udt {__version__}"
    codes = []
    for value, meaning in (_BASIC, _PIXELS, *((_MOVED,) if shifted else ())):
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "DCM", meaning
        codes.append(code)
    kept.DeidentificationMethodCodeSequence = codes
    kept.LongitudinalTemporalInformationModified = "MODIFIED" if shifted else "REMOVED"


def _encoded(kept: Dataset) -> bytes:
    stream = io.BytesIO()
    kept.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
