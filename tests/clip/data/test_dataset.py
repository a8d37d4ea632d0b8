"""Dataset and collator, against lookups one by one; broken images are named, counted and replaced."""

from __future__ import annotations

import io
import logging
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from tests.clip.training.conftest import SIZE, caption, label_sets, picture, write_bundle
from udt.bundle.reader import Bundle
from udt.clip.data.augmentation import Augmentation, generator
from udt.clip.data.collator import Collator
from udt.clip.data.dataset import BrokenImageError, BundleDataset
from udt.clip.data.prompts import PromptMix, prompts
from udt.clip.data.rows import UsableRows, label_matrix
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.graphkit.convert.dense import GraphIndex
from udt.similarity.multi_hot import multi_hot
from udt.taxonomy.model.taxonomy import Taxonomy

TRANSFORM = ImageTransform(SIZE, SIZE)


def dataset(bundle: Bundle, **given: object) -> BundleDataset:
    return BundleDataset(bundle, np.arange(len(bundle)), TRANSFORM, **given)  # type: ignore[arg-type]


@pytest.fixture
def broken(taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path: Path) -> Bundle:
    """Eight samples: images 2 and 5 cannot be read, 6 has no image, 7 has a blank caption."""
    labels = label_sets(vocabulary, 8, seed=1)
    images: list[bytes | str | None] = [picture(n) for n in range(8)]
    images[2], images[5], images[6] = b"no image", picture(5)[:60], None
    captions: list[str | None] = [caption(one, vocabulary) for one in labels]
    captions[7] = " "
    return Bundle.open(write_bundle(tmp_path / "b", taxonomy, labels, captions, images, ["train"] * 8))


def test_a_batch_consists_of_its_samples(bundle: Bundle, processor: UltrasoundClipProcessor) -> None:
    """Images, tokens and graphs equal those of the processor; labels and groups are computed by hand."""
    rows = [3, 0, 1, 40, 3]
    batch = Collator(processor, bundle)([dataset(bundle)[row] for row in rows])
    sets = [bundle.label_set(row) for row in rows]
    captions = [str(bundle.caption(row)) for row in rows]
    images = [Image.open(io.BytesIO(bundle.image(row))) for row in rows]  # type: ignore[arg-type]
    expected = processor(images=images, text=captions, graphs=sets)
    sizes = [len(dimension) for dimension in bundle.vocabulary.dimensions]
    assert set(batch) == {*expected, "labels", "groups", "prompt_labels"}
    assert not batch["prompt_labels"].any()
    assert all(torch.equal(batch[name], expected[name]) for name in expected)
    assert np.array_equal(batch["labels"].numpy(), multi_hot(sets, sizes))
    same = [[one == other for other in captions] for one in captions]
    assert (batch["groups"][:, None] == batch["groups"]).tolist() == same
    assert batch["groups"].dtype == torch.int64 and batch["labels"].dtype == torch.bool


def test_graphs_are_those_of_the_index(bundle: Bundle, processor: UltrasoundClipProcessor) -> None:
    rows = np.random.default_rng(0).permutation(len(bundle))[:20]
    batch = Collator(processor, bundle)([dataset(bundle)[int(row)] for row in rows])
    expected = GraphIndex.of(bundle.label_sets(), processor.space).batch(rows).typed()
    assert all(torch.equal(batch[name], expected[name]) for name in expected)


def test_a_collator_without_graphs(bundle: Bundle, processor: UltrasoundClipProcessor) -> None:
    assert not {"diagnosis_ids", "attribute_ids"} & set(Collator(processor, bundle, graph="none")([dataset(bundle)[0]]))


def test_label_matrix(bundle: Bundle) -> None:
    sizes = [len(dimension) for dimension in bundle.vocabulary.dimensions]
    assert np.array_equal(label_matrix(bundle), multi_hot(list(bundle.label_sets()), sizes))


def test_augmentation_depends_on_seed_epoch_and_row(bundle: Bundle) -> None:
    change = Augmentation()
    one = dataset(bundle, augmentation=change, seed=4)
    one.set_epoch(2)
    image = TRANSFORM.fitted(Image.open(io.BytesIO(bundle.image(7))))  # type: ignore[arg-type]
    expected = TRANSFORM(change(image, generator(4, 2, 7)))
    first = one[7].pixels
    assert first is not None and torch.equal(first, expected)
    one[8]  # an earlier read has no effect
    assert torch.equal(one[7].pixels, first)  # type: ignore[arg-type]
    one.set_epoch(3)
    assert not torch.equal(one[7].pixels, first)  # type: ignore[arg-type]


def test_a_cropped_image_is_augmented_in_its_final_size(bundle: Bundle) -> None:
    crop = ImageTransform(SIZE, SIZE, fit="crop", shortest_edge=20)
    nothing = Augmentation(0, 0, 0, 0, 0, 0, 0, 0, 0)
    one, other = (BundleDataset(bundle, [0], crop, augmentation=change)[0].pixels for change in (None, nothing))
    assert one is not None and torch.equal(one, other)  # type: ignore[arg-type]


def test_a_copy_in_another_process_reads_the_same(bundle: Bundle) -> None:
    one = dataset(bundle)
    again: BundleDataset = pickle.loads(pickle.dumps(one))
    assert torch.equal(again[5].pixels, one[5].pixels)  # type: ignore[arg-type]


def test_paths_start_from_the_image_root(taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(picture(0))
    labels = label_sets(vocabulary, 1)
    folder = write_bundle(tmp_path / "b", taxonomy, labels, ["A caption."], ["a.png"], ["train"], "path")
    one = BundleDataset(Bundle.open(folder), [0], TRANSFORM, image_root=tmp_path / "images")
    assert torch.equal(one[0].pixels, TRANSFORM(Image.open(io.BytesIO(picture(0)))))  # type: ignore[arg-type]
    lost = BundleDataset(Bundle.open(folder), [0], TRANSFORM, image_root=tmp_path)
    assert lost[0].pixels is None and lost.name(0) == f"sample 0 of {folder}, a.png"


def test_relative_paths_stay_in_the_image_root(taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path: Path) -> None:
    root = tmp_path / "images"
    root.mkdir()
    (tmp_path / "secret.png").write_bytes(picture(0))
    (root / "link.png").symlink_to("../secret.png")
    os.mkfifo(root / "pipe.png")
    images = ["../secret.png", "link.png", "pipe.png", "a\0.png", str(tmp_path / "secret.png")]
    labels = label_sets(vocabulary, len(images))
    captions, splits = ["A caption."] * len(images), ["train"] * len(images)
    folder = write_bundle(tmp_path / "b", taxonomy, labels, captions, images, splits, "path")
    data = dataset(Bundle.open(folder), image_root=root)
    assert [data[row].pixels is None for row in range(len(images))] == [True, True, True, True, False]


def test_samples_without_image_or_caption_are_left_out(broken: Bundle) -> None:
    usable = UsableRows.of(broken, [7, 6, 5, 4])
    assert (usable.rows.tolist(), usable.without_image, usable.without_caption) == ([5, 4], 1, 1)


def test_a_broken_image_is_named_once_and_counted(broken: Bundle, caplog: pytest.LogCaptureFixture) -> None:
    data = dataset(broken)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert data[2].pixels is None
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        f"the image of sample 2 of {broken.path} cannot be read"
    ]
    assert data.broken.tolist() == [0, 0, 1, 0, 0, 0, 0, 0]


def test_a_broken_sample_is_replaced_by_another(broken: Bundle, processor: UltrasoundClipProcessor) -> None:
    data = dataset(broken)
    batch = Collator(processor, broken)([data[row] for row in (2, 0, 5, 1)])
    expected = Collator(processor, broken)([data[row] for row in (0, 0, 1, 1)])
    assert all(torch.equal(batch[name], expected[name]) for name in expected)
    assert batch["groups"][0] == batch["groups"][1] != batch["groups"][3]


def test_a_batch_of_broken_samples_is_refused(broken: Bundle, processor: UltrasoundClipProcessor) -> None:
    data = dataset(broken)
    with pytest.raises(BrokenImageError, match="none of the 2 images of a batch can be read"):
        Collator(processor, broken)([data[2], data[5]])


def test_workers_count_together(broken: Bundle, processor: UltrasoundClipProcessor) -> None:
    data = BundleDataset(broken, range(6), TRANSFORM)
    loader = DataLoader(data, batch_size=3, num_workers=2, collate_fn=Collator(processor, broken))
    assert [len(batch["groups"]) for batch in loader] == [3, 3]
    assert data.broken.tolist() == [0, 0, 1, 0, 0, 1]
    data.check_broken(0.34)
    with pytest.raises(
        BrokenImageError, match=r"2 of 6 images cannot be read, more than the share of 0.3 .* sample 2 of"
    ):
        data.check_broken(0.3)


def test_other_labels_are_refused(bundle: Bundle, processor: UltrasoundClipProcessor, tmp_path: Path) -> None:
    other = shutil.copytree(bundle.path, tmp_path / "b")
    opened = Bundle.open(other)
    first = opened.vocabulary.dimensions[0]
    object.__setattr__(first, "labels", (*first.labels[:-1], "another"))
    with pytest.raises(DataError, match="has other labels than the model: body_system"):
        Collator(processor, opened)


def test_prompts_replace_captions(bundle: Bundle, processor: UltrasoundClipProcessor) -> None:
    """Text, graph and group are those of the prompt labels, which depend on seed, epoch and row alone."""
    collate = Collator(processor, bundle, mix=PromptMix(share=0.6, max_labels=2), seed=4)
    images, rows = dataset(bundle), list(range(20))
    images.set_epoch(3)
    batch = collate([images[row] for row in rows])
    prompt_labels = batch["prompt_labels"].numpy()
    prompted = prompt_labels.any(axis=1)
    assert 5 < prompted.sum() < 18 and set(prompt_labels.sum(axis=1)) == {0, 1, 2}
    assert not (prompt_labels & ~label_matrix(bundle)[rows]).any()
    texts_of_labels, sizes = prompts(bundle.vocabulary), [len(d) for d in bundle.vocabulary.dimensions]
    texts = [
        ", ".join(texts_of_labels[column] for column in np.flatnonzero(prompt_labels[row]))
        if prompted[row]
        else str(bundle.caption(row))
        for row in rows
    ]
    parts = [np.flatnonzero(part).tolist() for row in prompt_labels for part in np.split(row, np.cumsum(sizes)[:-1])]
    label_sets_of_prompts = [LabelSet(tuple(map(tuple, parts[9 * row : 9 * row + 9]))) for row in rows]
    graphs = [label_sets_of_prompts[row] if prompted[row] else bundle.label_set(row) for row in rows]
    expected = processor(text=texts, graphs=graphs)
    assert all(torch.equal(batch[name], expected[name]) for name in expected)
    same = [[one == other for other in texts] for one in texts]
    assert (batch["groups"][:, None] == batch["groups"]).tolist() == same
    assert torch.equal(collate([images[5], images[0]])["prompt_labels"], batch["prompt_labels"][[5, 0]])
    images.set_epoch(4)
    assert not torch.equal(collate([images[row] for row in rows])["prompt_labels"], batch["prompt_labels"])
