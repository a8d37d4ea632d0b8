from __future__ import annotations

import sys

import pytest

from tests.records.media.media_files import phantom, video
from udt.core.errors import DataError
from udt.core.images import ImageError, Refusal
from udt.records.database.curation_models import MediaKind
from udt.records.media.reader import open_media
from udt.records.media.videos import open_video

FRAMES = [phantom(seed, (160, 120)) for seed in range(5)]


def test_times_are_those_of_presentation_at_a_variable_rate() -> None:
    times = [0.0, 0.1, 0.75, 0.8, 2.0]
    opened = open_media(video(FRAMES, times), "a.mp4")
    frames = list(opened.frames())
    assert opened.kind is MediaKind.CLIP
    assert [frame.time for frame in frames] == pytest.approx(times, abs=1e-3)
    assert [frame.duration for frame in frames[:-1]] == pytest.approx([0.1, 0.65, 0.05, 1.2], abs=1e-3)
    assert [frame.index for frame in frames] == list(range(5))


def test_times_begin_at_the_first_frame() -> None:
    frames = open_media(video(FRAMES, [3.0, 3.5, 4.0, 4.5, 5.0]), "a.mp4").frames()
    assert [frame.time for frame in frames] == pytest.approx([0, 0.5, 1, 1.5, 2], abs=1e-3)


@pytest.mark.parametrize(
    ("format", "codec"),
    [("mov", "mpeg4"), ("avi", "mpeg4"), ("mpeg", "mpeg2video"), ("matroska", "mpeg4")],
)
def test_other_containers(format: str, codec: str) -> None:
    frames = list(open_media(video(FRAMES, [i / 25 for i in range(5)], format, codec), "a").frames())
    assert [frame.time for frame in frames] == pytest.approx([i / 25 for i in range(5)], abs=2e-3)


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/hostname\n",
        video(FRAMES, [0, 1, 2, 3, 4])[:900],
    ],
    ids=["playlist", "list of files", "cut MP4"],
)
def test_what_is_no_video_is_refused(content: bytes) -> None:
    with pytest.raises(ImageError) as caught:
        list(open_video(content, "a.mp4").frames())
    assert caught.value.refusal is Refusal.DAMAGED


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    content = video(FRAMES, [0, 1, 2, 3, 4])
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(DataError, match=r"reading videos needs av, .*udt-toolkit\[media\]"):
        open_video(content, "a.mp4")
