"""Patch dropout: which tokens are kept in training, and which towers have patches to drop."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import (
    BeitConfig,
    CLIPVisionConfig,
    ConvNextConfig,
    DeiTConfig,
    Dinov2Config,
    Dinov2WithRegistersConfig,
    DINOv3ViTConfig,
    PretrainedConfig,
    ResNetConfig,
    SiglipVisionConfig,
    ViTConfig,
    ViTMAEConfig,
)

from tests.clip.model.conftest import BERT, SIZE
from tests.clip.tiny_towers import towers  # noqa: F401
from udt.clip import UltrasoundClipModel
from udt.core.errors import DataError

PATCHES = {**SIZE, "image_size": 32, "patch_size": 8}
SIZES = {"projection_dim": 8, "fusion_heads": 2}
PIXELS = torch.randn(5, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def made(config: PretrainedConfig, share: float) -> UltrasoundClipModel:
    torch.manual_seed(0)
    return UltrasoundClipModel.from_towers(config, BERT, patch_dropout=share, **SIZES)


def tokens(model: UltrasoundClipModel, pixels: torch.Tensor = PIXELS) -> torch.Tensor:
    """The tokens that the layers get."""
    found: list[torch.Tensor] = []
    embeddings = model.image_tower.encoder.embeddings
    hook = embeddings.register_forward_hook(lambda *given: found.append(given[2]))
    model.get_image_features(pixels)
    hook.remove()
    return found[0].detach()


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9, 0.99])
@pytest.mark.parametrize(
    ("config", "first"),
    [
        pytest.param(ViTConfig(**PATCHES), 1, id="vit"),
        pytest.param(CLIPVisionConfig(**PATCHES), 1, id="clip"),
        pytest.param(Dinov2Config(**PATCHES), 1, id="dinov2"),
        pytest.param(Dinov2WithRegistersConfig(**PATCHES, num_register_tokens=3), 4, id="registers"),
        pytest.param(DeiTConfig(**PATCHES), 2, id="distillation"),
        pytest.param(SiglipVisionConfig(**PATCHES), 0, id="siglip"),
    ],
)
def test_a_part_of_the_patches_is_kept_each_once_and_in_order(
    config: PretrainedConfig, first: int, share: float
) -> None:
    model = made(config, share)
    whole, kept = tokens(model.eval()), tokens(model.train())
    assert whole.shape[1] == first + 16
    assert kept.shape == (5, first + {0.25: 12, 0.5: 8, 0.9: 2, 0.99: 1}[share], whole.shape[2])
    assert torch.equal(kept[:, :first], whole[:, :first])
    drawn = []
    for all_tokens, own in zip(whole[:, first:], kept[:, first:], strict=True):
        places = [int((all_tokens == token).all(1).nonzero()) for token in own]
        assert places == sorted(set(places))
        drawn.append(tuple(places))
    assert len(set(drawn)) > 1, "each image has its own"


def test_every_patch_is_equally_likely() -> None:
    model = made(ViTConfig(**PATCHES), 0.75)
    whole = tokens(model.eval(), PIXELS[:1])[0, 1:]
    kept = tokens(model.train(), PIXELS[:1].expand(4000, -1, -1, -1))[:, 1:]
    counts = torch.stack([(kept == patch).all(2).sum() for patch in whole])
    assert counts.sum() == 16_000
    # Each count is binomial, with a mean of 1000 and a standard deviation of 27.
    assert (counts - 1000).abs().max() < 5 * 27


def test_evaluation_and_saved_models(tmp_path: Path) -> None:
    plain, dropping = made(ViTConfig(**PATCHES), 0.0).eval(), made(ViTConfig(**PATCHES), 0.5).eval()
    dropping.load_state_dict(plain.state_dict())
    assert torch.equal(plain.get_image_features(PIXELS), dropping.get_image_features(PIXELS))
    dropping.save_pretrained(tmp_path)
    loaded = UltrasoundClipModel.from_pretrained(tmp_path)
    assert loaded.config.patch_dropout == 0.5
    assert torch.equal(plain.get_image_features(PIXELS), loaded.eval().get_image_features(PIXELS))
    assert tokens(loaded.train()).shape[1] == 9


def test_the_generator_of_torch_decides() -> None:
    model = made(ViTConfig(**PATCHES), 0.5)
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        found.append(tokens(model))
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        pytest.param(
            ResNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1]),
            "a 'resnet' has no embeddings of patches",
            id="resnet",
        ),
        pytest.param(
            ConvNextConfig(hidden_sizes=[8] * 4, depths=[1] * 4),
            r"the embeddings of a 'convnext' are \(2, 8, .*\), not \(B, tokens, width\)",
            id="convnext",
        ),
        pytest.param(ViTMAEConfig(**PATCHES), "the embeddings of a 'vit_mae' are tuple", id="mae"),
        pytest.param(DINOv3ViTConfig(**PATCHES), "the layers of a 'dinov3_vit' need all patches", id="rotary"),
        pytest.param(
            BeitConfig(**PATCHES, use_relative_position_bias=True),
            "the layers of a 'beit' need all patches",
            id="relative",
        ),
    ],
)
def test_other_towers_are_refused(config: PretrainedConfig, fault: str) -> None:
    with pytest.raises(DataError, match=f"{fault}.*; take a vision transformer .* model.patch_dropout = 0$"):
        made(config, 0.5)
    assert isinstance(made(config, 0.0), nn.Module)


@pytest.mark.usefixtures("towers")
def test_a_named_tower_has_no_patches() -> None:
    with pytest.raises(DataError, match="a 'udt-tower' has no embeddings of patches"):
        UltrasoundClipModel.from_towers("tiny-images", BERT, patch_dropout=0.5, **SIZES)


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_the_share_is_checked(share: float) -> None:
    with pytest.raises(DataError, match=f"patch_dropout is {share}; it has to be at least 0 and below 1"):
        made(ViTConfig(**PATCHES), share)
