"""A made-up vocabulary, label sets and towers, for benchmarks on machines that have torch and transformers alone."""

from __future__ import annotations

import random
from typing import Any

import checkout
import numpy as np
import torch
from transformers import BertConfig, ViTConfig

checkout.use()

from udt.clip import Objective, UltrasoundClipModel  # noqa: E402
from udt.clip.loss.objective import Losses  # noqa: E402
from udt.core.labels import LabelSet  # noqa: E402
from udt.core.vocabulary import DimensionLabels, DimensionRole, Vocabulary  # noqa: E402
from udt.graphkit.convert.dense import collate  # noqa: E402
from udt.graphkit.nodes import NodeSpace  # noqa: E402
from udt.graphkit.sample import SampleGraph  # noqa: E402
from udt.similarity.matrices import SimilarityProvenance, SimilaritySet  # noqa: E402
from udt.similarity.multi_hot import multi_hot  # noqa: E402
from udt.similarity.prior import PriorTables, prior  # noqa: E402

# Key, role, number of labels, and how many of them a sample may have.
DIMENSIONS: tuple[tuple[str, DimensionRole, int, tuple[int, ...]], ...] = (
    ("body_system", "place", 9, (1,)),
    ("organ", "place", 52, (1, 1, 1, 2)),
    ("diagnosis", "diagnosis", 5, (0, 1, 1, 1, 1, 1, 1, 1, 2)),
    ("shape", "attribute", 7, (0, 0, 0, 1)),
    ("margins", "attribute", 2, (0, 1)),
    ("echogenicity", "attribute", 5, (0, 1, 1, 2)),
    ("internal_characteristics", "attribute", 6, (0, 1, 1, 2)),
    ("posterior_acoustics", "attribute", 4, (0, 1)),
    ("vascularity", "attribute", 5, (0, 1)),
)

TOWERS = {
    "small": (
        {"hidden_size": 192, "num_hidden_layers": 4, "num_attention_heads": 3, "intermediate_size": 768},
        {"image_size": 64, "patch_size": 8},
        {"vocab_size": 4000},
    ),
    "base": ({}, {"image_size": 224, "patch_size": 16}, {}),
}
"""Name to what both towers share, and what each has of its own; `base` is ViT-B/16 and BERT-base."""


def vocabulary() -> Vocabulary:
    """As many labels as the taxonomy has, without their names."""
    found = []
    for task, (key, role, count, _) in enumerate(DIMENSIONS, start=1):
        labels = tuple(f"{key} {number}" for number in range(count))
        found.append(DimensionLabels(key, task, key, labels, labels, labels, role=role))
    return Vocabulary(tuple(found), "made", "made")


def similarity(words: Vocabulary, seed: int = 0) -> SimilaritySet:
    """Matrices at random."""
    draw = np.random.default_rng(seed)
    matrices = {}
    for dimension in words.dimensions:
        half = draw.random((len(dimension), len(dimension)), dtype=np.float32)
        matrices[dimension.key] = np.maximum(half, half.T)
        np.fill_diagonal(matrices[dimension.key], 1)
    return SimilaritySet.of(words, matrices, SimilarityProvenance.of("made", {}, words))


def label_sets(count: int, seed: int = 0) -> list[LabelSet]:
    """Label sets at random."""
    draw = random.Random(seed)
    return [
        LabelSet(tuple(tuple(sorted(draw.sample(range(size), draw.choice(many)))) for _, _, size, many in DIMENSIONS))
        for _ in range(count)
    ]


def sample_graphs(count: int, space: NodeSpace, seed: int = 0) -> list[SampleGraph]:
    """Their graphs."""
    return [SampleGraph.of(labels, space) for labels in label_sets(count, seed)]


def model(towers: str, words: Vocabulary | None, **settings: Any) -> UltrasoundClipModel:
    """A model with fresh weights; without graph encoder where there is no vocabulary."""
    shared, image, text = TOWERS[towers]
    torch.manual_seed(0)
    return UltrasoundClipModel.from_towers(
        ViTConfig(**shared, **image), BertConfig(**shared, **text), words, **settings
    )


def batch(towers: str, size: int, tokens: int, words: Vocabulary, device: str) -> dict[str, torch.Tensor]:
    """Inputs of the model, with `labels` (size, labels) of zeros and ones."""
    _, image, text = TOWERS[towers]
    labels = label_sets(size)
    space = NodeSpace(words)
    sizes = [len(dimension) for dimension in words.dimensions]
    found = {
        "pixel_values": torch.randn(size, 3, image["image_size"], image["image_size"]),
        "input_ids": torch.randint(5, text.get("vocab_size", 30522), (size, tokens)),
        "attention_mask": torch.ones(size, tokens, dtype=torch.int64),
        "labels": torch.from_numpy(multi_hot(labels, sizes)).float(),
        **collate([SampleGraph.of(one, space) for one in labels], space).typed(),
    }
    return {name: part.to(device) for name, part in found.items()}


class Step:
    """One training step after another: forward, loss, backward, AdamW; in bf16 where the device is a GPU.

    :param graph_and_prior: whether the model has its graph encoder, and the objective its semantic part.
    """

    def __init__(self, towers: str, words: Vocabulary, device: str, graph_and_prior: bool) -> None:
        self.device = device
        self.model = model(towers, words if graph_and_prior else None).to(device).train()
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-5, fused=True)
        self.objective = Objective() if graph_and_prior else Objective(semantic_weight=0)
        self.tables = PriorTables.torch(similarity(words), device) if graph_and_prior else None

    def __call__(self, batch: dict[str, torch.Tensor]) -> None:
        inputs = dict(batch)
        labels = inputs.pop("labels")
        if self.tables is None:
            inputs = {name: part for name, part in inputs.items() if name not in ("diagnosis_ids", "attribute_ids")}
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.device != "cpu"):
            out = self.model(**inputs)
        self._losses(out, labels).total.backward()
        self.optimizer.step()

    def _losses(self, out: Any, labels: torch.Tensor) -> Losses:
        soft = None if self.tables is None else prior(labels, labels, self.tables, "zero")
        return self.objective(out.image_embeds, out.text_embeds, out.logit_scale, soft)
