from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.records.media.media_files import US_CLIP, US_STILL, clip_pixels, dicom, dicom_data, phantom
from udt.core.errors import DataError
from udt.core.images import ImageError, Refusal
from udt.records.database.curation_models import MediaKind
from udt.records.media.opened import DicomKind
from udt.records.media.reader import open_media

pydicom = pytest.importorskip("pydicom", reason="pydicom is in the extra [media]")

TESTED = Path(pydicom.__file__).parent / "data" / "test_files"
WITHOUT_PIXELS = "pixels|not a DICOM file that can be read"
# Those that pydicom itself cannot decode with the plugins of the extra, or that are damaged on purpose.
REFUSED = {
    "JPEG-lossy": "damaged", "JPEG2000-embedded-sequence-delimiter": "damaged", "MR_truncated": "damaged",
    "badVR": "damaged",
    **dict.fromkeys(
        ("ExplVR_BigEndNoMeta", "ExplVR_LitEndNoMeta", "UN_sequence", "empty_charset_LEI", "meta_missing_tsyntax",
         "nested_priv_SQ", "no_meta", "no_meta_group_length", "priv_SQ", "reportsi", "reportsi_with_empty_number_tags",
         "rtplan", "rtplan_truncated", "rtstruct", "test-SR", "waveform_ecg"),
        WITHOUT_PIXELS,
    ),
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(TESTED.glob("*.dcm")), ids=lambda path: path.stem)
def test_each_file_of_pydicom_is_decoded_or_has_a_reason(path: Path) -> None:
    content = path.read_bytes()
    if path.stem in REFUSED:
        with pytest.raises(ImageError, match=REFUSED[path.stem]):
            list(open_media(content, path.name).frames())
        return
    frames = list(open_media(content, path.name).frames())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stated = pydicom.dcmread(path, force=True)
    assert len(frames) == int(stated.get("NumberOfFrames", 1))
    assert {frame.image.size for frame in frames} == {(stated.Columns, stated.Rows)}
    assert np.ptp(np.asarray(frames[0].image)) > 0


def test_colours_of_each_colour_space_are_those_of_rgb() -> None:
    """The same picture is stored with different colour spaces and transfer syntaxes."""
    names = (
        "SC_rgb_rle",
        "SC_rgb_dcmtk_+eb+cy+np",
        "SC_ybr_full_422_uncompressed",
        "SC_rgb_gdcm_KY",
        "SC_rgb_jls_lossy_line",
    )
    pictures = [
        np.asarray(next(open_media((TESTED / f"{name}.dcm").read_bytes(), name + ".dcm").frames()).image).astype(int)
        for name in names
    ]
    for picture in pictures[1:]:
        assert np.abs(picture - pictures[0]).mean() < 6


def test_a_palette_is_applied() -> None:
    (frame,) = open_media((TESTED / "examples_palette.dcm").read_bytes(), "a.dcm").frames()
    pixels = np.asarray(frame.image).astype(int)
    assert (np.ptp(pixels, axis=-1) > 30).any()  # colours


@pytest.mark.parametrize(
    ("attributes", "times"),
    [
        ({"FrameTime": 40}, [0, 0.04, 0.08, 0.12]),
        ({"FrameTimeVector": [0, 100, 300, 50], "FrameTime": 40}, [0, 0.1, 0.4, 0.45]),
        ({"FrameTimeVector": [0, 100], "CineRate": 20}, [0, 0.05, 0.1, 0.15]),
        ({"RecommendedDisplayFrameRate": 10}, [0, 0.1, 0.2, 0.3]),
        ({}, [None] * 4),
    ],
    ids=["frame time", "vector first", "vector of another length", "display rate", "none"],
)
def test_times_of_frames(attributes: dict[str, object], times: list[float | None]) -> None:
    opened = open_media(dicom(clip_pixels(), sop_class=US_CLIP, **attributes), "a.dcm")
    assert opened.kind is MediaKind.DICOM_CLIP and opened.dicom == DicomKind("US", US_CLIP)
    found = [frame.time for frame in opened.frames()]
    assert found == (times if None in times else pytest.approx(times))


def test_eight_bits_are_kept() -> None:
    pixels = np.asarray(phantom().convert("L"))
    (frame,) = open_media(dicom(pixels), "a.dcm").frames()
    assert np.array_equal(np.asarray(frame.image.convert("L")), pixels)


def test_a_window_and_monochrome1() -> None:
    values = np.linspace(0, 4000, 64 * 64).reshape(64, 64).astype(np.uint16)
    window = {"WindowCenter": 1000, "WindowWidth": 1000, "VOILUTFunction": "LINEAR_EXACT"}
    bright, dark = (
        np.asarray(next(open_media(dicom(values, **more), "a.dcm").frames()).image.convert("L")).astype(int)
        for more in (window, {**window, "PhotometricInterpretation": "MONOCHROME1"})
    )
    expected = np.clip((values.astype(float) - 500) / 1000, 0, 1) * 255
    assert np.abs(bright - expected).max() <= 1
    assert np.abs(bright + dark - 255).max() <= 1


def test_a_file_may_not_inflate_without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    data = dicom_data(np.zeros((400, 400), np.uint8), modality="US", sop_class=US_STILL)
    data.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    data.save_as(stream, enforce_file_format=True)
    (frame,) = open_media(stream.getvalue(), "a.dcm").frames()
    assert frame.image.size == (400, 400)
    monkeypatch.setattr("udt.records.media.dicom.CLIP_BYTES", 100_000)
    with pytest.raises(ImageError) as caught:
        open_media(stream.getvalue(), "a.dcm")
    assert caught.value.refusal is Refusal.TOO_LARGE


def test_a_message_holds_no_value(caplog: pytest.LogCaptureFixture) -> None:
    content = dicom(np.asarray(phantom().convert("L")), PatientName="Ward^Jane")
    with pytest.raises(ImageError) as caught:
        list(open_media(content[: len(content) // 2], "a.dcm").frames())
    assert caught.value.refusal is Refusal.DAMAGED
    assert "Ward" not in str(caught.value) + caplog.text


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    content = dicom(np.asarray(phantom().convert("L")))
    monkeypatch.setitem(sys.modules, "pydicom.errors", None)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(DataError, match=r"reading DICOM needs pydicom.*udt-toolkit\[media\]"):
        open_media(content, "a.dcm")
