"""Training with frozen towers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import set_seed

from tests.clip.tiny_towers import TinyImages, TinyTexts, image_tower, seeded, text_tower
from udt.bundle.reader import Bundle
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.validation import validation_metrics
from udt.clip.model.tower_registry import TOWERS
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.model_factory import build
from udt.clip.training.training import Trained, train
from udt.core.errors import DataError

from .conftest import tiny
from .test_training import lines, same, weights

FROZEN = (
    'model.image="tiny-images"',
    'model.text="tiny-texts"',
    'model.freeze="both"',
    "data.augment=false",
    "data.prompt_share=0.5",
    "run.save_every_steps=5",
)


@pytest.fixture(autouse=True, scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tiny towers in the registry, and a cache of these tests alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TOWERS, "_own", {})
        patch.setenv("UDT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        TOWERS.add("tiny-images", image_tower())
        TOWERS.add("tiny-texts", text_tower())
        yield


def settings(bundle_folder: Path, out: Path, *changes: str) -> TrainSettings:
    return tiny(bundle_folder, out, *FROZEN, *changes)


@pytest.fixture(scope="module")
def trained(bundle_folder: Path, surroundings: None, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    torch.set_num_threads(1)
    return train(settings(bundle_folder, tmp_path_factory.mktemp("runs") / "run"))


def refuse(*_: object, **__: object) -> object:
    raise AssertionError("an image was read")


def test_a_second_training_reads_no_image_and_resumes_alike(
    trained: Trained, bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("udt.clip.data.dataset.decode_image", refuse)
    again = settings(bundle_folder, tmp_path / "run")
    second = train(again)
    assert trained.finished and second.best == trained.best
    assert same(weights(trained.run), weights(second.run))

    for name in ("checkpoint-10", "best", "last"):
        (second.run / name).rename(tmp_path / f"removed-{name}")
    assert train(again, resume=True).finished
    assert same(weights(trained.run), weights(second.run))


def test_towers_keep_their_weights_and_the_rest_is_trained(
    trained: Trained, bundle_folder: Path, bundle: Bundle
) -> None:
    set_seed(0)
    start, _ = build(settings(bundle_folder, trained.run).model, bundle.vocabulary, [])
    found = weights(trained.run)
    frozen = {"image_tower": seeded(TinyImages(2)), "text_tower": seeded(TinyTexts())}
    for half, given in frozen.items():
        assert all(torch.equal(found[f"{half}.encoder.{name}"], value) for name, value in given.items())
    for name, parameter in start.named_parameters():
        assert parameter.requires_grad == (name.partition(".")[0] not in frozen), name
        assert torch.equal(found[name], parameter) != parameter.requires_grad, name


def test_the_scores_are_those_of_the_images(trained: Trained, bundle: Bundle) -> None:
    encoder = UltrasoundEncoder.load(trained.run / "best")
    read = validation_metrics(encoder.model, encoder.processor, bundle, bundle.split("valid"))
    assert trained.best is not None
    assert {name: trained.best[name] for name in read} == pytest.approx(read, abs=1e-6)


@pytest.mark.parametrize("half", ["image", "text"])
def test_one_frozen_tower(half: str, bundle_folder: Path, tmp_path: Path) -> None:
    changes = (f'model.freeze="{half}"', f"data.augment={str(half == 'text').lower()}", "optimization.max_steps=2")
    found = weights(train(settings(bundle_folder, tmp_path / "run", *changes, 'evaluation.split=""')).run)
    changed = {
        "image": not torch.equal(found["image_tower.encoder.out.1.weight"], seeded(TinyImages(2))["out.1.weight"]),
        "text": not torch.equal(
            found["text_tower.encoder.embeddings.weight"], seeded(TinyTexts())["embeddings.weight"]
        ),
    }
    assert changed == {"image": half == "text", "text": half == "image"}


def test_features_in_chunks(bundle_folder: Path, tmp_path: Path) -> None:
    changes = ("model.graph_dropout=0", "model.graph_drop=0", "optimization.epochs=1")
    whole, parts = (
        train(settings(bundle_folder, tmp_path / str(size), *changes, f"optimization.chunk_size={size}")).run
        for size in (0, 3)
    )
    assert [line["loss"] for line in lines(parts) if line["kind"] == "train"] == pytest.approx(
        [line["loss"] for line in lines(whole) if line["kind"] == "train"], rel=1e-4
    )
    expected = weights(whole)
    # The gradient of the bias of attention keys is rounding alone, which AdamW amplifies.
    expected.pop("fusion.attention.in_proj_bias")
    for name, value in expected.items():
        torch.testing.assert_close(weights(parts)[name], value, rtol=1e-3, atol=1e-4, msg=name)


def test_contradicting_settings_are_refused(bundle_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        settings(
            bundle_folder, tmp_path / "run", "data.augment=true", 'model.text={"model_type": "bert", "vocab_size": 200}'
        )
    faults = str(caught.value).splitlines()[1:]
    assert faults == [
        '  - model.freeze is "both", but model.text has new weights, which would never be trained; give the name of a '
        "pretrained tower, e.g. efficientnet-lite0, all-minilm-l6-v2, tiny-images, tiny-texts",
        '  - data.augment is true, but with model.freeze = "both" each image is encoded once; set data.augment = '
        'false, or train the image tower: model.freeze = "text"',
    ]
    with pytest.raises(DataError, match=r"model\.image: 'tiny-texts' is a tower for texts, not for images; take eff"):
        settings(bundle_folder, tmp_path / "run", 'model.image="tiny-texts"')
