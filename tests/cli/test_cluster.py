"""Commands on a Ray of two workers, one of which is killed in the middle, against the same commands without it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from tests.chat_server import ChatServer, faithful
from tests.core.test_image_copies import MADE, image
from tests.ray_workers import KilledOnce, two_workers
from tests.records.media.media_files import US_CLIP, clip_pixels, dicom, phantom, saved
from udt.cli.main import main
from udt.core.ray_cluster import RayCluster
from udt.normalize.normalizer import Normalizer

WORDS = ("liver", "hypoechoic", "no cyst", "possible mass", "kidney", "2 cm", "thyroid", "ü")
TEXTS = [" ".join(WORDS[(i * k) % len(WORDS)] for k in range(1, 2 + i % 9)) for i in range(700)]


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    """A model, which the environment names."""
    with pytest.MonkeyPatch.context() as patch, ChatServer(faithful(Normalizer())).running() as running:
        for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "UDT_LLM_KEY"):
            patch.delenv(name, raising=False)
        patch.setenv("UDT_LLM_URL", running.url)
        patch.setenv("UDT_LLM_MODEL", "test-model")
        yield running


@pytest.fixture(scope="module")
def cluster(server: ChatServer) -> Iterator[RayCluster]:
    """Ray, whose workers inherit the environment of its start."""
    with two_workers() as started:
        yield started


@pytest.fixture
def deadly(cluster: RayCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KilledOnce]:
    """The cluster of all commands: each kind of work of a command loses a worker."""
    killed = KilledOnce(cluster, tmp_path)

    @contextmanager
    def opened(*_: object) -> Iterator[KilledOnce]:
        yield killed

    monkeypatch.setattr("udt.core.ray_cluster.open_ray", opened)
    yield killed


def udt(*arguments: object) -> str:
    found = CliRunner().invoke(main, list(map(str, arguments)))
    assert found.exit_code == 0, found.output
    return found.output


class Twice:
    """Runs a command without and with a cluster, both from the same state of a folder.

    The folder has the same name each time, since databases hold the paths of media.
    """

    def __init__(self, folder: Path) -> None:
        self.work, self._before = folder / "work", folder / "before"
        self.work.mkdir()

    def run(self, *arguments: object) -> None:
        """Run a command both ways, and check that output, database and files are the same."""
        shutil.copytree(self.work, self._before)
        alone = udt(*arguments), self.state()
        shutil.rmtree(self.work)
        self._before.rename(self.work)
        together = udt(*arguments, "--cluster", "ray"), self.state()
        assert together == alone

    def state(self) -> dict[str, object]:
        """Return the content of all files; of a database, its rows."""
        files = (path for path in self.work.rglob("*") if path.is_file())
        return {path.name: _rows(path) if path.suffix == ".db" else path.read_bytes() for path in files}


def _rows(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.iterdump())


@pytest.fixture
def twice(tmp_path: Path) -> Twice:
    return Twice(tmp_path)


@pytest.fixture
def captions(twice: Twice) -> Path:
    path = twice.work / "rows.jsonl"
    rows = ({"id": str(i), "case": i, "caption": text, "image": f"{i}.png"} for i, text in enumerate(TEXTS))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.ttl", "out.parquet"])
def test_normalize(deadly: KilledOnce, twice: Twice, captions: Path, name: str) -> None:
    twice.run("normalize", captions, "--out", twice.work / name)
    assert len(deadly.kills) == 1 and (twice.work / name).stat().st_size > 10_000


@pytest.mark.slow
def test_normalize_a_table_with_its_columns(deadly: KilledOnce, twice: Twice, captions: Path) -> None:
    out = twice.work / "out.csv"
    twice.run("normalize", captions, "--out", out, "--rows", "findings", "--keep-columns")
    assert len(deadly.kills) == 1 and out.read_text().startswith("id,case,caption,image,")


@pytest.mark.slow
def test_extract(deadly: KilledOnce, twice: Twice, captions: Path) -> None:
    db = twice.work / "records.db"
    udt("data", "import", captions, "--db", db, "--source", "s")
    twice.run("data", "extract", "--db", db)
    assert len(deadly.kills) == 1
    assert f"  {len(TEXTS):,} left out: read before" in udt("data", "extract", "--db", db)


@pytest.mark.slow
def test_a_model_is_asked_by_the_workers(
    deadly: KilledOnce, twice: Twice, captions: Path, server: ChatServer, tmp_path: Path
) -> None:
    """Their answers are in the cache of the machine, which a run without a cluster then finds."""
    db, untouched = twice.work / "records.db", tmp_path / "untouched.db"
    udt("data", "import", captions, "--db", db, "--source", "s")
    shutil.copy(db, untouched)
    command = ("data", "extract", "--db", db, "--engine", "llm", "--limit", 450, "--cache", tmp_path / "answers")
    udt(*command, "--cluster", "ray")
    assert len(deadly.kills) == 1
    together, asked = twice.state(), len(server.questions)
    shutil.copy(untouched, db)
    udt(*command)
    assert twice.state() == together and len(server.questions) == asked > 100


@pytest.mark.slow
def test_import_with_captions_and_images(
    deadly: KilledOnce, twice: Twice, captions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("udt.records.importing.image_files._BATCH", 4)
    (twice.work / "images").mkdir()
    for number in range(14):
        image(number).save(twice.work / "images" / f"{number}.png")
    (twice.work / "images" / "9.png").write_bytes(b"torn")
    db = twice.work / "records.db"
    twice.run("data", "import", captions, "--db", db, "--images", twice.work / "images", "--normalize")
    assert len(deadly.kills) == 2, "one for the images, one for the captions"


@pytest.fixture
def media(twice: Twice) -> Path:
    """Clips, stills, a copy, a damaged file, and one without a case."""
    root = twice.work / "in"
    for case in ("p1", "p2"):
        (root / case).mkdir(parents=True)
        for number in (1, 2):
            clip = dicom(clip_pixels(3 + number), sop_class=US_CLIP, FrameTime=250 + len(case) * number)
            (root / case / f"cine{number}.dcm").write_bytes(clip)
            (root / case / f"still{number}.png").write_bytes(saved(phantom(number + 10 * int(case[1]))))
    (root / "p2" / "again.png").write_bytes((root / "p1" / "still1.png").read_bytes())
    (root / "p2" / "broken.dcm").write_bytes(dicom(clip_pixels(), sop_class=US_CLIP)[:40_000])
    (root / "p2" / "page.png").write_bytes(saved(Image.new("RGB", (200, 300), "white")))
    (root / "top.png").write_bytes(saved(phantom(7)))
    return root


@pytest.mark.slow
def test_media_and_frames(deadly: KilledOnce, twice: Twice, media: Path) -> None:
    db = twice.work / "records.db"
    importing = ("data", "import-media", media, "--db", db, "--source", "clinic", "--case-from", "p(.)", "--json")
    twice.run(*importing)
    assert len(deadly.kills) == 2, "one for the hashes, one for the frames"
    udt("data", "media", "accept", *range(1, 4), "--db", db)
    twice.run("data", "frames", "--db", db, "--out", twice.work / "frames", "--distance", 0)
    assert len(deadly.kills) == 3 and len(list((twice.work / "frames").rglob("*.png"))) > 5
    twice.run(*importing)


@pytest.mark.slow
@pytest.mark.parametrize("command", [["duplicates", "--json"], ["split"]], ids=["duplicates", "split"])
def test_copies(
    deadly: KilledOnce, twice: Twice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setattr("udt.records.quality.copies._BATCH", 3)
    (twice.work / "images").mkdir()
    images = [image(seed) for seed in range(10)]
    images += [images[0].transpose(MADE["mirrored"]), images[1].crop((20, 20, 210, 180)), images[2].copy()]
    for number, one in enumerate(images):
        one.save(twice.work / "images" / f"{number}.png")
    rows = [{"case": number, "image": f"{number}.png"} for number in range(len(images))]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    db = twice.work / "records.db"
    udt("data", "import", tmp_path / "rows.jsonl", "--db", db, "--images", twice.work / "images")
    twice.run("data", *command, "--db", db, "--copies")
    assert len(deadly.kills) >= 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cluster-address", "10.0.0.1:6379"], "--cluster-address is for a cluster; give --cluster ray"),
        (["--cluster-workers", "2"], "--cluster-workers is for a cluster"),
        (["--cluster", "ray", "--workers", "2"], "give --cluster-workers"),
        (["--cluster", "spark"], "'spark' is not 'ray'"),
    ],
    ids=["address", "workers", "both kinds of workers", "another kind"],
)
def test_wrong_usage(captions: Path, arguments: list[str], message: str) -> None:
    found = CliRunner().invoke(main, ["normalize", str(captions), *arguments])
    assert found.exit_code == 2 and message in found.output
