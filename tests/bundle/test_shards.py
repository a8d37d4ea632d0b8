"""Shards have the samples of their bundle, each once, as tarfile and json read them; every fault is named."""

from __future__ import annotations

import io
import json
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from tests.bundle.first_version import first_version
from udt.bundle.reader import MANIFEST, SIMILARITY, TAXONOMY, Bundle, ImageKind
from udt.bundle.sharding import write_shards
from udt.bundle.writer import BundleSample, write_files
from udt.cli.main import main
from udt.core.errors import DataError
from udt.core.hashing import file_sha256
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.normalize.captions import CaptionReader
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

COUNT = 40
SPLITS = ["train"] * 23 + ["valid"] * 9 + ["a/b"] * 8

Write = Callable[..., Path]


def picture(seed: int, form: str = "PNG") -> bytes:
    target = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (9, 8), dtype=np.uint8)).save(target, form)
    return target.getvalue()


@pytest.fixture(scope="module")
def reader(vocabulary: Vocabulary) -> CaptionReader:
    return CaptionReader(vocabulary)


@pytest.fixture(scope="module")
def similarity(taxonomy: Taxonomy) -> SimilaritySet:
    return taxonomy_similarity(taxonomy)


@pytest.fixture
def write(vocabulary: Vocabulary, similarity: SimilaritySet, reader: CaptionReader, tmp_path: Path) -> Write:
    """Write a bundle of forty samples; images and splits of some rows may be others."""

    def written(
        name: str = "bundle",
        images: dict[int, bytes | str | None] | None = None,
        splits: dict[int, str | None] | None = None,
        kind: ImageKind = "bytes",
    ) -> Path:
        draw = np.random.default_rng(0)
        sizes = [len(dimension) for dimension in vocabulary.dimensions]

        def samples() -> Iterator[BundleSample]:
            for row in range(COUNT):
                labels = LabelSet(tuple((int(draw.integers(n)),) if draw.random() < 0.6 else () for n in sizes))
                caption = None if row == 5 else "; ".join(n for part in labels.named(vocabulary).values() for n in part)
                image = (images or {}).get(row, picture(row, "JPEG" if row % 4 == 1 else "PNG"))
                split = (splits or {}).get(row, SPLITS[row])
                yield BundleSample(f"s/{row // 2}", image, caption, labels, split)

        folder = tmp_path / name
        folder.mkdir()
        write_files(folder, samples(), vocabulary, similarity, reader, images=kind, about={"sources": ["s"]})
        return folder

    return written


def members(folder: Path) -> Iterator[tuple[str, str, bytes, dict[str, Any]]]:
    """Yield shard, name of the image, image and described sample, as the standard library reads them."""
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as shard:
            content = {one.name: shard.extractfile(one).read() for one in shard}  # type: ignore[union-attr]
        names = list(content)
        for image, described in zip(names[::2], names[1::2], strict=True):
            assert image.partition(".")[0] == described.removesuffix(".json")
            yield path.name, image, content[image], json.loads(content[described])


def test_the_shards_have_each_sample_once(write: Write, tmp_path: Path) -> None:
    source = Bundle.open(write())
    write_shards(source, tmp_path / "s", samples=6)
    found = sorted(members(tmp_path / "s"), key=lambda member: member[3]["source_row"])
    assert [one["source_row"] for *_, one in found] == list(range(COUNT))
    for row, (shard, name, image, one) in enumerate(found):
        assert image == source.image(row) and name.endswith(".jpg" if row % 4 == 1 else ".png")
        assert shard.startswith(SPLITS[row].replace("/", "_") + "-") and one["split"] == SPLITS[row]
        assert (one["case"], one["caption"]) == (f"s/{row // 2}", source.caption(row))
        for part, labels in (("labels", source.label_set(row)), ("caption_labels", source.caption_label_set(row))):
            assert {key: tuple(names) for key, names in one[part].items()} == dict(labels.named(source.vocabulary))


def test_the_folder_is_a_bundle_in_the_order_of_the_shards(write: Write, tmp_path: Path) -> None:
    source = Bundle.open(write())
    write_shards(source, tmp_path / "s", samples=6)
    bundle = Bundle.open(tmp_path / "s")
    named = {int(name.partition(".")[0]): one["source_row"] for _, name, _, one in members(tmp_path / "s")}
    assert len(bundle) == len(named) == COUNT
    for row, before in named.items():
        assert bundle.image(row) == source.image(before) and bundle.caption(row) == source.caption(before)
        assert bundle.label_set(row) == source.label_set(before)
        assert bundle.caption_label_set(row) == source.caption_label_set(before)
        assert row in bundle.split(SPLITS[before])
    assert {name: (tmp_path / "s" / name).read_bytes() for name in (TAXONOMY, SIMILARITY)} == {
        name: (source.path / name).read_bytes() for name in (TAXONOMY, SIMILARITY)
    }
    sizes = Counter(shard.split for shard in bundle.shards)
    assert sizes == {"train": 4, "valid": 2, "a/b": 2}
    assert [shard.samples for shard in bundle.shards] == [4, 4, 6, 6, 6, 5, 5, 4]
    for shard in bundle.shards:
        assert set(shard.rows) <= set(bundle.split(shard.split).tolist())
    counted = ("samples", "cases", "captions", "unlabelled", "labels", "caption_labels", "splits", "sources")
    assert {key: bundle.manifest[key] for key in counted} == {key: source.manifest[key] for key in counted}
    assert bundle.manifest["images"] == {"as": "shards", "count": COUNT}


def test_the_seed_draws_the_order(write: Write, tmp_path: Path) -> None:
    source = Bundle.open(write())
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        write_shards(source, tmp_path / name, samples=6, seed=seed)
    orders = {
        name: [one["source_row"] for shard, *_, one in members(tmp_path / name) if shard.startswith("train")]
        for name in "abc"
    }
    assert orders["a"] == orders["b"] != orders["c"] and orders["a"] != sorted(orders["a"])
    hashes = [{path.name: file_sha256(path) for path in (tmp_path / name).iterdir()} for name in "ab"]
    assert hashes[0] == hashes[1]


def test_what_cannot_be_streamed_is_left_out_and_counted(write: Write, tmp_path: Path) -> None:
    source = Bundle.open(write(images={0: None, 1: None, 39: None}, splits={2: None}))
    made = write_shards(source, tmp_path / "s", samples=100)
    assert made["shards"]["left_out"] == {"without image": 3, "without split": 1}
    rows = {one["source_row"] for *_, one in members(tmp_path / "s")}
    assert rows == set(range(COUNT)) - {0, 1, 2, 39}
    assert made["samples"] == 36 and made["splits"] == {"a/b": 7, "train": 20, "valid": 9}
    kept = [row for row in range(COUNT) if row in rows]
    for key in source.vocabulary.keys:
        assert made["labels"][key] == sum(len(source.labels(key)[row]) for row in kept)
    assert made["cases"] == len({row // 2 for row in kept})


def test_images_that_cannot_be_decoded(write: Write, tmp_path: Path) -> None:
    source = Bundle.open(write(images={3: b"no image", 4: picture(4)[:60]}))
    with pytest.raises(DataError, match=r"the images of 2 of 40 samples cannot enter a shard \(1 .*, 1 .*sample 3: "):
        write_shards(source, tmp_path / "s")
    assert not (tmp_path / "s").exists() and [path.name for path in tmp_path.iterdir()] == ["bundle"]
    made = write_shards(source, tmp_path / "s", skip=True)
    assert made["samples"] == 38 and sum(made["shards"]["left_out"].values()) == 2


def test_images_as_paths(write: Write, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for row in range(COUNT):
        (tmp_path / "images" / f"{row}.png").write_bytes(picture(row))
    source = Bundle.open(write(images={row: f"{row}.png" for row in range(COUNT)}, kind="path"))
    with pytest.raises(DataError, match="40 missing"):
        write_shards(source, tmp_path / "s")
    write_shards(source, tmp_path / "s", image_root=tmp_path / "images")
    assert {one["source_row"]: image for _, _, image, one in members(tmp_path / "s")} == {
        row: picture(row) for row in range(COUNT)
    }


def test_nothing_to_write(write: Write, tmp_path: Path) -> None:
    source = Bundle.open(write(splits=dict.fromkeys(range(COUNT))))
    with pytest.raises(DataError, match="none of 40 samples can enter a shard: 40 without split"):
        write_shards(source, tmp_path / "s")
    with pytest.raises(DataError, match="a shard of 0 samples; allowed: 1 or above"):
        write_shards(source, tmp_path / "s", samples=0)


def test_shards_of_shards_have_the_same_samples(write: Write, tmp_path: Path) -> None:
    write_shards(Bundle.open(write()), tmp_path / "s", samples=6)
    write_shards(Bundle.open(tmp_path / "s"), tmp_path / "t", samples=20, seed=4)
    first, second = (
        {one["case"] + str(one["caption"]): (image, one["labels"]) for _, _, image, one in members(tmp_path / name)}
        for name in "st"
    )
    assert first == second and len(Bundle.open(tmp_path / "t").shards) == 4


def test_a_bundle_without_labels_of_captions(write: Write, tmp_path: Path) -> None:
    old = Bundle.open(first_version(write(), tmp_path / "old"))
    write_shards(old, tmp_path / "s")
    bundle = Bundle.open(tmp_path / "s")
    assert not bundle.has_caption_labels and "caption_labels" not in bundle.manifest
    assert all("caption_labels" not in one for *_, one in members(tmp_path / "s"))


def _cut(folder: Path) -> None:
    path = next(folder.glob("train-*.tar"))
    path.write_bytes(path.read_bytes()[:-1000])


def _listed(name: str, value: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        manifest["shards"]["files"][1][name] = value
        (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")

    return change


def _without_files(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    del manifest["shards"]["files"]
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_cut, r"train-000000.tar: has [\d,]+ bytes instead of"),
        (lambda folder: next(folder.glob("train-*.tar")).unlink(), "train-000000.tar is missing"),
        (_listed("first", 7), "lists shards that do not have each row once"),
        (_listed("samples", 0), "lists shards that do not have each row once"),
        (_listed("samples", "many"), "list of shards in its manifest is damaged"),
        (_listed("name", "../outside.tar"), "lists shards that do not have each row once"),
        (_listed("name", "other.tar"), "does not list other.tar"),
        (_without_files, "list of shards in its manifest is damaged"),
    ],
    ids=["cut", "missing", "gap", "empty", "type", "outside", "other", "no list"],
)
def test_damaged_folders_are_refused(damage: Callable[[Path], None], words: str, write: Write, tmp_path: Path) -> None:
    write_shards(Bundle.open(write()), tmp_path / "s")
    damage(tmp_path / "s")
    with pytest.raises(DataError, match=words):
        Bundle.open(tmp_path / "s")


def test_a_shard_that_vanishes_later(write: Write, tmp_path: Path) -> None:
    write_shards(Bundle.open(write()), tmp_path / "s")
    bundle = Bundle.open(tmp_path / "s")
    _cut(tmp_path / "s")
    row = bundle.shards[1].rows[-1]
    with bundle.shards[1].path.open("r+b") as shard:
        shard.truncate(2000)
    with pytest.raises(DataError, match=r"train-000000.tar: ends before byte"):
        bundle.image(row)
    bundle.shards[1].path.unlink()
    with pytest.raises(DataError, match=r"train-000000.tar: cannot be read"):
        bundle.image(row)


def test_the_command(write: Write, tmp_path: Path) -> None:
    folder = write(images={0: None, 3: b"no image"})
    given = ["data", "shards", str(folder), "--out", str(tmp_path / "s")]
    stopped = CliRunner().invoke(main, given)
    assert stopped.exit_code == 1 and "the images of 1 of 40 samples cannot enter a shard" in stopped.stderr
    assert "(--on-error skip)" in stopped.stderr and not stopped.stdout
    done = CliRunner().invoke(main, [*given, "--on-error", "skip", "--samples", "10"])
    assert done.exit_code == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert first.startswith(f"{tmp_path / 's'}: 38 samples of 20 cases (a/b 8, train 21, valid 9) in 5 shards, 0.")
    assert rest[0] == "2 samples were left out:" and "without image" in rest[1] and "e.g. sample 3" in rest[2]
    again = CliRunner().invoke(main, [*given, "--on-error", "skip"])
    assert again.exit_code == 1 and "is there already" in again.stderr
    data = CliRunner().invoke(main, [*given, "--on-error", "skip", "--overwrite", "--json"])
    found = json.loads(data.stdout)
    assert (found["found"], found["read"], len(found["shards"]["files"])) == (40, 38, 3)
    missing = CliRunner().invoke(main, ["data", "shards", str(tmp_path / "none"), "--out", str(tmp_path / "t")])
    assert missing.exit_code == 1 and "there is no such folder" in missing.stderr
