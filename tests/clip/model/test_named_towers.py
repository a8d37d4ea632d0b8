"""Towers of the registry: the protocol, checkpoints, freezing, and messages."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.clip.model.conftest import BERT, VIT
from tests.clip.tiny_towers import IMAGE_WIDTH, TinyImages, image_tower, seeded, text_tower, towers  # noqa: F401
from tests.entry_points import write_package
from udt.clip import UltrasoundClipModel
from udt.clip.model.tower_registry import TOWERS, NamedTower, NamedTowerConfig, named_module
from udt.clip.model.towers import half_config, load_tower
from udt.core.errors import DataError

pytestmark = pytest.mark.usefixtures("towers")

SIZES = {"projection_dim": 8, "fusion_heads": 2}
PIXELS = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))
IDS = torch.tensor([[2, 7, 9, 3], [2, 8, 3, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])


@pytest.fixture
def model() -> UltrasoundClipModel:
    return UltrasoundClipModel.from_towers("tiny-images", "tiny-texts", **SIZES).eval()


@torch.no_grad()
def embedded(model: UltrasoundClipModel) -> tuple[torch.Tensor, torch.Tensor]:
    return model.get_image_features(PIXELS), model.get_text_features(IDS, MASK)


def test_a_model_gives_the_features_of_its_modules(model: UltrasoundClipModel) -> None:
    images, texts = TinyImages(2).eval(), named_module("tiny-texts", "text").eval()
    images.load_state_dict(dict(seeded(images)))
    with torch.no_grad():
        expected = model.image_projection(images(PIXELS)), model.text_projection(texts(IDS, MASK))
    for found, features in zip(embedded(model), expected, strict=True):
        torch.testing.assert_close(found, nn.functional.normalize(features, dim=1))


def test_a_text_tower_gets_a_mask_always_and_no_other_input(model: UltrasoundClipModel) -> None:
    ones = torch.ones_like(IDS)
    with torch.no_grad():
        without = model.get_text_features(IDS, token_type_ids=torch.zeros_like(IDS))
        torch.testing.assert_close(without, model.get_text_features(IDS, ones))
        assert (without[1] - model.get_text_features(IDS, MASK)[1]).abs().max() > 1e-3


def test_a_checkpoint_is_loaded_without_the_pretrained_weights(model: UltrasoundClipModel, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path)

    def unavailable() -> dict[str, torch.Tensor]:
        raise AssertionError("the pretrained weights were read")

    TOWERS.add("tiny-images", replace(image_tower(), weights=unavailable, package="udt_nowhere"))
    loaded = UltrasoundClipModel.from_pretrained(tmp_path).eval()
    assert loaded.config.vision_config.to_dict()["tower"] == "tiny-images"
    assert loaded.image_tower.encoder.pool.output_size == 2, "built with the options of the checkpoint"
    for found, expected in zip(embedded(loaded), embedded(model), strict=True):
        torch.testing.assert_close(found, expected)


def test_a_checkpoint_of_an_unknown_tower_is_refused(
    model: UltrasoundClipModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save_pretrained(tmp_path)
    monkeypatch.setattr(TOWERS, "_own", {})
    with pytest.raises(
        DataError, match=r"there is no tower 'tiny-images'; allowed: .*Install the package that adds it"
    ):
        UltrasoundClipModel.from_pretrained(tmp_path)


def test_towers_of_both_kinds_in_one_model(model: UltrasoundClipModel) -> None:
    mixed = UltrasoundClipModel.from_towers("tiny-images", BERT, **SIZES).eval()
    assert mixed.get_image_features(PIXELS).shape == (3, 8)
    assert UltrasoundClipModel.from_towers(VIT, "tiny-texts", **SIZES).get_text_features(IDS).shape == (2, 8)


def test_a_package_adds_a_tower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    body = "from tests.clip.tiny_towers import image_tower\nTOWER = image_tower(seed=3)\n"
    write_package(tmp_path, "udt_test_towers", TOWERS.group, {"packaged": "udt_test_towers:TOWER"}, body)
    monkeypatch.delitem(sys.modules, "udt_test_towers", raising=False)
    monkeypatch.delitem(vars(TOWERS), "_added", raising=False)
    try:
        assert "packaged" in TOWERS.names()
        state = load_tower("packaged", "image", "pooler").encoder.state_dict()
        assert torch.equal(state["out.1.weight"], seeded(TinyImages(2), 3)["out.1.weight"])
    finally:
        vars(TOWERS).pop("_added", None)


def test_a_frozen_tower_keeps_weights_and_statistics(model: UltrasoundClipModel) -> None:
    before = {name: part.clone() for name, part in model.image_tower.state_dict().items()}
    model.freeze(["image"])
    model.train()
    assert not model.image_tower.training and model.text_tower.training
    found = model.get_image_features(PIXELS)
    torch.testing.assert_close(found, model.get_image_features(PIXELS), msg="no dropout")
    found.sum().backward()
    assert all(parameter.grad is None for parameter in model.image_tower.parameters())
    assert model.image_projection.weight.grad is not None
    assert all(torch.equal(part, before[name]) for name, part in model.image_tower.state_dict().items())


def test_features_take_the_place_of_the_inputs_of_a_tower(model: UltrasoundClipModel) -> None:
    with torch.no_grad():
        images = model.image_tower({"pixel_values": PIXELS[:2]})
        texts = model.text_tower({"input_ids": IDS, "attention_mask": MASK})
        given = model(image_features=images, text_features=texts)
        computed = model(pixel_values=PIXELS[:2], input_ids=IDS, attention_mask=MASK)
    torch.testing.assert_close(given.logits_per_image, computed.logits_per_image)
    with pytest.raises(DataError, match="give either pixel_values or the features"):
        model.get_image_features(PIXELS, images)
    with pytest.raises(DataError, match="give either input_ids or the features"):
        model.get_text_features()


class _Shapeless(TinyImages):
    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        return pixel_values


@pytest.mark.parametrize(
    ("tower", "fault"),
    [
        (replace(image_tower(), half="text", tokenizer=text_tower().tokenizer), "is a tower for texts, not for images"),
        (replace(image_tower(), package="udt_nowhere", install="pip install x"), "not installed: pip install x"),
        (replace(image_tower(), options={"depth": 3}), r"'odd' cannot be built with \{'depth': 3\}"),
        (replace(image_tower(), weights=dict), "tower 'odd' cannot be loaded: norm.bias, .* are not in both"),
        (replace(image_tower(), module=_Shapeless), r"returns \(3, 3, 16, 16\) for a batch; it has to be \(3, 6\)"),
        (replace(image_tower(), width=7), r"returns \(3, 6\) for a batch; it has to be \(3, 7\)"),
    ],
    ids=["half", "package", "options", "weights", "shape", "width"],
)
def test_faulty_towers_are_named(tower: NamedTower, fault: str) -> None:
    TOWERS.add("odd", tower)
    with pytest.raises(DataError, match=fault):
        UltrasoundClipModel.from_towers("odd", BERT, **SIZES).get_image_features(PIXELS)


@pytest.mark.parametrize(
    ("name", "half", "hint"),
    [
        ("tiny-image", "image", "did you mean 'tiny-images'? Otherwise give the name of a named tower"),
        ("someone/Tiny-Texts", "text", "did you mean 'tiny-texts'? Otherwise give the name of a named tower"),
        ("someone/else", "image", "give the name of a named tower"),
    ],
)
def test_a_misspelt_name_is_asked_for_once(
    name: str, half: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without network and with an empty cache."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(DataError) as caught:
        half_config(name, half)
    assert str(caught.value).startswith(
        f"'{name}' cannot be loaded as the {half} tower: it is neither a folder nor in the cache, and the hub cannot "
        "be reached ("
    )
    assert f"); {hint} (efficientnet-lite0, all-minilm-l6-v2, tiny-images, tiny-texts) or" in str(caught.value)
    assert "Retrying" not in caplog.text


def test_preprocessing_is_required() -> None:
    with pytest.raises(DataError, match="a tower for images lacks its preprocessing; give the argument 'image'"):
        NamedTower("image", TinyImages, IMAGE_WIDTH)
    with pytest.raises(DataError, match="give the argument 'tokenizer'"):
        NamedTower("text", TinyImages, IMAGE_WIDTH)


def test_the_configuration_survives_its_plain_form() -> None:
    plain = NamedTowerConfig("tiny-images", 6, {"grid": 2}).to_dict()
    again = NamedTowerConfig(**{name: part for name, part in plain.items() if name != "model_type"})
    assert (again.tower, again.hidden_size, again.options) == ("tiny-images", 6, {"grid": 2})
