from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.records.media.media_files import animation, phantom, saved
from udt.core.images import MAX_PIXELS, ImageError, Refusal
from udt.records.database.curation_models import MediaKind
from udt.records.media.reader import open_media, read_media_file

SHADES = [Image.new("L", (32, 24), shade) for shade in (30, 90, 150)]


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_a_picture_of_each_format(format: str) -> None:
    image = phantom()
    opened = open_media(saved(image.quantize(256) if format == "GIF" else image, format), "a")
    (frame,) = opened.frames()
    assert (opened.kind, frame.index, frame.time, frame.image.mode) == (MediaKind.STILL, 0, None, "RGB")
    assert np.abs(np.asarray(frame.image).astype(int) - np.asarray(image)).mean() < 4


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_each_frame_of_an_animation_has_its_own_duration(format: str) -> None:
    opened = open_media(animation(SHADES, [120, 400, 250], format), "a")
    frames = list(opened.frames())
    assert opened.kind is MediaKind.CLIP
    assert [round(frame.time or 0, 3) for frame in frames] == [0.0, 0.12, 0.52]
    assert [frame.duration for frame in frames] == [0.12, 0.4, 0.25]
    shades = [np.asarray(frame.image.convert("L")).mean() for frame in frames]
    assert shades == pytest.approx([30, 90, 150], abs=3)


def test_a_frame_without_a_duration_lasts_a_tenth_of_a_second() -> None:
    frames = open_media(animation(SHADES, [0, 0, 0]), "a").frames()
    assert [frame.duration for frame in frames] == [0.1] * 3


def test_pages_of_a_tiff_have_no_times() -> None:
    pages = saved(SHADES[0], "TIFF", save_all=True, append_images=SHADES[1:])
    frames = list(open_media(pages, "a.tif").frames())
    assert [(frame.index, frame.time) for frame in frames] == [(0, None), (1, None), (2, None)]


def test_sixteen_bits_are_scaled_and_not_cut() -> None:
    values = np.linspace(0, 4095, 32 * 24).reshape(24, 32).astype(np.uint16)
    (frame,) = open_media(saved(Image.fromarray(values), "PNG"), "a.png").frames()
    grey = np.asarray(frame.image.convert("L")).astype(int)
    assert (grey.min(), grey.max()) == (0, 255)
    assert np.abs(grey - values / 4095 * 255).max() <= 1


def test_a_turned_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (frame,) = open_media(saved(Image.new("RGB", (40, 20)), "JPEG", exif=exif), "a.jpg").frames()
    assert frame.image.size == (20, 40)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (saved(phantom())[:-20], Refusal.DAMAGED),
        (saved(phantom(), "JPEG")[:2000], Refusal.DAMAGED),
        (b"no picture at all", Refusal.FORMAT),
        (saved(Image.new("1", (MAX_PIXELS // 1000 + 1, 1000))), Refusal.TOO_LARGE),
        (animation([phantom(seed) for seed in range(3)], [100, 100, 100])[:-9000], Refusal.DAMAGED),
    ],
    ids=["cut PNG", "cut JPEG", "text", "too many pixels", "cut GIF"],
)
def test_damaged_files_have_a_reason(content: bytes, refusal: Refusal) -> None:
    with pytest.raises(ImageError) as caught:
        list(open_media(content, "a.png").frames())
    assert caught.value.refusal is refusal


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(saved(phantom()))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(ImageError) as caught:
        read_media_file(tmp_path / "in", "a.png")
    assert caught.value.refusal is Refusal.OUTSIDE
