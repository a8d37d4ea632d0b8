"""The model of the public code: its graph convolutions node by node and against DGL, and its fusion."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import set_seed

from tests.clip.model.conftest import BERT, SETTINGS, VIT, Padded
from udt.clip import UltrasoundClipConfig, UltrasoundClipModel
from udt.clip.model.fusion import SingleKeyFusion
from udt.clip.model.graph_convolution import ConvolutionEncoder, GraphConvolution
from udt.clip.model.graph_encoder import GraphStates
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import RELATIONS, SampleGraph

WIDTH, SUMMARY = 8, 6


@pytest.fixture
def encoder(space: NodeSpace) -> ConvolutionEncoder:
    set_seed(3)
    made = ConvolutionEncoder(space.types.tolist(), WIDTH, SUMMARY, layers=2).double()
    for parameter in made.parameters():
        nn.init.normal_(parameter, std=0.5)
    return made


def slow_summary(encoder: ConvolutionEncoder, graph: SampleGraph) -> torch.Tensor:
    """Compute the equations edge by edge: a message H(s) / √(out-degree of s · in-degree of t) along each."""
    sides = {"diagnosis": graph.diagnoses, "attribute": graph.attributes}
    nodes = {kind: [encoder.norm(encoder.labels.weight[i]) for i in ids] for kind, ids in sides.items()}
    for layer in encoder.layers:
        new: dict[str, list[torch.Tensor]] = {}
        for source, name, target in RELATIONS:
            part = layer[name]  # type: ignore[index]
            new[target] = []
            for _ in nodes[target]:
                total = torch.zeros(WIDTH).double()
                for other in nodes[source]:
                    total = total + other / math.sqrt(len(nodes[target]) * len(nodes[source]))
                new[target].append(torch.relu(total @ part.weight + part.bias))
        nodes = new
    pooled = torch.zeros(WIDTH).double()
    for states in nodes.values():
        if states:
            pooled = pooled + sum(states, torch.zeros(WIDTH).double()) / len(states)
    projected = encoder.projection(pooled)
    found: torch.Tensor = projected / projected.norm()
    return found


def test_summaries_follow_the_formulas(encoder: ConvolutionEncoder, graphs: list[SampleGraph], padded: Padded) -> None:
    with torch.no_grad():
        states: GraphStates = encoder(**padded(graphs))
        for row, graph in enumerate(graphs):
            torch.testing.assert_close(states.summary[row], slow_summary(encoder, graph))


def test_a_convolution_is_that_of_dgl(graphs: list[SampleGraph]) -> None:
    pytest.importorskip("dgl", reason="DGL is not installed")
    from udt.graphkit.convert.dgl import batch_dgl
    from udt.graphkit.convert.dgl_compat import dgl

    set_seed(5)
    own = GraphConvolution(WIDTH)
    nn.init.normal_(own.bias)
    theirs = dgl.nn.GraphConv(WIDTH, WIDTH, norm="both", allow_zero_in_degree=True)
    theirs.weight.data, theirs.bias.data = own.weight.data.clone(), own.bias.data.clone()
    with torch.no_grad():
        for graph in graphs:
            counts = {"diagnosis": len(graph.diagnoses), "attribute": len(graph.attributes)}
            for source, name, target in RELATIONS:
                features = torch.randn(counts[source], WIDTH)
                sizes = (features, torch.zeros(counts[target], WIDTH))
                expected = theirs(batch_dgl([graph])[source, name, target], sizes)
                masks = [torch.ones(1, counts[kind], dtype=torch.bool) for kind in (source, target)]
                torch.testing.assert_close(own(features.unsqueeze(0), *masks)[0], expected)


def test_nodes_of_one_type_are_the_same_after_a_layer(encoder: ConvolutionEncoder, padded: Padded) -> None:
    """The fault for which the graph transformer has a skip connection."""
    states: GraphStates = encoder(**padded([SampleGraph((1,), (9, 12, 20))]))
    attributes = states.nodes[0, 1:]
    torch.testing.assert_close(attributes, attributes[:1].expand_as(attributes))


def test_every_weight_gets_a_gradient(encoder: ConvolutionEncoder, graphs: list[SampleGraph], padded: Padded) -> None:
    encoder(**padded(graphs)).summary.pow(3).sum().backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in encoder.parameters())


def test_the_fusion_is_that_of_the_code() -> None:
    """With a single key, attention is a linear map of it; the gate is clamped; LayerNorm is last."""
    set_seed(7)
    fusion = SingleKeyFusion(12, SUMMARY, heads=3).double()
    graph = GraphStates(torch.zeros(4, 1, 1), torch.tensor([[True], [True], [False], [True]]), torch.randn(4, SUMMARY))
    graph = graph._replace(summary=graph.summary.double())
    text = torch.randn(4, 12, dtype=torch.float64)
    value = fusion.attention.in_proj_weight[24:], fusion.attention.in_proj_bias[24:]
    for gate, used in ((0.05, 0.05), (0.7, 0.2), (-1.0, 0.0)):
        nn.init.constant_(fusion.gate, gate)
        answer = fusion.attention.out_proj(nn.functional.linear(fusion.key(graph.summary), *value))
        added = used * torch.tanh(fusion.output(answer)) * torch.tensor([[1.0], [1], [0], [1]])
        expected = nn.functional.layer_norm(text / text.norm(dim=1, keepdim=True) + added, (12,))
        torch.testing.assert_close(fusion(text, graph), expected)


def reference(vocabulary: Vocabulary, **others: object) -> UltrasoundClipModel:
    torch.manual_seed(0)
    kinds = {"graph_kind": "convolution", "fusion": "single-key", "graph_drop": 0.0}
    return UltrasoundClipModel.from_towers(VIT, BERT, vocabulary, **{**SETTINGS, **kinds, **others})


@pytest.mark.parametrize("kind", ["convolution", "transformer"])
def test_texts_have_length_1_and_the_length_of_layer_norm_apart(
    vocabulary: Vocabulary, padded: Padded, kind: str
) -> None:
    model = reference(vocabulary, graph_kind=kind).eval()
    ids = torch.randint(5, 60, (3, 6))
    graphs = padded([SampleGraph((1,), (9, 12)), SampleGraph((0,), ()), SampleGraph()])
    with torch.no_grad():
        found = model(input_ids=ids, **graphs)
        again = model.get_text_features(ids, **graphs)
        alone = model(input_ids=ids)
    torch.testing.assert_close(found.text_embeds.norm(dim=1), torch.ones(3))
    assert torch.equal(found.text_embeds, again)
    torch.testing.assert_close(found.text_lengths, torch.full((3,), math.sqrt(16)), rtol=1e-2, atol=0)
    assert alone.text_lengths is None


def test_a_saved_model_is_loaded_unchanged(vocabulary: Vocabulary, padded: Padded, tmp_path: Path) -> None:
    model = reference(vocabulary, logit_bias_init=-10.0).eval()
    with torch.no_grad():
        model.logit_bias.fill_(-7.5)
    model.save_pretrained(tmp_path)
    again = UltrasoundClipModel.from_pretrained(tmp_path)
    ids, graphs = torch.randint(5, 60, (2, 6)), padded([SampleGraph((1,), (9, 12)), SampleGraph((0,), ())])
    with torch.no_grad():
        one, other = (made(input_ids=ids, **graphs) for made in (model, again))
    assert torch.equal(one.text_embeds, other.text_embeds) and other.logit_bias.item() == -7.5


def test_a_model_without_bias_has_no_such_weight(model: UltrasoundClipModel) -> None:
    """So that models that were saved before there was one are complete."""
    assert "logit_bias" not in model.state_dict()
    old = model.config.to_dict()
    for name in ("logit_bias_init", "graph_kind", "fusion"):
        del old[name]
    again = UltrasoundClipConfig.from_dict(old)
    assert (again.logit_bias_init, again.graph_kind, again.fusion) == (None, "transformer", "gated")


def test_contradictions_are_refused() -> None:
    for settings in ({"fusion": "gated"}, {"fusion": "single-key", "graph_backend": "dgl"}):
        with pytest.raises(DataError, match="graph_kind 'convolution' needs graph_backend 'dense' and fusion 'single"):
            UltrasoundClipConfig(VIT, BERT, graph_kind="convolution", **settings)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="fusion is 'late'; allowed: gated, single-key"):
        UltrasoundClipConfig(VIT, BERT, fusion="late")  # type: ignore[arg-type]
