"""Frames are paired with the texts of their media files."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.records.conftest import jsonl
from tests.records.media.media_files import phantom, saved, video
from udt.core.errors import DataError
from udt.records.database.database import Database
from udt.records.database.models import Caption, Case, Image, Sample
from udt.records.importing.importers.registry import open_data_set
from udt.records.media.case_names import case_rule
from udt.records.media.frame_files import FrameRequest, write_frames
from udt.records.media.importing import import_media
from udt.records.media.texts import PairedTexts, TextRequest, pair_texts

SOURCE = "clinic"


@pytest.fixture
def media(database: Database, tmp_path: Path) -> Path:
    """A clip of two frames and a still image of one case, and a still image of the same name in another."""
    root = tmp_path / "media"
    for case in ("p1", "p2"):
        (root / case).mkdir(parents=True)
    (root / "p1" / "clip.mp4").write_bytes(video([phantom(1), phantom(2)], [0.0, 0.7]))
    (root / "p1" / "still.png").write_bytes(saved(phantom(6)))
    (root / "p2" / "still.png").write_bytes(saved(phantom(4)))
    import_media(database, root, SOURCE, case_rule("folder"))
    return root


def paired(database: Database, tmp_path: Path, rows: list[dict[str, object]], source: str = SOURCE) -> PairedTexts:
    texts = open_data_set(jsonl(tmp_path / "notes.jsonl", rows))
    return pair_texts(database, TextRequest(texts, source, "file", "note"))


def pairs(database: Database) -> set[tuple[str, int, str]]:
    """Return case, number of the frame and text of each sample."""
    query = select(Case.key, Image.frame_index, Caption.text).select_from(Sample).join(Case, Sample.case_id == Case.id)
    query = query.join(Image, Sample.image_id == Image.id).join(Caption, Sample.caption_id == Caption.id)
    with database.reading() as connection:
        return {tuple(row) for row in connection.execute(query)}  # type: ignore[misc]


def test_a_text_goes_to_all_frames_that_its_row_names(database: Database, media: Path, tmp_path: Path) -> None:
    write_frames(database, FrameRequest(tmp_path / "frames", 0.5, 0))
    rows: list[dict[str, object]] = [
        {"file": "clip", "note": "A cyst."},
        {"file": "p2/still.png", "note": "No cyst."},
        {"file": "p1", "note": "Of the whole case."},
        {"file": "still.png", "note": "Of which one?"},
        {"file": "other.png", "note": "Of none."},
        {"file": "clip.mp4"},
    ]
    outcome = paired(database, tmp_path, rows)
    assert (outcome.rows.read, outcome.rows.left_out.total(), outcome.samples) == (3, 3, 6)
    assert {"several of this name", "no media file of this name"} < set(outcome.rows.left_out)
    whole = {("p1", 0, "Of the whole case."), ("p1", 1, "Of the whole case.")}
    assert pairs(database) == {("p1", 0, "A cyst."), ("p1", 1, "A cyst."), ("p2", 0, "No cyst."), *whole}
    assert paired(database, tmp_path, rows).samples == 0


def test_media_without_frames_are_worded(database: Database, media: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'clinic' has no frames of media; .*udt data frames"):
        paired(database, tmp_path, [{"file": "clip", "note": "A cyst."}])
