"""The cache of the features of frozen towers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.clip.tiny_towers import image_tower, text_tower, tokenizer, towers  # noqa: F401
from tests.clip.training.conftest import caption, label_sets, picture, write_bundle
from udt.bundle.reader import Bundle
from udt.clip.data import features as module
from udt.clip.data.dataset import BrokenImageError, BundleDataset
from udt.clip.data.features import FrozenFeatures
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.model.tower_registry import TOWERS
from udt.core.vocabulary import Vocabulary
from udt.taxonomy.model.taxonomy import Taxonomy

pytestmark = pytest.mark.usefixtures("towers")

COUNT = 12
Make = Callable[..., FrozenFeatures]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UDT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "features"


@pytest.fixture
def processor(vocabulary: Vocabulary) -> UltrasoundClipProcessor:
    return UltrasoundClipProcessor(ImageTransform(16, 16), tokenizer(), vocabulary, 32)


def made(folder: Path, taxonomy: Taxonomy, vocabulary: Vocabulary, **changes: Sequence[str | bytes | None]) -> Bundle:
    """A bundle; the first two samples have the same caption."""
    labels = label_sets(vocabulary, COUNT)
    labels[1] = labels[0]
    given = {"captions": [caption(one, vocabulary) for one in labels], "images": [picture(n) for n in range(COUNT)]}
    parts: dict[str, list[str | bytes | None]] = {**given, **{name: list(part) for name, part in changes.items()}}
    kind = "path" if any(isinstance(image, str) for image in parts["images"]) else "bytes"
    splits = ["train"] * COUNT
    return Bundle.open(
        write_bundle(folder, taxonomy, labels, parts["captions"], parts["images"], splits, kind)  # type: ignore[arg-type]
    )


def model(freeze: Sequence[str] = ("image", "text")) -> UltrasoundClipModel:
    torch.manual_seed(0)
    found = UltrasoundClipModel.from_towers("tiny-images", "tiny-texts", projection_dim=8, fusion_heads=2)
    found.freeze(freeze)
    return found


def refuse(*_: object, **__: object) -> object:
    raise AssertionError("an input was read or encoded again")


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("decode_image", "stored_image"):
        monkeypatch.setattr(f"udt.clip.data.dataset.{name}", refuse)
    monkeypatch.setattr(module._Encoder, "__call__", refuse)


def test_features_are_those_of_the_towers(
    processor: UltrasoundClipProcessor, taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    bundle, dual = made(tmp_path / "b", taxonomy, vocabulary), model()
    found = FrozenFeatures.of(dual, processor, bundle, batch_size=5)
    images = BundleDataset(bundle, range(COUNT), processor.image)
    with torch.no_grad():
        one_by_one = [dual.image_tower({"pixel_values": images[row].pixels[None]}) for row in range(COUNT)]  # type: ignore[index]
    assert found.images is not None and found.texts is not None
    torch.testing.assert_close(found.images, torch.cat(one_by_one))
    assert found.images.std(0).min() > 1e-4, "images differ"

    texts = [*map(str, bundle.captions(range(COUNT))), "not in the bundle", "nor this, which is longer", "nor"]
    with torch.no_grad():
        expected = torch.cat([dual.text_tower(processor.tokens([text])) for text in texts])
    torch.testing.assert_close(found.texts(texts), expected)
    assert {*texts[:COUNT], vocabulary.dimensions[0].prompts[0]} <= found.texts.known.keys()


def test_a_text_that_comes_again_is_encoded_once(
    processor: UltrasoundClipProcessor,
    taxonomy: Taxonomy,
    vocabulary: Vocabulary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 3)
    found = FrozenFeatures.of(model(["text"]), processor, made(tmp_path / "b", taxonomy, vocabulary)).texts
    assert found is not None
    encoded: list[str] = []
    encode = module._Encoder.__call__

    def counted(self: module._Encoder, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        encoded.extend(processor.tokenizer.batch_decode(inputs["input_ids"], skip_special_tokens=True))
        return encode(self, inputs)

    monkeypatch.setattr(module._Encoder, "__call__", counted)
    known = next(iter(found.known))
    first = found(["a", "b", known, "a"])
    assert encoded == ["a", "b"], "known texts are not encoded"
    assert torch.equal(found(["b", "a", "c"])[:2], first[[1, 0]]) and encoded == ["a", "b", "c"]
    assert torch.equal(first[0], first[3])
    # Of four texts, three are remembered: the one that was not asked for longest, b, is dropped.
    found(["a", "c", "d"])
    found(["a", "c", "d", "b"])
    assert encoded == ["a", "b", "c", "d", "b"]


def test_a_second_time_nothing_is_read_or_encoded(
    processor: UltrasoundClipProcessor,
    taxonomy: Taxonomy,
    vocabulary: Vocabulary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bundle = made(tmp_path / "b", taxonomy, vocabulary)
    first = FrozenFeatures.of(model(), processor, bundle)
    forbid(monkeypatch)
    second = FrozenFeatures.of(model(), processor, Bundle.open(tmp_path / "b"))
    assert first.images is not None and second.images is not None and second.texts is not None
    assert torch.equal(first.images, second.images)
    assert len(second.texts([str(bundle.captions([0])[0])])) == 1
    pixels = BundleDataset(bundle, range(3), processor.image, features=second.images)[2].pixels
    assert pixels is not None and torch.equal(pixels, first.images[2])


def entries(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir()} if cache.is_dir() else set()


def test_each_change_of_an_input_makes_an_entry(
    processor: UltrasoundClipProcessor, taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path: Path, cache: Path
) -> None:
    def new(dual: UltrasoundClipModel, processor: UltrasoundClipProcessor, bundle: Bundle) -> int:
        before = entries(cache)
        FrozenFeatures.of(dual, processor, bundle)
        return len(entries(cache) - before)

    bundle = made(tmp_path / "b", taxonomy, vocabulary)
    assert new(model(), processor, bundle) == 2
    assert new(model(), processor, bundle) == 0
    assert new(model(()), processor, bundle) == 0, "no tower is frozen"

    captions = ["another caption", *map(str, bundle.captions(range(1, COUNT)))]
    assert new(model(["text"]), processor, made(tmp_path / "c", taxonomy, vocabulary, captions=captions)) == 1
    images = [picture(99), *(picture(n) for n in range(1, COUNT))]
    assert new(model(["image"]), processor, made(tmp_path / "i", taxonomy, vocabulary, images=images)) == 1

    processor.image = replace(processor.image, resample=2)
    assert new(model(), processor, bundle) == 1, "other preprocessing"
    processor.max_length = 6
    assert new(model(), processor, bundle) == 1, "texts are cut off"
    TOWERS.add("tiny-images", image_tower(seed=1))
    assert new(model(), processor, bundle) == 1, "other weights of the image tower"
    TOWERS.add("tiny-texts", text_tower(seed=1))
    assert new(model(), processor, bundle) == 1, "other weights of the text tower"


@pytest.mark.parametrize("damage", ["cut", "byte", "empty", "other"])
def test_a_damaged_entry_is_made_again(
    damage: str,
    processor: UltrasoundClipProcessor,
    taxonomy: Taxonomy,
    vocabulary: Vocabulary,
    tmp_path: Path,
    cache: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    bundle = made(tmp_path / "b", taxonomy, vocabulary)
    first = FrozenFeatures.of(model(["image"]), processor, bundle).images
    (entry,) = cache.iterdir()
    sound = entry.read_bytes()
    damaged = {
        "cut": sound[:-7],
        "byte": sound[:-3] + bytes([sound[-3] ^ 1]) + sound[-2:],
        "empty": b"",
        "other": module.save({"features": torch.zeros(COUNT, 6)}),
    }
    entry.write_bytes(damaged[damage])
    again = FrozenFeatures.of(model(["image"]), processor, bundle).images
    assert first is not None and again is not None and torch.equal(first, again)
    assert f"{entry}: is damaged; the features are computed again" in caplog.text
    assert entry.read_bytes() == sound


def test_image_files_are_read_again_when_they_change(
    processor: UltrasoundClipProcessor, taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path: Path, cache: Path
) -> None:
    names = [f"{number}.png" for number in range(COUNT)]
    for number, name in enumerate(names[1:]):
        (tmp_path / name).write_bytes(picture(number))
    bundle = made(tmp_path / "b", taxonomy, vocabulary, images=names)
    options = {"image_root": tmp_path}
    found = FrozenFeatures.of(model(["image"]), processor, bundle, **options).images
    assert found is not None and found.isnan().any(1).tolist() == [True] + [False] * (COUNT - 1)
    sample = BundleDataset(bundle, [0, 1], processor.image, features=found)
    assert sample[0].pixels is None and sample[1].pixels is not None
    assert sample.broken.tolist() == [1, 0]

    (tmp_path / names[0]).write_bytes(picture(77))
    again = FrozenFeatures.of(model(["image"]), processor, bundle, **options).images
    assert again is not None and not again.isnan().any() and len(entries(cache)) == 2
    os.utime(tmp_path / names[3], ns=(1, 1))
    FrozenFeatures.of(model(["image"]), processor, bundle, **options)
    assert len(entries(cache)) == 3

    with pytest.raises(BrokenImageError, match=r"none of 12 images can be read, e\.g\. sample 0 of .*data\.image_root"):
        FrozenFeatures.of(model(["image"]), processor, bundle, image_root=tmp_path / "b")


def test_features_that_are_not_finite_are_refused(
    processor: UltrasoundClipProcessor, taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path: Path, cache: Path
) -> None:
    dual = model(["text"])
    with torch.no_grad():
        dual.text_tower.encoder.embeddings.weight[:, 0] = np.inf
    with pytest.raises(module.DataError, match="the features of a frozen tower are not finite"):
        FrozenFeatures.of(dual, processor, made(tmp_path / "b", taxonomy, vocabulary))
    assert entries(cache) == set()


def test_a_cache_that_cannot_be_written_is_named(
    processor: UltrasoundClipProcessor,
    taxonomy: Taxonomy,
    vocabulary: Vocabulary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("UDT_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(module.DataError, match=r"cannot be written: .*; set UDT_CACHE_DIR to a folder"):
        FrozenFeatures.of(model(["text"]), processor, made(tmp_path / "b", taxonomy, vocabulary))
