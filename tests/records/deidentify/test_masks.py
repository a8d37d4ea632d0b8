from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tests.records.media.media_files import phantom
from udt.records.deidentify.masks import PixelBox, find_mask, sampled
from udt.records.media.reader import open_media

pytest.importorskip("scipy", reason="SciPy is in the extra [media]")

SIZE = (480, 360)
TEXT = "WARD JANE 1961-04-03"
PLACES = {"top left": (4, 4), "top right": (300, 4), "bottom left": (4, 335), "bottom right": (300, 335)}


def screen(seed: int) -> Image.Image:
    """A sector in the middle of the black screen of a device."""
    picture = Image.new("L", SIZE)
    picture.paste(phantom(seed, (320, 240)).convert("L"), (80, 60))
    return picture


def write(picture: Image.Image, place: tuple[int, int], shade: int = 210, height: int = 14) -> NDArray[np.bool_]:
    """Write the text into a picture, and return where its pixels are."""
    layer = Image.new("L", picture.size)
    ImageDraw.Draw(layer).text(place, TEXT, fill=shade, font=ImageFont.load_default(height))
    strokes = np.asarray(layer)
    picture.paste(Image.fromarray(np.maximum(np.asarray(picture), strokes)))
    return strokes > 60


def tissue(seed: int) -> NDArray[np.uint8]:
    return np.asarray(screen(seed))


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_letters_beside_the_field_of_view_of_a_still_picture(place: tuple[int, int]) -> None:
    picture = screen(1)
    letters = write(picture, place)
    mask = find_mask([np.asarray(picture)])
    assert mask.hidden[letters].all() and mask.view_found and "view" in mask.rules
    bright = tissue(1) > 40
    assert mask.hidden[bright].mean() < 0.03  # at the corners of the sector
    rows, columns = np.nonzero(letters)
    ends = columns.min(), rows.min(), columns.max(), rows.max()
    assert any(
        x <= ends[0] and y <= ends[1] and x + width > ends[2] and y + height > ends[3] and height < 40
        for x, y, width, height in mask.boxes([np.asarray(picture)])
    )


def test_letters_over_tissue_in_a_clip() -> None:
    """They do not change while the tissue does."""
    frames = [phantom(seed, SIZE).convert("L") for seed in range(8)]
    letters, *_ = [write(frame, (150, 170), 255) for frame in frames]
    mask = find_mask([np.asarray(frame) for frame in frames])
    assert mask.hidden[letters].mean() > 0.98 and "letters" in mask.rules
    without = find_mask([np.asarray(phantom(seed, SIZE).convert("L")) for seed in range(8)])
    assert "letters" not in without.rules
    assert mask.hidden.mean() - without.hidden.mean() < 0.06


def test_letters_over_the_border_of_tissue_in_a_still_picture() -> None:
    grain = np.random.default_rng(0).normal(50, 8, SIZE[::-1]).clip(20, 90).astype(np.uint8)
    picture = Image.fromarray(grain)
    letters = write(picture, (20, 15), 255, 16)
    mask = find_mask([np.asarray(picture)])
    assert mask.hidden[letters].mean() > 0.95 and mask.rules == ("view", "letters")
    assert mask.hidden.mean() < 0.1


def test_all_is_blanked_outside_the_regions_that_a_file_states() -> None:
    picture = screen(1)
    letters = write(picture, PLACES["top left"], 90)
    mask = find_mask([np.asarray(picture)], [PixelBox(80, 60, 320, 240), PixelBox(400, 60, 9000, 10)])
    assert mask.rules == ("regions",) and mask.hidden[letters].all()
    assert not mask.hidden[60:300, 80:400].any() and not mask.hidden[60:70, 400:].any()
    assert mask.hidden[70:, 400:].all()


def test_a_dark_picture_has_no_field_of_view() -> None:
    mask = find_mask([np.zeros((60, 80), np.uint8)])
    assert (mask.view_found, mask.rules, mask.hidden.any()) == (False, (), False)


def test_the_picture_of_what_was_masked_does_not_show_it() -> None:
    picture = screen(1)
    letters = write(picture, PLACES["top right"])
    shown = np.asarray(find_mask([np.asarray(picture)]).picture(picture))
    assert (shown[letters] == (140, 20, 20)).all()


@pytest.mark.parametrize("count", [1, 5, 33, 500])
def test_frames_are_sampled_evenly(count: int) -> None:
    frames = sampled(Image.new("L", (1, 1), index % 256) for index in range(count))
    assert len(frames) <= 33 and len(frames) >= min(count, 16)
    steps = {int(b[0, 0]) - int(a[0, 0]) for a, b in pairwise(frames)}
    assert len({step % 256 for step in steps}) <= 1


def test_the_banner_of_a_device_in_a_real_picture() -> None:
    """The example of pydicom has four lines of dense letters close to the field of view, and states no regions."""
    pydicom = pytest.importorskip("pydicom", reason="pydicom is in the extra [media]")
    path = Path(pydicom.__file__).parent / "data" / "test_files" / "examples_rgb_color.dcm"
    frame = next(open_media(path.read_bytes(), path.name).frames()).image
    mask = find_mask([np.asarray(frame.convert("L"))])
    assert mask.hidden[:50].all() and mask.hidden[175:].all()
    assert mask.hidden[70:150, 40:280].mean() < 0.02
