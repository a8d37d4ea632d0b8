"""Identifiers are planted in every corner of a folder; after a run, none is in any byte of the output."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from tests.records.media.media_files import CAPTURE, US_CLIP, animation, dicom_data, phantom, saved, video
from udt.core.errors import DataError
from udt.records.deidentify.folders import DeidentifyOutcome, DeidentifyRequest, deidentify_folder
from udt.records.deidentify.pseudonyms import Pseudonyms
from udt.records.media.reader import open_media

pydicom = pytest.importorskip("pydicom", reason="pydicom is in the extra [media]")

PLANTED = (
    "Wardlow", "Jehosaphat", "19610403", "1961-04-03", "MRN-778899", "778899", "ACC-5544", "St Elsewhere",
    "Quackenbush", "wardlow@example.org", "13912345678", "诸葛明", "1.2.752.24.7",
)  # fmt: skip
SIZE = (480, 360)
CORNERS = [(6, 6), (300, 6), (6, 336), (300, 336)]
KEY = Pseudonyms(b"k" * 32)


def screen(seed: int, written: bool = True) -> Image.Image:
    """A sector on the screen of a device, with names in its corners."""
    picture = Image.new("RGB", SIZE)
    picture.paste(phantom(seed, (320, 240)), (80, 60))
    if written:
        for corner in CORNERS:
            ImageDraw.Draw(picture).text(
                corner, "Wardlow 1961-04-03", fill=(230, 230, 230), font=ImageFont.load_default(15)
            )
    return picture


def letters() -> Any:
    """Return where the letters are."""
    return np.abs(np.asarray(screen(1)).astype(int) - np.asarray(screen(1, False))).max(axis=-1) > 30


def _identified(pixels: Any, sop_class: str, modality: str = "US", **attributes: Any) -> bytes:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    data = dicom_data(pixels, modality=modality, sop_class=sop_class, **attributes)
    data.PatientName, data.PatientID, data.PatientBirthDate = "Wardlow^Jehosaphat", "MRN-778899", "19610403"
    data.AccessionNumber, data.InstitutionName, data.OperatorsName = "ACC-5544", "St Elsewhere", "Quackenbush"
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.752.24.7.1", "1.2.752.24.7.2"
    data.SOPInstanceUID = "1.2.752.24.7.3"
    data.BodyPartExamined, data.ImageType = "WARDLOW", ["ORIGINAL", "PRIMARY", "QUACKENBUSH"]
    data.ImageComments = "Wardlow, born 1961-04-03"
    inner, outer = Dataset(), Dataset()
    inner.PatientName, inner.PatientID = "Wardlow^Jehosaphat", "778899"
    inner.private_block(0x0021, "Quackenbush", create=True).add_new(1, "LO", "Jehosaphat")
    outer.ReferencedSOPInstanceUID, outer.OtherPatientIDsSequence = "1.2.752.24.7.9", Sequence([inner])
    data.SourceImageSequence = data.ReferencedPatientSequence = Sequence([outer])
    data.private_block(0x0019, "Wardlow", create=True).add_new(1, "UT", "MRN-778899 Wardlow")
    data.add_new(0x60003000, "OW", b"Wardlow!")
    region = Dataset()
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 80, 60
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 399, 299
    region.RegionFlags, region.TransducerType = 0, "WARDLOW"
    if sop_class == US_CLIP:
        data.SequenceOfUltrasoundRegions = Sequence([region])
    data.preamble = b"Wardlow".ljust(128, b"\0")
    stream = io.BytesIO()
    data.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "Wardlow export"
    case = root / "Wardlow Jehosaphat 1961-04-03"
    case.mkdir(parents=True)
    frames = [screen(seed) for seed in range(1, 6)]
    grey = np.stack([np.asarray(frame.convert("L")) for frame in frames])
    colour = np.asarray(frames[0])
    (case / "MRN-778899.dcm").write_bytes(_identified(grey, US_CLIP, FrameTime=100))
    (case / "778899_capture").write_bytes(_identified(colour, CAPTURE, "OT"))
    text = PngImagePlugin.PngInfo()
    text.add_text("Patient", "Wardlow")
    text.add_text("Comment", "Jehosaphat", zip=True)
    (case / "Wardlow.png").write_bytes(saved(frames[0], pnginfo=text))
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0132] = "Wardlow", "Quackenbush", "1961-04-03"
    (case / "Wardlow.jpg").write_bytes(saved(frames[0], "JPEG", quality=95, exif=exif, comment=b"MRN-778899"))
    (case / "Wardlow.webp").write_bytes(saved(frames[0], "WEBP", lossless=True, exif=exif, xmp=b"<x>Wardlow</x>"))
    (case / "Wardlow.tif").write_bytes(saved(frames[0], "TIFF", description="Wardlow", software="Quackenbush"))
    (case / "Wardlow.gif").write_bytes(animation(frames, [200] * 5) + b"Wardlow")
    (case / "Wardlow.mp4").write_bytes(video(frames, [0, 0.2, 0.7, 0.9, 1.4]) + b"\0\0\0\x0ffreeWardlow")
    report = (
        "Patient: Jehosaphat Wardlow, MRN-778899, DOB 1961-04-03. Accession ACC-5544. Tel 13912345678, "
        "wardlow@example.org. 患者：诸葛明。 Liver cyst of 12 x 8 mm. Signed by Dr Quackenbush"
    )
    (case / "Wardlow.txt").write_text(report, "utf-8")
    (root / "Wardlow.csv").write_text(
        f'patient_id,name,image,caption\n778899,Wardlow,{case.name}/Wardlow.png,"{report}"\n', "utf-8"
    )
    line = {"mrn": "778899", "caption": report, "file": "Wardlow.mp4"}
    (root / "Wardlow.jsonl").write_text(json.dumps(line, ensure_ascii=False) + "\n", "utf-8")
    (root / "Wardlow.pdf").write_bytes(b"%PDF Wardlow")
    (case / "Wardlow_cut.dcm").write_bytes(_identified(grey, US_CLIP)[:30_000])
    return root


def run(folder: Path, **options: Any) -> tuple[DeidentifyOutcome, Path, Path]:
    out, report = folder.parent / "out", folder.parent / "report"
    return deidentify_folder(DeidentifyRequest(folder, out, KEY, report, **options)), out, report


def digests(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def traces(content: bytes) -> list[str]:
    """Return the planted identifiers in bytes, in any case and in the usual encodings."""
    lower = content.lower()
    forms = {word: [word.lower().encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")] for word in PLANTED}
    return [word for word, codes in forms.items() if any(code in lower for code in codes)]


def test_none_survives(folder: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    before = digests(folder)
    outcome, out, report = run(folder)
    assert {word for path in folder.rglob("*") if path.is_file() for word in traces(path.read_bytes())} == set(PLANTED)
    assert digests(folder) == before
    files = [path for place in (out, report) for path in place.rglob("*")]
    assert len([path for path in files if path.is_file()]) == 11 + 8 + 1
    for path in files:
        assert traces(str(path.relative_to(folder.parent)).encode()) == []
        assert path.is_dir() or traces(path.read_bytes()) == [], path.suffix
    printed = json.dumps(outcome.to_dict(), ensure_ascii=False) + caplog.text + "".join(capfd.readouterr())
    assert traces(printed.encode()) == []
    assert (outcome.files.read, outcome.files.left_out) == (11, {"damaged": 1, ".pdf (no media)": 1})


def test_letters_are_blanked_and_tissue_is_not(folder: Path) -> None:
    outcome, out, _ = run(folder)
    where, tissue = letters(), np.asarray(screen(1, False).convert("L"))
    inside = np.zeros(tissue.shape, bool)
    inside[100:280, 180:300] = True
    checked = 0
    for path in out.rglob("*"):
        if path.suffix in (".png", ".dcm", ".mp4"):
            checked += 1
            frame = next(open_media(path.read_bytes(), path.name).frames())
            pixels = np.asarray(frame.image.convert("L")).astype(int)
            assert pixels.shape == tissue.shape and pixels[where].max() <= 6, path.suffix
            assert np.abs(pixels - tissue)[inside].mean() < 6, path.suffix
    assert checked == 8
    assert all(one.boxes for one in outcome.reports if not one.replaced)


def test_a_clip_keeps_its_frames_and_times(folder: Path) -> None:
    _, out, _ = run(folder)
    (path,) = out.rglob("*.mp4")
    assert [frame.time for frame in open_media(path.read_bytes(), "a").frames()] == pytest.approx(
        [0, 0.2, 0.7, 0.9, 1.4], abs=1e-3
    )
    counts = {}
    for path in out.rglob("*.png"):
        frames = list(open_media(path.read_bytes(), "a").frames())
        counts[len(frames)] = [frame.time for frame in frames]
    assert counts[5] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])


def test_dicom_states_what_was_done(folder: Path) -> None:
    _, out, _ = run(folder)
    found = [pydicom.dcmread(path) for path in out.rglob("*.dcm")]
    clip = next(data for data in found if data.SOPClassUID == US_CLIP)
    assert (clip.PatientIdentityRemoved, clip.LongitudinalTemporalInformationModified) == ("YES", "REMOVED")
    assert [code.CodeValue for code in clip.DeidentificationMethodCodeSequence] == ["113100", "113101"]
    assert (clip.NumberOfFrames, clip.FrameTime, clip.pixel_array.shape) == (5, 100, (5, 360, 480))
    assert clip.SequenceOfUltrasoundRegions[0].RegionLocationMaxX1 == 399
    assert clip.file_meta.MediaStorageSOPInstanceUID == clip.SOPInstanceUID
    assert found[0].StudyInstanceUID == found[1].StudyInstanceUID and found[0].PatientID == found[1].PatientID


def test_tables_name_the_new_files(folder: Path) -> None:
    _, out, _ = run(folder)
    (table,) = out.rglob("*.csv")
    cells = table.read_text("utf-8").splitlines()[1].split(",")
    assert (out / cells[2]).is_file() and cells[1] == "[REMOVED]"
    (lines,) = out.rglob("*.jsonl")
    line = json.loads(lines.read_text("utf-8"))
    assert (out / line["file"]).suffix == ".mp4" and line["mrn"] == cells[0]
    assert "cyst of 12 x 8 mm" in line["caption"]


def test_a_run_is_resumed_under_the_same_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, out, _ = run(folder)
    before = digests(out)
    monkeypatch.setattr("udt.records.deidentify.folders.find_mask", lambda *_: pytest.fail("read again"))
    (next(out.rglob("*.txt"))).unlink()
    second, _, _ = run(folder)
    assert (second.known, second.files.read, digests(out)) == (10, 11, before)
    assert first.files.left_out == second.files.left_out


@pytest.mark.parametrize("place", ["Wardlow export", "Wardlow export/out", "."])
def test_the_originals_are_not_written_to(folder: Path, place: str) -> None:
    with pytest.raises(DataError, match="lies in the folder of the originals, or around it"):
        deidentify_folder(DeidentifyRequest(folder, folder.parent / place, KEY))
