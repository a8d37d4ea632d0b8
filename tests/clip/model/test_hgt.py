"""The graph transformer against the equations of its paper, node by node, and against DGL."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from transformers import set_seed

from udt.clip.model.graph_encoder import GraphEncoder, GraphStates
from udt.clip.model.hgt import HgtLayer, Relation, masked_softmax
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.graphkit.convert.dense import collate
from udt.graphkit.nodes import NODE_TYPES, NodeSpace
from udt.graphkit.sample import RELATIONS, SampleGraph

from .conftest import Padded

WIDTH, HEADS = 8, 2


@pytest.fixture
def encoder(space: NodeSpace) -> GraphEncoder:
    set_seed(3)
    made = GraphEncoder(space.types.tolist(), space.dimensions.tolist(), WIDTH, HEADS, layers=2).double()
    for parameter in made.parameters():  # so that no weight is 0 or 1, and none could be left out unseen
        nn.init.normal_(parameter, std=0.5)
    return made


def slow_layer(layer: HgtLayer, types: list[int], nodes: list[torch.Tensor]) -> list[torch.Tensor]:
    """Hu et al. 2020, equations 3 to 5, for one graph: one node, one head and one edge at a time."""
    d = WIDTH // HEADS
    relation = {source: name for source, name, _ in RELATIONS}
    new = []
    for t, target in enumerate(nodes):
        kind = NODE_TYPES[types[t]]
        sources = [s for s in range(len(nodes)) if types[s] != types[t]]
        heads = []
        for h in range(HEADS):
            part = slice(h * d, (h + 1) * d)
            scores, messages = [], []
            for s in sources:
                other = NODE_TYPES[types[s]]
                name = relation[other]
                key, value = layer.key[other](nodes[s])[part], layer.value[other](nodes[s])[part]
                score = key @ layer.attention[name][h] @ layer.query[kind](target)[part]
                scores.append(score * layer.prior[name][h] / math.sqrt(d))
                messages.append(value @ layer.message[name][h])
            total = sum(math.exp(score) for score in scores)
            shares = [math.exp(score) / total for score in scores]
            heads.append(sum((a * m for a, m in zip(shares, messages, strict=True)), torch.zeros(d).double()))
        aggregated = nn.functional.gelu(torch.cat(heads))
        skip = torch.sigmoid(layer.skip[kind])
        new.append(skip * layer.out[kind](aggregated) + (1 - skip) * target)
    return new


def slow_encoder(encoder: GraphEncoder, graph: SampleGraph) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Compute the states of the nodes and the summary of one graph."""
    types = [0] * len(graph.diagnoses) + [1] * len(graph.attributes)
    nodes = [
        encoder.norm(encoder.labels.weight[i] + encoder.dimensions.weight[encoder.dimension_of[i]]) for i in graph.ids
    ]
    for layer in encoder.layers:
        nodes = slow_layer(layer, types, nodes)
    scores = [float(encoder.pooling.score(node)) for node in nodes]
    total = sum(map(math.exp, scores))
    weighted = [math.exp(s) / total * node for s, node in zip(scores, nodes, strict=True)]
    return nodes, sum(weighted, torch.zeros(WIDTH).double())


def test_states_and_summary_follow_the_formulas(
    encoder: GraphEncoder, graphs: list[SampleGraph], padded: Padded
) -> None:
    with torch.no_grad():
        states: GraphStates = encoder(**padded(graphs))
        for row, graph in enumerate(graphs):
            nodes, summary = slow_encoder(encoder, graph)
            real = states.nodes[row][states.mask[row]]
            assert len(real) == len(graph)
            for got, expected in zip(real, nodes, strict=True):
                torch.testing.assert_close(got, expected)
            torch.testing.assert_close(states.summary[row], summary)


def test_padding_changes_nothing(encoder: GraphEncoder, graphs: list[SampleGraph], padded: Padded) -> None:
    ids = padded(graphs)
    wide = {name: nn.functional.pad(part, (0, 3), value=-1) for name, part in ids.items()}
    with torch.no_grad():
        torch.testing.assert_close(encoder(**ids).summary, encoder(**wide).summary)


def gradients(encoder: GraphEncoder, states: GraphStates, graphs: list[SampleGraph]) -> dict[str, torch.Tensor]:
    """Return the gradients of a loss that weighs every node of every graph differently."""
    encoder.zero_grad()
    real = states.nodes[states.mask]
    weights = torch.linspace(-1, 1, real.numel(), dtype=real.dtype).reshape(real.shape)
    ((real * weights).sum() + states.summary.square().sum()).backward()
    return {name: parameter.grad.clone() for name, parameter in encoder.named_parameters()}


def test_dgl_gives_the_same_states_and_gradients(
    encoder: GraphEncoder, graphs: list[SampleGraph], padded: Padded
) -> None:
    pytest.importorskip("dgl", reason="DGL is not installed")
    from udt.clip.model.hgt_dgl import encode_dgl, heterograph

    ids = padded(graphs)
    dense, sparse = encoder(**ids), encode_dgl(encoder, heterograph(**ids))
    torch.testing.assert_close(dense.summary, sparse.summary)
    torch.testing.assert_close(dense.nodes[dense.mask], sparse.nodes[sparse.mask])
    expected, got = (
        gradients(encoder, dense, graphs),
        gradients(encoder, encode_dgl(encoder, heterograph(**ids)), graphs),
    )
    assert expected.keys() == got.keys()
    for name in expected:
        torch.testing.assert_close(expected[name], got[name], msg=name)
    assert all(gradient.abs().sum() > 0 for gradient in expected.values())


def test_dgl_gives_the_same_with_places(vocabulary: Vocabulary) -> None:
    """Body system and organ are attributes of a diagnosis, and of nothing without one."""
    pytest.importorskip("dgl", reason="DGL is not installed")
    from udt.clip.model.hgt_dgl import encode_dgl, heterograph

    space = NodeSpace(vocabulary, places=True)
    set_seed(4)
    encoder = GraphEncoder(space.types.tolist(), space.dimensions.tolist(), WIDTH, HEADS, layers=2).double()
    breast = {"body_system": ["Breast and Axilla"], "organ": ["Breast"]}
    described = ({}, breast, {"diagnosis": ["mass"]}, {**breast, "diagnosis": ["mass"], "shape": ["oval"]})
    graphs = [SampleGraph.of(LabelSet.of(labels, vocabulary), space) for labels in described]
    assert [len(graph) for graph in graphs] == [0, 2, 1, 4]
    ids = collate(graphs, space).typed()
    dense, sparse = encoder(**ids), encode_dgl(encoder, heterograph(**ids))
    torch.testing.assert_close(dense.summary, sparse.summary)
    torch.testing.assert_close(dense.nodes[dense.mask], sparse.nodes[sparse.mask])
    with torch.no_grad():
        for row, graph in enumerate(graphs):
            torch.testing.assert_close(dense.summary[row], slow_encoder(encoder, graph)[1])


@pytest.mark.parametrize("sides", [((), ()), ((1,), ()), ((), (9, 12)), ((1,), (9,))], ids=str)
def test_dgl_gives_the_same_for_a_batch_of_one(
    encoder: GraphEncoder, padded: Padded, sides: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    pytest.importorskip("dgl", reason="DGL is not installed")
    from udt.clip.model.hgt_dgl import encode_dgl, heterograph

    ids = padded([SampleGraph(*sides)])
    torch.testing.assert_close(encoder(**ids).summary, encode_dgl(encoder, heterograph(**ids)).summary)


def test_a_layer_is_that_of_dgl_with_the_same_weights(graphs: list[SampleGraph]) -> None:
    """DGL's own layer leaves out the activation that the paper has before O."""
    pytest.importorskip("dgl", reason="DGL is not installed")
    from udt.clip.model.hgt_dgl import layer_dgl
    from udt.graphkit.convert.dgl import batch_dgl
    from udt.graphkit.convert.dgl_compat import dgl

    set_seed(5)
    layer = HgtLayer(WIDTH, HEADS, NODE_TYPES, [Relation(*relation) for relation in RELATIONS])
    layer.activation = nn.Identity()
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.5)
    theirs = dgl.nn.HGTConv(WIDTH, WIDTH // HEADS, HEADS, len(NODE_TYPES), len(RELATIONS), dropout=0.0)
    graph = batch_dgl(graphs)
    names = {kind: number for number, kind in enumerate(graph.etypes)}
    with torch.no_grad():
        for own, other in (("key", "k"), ("query", "q"), ("value", "v"), ("out", "a")):
            linear = getattr(theirs, f"linear_{other}")
            for number, kind in enumerate(graph.ntypes):
                ours = getattr(layer, own)[kind]
                nn.init.zeros_(ours.bias)  # theirs has none
                linear.W.data[number] = ours.weight.T
        for name, number in names.items():
            for head in range(HEADS):
                theirs.relation_att[head].W.data[number] = layer.attention[name][head]
                theirs.relation_msg[head].W.data[number] = layer.message[name][head]
                theirs.relation_pri[head].data[number] = layer.prior[name][head]
        theirs.skip.data = torch.stack([layer.skip[kind] for kind in graph.ntypes])
        features = {kind: torch.randn(graph.num_nodes(kind), WIDTH) for kind in graph.ntypes}
        flat = dgl.to_homogeneous(graph)
        joined = torch.cat([features[kind] for kind in graph.ntypes])
        expected = theirs(flat, joined, flat.ndata[dgl.NTYPE], flat.edata[dgl.ETYPE])
        got = layer_dgl(layer, graph, features)
        torch.testing.assert_close(torch.cat([got[kind] for kind in graph.ntypes]), expected)


def test_every_parameter_exists_before_the_first_forward(
    encoder: GraphEncoder, graphs: list[SampleGraph], padded: Padded
) -> None:
    before = set(dict(encoder.named_parameters()))
    encoder(**padded(graphs))
    assert set(dict(encoder.named_parameters())) == before


def test_each_type_has_to_start_one_relation() -> None:
    with pytest.raises(DataError, match="each of the node types a, b has to start and end one relation; got: a has b"):
        HgtLayer(8, 2, ("a", "b"), [Relation("a", "has", "b")])


def test_masked_softmax_is_zero_for_masked_entries() -> None:
    mask = torch.tensor([[True, False, True], [False, False, False]])
    got = masked_softmax(torch.tensor([[1.0, 9.0, 1.0], [1.0, 2.0, 3.0]]), mask)
    assert got.tolist() == [[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]]
