from __future__ import annotations

import subprocess
import sys

import pytest

from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import RELATIONS, SampleGraph


def test_networkx(graphs: list[SampleGraph], space: NodeSpace) -> None:
    pytest.importorskip("networkx")
    from udt.graphkit.convert.networkx import from_networkx, to_networkx

    for graph in graphs:
        made = to_networkx(graph, space)
        assert from_networkx(made) == graph
        assert {(d, a) for d, a, r in made.edges(data="relation") if r == "has"} == set(graph.pairs())
        assert {(d, a) for a, d, r in made.edges(data="relation") if r == "of"} == set(graph.pairs())
        assert all(made.nodes[id]["label"] == space.nodes[id].label for id in graph.ids)


def test_dgl(graphs: list[SampleGraph], space: NodeSpace) -> None:
    pytest.importorskip("dgl")
    from udt.graphkit.convert.dgl import batch_dgl, dgl, from_dgl, to_dgl

    singles, batched = [to_dgl(graph, space) for graph in graphs], batch_dgl(graphs, space)
    assert [from_dgl(single) for single in singles] == [[graph] for graph in graphs]
    assert from_dgl(batched) == graphs == from_dgl(dgl.batch(singles))
    for graph, single in zip(graphs, singles, strict=True):
        assert set(single.canonical_etypes) == set(RELATIONS) and set(single.ntypes) == {"diagnosis", "attribute"}
        sources, targets = single.edges(etype="has")
        diagnoses, attributes = single.nodes["diagnosis"].data["id"], single.nodes["attribute"].data["id"]
        pairs = zip(diagnoses[sources].tolist(), attributes[targets].tolist(), strict=True)
        assert sorted(pairs) == sorted(graph.pairs())
        assert [x.tolist() for x in single.edges(etype="of")] == [targets.tolist(), sources.tolist()]
        assert single.nodes["attribute"].data["dimension"].tolist() == [space.nodes[a].place for a in graph.attributes]


def test_a_dgl_batch_built_at_once_is_the_batch_of_single_graphs(graphs: list[SampleGraph], space: NodeSpace) -> None:
    pytest.importorskip("dgl")
    from udt.graphkit.convert.dgl import batch_dgl, dgl, to_dgl

    one, other = batch_dgl(graphs, space), dgl.batch([to_dgl(graph, space) for graph in graphs])
    for relation in RELATIONS:
        assert one.batch_num_edges(relation).tolist() == other.batch_num_edges(relation).tolist()
        assert [x.tolist() for x in one.edges(etype=relation)] == [x.tolist() for x in other.edges(etype=relation)]
    for kind in one.ntypes:
        assert one.batch_num_nodes(kind).tolist() == other.batch_num_nodes(kind).tolist()
        assert one.nodes[kind].data["id"].tolist() == other.nodes[kind].data["id"].tolist()


def test_dgl_needs_no_setuptools_and_stays_quiet() -> None:
    pytest.importorskip("dgl")
    code = (
        "import sys; sys.modules['setuptools'] = None\n"
        "from udt.graphkit.convert.dgl_compat import dgl; print(dgl.__version__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("missing", "module", "hint"),
    [
        ("packaging", "dgl_compat", "udt-toolkit[dgl]"),
        ("dgl", "dgl", "udt-toolkit[dgl]"),
        ("torch_geometric", "pyg", "udt-toolkit[pyg]"),
    ],
)
def test_a_missing_package_is_named(missing: str, module: str, hint: str) -> None:
    pytest.importorskip("torch")
    code = f"import sys; sys.modules[{missing!r}] = None; import udt.graphkit.convert.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("udt.core.errors.UdtError") and hint in done.stderr


def test_pyg(graphs: list[SampleGraph], space: NodeSpace) -> None:
    pytest.importorskip("torch_geometric", reason="the extra 'pyg' is not installed")
    from udt.graphkit.convert.pyg import from_pyg, to_pyg

    for graph in graphs:
        data = to_pyg(graph, space)
        assert from_pyg(data) == graph
        assert set(data.edge_types) == set(RELATIONS)
        ends = data["diagnosis"].id, data["attribute"].id
        pairs = [(int(ends[0][d]), int(ends[1][a])) for d, a in data[RELATIONS[0]].edge_index.T.tolist()]
        assert pairs == list(graph.pairs())
        assert data[RELATIONS[1]].edge_index.flip(0).equal(data[RELATIONS[0]].edge_index)
        assert data.validate()


def test_pyg_batches(graphs: list[SampleGraph], space: NodeSpace) -> None:
    pytest.importorskip("torch_geometric", reason="the extra 'pyg' is not installed")
    from torch_geometric.data import Batch

    from udt.graphkit.convert.pyg import from_pyg, to_pyg

    batch = Batch.from_data_list([to_pyg(graph, space) for graph in graphs])
    assert batch.num_graphs == 128
    assert [from_pyg(data) for data in batch.to_data_list()] == graphs
