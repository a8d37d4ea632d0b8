"""Real ultrasound: the filter does not lose it, clips become frames, and masks leave it as it is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.locations import BREST, BUSI, LUNG
from udt.records.database.curation_models import MediaState
from udt.records.database.database import Database
from udt.records.deidentify.masks import find_mask, sampled
from udt.records.media.case_names import case_rule
from udt.records.media.frame_files import FrameRequest, write_frames
from udt.records.media.importing import import_media
from udt.records.media.reader import open_media
from udt.records.media.ultrasound_filter import picture_decision

pytest.importorskip("scipy", reason="SciPy is in the extra [media]")
pytest.importorskip("av", reason="PyAV is in the extra [media]")

needs_lung = pytest.mark.skipif(not LUNG.is_dir(), reason=f"the lung ultrasound is not at {LUNG}")
EACH = 40  # pictures of a set


def _pictures(folder: Path) -> list[Image.Image]:
    if not folder.is_dir():
        pytest.skip(f"the pictures are not at {folder}")
    paths = [path for path in sorted(folder.glob("*.png")) if "tumor" not in path.name]
    return [Image.open(path).convert("RGB") for path in paths[:: max(1, len(paths) // EACH)]]


@pytest.mark.parametrize("folder", [BUSI / "images", BREST / "images224"], ids=["BUSI", "BrEaST"])
def test_breast_ultrasound_is_taken(folder: Path) -> None:
    states = Counter(picture_decision([picture]).state for picture in _pictures(folder))
    assert states[MediaState.LEFT_OUT] == 0 and states[MediaState.TAKEN] >= 0.95 * states.total()


@pytest.mark.parametrize("folder", [BUSI / "images", BREST / "images224"], ids=["BUSI", "BrEaST"])
def test_masks_hide_little_tissue(folder: Path) -> None:
    shares = []
    for picture in _pictures(folder):
        grey = np.asarray(picture.convert("L"))
        mask = find_mask([grey])
        assert mask.view_found
        shares.append((mask.hidden & (grey > 40)).sum() / (grey > 40).sum())
    assert np.median(shares) < 0.02


@pytest.mark.slow
@needs_lung
def test_clips_become_frames(tmp_path: Path) -> None:
    with Database.open(tmp_path / "records.db", create=True) as database:
        imported = import_media(database, LUNG / "media", "lung", case_rule("pat[1-4]|18[0-9]+"))
        assert imported.files.left_out == {"without a case by the rule": imported.files.found - imported.files.read}
        assert imported.taken >= 24
        written = write_frames(database, FrameRequest(tmp_path / "frames", 0.5, 4))
        assert written.media.read == imported.taken and not written.media.left_out
        assert written.frames.read >= 2 * written.media.read
        assert len(list((tmp_path / "frames").rglob("*.png"))) == written.frames.read


@needs_lung
def test_no_letters_are_found_in_cropped_clips() -> None:
    for path in sorted((LUNG / "media").glob("*.mp4"))[:5]:
        frames = sampled(frame.image for frame in open_media(path.read_bytes(), path.name).frames())
        assert "letters" not in find_mask(frames).rules
