"""Sample graphs as NetworkX graphs, whose nodes are node ids."""

from __future__ import annotations

import networkx as nx

from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import SampleGraph


def to_networkx(graph: SampleGraph, space: NodeSpace) -> nx.DiGraph[int]:
    """Build a directed graph; nodes have `type`, `dimension`, `label` and `iri`, edges the `relation` *has* or *of*."""
    found: nx.DiGraph[int] = nx.DiGraph()
    for node in map(space.nodes.__getitem__, graph.ids):
        found.add_node(node.id, type=node.type, dimension=node.dimension, label=node.label, iri=node.iri)
    for diagnosis, attribute in graph.pairs():
        found.add_edge(diagnosis, attribute, relation="has")
        found.add_edge(attribute, diagnosis, relation="of")
    return found


def from_networkx(graph: nx.DiGraph[int]) -> SampleGraph:
    """Return the sample graph of a directed graph."""
    types = dict(graph.nodes(data="type"))
    diagnoses = sorted(node for node, kind in types.items() if kind == "diagnosis")
    return SampleGraph(tuple(diagnoses), tuple(sorted(types.keys() - diagnoses)))
