"""The diagram of a corpus: diagnoses on the left, attributes on the right, lines as thick as what joins them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from udt.graphkit.corpus import Association, CorpusGraph, Measure, weight
from udt.graphkit.draw.diagram import Diagram, Item, ItemGroup, Link
from udt.graphkit.nodes import Node

_IN_WORDS: dict[Measure, Callable[[Association], str]] = {
    "count": lambda edge: f"{edge.count:,}",
    "lift": lambda edge: f"× {edge.lift:.2f}",
    "ppmi": lambda edge: f"{edge.ppmi:.2f} bit",
}


def corpus_diagram(graph: CorpusGraph, edges: Sequence[Association], measure: Measure, title: str) -> Diagram:
    """Build the diagram of some edges of a corpus graph, e.g. its top ones; items show the number of their samples."""
    diagnoses, attributes = (sorted(set(ends)) for ends in ([e.diagnosis for e in edges], [e.attribute for e in edges]))

    def items(nodes: Sequence[Node]) -> tuple[Item, ...]:
        return tuple(_item(node, int(graph.together[node.id, node.id])) for node in nodes)

    groups = (ItemGroup(items(diagnoses), (ItemGroup(items(attributes)),)),) if edges else ()
    links = tuple(_link(edge, measure) for edge in edges)
    return Diagram("corpus", title, groups, links, across=True)


def _item(node: Node, count: int) -> Item:
    return Item(
        f"{node.dimension}:{node.label}", node.type, node.label, node.dimension, node.iri, notes=(f"n = {count:,}",)
    )


def _link(edge: Association, measure: Measure) -> Link:
    source, target = (f"{node.dimension}:{node.label}" for node in (edge.diagnosis, edge.attribute))
    measures = ("count", edge.count), ("share", edge.share), ("lift", edge.lift), ("ppmi", edge.ppmi)
    return Link(source, target, "has", "present", weight(edge, measure), _IN_WORDS[measure](edge), measures)
