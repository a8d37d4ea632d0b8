from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from tests.records.media.media_files import CAPTURE, US_CLIP, animation, clip_pixels, dicom, phantom, saved, video
from udt.core.errors import DataError
from udt.core.hashing import file_sha256
from udt.records.database.curation_models import ImageOrigin, Media, MediaState
from udt.records.database.database import Database
from udt.records.database.models import Case, Provenance, Source
from udt.records.database.models import Image as ImageRow
from udt.records.media.case_names import case_rule
from udt.records.media.decisions import accept_media, media_rows, reject_media
from udt.records.media.frame_files import FrameRequest, write_frames
from udt.records.media.importing import MediaOutcome, import_media

PICTURES = [phantom(seed) for seed in range(1, 5)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Media of two cases: ultrasound, other modalities, damaged files and other files."""
    root = tmp_path / "media"
    for case in ("p1", "p2"):
        (root / case).mkdir(parents=True)
    (root / "p1" / "clip.mp4").write_bytes(video(PICTURES, [0.0, 0.3, 0.6, 1.7]))
    (root / "p1" / "cine.dcm").write_bytes(dicom(clip_pixels(), sop_class=US_CLIP, FrameTime=250))
    (root / "p1" / "broken.dcm").write_bytes(dicom(clip_pixels(), sop_class=US_CLIP)[:40_000])
    (root / "p2" / "ct.dcm").write_bytes(dicom(clip_pixels(1)[0], modality="CT", sop_class="1.2.840.10008.5.1.4.1.1.2"))
    (root / "p2" / "capture").write_bytes(dicom(np.full((80, 90), 240, np.uint8), modality="OT", sop_class=CAPTURE))
    (root / "p2" / "still.png").write_bytes(saved(phantom(1)))
    (root / "p2" / "page.jpg").write_bytes(saved(Image.new("RGB", (200, 300), "white"), "JPEG"))
    (root / "p2" / "again.png").write_bytes(saved(phantom(1)))
    (root / "p2" / "cut.gif").write_bytes(animation(PICTURES, [100] * 4)[:-9000])
    (root / "notes.txt").write_text("none")
    (root / "p2" / "linked").symlink_to(tmp_path)
    return root


def imported(database: Database, folder: Path, rule: str = "folder") -> MediaOutcome:
    return import_media(database, folder, "clinic", case_rule(rule))


def rows(database: Database) -> dict[str, Any]:
    with database.session() as session:
        found = {media.path: media for media in session.scalars(select(Media))}
        session.expunge_all()
    return found


def test_counts_and_rows(database: Database, folder: Path) -> None:
    outcome = imported(database, folder)
    files = outcome.files
    assert (files.found, files.read, outcome.taken + outcome.doubtful) == (11, 3, 3)
    assert files.left_out == {
        "damaged": 2, "not ultrasound (modality CT)": 1, "not ultrasound (picture)": 2,
        "same content as another file": 1, ".txt (no media)": 1, "linked folder": 1,
    }  # fmt: skip
    found = rows(database)
    clip, cine, still = found["p1/clip.mp4"], found["p1/cine.dcm"], found["p2/again.png"]
    assert (clip.kind, clip.frames, clip.state) == ("clip", 4, MediaState.TAKEN)
    assert clip.seconds >= 1.7
    assert (cine.kind, cine.frames, cine.seconds, cine.score) == ("dicom-clip", 4, 1.0, None)
    assert (still.kind, still.frames, still.seconds) == ("still", 1, None)
    assert still.sha256 == file_sha256(folder / "p2" / "still.png")
    assert (found["p1/broken.dcm"].state, found["p1/broken.dcm"].reason) == (MediaState.LEFT_OUT, "damaged")
    assert found["p2/ct.dcm"].frames is None
    assert found["p2/page.jpg"].score < 0.1


def test_a_second_import_reads_nothing_again(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = imported(database, folder)
    before = rows(database)
    monkeypatch.setattr("udt.records.media.importing.media_facts", lambda *_: pytest.fail("read again"))
    second = imported(database, folder)
    assert second.known == len(before) and rows(database).keys() == before.keys()
    assert (second.files.read, second.files.left_out) == (first.files.read, first.files.left_out)
    assert second.taken == first.taken


def test_an_interrupted_import_goes_on(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(noun: str, done: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_media(database, folder, "clinic", case_rule("folder"), stop)
    assert len(rows(database)) == 4
    assert imported(database, folder).known == 4


def test_a_file_with_new_content_replaces_its_row(database: Database, folder: Path) -> None:
    imported(database, folder)
    (folder / "p1" / "broken.dcm").write_bytes(dicom(clip_pixels(3), sop_class=US_CLIP, FrameTime=250))
    imported(database, folder)
    assert rows(database)["p1/broken.dcm"].frames == 3


@pytest.mark.parametrize(
    ("rule", "cases"),
    [
        ("folder", {"p1", "p2"}),
        (r"p(\d)", {"1", "2"}),
        ("file", {"p1/clip", "p1/cine", "p1/broken", "p2/ct", "p2/capture", "p2/again", "p2/page", "p2/cut"}),
    ],
)
def test_cases(database: Database, folder: Path, rule: str, cases: set[str]) -> None:
    imported(database, folder, rule)
    with database.session() as session:
        assert set(session.scalars(select(Case.key))) == cases


def test_files_without_a_case_are_counted(database: Database, folder: Path) -> None:
    assert imported(database, folder, "p(1)").files.left_out["without a case by the rule"] == 6
    with pytest.raises(DataError, match="no regular expression"):
        case_rule("(")


def test_persons_decide(database: Database, folder: Path) -> None:
    imported(database, folder)
    page = rows(database)["p2/page.jpg"].id
    with database.writing() as connection:
        assert accept_media(connection, [page]) == 1
        assert page in {row["id"] for row in media_rows(connection, MediaState.TAKEN)}
        assert reject_media(connection, [page, page]) == 1
        (found,) = (row for row in media_rows(connection, MediaState.LEFT_OUT) if row["id"] == page)
        assert (found["reason"], found["case"], found["source"]) == ("rejected by a person", "p2", "clinic")
        with pytest.raises(DataError, match="no media with the ids 999"):
            accept_media(connection, [page, 999])


def test_frames_are_images_with_clip_case_and_time(database: Database, folder: Path, tmp_path: Path) -> None:
    imported(database, folder)
    request = FrameRequest(tmp_path / "frames", 0.5, 0)
    outcome = write_frames(database, request)
    with database.session() as session:
        query = select(Media.path, ImageRow, Case.key, Provenance.detail)
        query = query.join(ImageOrigin, ImageOrigin.media_id == Media.id).join(
            ImageRow, ImageRow.id == ImageOrigin.image_id
        )
        query = query.join(Case, Case.id == ImageRow.case_id).join(Provenance)
        found = session.execute(query).all()
        assert session.scalars(select(Source.root)).one() == str(request.out.resolve())
        times = {name: [] for name, *_ in found}
        for name, image, case, made in found:
            times[name].append((image.frame_index, image.frame_time and round(image.frame_time, 3)))
            path = request.out / image.path
            assert (image.sha256, image.bytes) == (file_sha256(path), path.stat().st_size)
            with Image.open(path) as opened:
                assert opened.size == (image.width, image.height) == (320, 240)
            assert case == name[:2] and "every 0.5 s, distance 0" in made
    assert sorted(times["p1/clip.mp4"]) == [(0, 0.0), (2, 0.6), (3, 1.7)]
    assert sorted(times["p1/cine.dcm"]) == [(0, 0.0), (2, 0.5)]
    assert times["p2/again.png"] == [(0, None)]
    assert (outcome.media.read, outcome.frames.read) == (3, 6)
    names = " ".join(path.as_posix() for path in request.out.rglob("*"))
    assert not any(word in names.removeprefix(str(tmp_path)) for word in ("p1/", "clip", "cine", "again"))


def test_frames_that_look_the_same_are_dropped(database: Database, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    still = animation([phantom(1)] * 1 + [phantom(1).point(lambda v: min(255, v + 1)), phantom(5)], [500, 500, 500])
    (tmp_path / "in" / "a.gif").write_bytes(still)
    import_media(database, tmp_path / "in", "s", case_rule("file"))
    with database.writing() as connection:
        accept_media(connection, [row["id"] for state in MediaState for row in media_rows(connection, state)])
    outcome = write_frames(database, FrameRequest(tmp_path / "out", 0.5, 4))
    assert (outcome.frames.read, outcome.frames.left_out) == (2, {"looks the same as the frame before": 1})


def test_frames_are_resumed(database: Database, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(database, folder)
    request = FrameRequest(tmp_path / "frames", 0.5, 4)

    def stop(noun: str, done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_frames(database, request, stop)
    again = write_frames(database, request)
    assert (again.known, again.media.read) == (1, 3)
    monkeypatch.setattr("udt.records.media.frame_files.open_media", lambda *_: pytest.fail("read again"))
    assert write_frames(database, request).known == 3


def test_a_file_that_changed_is_counted(database: Database, folder: Path, tmp_path: Path) -> None:
    imported(database, folder)
    (folder / "p1" / "clip.mp4").write_bytes(b"other")
    (folder / "p1" / "cine.dcm").unlink()
    left_out = write_frames(database, FrameRequest(tmp_path / "frames", 0.5, 4)).media.left_out
    assert left_out == {"changed since the import": 1, "missing": 1}


def test_worded_errors(database: Database, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the database has no media"):
        write_frames(database, FrameRequest(tmp_path / "a", 0.5, 4))
    with pytest.raises(DataError, match="is not a folder"):
        import_media(database, tmp_path / "nowhere", "s", case_rule("file"))
    imported(database, folder)
    write_frames(database, FrameRequest(tmp_path / "a", 0.5, 4))
    with pytest.raises(DataError, match="a source has one folder; give --out"):
        write_frames(database, FrameRequest(tmp_path / "b", 0.5, 4))
    cine = rows(database)["p1/cine.dcm"].id
    with database.writing() as connection, pytest.raises(DataError, match="has frames in the database"):
        reject_media(connection, [cine])
