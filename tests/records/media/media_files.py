"""Media files that tests write: phantoms as pictures, animations, videos and DICOM."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from udt.clip.phantom.drawing import draw_phantom
from udt.core.labels import LabelSet
from udt.taxonomy.model.taxonomy import Taxonomy

US_CLIP = "1.2.840.10008.5.1.4.1.1.3.1"
US_STILL = "1.2.840.10008.5.1.4.1.1.6.1"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


@cache
def phantom(seed: int = 1, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Return a picture of a thyroid gland in a sector, which looks like ultrasound."""
    vocabulary = Taxonomy.load().vocabulary
    labels = LabelSet.of({"organ": ["Thyroid gland"]}, vocabulary)
    return draw_phantom(labels, vocabulary, np.random.default_rng(seed), size, frame="sector")


def saved(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def animation(images: Sequence[Image.Image], durations: Sequence[int], format: str = "GIF") -> bytes:
    """Return an animation; durations are in milliseconds."""
    return saved(images[0], format, save_all=True, append_images=images[1:], duration=list(durations), loop=0)


def video(images: Sequence[Image.Image], times: Sequence[float], format: str = "mp4", codec: str = "libx264") -> bytes:
    """Return a video whose frames have the given times in seconds."""
    av = pytest.importorskip("av", reason="PyAV is in the extra [media]")
    stream = io.BytesIO()
    with av.open(stream, "w", format=format) as container:
        track = container.add_stream(codec, rate=25)
        track.width, track.height = images[0].size
        track.pix_fmt = "yuv420p"
        if format == "mp4":
            track.time_base = track.codec_context.time_base = Fraction(1, 90_000)
        base = Fraction(1, 90_000) if format == "mp4" else Fraction(1, 25)
        for image, time in zip(images, times, strict=True):
            frame = av.VideoFrame.from_image(image.convert("RGB"))
            frame.pts, frame.time_base = round(time / base), base
            container.mux(track.encode(frame))
        container.mux(track.encode(None))
    return stream.getvalue()


def dicom(pixels: NDArray[Any], *, modality: str = "US", sop_class: str = US_STILL, **attributes: Any) -> bytes:
    """Return a DICOM file of one frame, (rows, columns[, 3]), or several, (frames, rows, columns[, 3])."""
    dataset = dicom_data(pixels, modality=modality, sop_class=sop_class, **attributes)
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def dicom_data(pixels: NDArray[Any], *, modality: str, sop_class: str, **attributes: Any) -> Any:
    pytest.importorskip("pydicom", reason="pydicom is in the extra [media]")
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.pixels.utils import set_pixel_data
    from pydicom.uid import ExplicitVRLittleEndian

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.Modality = sop_class, "1.2.3.4.5", modality
    dataset.PatientID, dataset.PatientName, dataset.StudyInstanceUID = "", "", "1.2.3"
    dataset.SeriesInstanceUID = "1.2.3.4"
    colour = pixels.shape[-1] == 3
    space, bits = ("RGB", 8) if colour else ("MONOCHROME2", 8 * pixels.dtype.itemsize)
    set_pixel_data(dataset, pixels, space, bits, generate_instance_uid=False)
    for name, value in attributes.items():
        setattr(dataset, name, value)
    return dataset


def clip_pixels(count: int = 4) -> NDArray[np.uint8]:
    return np.stack([np.asarray(phantom(seed + 1).convert("L")) for seed in range(count)])
