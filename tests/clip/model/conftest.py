"""A small model with fresh weights, and sample graphs drawn at random."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
import torch
from transformers import BertConfig, ViTConfig

from udt.clip import UltrasoundClipModel
from udt.core.vocabulary import Vocabulary
from udt.graphkit.convert.dense import collate
from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import SampleGraph

Ids = dict[str, torch.Tensor]
Padded = Callable[[Sequence[SampleGraph]], Ids]

SIZE = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
VIT = ViTConfig(**SIZE, image_size=16, patch_size=8)
BERT = BertConfig(**SIZE, vocab_size=60, max_position_embeddings=32)
SETTINGS = {"projection_dim": 16, "graph_dim": 8, "graph_heads": 2, "fusion_heads": 2}


@pytest.fixture(scope="session")
def space(vocabulary: Vocabulary) -> NodeSpace:
    return NodeSpace(vocabulary)


@pytest.fixture
def model(vocabulary: Vocabulary) -> UltrasoundClipModel:
    torch.manual_seed(0)
    return UltrasoundClipModel.from_towers(VIT, BERT, vocabulary, **SETTINGS).eval()


@pytest.fixture(scope="session")
def graphs(space: NodeSpace) -> list[SampleGraph]:
    """Both sides empty, either empty, one node, few and many, then at random."""
    attributes = tuple(range(space.diagnosis_count, len(space)))
    fixed = [
        SampleGraph(),
        SampleGraph(diagnoses=(2,)),
        SampleGraph(attributes=attributes[3:6]),
        SampleGraph((0,), attributes[:1]),
        SampleGraph(tuple(range(space.diagnosis_count)), attributes),
    ]
    draw = random.Random(1)
    fixed += [
        SampleGraph(
            tuple(sorted(draw.sample(range(space.diagnosis_count), draw.randint(0, 2)))),
            tuple(sorted(draw.sample(attributes, draw.randint(0, 6)))),
        )
        for _ in range(20)
    ]
    return fixed


@pytest.fixture(scope="session")
def padded(space: NodeSpace) -> Padded:
    """Graphs as the tensors that the model reads."""
    return lambda graphs: collate(graphs, space).typed()
