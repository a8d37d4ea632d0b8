"""Images are found in their folder alone, and decoded in full or refused with a reason."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.attacks.images import bomb, encoded, frames
from udt.core import images
from udt.core.errors import DataError
from udt.core.images import FORMATS, ImageError, Refusal, check_relative, decode_image, find_image, read_image


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An image folder with an image, beside one whose name begins alike."""
    for name in ("img", "img2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(encoded())
    return tmp_path / "img"


def refusal(root: Path, name: str) -> Refusal:
    with pytest.raises(ImageError) as caught:
        read_image(find_image(root, name))
    assert caught.value.fault in str(caught.value)
    return caught.value.refusal


def decoded(content: bytes) -> Refusal | Image.Image:
    try:
        return decode_image(content, "RGB", "a.png")
    except ImageError as error:
        assert str(error) == f"a.png: {error.fault}"
        return error.refusal


def test_an_image_in_the_folder(root: Path, tmp_path: Path) -> None:
    (root / "sub").mkdir()
    (root / "up").symlink_to(".")
    (root / "link.png").symlink_to(root / "a.png")
    (tmp_path / "other").symlink_to(root)
    for folder, name in ((root, "a.png"), (root, "up/a.png"), (root, "link.png"), (tmp_path / "other", "a.png"),
                         (root, str(root / "a.png")), (root, "sub/../a.png")):  # fmt: skip
        assert find_image(folder, name) == root / "a.png"
    assert read_image(find_image(root, "a.png")) == encoded()


def test_nothing_out_of_the_folder(root: Path, tmp_path: Path) -> None:
    (root / "link.png").symlink_to("../img2/a.png")
    (root / "up").symlink_to("..")
    names = (
        "../img2/a.png",
        str(tmp_path / "img2" / "a.png"),
        "/etc/passwd",
        "link.png",
        "up/img2/a.png",
        "../nothing",
    )
    assert [refusal(root, name) for name in names] == [Refusal.OUTSIDE] * len(names)


def test_nothing_but_files(root: Path) -> None:
    os.mkfifo(root / "pipe.png")
    (root / "circle.png").symlink_to("circle.png")
    assert [refusal(root, name) for name in ("pipe.png", ".", "")] == [Refusal.NOT_A_FILE] * 3
    assert refusal(Path("/dev"), "zero") == Refusal.NOT_A_FILE
    assert [refusal(root, name) for name in ("b.png", "a.png/b.png")] == [Refusal.MISSING] * 2
    assert [refusal(root, name) for name in ("a\0.png", "a" * 5000, "circle.png")] == [Refusal.UNREADABLE] * 3


def test_a_link_that_replaces_a_file_after_the_check_is_not_followed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = find_image(root, "a.png")
    path.unlink()
    path.symlink_to("../img2/a.png")
    monkeypatch.setattr(images, "check_file", lambda path, limit: None)
    with pytest.raises(ImageError, match="links"):
        read_image(path)


def test_messages_have_no_control_characters(root: Path) -> None:
    with pytest.raises(ImageError, match=r"\\x1b\[2J.png: there is no such file") as caught:
        read_image(find_image(root, "\x1b[2J.png"))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["/a.png", "../a.png", "a/../../b.png", "a\0.png"])
def test_names_in_an_unknown_folder(name: str) -> None:
    check_relative("a/b..c.png")
    with pytest.raises(ImageError, match="may lead out of the image folder"):
        check_relative(name)


@pytest.mark.parametrize("format", FORMATS)
def test_a_format(format: str) -> None:
    found = decoded(encoded(format))
    assert isinstance(found, Image.Image) and (found.mode, found.size) == ("RGB", (24, 16))
    assert isinstance(decoded(encoded(format)[:-30]), Refusal)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", Refusal.DAMAGED),
        (b"text", Refusal.FORMAT),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", Refusal.FORMAT),
        (bytes(128) + b"DICM", Refusal.DICOM),
        (b"\0\0\0\x20ftypisom", Refusal.VIDEO),
        (b"\0\0\0\x20ftypheic", Refusal.FORMAT),
        (b"\0\0\x01\xba" + bytes(9), Refusal.VIDEO),
        ((b"\x47" + bytes(187)) * 4, Refusal.VIDEO),
        (bomb(6_000, 6_001), Refusal.TOO_LARGE),
        (bomb(12_000, 12_000), Refusal.TOO_LARGE),
        (bomb(100_000, 100_000), Refusal.TOO_LARGE),
        (bomb(101, 1), Refusal.NARROW),
        (frames("GIF", 2), Refusal.FRAMES),
        (frames("TIFF", 2), Refusal.FRAMES),
        (frames("WEBP", 2), Refusal.FRAMES),
        (encoded()[:-5], Refusal.DAMAGED),
        (encoded("JPEG")[:-1], Refusal.DAMAGED),
    ],
    ids=lambda value: value.name if isinstance(value, Refusal) else "",
)
def test_refused_content(content: bytes, expected: Refusal) -> None:
    assert decoded(content) is expected


def test_a_file_may_have_a_limited_size(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_BYTES", 9)
    assert refusal(root, "a.png") == Refusal.TOO_LARGE
    assert decoded(encoded()) is Refusal.TOO_LARGE


def test_a_jpeg_may_have_a_limited_number_of_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    Image.linear_gradient("L").save(stream, "JPEG", progressive=True)
    assert isinstance(decoded(stream.getvalue()), Image.Image)
    monkeypatch.setattr(images, "MAX_SCANS", 2)
    assert decoded(stream.getvalue()) is Refusal.TOO_LARGE


def test_an_error_is_a_data_error() -> None:
    assert issubclass(ImageError, DataError)


def test_needs_neither_sql_nor_rdf() -> None:
    heavy = ("rdflib", "pyoxigraph", "sqlalchemy", "spacy", "torch", "numpy", "click")
    code = f"import sys, udt.core.images; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_error_can_be_pickled() -> None:
    error = ImageError(Refusal.DAMAGED, "p1/x.png", "is cut off; copy the file again")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.refusal, again.fault, str(again)) == (ImageError, error.refusal, error.fault, str(error))
