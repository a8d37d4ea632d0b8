"""Attacks by images: paths that lead out of their folder, special files, other media, bombs, and damaged files.

Each one is imported and bundled as bytes and as paths. `udt` survives if every command ends with a result or a worded
error, and no byte of a file outside the image folder, and nothing that is not an image, is in a bundle.
"""

from __future__ import annotations

import io
import json
import os
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PIL import Image

from tests.attacks.attempt import Attempt, check_worded, run_udt
from udt.core.images import ImageError, decode_image

SECRET = b"a secret outside the image folder"
SEED = 5
FLIPS = 400

Make = Callable[[Path], str]


def attempts() -> Iterator[Attempt]:
    """Yield the attacks."""
    for name, make in _PATHS.items():
        yield Attempt(f"path: {name}", partial(_refused, make))
    for name, make in _IMPOSSIBLE_NAMES.items():
        yield Attempt(f"path: {name}", partial(_refused_row, make))
    for name, content in _CONTENTS.items():
        yield Attempt(f"content: {name}", partial(_refused, partial(_written, content)))
    for format in _FORMATS:
        yield Attempt(f"flipped bytes: {format}", partial(_flipped, format))
        yield Attempt(f"cut off: {format}", partial(_cut, format))
    yield Attempt("no folder, no images: an import without rows", _no_rows)
    yield Attempt("a video in a folder of images", _mixed_folder)
    yield Attempt("a file changed between import and bundle", _changed)
    yield Attempt("a link swapped between import and bundle", _swapped)
    yield Attempt("leaks that nobody could see", _unseen_leak)
    yield Attempt("a path that leads out of an unknown folder", _unknown_folder)


def encoded(format: str = "PNG", *, size: tuple[int, int] = (24, 16), shade: int = 90) -> bytes:
    """Return a small encoded image with some structure."""
    picture = Image.linear_gradient("L").resize(size).point(lambda value: (value * shade) % 251)
    stream = io.BytesIO()
    picture.convert("P" if format == "GIF" else "RGB").save(stream, format)
    return stream.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of few bytes with as many pixels as its header claims, all black."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 20), 9)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    parts = (struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def frames(format: str, count: int) -> bytes:
    """Return an image with many frames."""
    stream = io.BytesIO()
    pictures = [Image.new("L", (2, 2), number * 97 % 256) for number in range(count)]
    pictures[0].save(stream, format, save_all=True, append_images=pictures[1:])
    return stream.getvalue()


def _many_scans() -> bytes:
    """Return a progressive JPEG whose last scan is repeated."""
    stream = io.BytesIO()
    Image.linear_gradient("L").save(stream, "JPEG", progressive=True)
    content = stream.getvalue()
    last = content.rfind(b"\xff\xda")
    return content[:-2] + content[last:-2] * 5000 + content[-2:]


def _outside(folder: Path) -> Path:
    """Write a picture and a secret beside the image folder."""
    (folder / "secret.txt").write_bytes(SECRET)
    (folder / "secret.png").write_bytes(encoded(shade=7))
    (folder / "images2").mkdir()
    (folder / "images2" / "a.png").write_bytes(encoded(shade=7))
    return folder / "images"


def _link(target: str, name: str = "link.png", *, then: str = "") -> Make:
    def make(folder: Path) -> str:
        (_outside(folder) / name).symlink_to(target)
        return name + then

    return make


def _named(name: str) -> Make:
    def make(folder: Path) -> str:
        _outside(folder)
        return name.replace("$FOLDER", str(folder))

    return make


def _special(create: Callable[[Path], None]) -> Make:
    def make(folder: Path) -> str:
        create(folder / "images" / "special.png")
        return "special.png"

    return make


_PATHS: dict[str, Make] = {
    "relative": _named("../secret.png"),
    "relative, of a text": _named("../secret.txt"),
    "through a folder and out": _named("x/../../secret.png"),
    "absolute": _named("$FOLDER/secret.png"),
    "of the system": _named("/etc/passwd"),
    "deep, of the system": _named("../" * 30 + "etc/passwd"),
    "of a folder whose name begins alike": _named("../images2/a.png"),
    "absolute, of a folder whose name begins alike": _named("$FOLDER/images2/a.png"),
    "with backslashes": _named("..\\secret.png"),
    "link to a file": _link("../secret.png"),
    "link to a text": _link("../secret.txt"),
    "link to a folder": _link("..", "up", then="/secret.png"),
    "link to a link": _link("/proc/self/root/etc/passwd"),
    "links in a circle": _link("link.png"),
    "link to nothing": _link("nothing.png"),
    "of standard input": _named("/dev/stdin"),
    "of a process": _named("/proc/self/environ"),
    "link to an endless device": _link("/dev/zero"),
    "pipe": _special(os.mkfifo),
    "folder": _special(Path.mkdir),
    "the image folder itself": _named("."),
    "control characters": _named("\x1b[2J\r\n\x07.png"),
}

# No file can have these names, so that the row itself is refused.
_IMPOSSIBLE_NAMES: dict[str, Make] = {
    "NUL": _named("a\0.png"),
    "5,000 characters": _named("a" * 5000 + ".png"),
    "5,000 folders": _named("a/" * 5000 + "b.png"),
}

_CONTENTS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: SECRET,
    "HTML": lambda: b"<!DOCTYPE html><html><body><img src='x'></body></html>",
    "ZIP": lambda: b"PK\x03\x04" + bytes(200),
    "SVG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
    "PDF": lambda: b"%PDF-1.7\n" + bytes(100),
    "PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) (w) file closefile\n",
    "PSD": lambda: b"8BPS\x00\x01" + bytes(200),
    "DICOM": lambda: bytes(128) + b"DICM" + bytes(200),
    "MP4": lambda: b"\0\0\0\x20ftypisom" + bytes(200),
    "MPEG": lambda: b"\0\0\x01\xba" + bytes(200),
    "AVI": lambda: b"RIFF\x40\0\0\0AVI LIST" + bytes(200),
    "Matroska": lambda: b"\x1a\x45\xdf\xa3" + bytes(200),
    "bomb of 10 billion pixels": lambda: bomb(100_000, 100_000),
    "bomb of 100 million pixels": lambda: bomb(10_000, 10_000),
    "bomb of 2,147,483,647 pixels in a row": lambda: bomb(2**31 - 1, 1),
    "row of 1,000,000 pixels": lambda: bomb(1_000_000, 1),
    "GIF of 65,535 × 65,535 pixels": lambda: b"GIF89a\xff\xff\xff\xff\x00\x00\x00," + bytes(4) + b"\xff" * 4 + bytes(9),
    "GIF of 3,000 frames": lambda: frames("GIF", 3000),
    "TIFF of 10,000 frames": lambda: frames("TIFF", 10_000),
    "WebP of 50 frames": lambda: frames("WEBP", 50),
    "PNG of 50 frames": lambda: frames("PNG", 50),
    "JPEG of 5,000 scans": _many_scans,
    "PNG with half its bytes": lambda: encoded()[: len(encoded()) // 2],
    "JPEG with half its bytes": lambda: encoded("JPEG")[: len(encoded("JPEG")) // 2],
    "PNG without pixels": lambda: encoded()[:60],
}

_FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "PPM")


def _written(content: Callable[[], bytes], folder: Path) -> str:
    (folder / "images" / "attack.png").write_bytes(content())
    return "attack.png"


def _rows(folder: Path, *names: str) -> Path:
    lines = (json.dumps({"case": str(n), "image": name, "caption": "Liver: cyst."}) for n, name in enumerate(names))
    (folder / "set.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return folder / "set.jsonl"


def _udt(folder: Path, *arguments: str | Path, status: int | None = None) -> str:
    """Run a command of `udt data`, check that it ends as it has to, and return its standard output."""
    done = run_udt("data", *arguments, "--db", "records.db", folder=folder)
    check_worded(done, [SECRET.decode(), "root:"])
    assert status is None or done.returncode == status, (done.returncode, done.stderr, done.stdout)
    return done.stdout.decode("utf-8", "replace")


def _refused(make: Make, folder: Path) -> None:
    """Import two rows, an image and the attack: the image is read, the attack refused by every command."""
    (folder / "images").mkdir()
    good = encoded()
    (folder / "images" / "good.png").write_bytes(good)
    table = _rows(folder, "good.png", make(folder))
    found = json.loads(_udt(folder, "import", table, "--images", "images", "--json", status=0))["image_files"]
    assert (found["found"], found["read"], sum(found["left_out"].values())) == (2, 1, 1), found
    _udt(folder, "validate")
    _udt(folder, "bundle", "--out", "b", status=1)
    assert not (folder / "b").exists()
    _udt(folder, "bundle", "--out", "b", "--images", "bytes", "--on-error", "skip", status=0)
    assert _bundled(folder / "b") == [good]


def _refused_row(make: Make, folder: Path) -> None:
    """Import two rows, an image and the attack: the import refuses the second, and skips it if it may."""
    (folder / "images").mkdir()
    good = encoded()
    (folder / "images" / "good.png").write_bytes(good)
    table = _rows(folder, "good.png", make(folder))
    _udt(folder, "import", table, "--images", "images", status=1)
    _udt(folder, "import", table, "--images", "images", "--on-error", "skip", status=0)
    _udt(folder, "bundle", "--out", "b", "--images", "bytes", status=0)
    assert _bundled(folder / "b") == [good]


def _bundled(bundle: Path) -> list[object]:
    from udt.bundle.reader import Bundle

    opened = Bundle.open(bundle)
    return [opened.image(row) for row in range(len(opened))]


def _survives(content: bytes) -> bool:
    """Decode bytes; return whether this gives an image. Any error but an ImageError is a failure."""
    try:
        decode_image(content, "RGB", "attack.png")
    except ImageError as error:
        assert str(error).startswith("attack.png: ") and error.fault
        return False
    return True


def _flipped(format: str, folder: Path) -> None:
    rng = random.Random(SEED)
    content = encoded(format)
    assert _survives(content)
    for _ in range(FLIPS):
        damaged = bytearray(content)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] ^= rng.randint(1, 255)
        _survives(bytes(damaged))


def _cut(format: str, folder: Path) -> None:
    """Cut a file anywhere; more than its last 20 bytes (an end mark, padding) are never missing in an image."""
    content = encoded(format)
    for length in range(0, len(content), max(1, len(content) // 100)):
        assert not _survives(content[:length]) or len(content) - length <= 20, length


def _no_rows(folder: Path) -> None:
    (folder / "empty.csv").write_text("case,image\n")
    (folder / "faulty.csv").write_text("case,image\n,a.png\n,b.png\n")
    for name in ("empty.csv", "faulty.csv"):
        for _ in range(2):  # the first one leaves nothing by which the second could take the file for imported
            _udt(folder, "import", name, "--on-error", "skip", status=1)


def _mixed_folder(folder: Path) -> None:
    (folder / "images").mkdir()
    (folder / "images" / "a.PNG").write_bytes(encoded())
    for name in ("b.mp4", "c.MPEG", "d.dcm", "e.txt"):
        (folder / "images" / name).write_bytes(b"no image")
    (folder / "images" / "f").write_bytes(bytes(128) + b"DICM")
    (folder / "images" / "g.png").write_bytes(b"\0\0\0\x20ftypisom")
    os.mkfifo(folder / "images" / "pipe.png")
    (folder / "images" / "link").symlink_to("/etc")
    made = json.loads(_udt(folder, "import", "images", "--json", status=0))
    assert (made["files"]["found"], made["files"]["read"]) == (9, 2), made
    assert made["files"]["left_out"][".mpeg (video)"] == 1 and made["files"]["left_out"]["without suffix (DICOM)"] == 1
    assert made["image_files"]["left_out"] == {"video": 1} and made["images"] == 1
    (folder / "videos").mkdir()
    (folder / "videos" / "a.png").write_bytes(b"\0\0\0\x20ftypisom")
    done = run_udt("data", "import", "videos", "--db", "videos.db", folder=folder)
    check_worded(done)
    assert done.returncode == 1 and b"1 video" in done.stderr, done.stderr


def _imported(folder: Path, *names: str) -> Path:
    """Import images that differ, and return their folder."""
    images = folder / "images"
    images.mkdir()
    for number, name in enumerate(names):
        (images / name).write_bytes(encoded(shade=60 + 50 * number))
    _udt(folder, "import", _rows(folder, *names), "--images", "images", status=0)
    return images


def _changed(folder: Path) -> None:
    images = _imported(folder, "a.png", "b.png")
    (images / "b.png").write_bytes(encoded(shade=33))
    _udt(folder, "bundle", "--out", "b", "--images", "bytes", status=1)
    made = json.loads(
        _udt(folder, "bundle", "--out", "b", "--images", "bytes", "--on-error", "skip", "--json", status=0)
    )
    assert made["left_out"] == {"changed since the import": 1}
    assert _bundled(folder / "b") == [(images / "a.png").read_bytes()]


def _swapped(folder: Path) -> None:
    images = _imported(folder, "a.png", "b.png")
    (folder / "secret.png").write_bytes((images / "b.png").read_bytes())
    (images / "b.png").unlink()
    (images / "b.png").symlink_to("../secret.png")
    for kind in ("bytes", "path"):
        _udt(folder, "bundle", "--out", kind, "--images", kind, status=1)


def _unseen_leak(folder: Path) -> None:
    """Give an image folder that is one level too high: no image is read, and no command may claim that none leaks."""
    (folder / "all" / "images").mkdir(parents=True)
    for name in ("a.png", "b.png"):
        (folder / "all" / "images" / name).write_bytes(encoded())
    table = folder / "set.csv"
    table.write_text("case,image,split\n1,a.png,train\n2,b.png,test\n")
    assert "2 × missing" in _udt(folder, "import", table, "--images", "all", status=1)
    assert "no leaks" not in _udt(folder, "split", "--check", status=1)
    assert "were not compared" in _udt(folder, "split", "--check", "--without-images", status=0)
    _udt(folder, "import", table, "--images", "all/images", status=0)
    _udt(folder, "split", "--check", status=1)
    assert "no leaks" in _udt(folder, "split", status=0)


def _unknown_folder(folder: Path) -> None:
    (folder / "secret.png").write_bytes(encoded())
    _udt(folder, "import", _rows(folder, "../secret.png", str(folder / "secret.png"), "a.png"), status=0)
    _udt(folder, "bundle", "--out", "b", "--images", "bytes", "--on-error", "skip", status=1)
    _udt(folder, "bundle", "--out", "b", status=1)
    _udt(folder, "bundle", "--out", "b", "--on-error", "skip", status=0)
    assert _bundled(folder / "b") == ["a.png"]
