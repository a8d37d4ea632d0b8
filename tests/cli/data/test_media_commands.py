"""`udt data import-media`, `frames`, `media` and `deidentify` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tests.records.media.media_files import US_CLIP, clip_pixels, dicom, phantom, saved
from udt.cli.main import main

CT = "1.2.840.10008.5.1.4.1.1.2"


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


@pytest.fixture
def media(tmp_path: Path) -> Path:
    root = tmp_path / "in"
    (root / "p1").mkdir(parents=True)
    (root / "p1" / "cine.dcm").write_bytes(dicom(clip_pixels(), sop_class=US_CLIP, FrameTime=250))
    (root / "p1" / "page.png").write_bytes(saved(Image.new("RGB", (200, 300), "white")))
    (root / "p1" / "ct.dcm").write_bytes(dicom(np.asarray(phantom().convert("L")), modality="CT", sop_class=CT))
    return root


@pytest.fixture
def db(tmp_path: Path) -> str:
    return str(tmp_path / "records.db")


def test_from_media_to_frames(media: Path, db: str, tmp_path: Path) -> None:
    assert _run("import-media", media, "--db", db, "--source", "clinic").output.splitlines() == [
        "clinic: 3 files found, 1 read, 2 left out",
        "         1 × not ultrasound (modality CT), e.g. p1/ct.dcm",
        "         1 × not ultrasound (picture), e.g. p1/page.png",
    ]
    again = json.loads(_run("import-media", media, "--db", db, "--source", "clinic", "--json").output)
    assert (again["known"], again["read"], again["taken"], again["source"]) == (3, 1, 1, "clinic")
    listed = json.loads(_run("media", "list", "--db", db, "--state", "left-out", "--json").output)
    page = next(row["id"] for row in listed if row["path"] == "p1/page.png")
    assert _run("media", "accept", page, "--db", db).output == "1 media files taken\n"
    assert _run("media", "reject", page, "--db", db).output == "1 media files left out\n"
    assert f"{page}  clinic/p1/page.png  0.0" in _run("media", "list", "--db", db, "--state", "left-out").output
    out = tmp_path / "frames"
    assert _run("frames", "--db", db, "--out", out, "--distance", 0).output == f"{out}: 2 images of 1 media written\n"
    assert "the frames of 1 media had been written before" in _run("frames", "--db", db, "--out", out).output
    assert json.loads(_run("frames", "--db", db, "--out", out, "--json").output)["known"] == 1
    assert len(list(out.rglob("*.png"))) == 2


def test_known_files_are_reported_as_such(media: Path, db: str) -> None:
    _run("import-media", media, "--db", db, "--source", "clinic")
    assert (
        "  3 had been read by an earlier import" in _run("import-media", media, "--db", db, "--source", "clinic").output
    )


def test_deidentify(media: Path, tmp_path: Path) -> None:
    (media / "Ward.txt").write_text("Seen by Dr Ward on 2021-03-05. Cyst.")
    (media / "Ward.pdf").write_text("none")
    out, report, key = tmp_path / "clean", tmp_path / "report", tmp_path / "key"
    arguments = ("deidentify", media, "--out", out, "--report", report, "--key", key)
    done = _run(*arguments)
    assert done.output.splitlines()[0] == f"{out}: 5 files found, 4 read, 1 left out"
    assert "Ward" not in done.output and "  4 had been written by an earlier run" in _run(*arguments).output
    (text,) = out.rglob("*.txt")
    assert text.read_text() == "Seen by Dr [NAME] on [DATE]. Cyst."
    assert json.loads(_run(*arguments, "--json").output)["known"] == 4
    assert len(list((report / "masks").iterdir())) == 3


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["import-media", "{media}", "--db", "{db}"], 2, "Missing option '--source'"),
        (["import-media", "nowhere", "--db", "{db}", "--source", "x"], 2, "does not exist"),
        (["import-media", "{media}", "--db", "{db}", "--source", "x", "--case-from", "("], 1, "no regular expression"),
        (["frames", "--db", "{db}", "--out", "{media}", "--every", "0"], 2, "'--every'"),
        (["frames", "--db", "{db}", "--out", "{media}"], 1, "there is no such database"),
        (["media", "list", "--db", "{db}"], 1, "there is no such database"),
        (["deidentify", "{media}", "--out", "{media}/out"], 1, "in the folder of the originals"),
        (["deidentify", "{media}", "--out", "clean", "--key", "clean/key"], 2, "must not lie in the output"),
    ],
)
def test_error_messages(media: Path, db: str, arguments: list[str], status: int, message: str) -> None:
    result = _run(*(argument.format(media=media, db=db) for argument in arguments))
    assert (result.exit_code, message in result.output) == (status, True), result.output
