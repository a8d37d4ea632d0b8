"""The cache of compiled lexicons is keyed by content, and a damaged cache never causes an error."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from udt.core.errors import TaxonomyError
from udt.core.hashing import bytes_sha256
from udt.lexicon import cache as module
from udt.lexicon.cache import load_lexicon_data

from .conftest import Run, Write

SYNONYM = 'uhat:liver skos:altLabel "{}"@en .'


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by one item at every compilation."""
    times: list[int] = []
    build = module.build
    monkeypatch.setattr(module, "build", lambda taxonomy: (times.append(1), build(taxonomy))[1])
    return times


def test_compiled_once(small_core: list[Path], cache: Path, compiled: list[int]) -> None:
    first = load_lexicon_data()
    assert json.dumps(load_lexicon_data()) == json.dumps(first)
    assert len(compiled) == 1
    assert [path.name.partition("-")[0] for path in cache.iterdir()] == ["lexicon"]


def test_a_changed_extension_is_compiled_again(
    small_core: list[Path], cache: Path, compiled: list[int], turtle: Write
) -> None:
    extra = turtle("extra.ttl", SYNONYM.format("leber"))
    assert "leber" in load_lexicon_data([extra])["tries"]["names"]
    extra = turtle("extra.ttl", SYNONYM.format("higado"))
    changed = load_lexicon_data([extra])["tries"]["names"]
    assert "higado" in changed
    assert "leber" not in changed
    assert "leber" not in load_lexicon_data()["tries"]["names"]
    assert len(compiled) == 3
    turtle("extra.ttl", SYNONYM.format("leber"))
    assert "leber" in load_lexicon_data([extra])["tries"]["names"]
    assert len(compiled) == 3, "the first content is still there"


def test_the_name_of_a_file_does_not_matter(
    small_core: list[Path], cache: Path, compiled: list[int], turtle: Write
) -> None:
    body = SYNONYM.format("leber")
    load_lexicon_data([turtle("one.ttl", body)])
    load_lexicon_data([turtle("two.ttl", body)])
    assert len(compiled) == 1


def hashed(body: bytes) -> bytes:
    return bytes_sha256(body).encode() + b"\n" + body


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], id="truncated"),
        pytest.param(lambda data: b"\xff\xfe" + data, id="not UTF-8"),
        pytest.param(lambda data: b"no JSON at all", id="something else"),
        pytest.param(lambda data: b"null", id="nothing in it"),
        pytest.param(lambda data: data.replace(b"Liver", b"Heart"), id="another word"),
        pytest.param(lambda data: data.partition(b"\n")[2], id="no hash"),
        pytest.param(lambda data: hashed(b"null"), id="another form"),
        pytest.param(lambda data: hashed(b"{}"), id="no keys"),
        pytest.param(lambda data: hashed(b"[" * 100_000), id="nested"),
        pytest.param(
            lambda data: hashed(data.partition(b"\n")[2].replace(b'"tries":{', b'"tries":[],"tree":{')), id="list"
        ),
        pytest.param(lambda data: hashed(data.partition(b"\n")[2].replace(b'"format":', b'"format":1')), id="format"),
    ],
)
def test_a_damaged_file_is_compiled_again(small_core: list[Path], cache: Path, compiled: list[int], spoil) -> None:  # type: ignore[no-untyped-def]
    first = load_lexicon_data()
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    path.write_bytes(spoil(whole))
    assert load_lexicon_data() == first
    assert len(compiled) == 2
    assert path.read_bytes() == whole


def test_a_cache_folder_that_cannot_be_created(
    small_core: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is below a file, so that not even the superuser can create it."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("UDT_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert "liver" in load_lexicon_data()["tries"]["names"]


def test_a_full_disk_leaves_no_files(small_core: list[Path], cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert "liver" in load_lexicon_data()["tries"]["names"]
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "loop", "pipe", "folder"])
def test_something_else_in_the_place_of_the_cache(small_core: list[Path], cache: Path, kind: str) -> None:
    load_lexicon_data()
    (path,) = cache.iterdir()
    path.unlink()
    if kind in {"file", "loop"}:
        cache.rmdir()
        cache.write_text("") if kind == "file" else cache.symlink_to(cache)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    assert "liver" in load_lexicon_data()["tries"]["names"]
    assert kind not in {"pipe"} or path.is_file()


def test_files_are_private_and_left_over_ones_removed(small_core: list[Path], cache: Path) -> None:
    cache.mkdir(parents=True)
    old, new = cache / ".lexicon-old.tmp", cache / ".lexicon-new.tmp"
    for path in (old, new):
        path.touch()
    os.utime(old, (0, 0))
    load_lexicon_data()
    (path,) = cache.glob("lexicon-*")
    assert path.stat().st_mode & 0o777 == 0o600
    assert not old.exists()
    assert new.exists()


def test_every_cut_and_flip_is_compiled_again(small_core: list[Path], cache: Path) -> None:
    first = load_lexicon_data()
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    dice = random.Random(5)
    for _ in range(200):
        at = dice.randrange(len(whole))
        flipped = whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1 :]
        path.write_bytes(dice.choice([flipped, whole[:at], whole[:at] + whole[at + 1 :]]))
        assert module._read(path) is None
    assert load_lexicon_data() == first
    assert path.read_bytes() == whole


def test_the_environment_sets_the_cache_folder(small_core: list[Path], cache: Path) -> None:
    assert module.cache_folder() == cache
    load_lexicon_data()
    assert cache.is_dir()


def test_the_default_cache_folder_is_that_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UDT_CACHE_DIR", raising=False)
    assert "udt-toolkit" in str(module.cache_folder())


def test_faults_are_not_cached(small_core: list[Path], cache: Path, turtle: Write) -> None:
    extra = turtle("extra.ttl", "uhat:liver skos:broader uhat:nowhere .")
    for _ in range(2):
        with pytest.raises(TaxonomyError, match=r"extra\.ttl"):
            load_lexicon_data([extra])
    with pytest.raises(TaxonomyError, match=r"absent\.ttl"):
        load_lexicon_data([extra.with_name("absent.ttl")])
    assert not cache.exists()


COMPILE = """
import sys
from pathlib import Path
import udt.lexicon.cache as cache, udt.taxonomy.model.source as source
core = [Path(name) for name in sys.argv[1:]]
cache.core_files = source.core_files = lambda: core
print("ready", flush=True)
sys.stdin.readline()
print("liver" in cache.load_lexicon_data()["tries"]["names"], flush=True)
"""


def test_concurrent_processes_all_succeed(small_core: list[Path], cache: Path, python: Run) -> None:
    processes = [python(COMPILE, *small_core) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60) for process in processes] == [("True\n", "")] * 3
    (path,) = cache.iterdir()
    assert json.loads(path.read_bytes().partition(b"\n")[2]) == load_lexicon_data()


HEAVY = ("rdflib", "spacy", "torch", "pyshacl", "numpy", "pyarrow")
IMPORTED = f"""
import io, sys
from udt.cli.main import main
sys.stdin = io.TextIOWrapper(io.BytesIO(b"Liver cyst."))
main(sys.argv[1:], standalone_mode=False)
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [("--help",), ("normalize", "--help"), ("normalize", "-")], ids=" ".join)
def test_a_start_from_the_cache_imports_no_heavy_packages(python: Run, arguments: tuple[str, ...]) -> None:
    load_lexicon_data()
    output, errors = python(IMPORTED, *arguments).communicate(timeout=60)
    assert output
    assert errors == "[]\n"
