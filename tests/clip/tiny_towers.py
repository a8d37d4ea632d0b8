"""Towers of a few weights, which are no models of transformers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from torch import nn
from transformers import PreTrainedTokenizerFast

from udt.clip.model.images import ImageTransform
from udt.clip.model.tokenizer import train_tokenizer
from udt.clip.model.tower_registry import TOWERS, NamedTower

IMAGE_WIDTH, TEXT_WIDTH, VOCABULARY = 6, 5, 300


class TinyImages(nn.Module):
    """Normalised and dropped pixels of a coarse grid: it differs between training and evaluation."""

    def __init__(self, grid: int = 4) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(grid)
        self.norm = nn.BatchNorm2d(3)
        self.out = nn.Sequential(nn.Dropout(0.5), nn.Linear(3 * grid * grid, IMAGE_WIDTH))

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.out(self.norm(self.pool(pixel_values)).flatten(1))
        return found


class TinyTexts(nn.Module):
    """The mean of the embeddings of tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(VOCABULARY, TEXT_WIDTH)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        weights = attention_mask.unsqueeze(-1).float()
        found: torch.Tensor = (self.embeddings(input_ids) * weights).sum(1) / weights.sum(1)
        return found


def seeded(module: nn.Module, seed: int = 0) -> Mapping[str, torch.Tensor]:
    make = torch.Generator().manual_seed(seed)
    state = module.state_dict()
    return {
        name: torch.randn(part.shape, generator=make).abs() + 0.1 if part.is_floating_point() else part
        for name, part in state.items()
    }


def tokenizer() -> PreTrainedTokenizerFast:
    found = train_tokenizer(["abcdefghijklmnopqrstuvwxyz 0123456789 ;.,-()/"], VOCABULARY)
    found.model_max_length = 64
    return found


def image_tower(seed: int = 0, size: int = 16) -> NamedTower:
    return NamedTower(
        "image",
        TinyImages,
        IMAGE_WIDTH,
        {"grid": 2},
        image=ImageTransform(size, size),
        weights=lambda: seeded(TinyImages(2), seed),
    )


def text_tower(seed: int = 0) -> NamedTower:
    return NamedTower("text", TinyTexts, TEXT_WIDTH, tokenizer=tokenizer, weights=lambda: seeded(TinyTexts(), seed))


@pytest.fixture
def towers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add `tiny-images` and `tiny-texts` to the registry."""
    monkeypatch.setattr(TOWERS, "_own", {})
    TOWERS.add("tiny-images", image_tower())
    TOWERS.add("tiny-texts", text_tower())
