"""The stream of shards: each sample once in an epoch, with the tensors of the dataset; faults are named."""

from __future__ import annotations

import logging
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from tests.clip.training.conftest import SIZE, SPLITS, caption, label_sets, picture, write_bundle
from udt.bundle.reader import Bundle
from udt.bundle.sharding import write_shards
from udt.clip.data.augmentation import Augmentation
from udt.clip.data.collator import Collator
from udt.clip.data.dataset import BundleDataset, LoadedSample
from udt.clip.data.negatives import HardNegatives
from udt.clip.data.prompts import PromptMix
from udt.clip.data.rows import UsableRows
from udt.clip.data.share import Share
from udt.clip.data.stream import ShardStream, StreamLoader
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.taxonomy.model.taxonomy import Taxonomy

TRAIN = SPLITS["train"]
TRANSFORM = ImageTransform(SIZE, SIZE)


@pytest.fixture(scope="session")
def shards_folder(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the training tests in shards of seven samples, six of them for training."""
    folder = tmp_path_factory.mktemp("shards") / "s"
    write_shards(Bundle.open(bundle_folder), folder, samples=7)
    return folder


@pytest.fixture
def shards(shards_folder: Path) -> Bundle:
    return Bundle.open(shards_folder)


def images_of(bundle: Bundle, **given: Any) -> BundleDataset:
    return BundleDataset(bundle, UsableRows.of(bundle, bundle.split("train")).rows, TRANSFORM, **given)


def stream(bundle: Bundle, images: BundleDataset | None = None, **given: Any) -> ShardStream:
    own = [shard for shard in bundle.shards if shard.split == "train"]
    return ShardStream(images or images_of(bundle), own, **{"batch_size": 1, "buffer": 10, **given})


def epoch(bundle: Bundle, processes: int, workers: int, number: int = 0, **given: Any) -> list[list[list[int]]]:
    """The rows of each batch of each process in an epoch."""
    found = []
    for process in range(processes):
        images = images_of(bundle)
        loader = StreamLoader(stream(bundle, images, share=Share(process, processes), **given), rows_of, workers)
        loader.set_epoch(number)
        found.append(list(loader))
        assert len(loader) == len(found[-1])
    return found


def rows_of(samples: Sequence[LoadedSample]) -> list[int]:
    return [sample.row for sample in samples]


def flat(batches: list[list[list[int]]]) -> list[int]:
    return [row for process in batches for batch in process for row in batch]


@pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")
@pytest.mark.parametrize(
    ("processes", "workers", "batch_size"),
    [(1, 0, 8), (1, 0, 1), (1, 2, 4), (2, 0, 4), (2, 3, 2), (5, 0, 8), (1, 3, 20), (9, 2, 1)],
)
def test_the_readers_share_the_samples(shards: Bundle, processes: int, workers: int, batch_size: int) -> None:
    """More readers than shards, or than batches, are no exception."""
    found = epoch(shards, processes, workers, batch_size=batch_size)
    assert {len(process) for process in found} == {TRAIN // (batch_size * processes)}
    assert {len(batch) for process in found for batch in process} == {batch_size}
    rows = flat(found)
    assert len(rows) == len(set(rows)) and set(rows) <= set(shards.split("train").tolist())
    assert TRAIN - len(rows) < batch_size * processes


def test_the_order_depends_on_seed_epoch_and_readers_alone(shards: Bundle) -> None:
    def order(number: int = 0, **given: Any) -> list[int]:
        return flat(epoch(shards, 1, 0, number, **given))

    assert order() == order() == order(0, seed=0)
    orders = [order(), order(1), order(2), order(0, seed=1), order(0, buffer=3), flat(epoch(shards, 2, 0))]
    assert len({tuple(one) for one in orders}) == len(orders)
    assert all(sorted(one) == shards.split("train").tolist() for one in orders)


def test_a_buffer_of_one_image_keeps_the_order_of_the_shards(shards: Bundle) -> None:
    rows = flat(epoch(shards, 1, 0, 3, buffer=1))
    own = [list(shard.rows) for shard in shards.shards if shard.split == "train"]
    starts = [rows.index(part[0]) for part in own]
    assert all(rows[start : start + len(part)] == part for start, part in zip(starts, own, strict=True))
    assert starts != sorted(starts)


def test_the_last_samples_left_out_differ_between_epochs(shards: Bundle) -> None:
    missing = [set(shards.split("train").tolist()) - set(flat(epoch(shards, 1, 0, n, batch_size=9))) for n in range(5)]
    assert {len(one) for one in missing} == {TRAIN % 9} and len(set(map(frozenset, missing))) > 1


def test_a_large_buffer_mixes_the_shards(shards: Bundle) -> None:
    shard_of = {row: number for number, shard in enumerate(shards.shards) for row in shard.rows}
    first = [shard_of[row] for row in flat(epoch(shards, 1, 0, buffer=1000))[:8]]
    assert len(set(first)) > 2


@pytest.mark.parametrize("graph", ["text", "labels", "none"])
def test_batches_have_the_tensors_of_the_dataset(
    shards: Bundle, processor: UltrasoundClipProcessor, graph: Any
) -> None:
    """With augmentation, prompts, hard negatives and graphs, in the third epoch."""
    negatives = HardNegatives(shards.vocabulary, shards.similarity(), 2)
    mix = PromptMix(share=0.5, max_labels=2)
    collate = Collator(processor, shards, graph=graph, mix=mix, seed=3, negatives=negatives)
    images, again = (images_of(shards, augmentation=Augmentation(), seed=3) for _ in range(2))
    for one in (images, again):
        one.set_epoch(2)
    place = {int(row): index for index, row in enumerate(again.rows)}
    samples = list(stream(shards, images, batch_size=8))
    for start in range(0, TRAIN, 8):
        part = samples[start : start + 8]
        found, expected = collate(part), collate([again[place[sample.row]] for sample in part])
        assert set(found) == set(expected)
        assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_samples_are_those_of_the_bundle_before(
    bundle: Bundle, shards: Bundle, processor: UltrasoundClipProcessor
) -> None:
    """Without augmentation, which depends on the row."""
    before = BundleDataset(bundle, bundle.split("train"), TRANSFORM)
    cases = bundle.column("case_id").to_pylist()
    row_of = {cases[int(row)]: index for index, row in enumerate(before.rows)}
    names = shards.column("case_id").to_pylist()
    samples = list(stream(shards))
    found = Collator(processor, shards)(samples)
    expected = Collator(processor, bundle)([before[row_of[names[sample.row]]] for sample in samples])
    groups = (found.pop("groups"), expected.pop("groups"))
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert torch.equal(*(part[:, None] == part for part in groups))


def _offset(bundle: Bundle, row: int) -> tuple[Path, int]:
    shard = next(shard for shard in bundle.shards if row in shard.rows)
    with tarfile.open(shard.path) as file:
        return shard.path, next(one.offset_data for one in file if one.name == f"{row:09}.png")


@pytest.fixture
def copied(bundle_folder: Path, tmp_path: Path) -> Bundle:
    write_shards(Bundle.open(bundle_folder), tmp_path / "s", samples=7)
    return Bundle.open(tmp_path / "s")


@pytest.mark.parametrize("workers", [0, 2])
def test_broken_images_are_counted(copied: Bundle, workers: int, caplog: pytest.LogCaptureFixture) -> None:
    chosen = copied.split("train")[[3, 17]].tolist()
    for row in chosen:
        path, offset = _offset(copied, row)
        with path.open("r+b") as shard:
            shard.seek(offset)
            shard.write(b"no image")
    images = images_of(copied)
    with caplog.at_level(logging.WARNING):
        batches = list(DataLoader(stream(copied, images), 8, num_workers=workers, collate_fn=list))
    assert sorted(sample.row for batch in batches for sample in batch if sample.pixels is None) == chosen
    assert images.rows[images.broken.nonzero().flatten()].tolist() == chosen
    with pytest.raises(DataError, match=rf"2 of {TRAIN} images cannot be read, more than .* sample {chosen[0]} of"):
        images.check_broken(0.04)
    if not workers:
        assert [f"sample {row} of" in record.getMessage() for row, record in zip(chosen, caplog.records, strict=True)]


def test_samples_without_caption_are_left_out(taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path: Path) -> None:
    labels = label_sets(vocabulary, 12)
    captions: list[str | None] = [caption(one, vocabulary) for one in labels]
    captions[4], captions[7] = None, " "
    images: list[bytes | str | None] = [picture(n) for n in range(12)]
    folder = write_bundle(tmp_path / "b", taxonomy, labels, captions, images, ["train"] * 12)
    write_shards(Bundle.open(folder), tmp_path / "s", samples=5)
    bundle = Bundle.open(tmp_path / "s")
    names = bundle.column("case_id").to_pylist()
    found = sorted(names[row] for row in flat(epoch(bundle, 2, 0)))
    assert found == sorted(f"test/{n}" for n in range(12) if n not in (4, 7))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1500])


def _replaced(path: Path) -> None:
    with tarfile.open(path, "w") as shard:
        shard.addfile(tarfile.TarInfo("000000000.png"))


def _foreign(path: Path) -> None:
    with tarfile.open(path, "w") as shard:
        shard.addfile(tarfile.TarInfo("picture.png"))


@pytest.mark.parametrize(
    ("damage", "workers"),
    [
        pytest.param(_cut, 0, id="cut"),
        pytest.param(_cut, 1, id="cut, read by a worker"),
        pytest.param(_replaced, 0, id="other samples"),
        pytest.param(_foreign, 0, id="other names"),
        pytest.param(Path.unlink, 0, id="missing"),
        pytest.param(lambda path: path.write_bytes(b"no tar" * 400), 0, id="no tar"),
    ],
)
def test_damaged_shards_are_named(copied: Bundle, damage: Any, workers: int) -> None:
    path = next(shard.path for shard in copied.shards if shard.split == "train")
    damage(path)
    source = stream(copied)
    source.check_damaged()
    with pytest.raises(DataError, match=r"train-000000\.tar: cannot be read to its end"):
        list(DataLoader(source, 4, num_workers=workers, collate_fn=rows_of))
    with pytest.raises(DataError, match=r"^[^\n]*train-000000.tar: cannot be read to its end[^\n]*udt data shards$"):
        source.check_damaged()


def test_a_missing_package_is_named(shards: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "webdataset", None)
    with pytest.raises(
        DataError, match=r"webdataset, which is not installed; .* pip install 'udt-toolkit\[streaming\]'"
    ):
        stream(shards)


def test_random_access_reads_the_same(shards: Bundle) -> None:
    images = images_of(shards)
    for sample in stream(shards):
        again = images[int(np.searchsorted(images.rows, sample.row))]
        assert sample.pixels is not None and again.pixels is not None and torch.equal(sample.pixels, again.pixels)
