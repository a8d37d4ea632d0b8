"""The graph above values, against a slow walk over all parents and groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from udt.core.errors import DataError, UnknownConceptError
from udt.similarity.graph.concept_graph import FINDING, ConceptGraph, concept_graphs
from udt.similarity.graph.groups import Groups, declared_groups
from udt.taxonomy.model.taxonomy import Taxonomy

Load = Callable[[str], Taxonomy]


def above(taxonomy: Taxonomy, name: str, groups: Groups) -> Iterator[str]:
    """Yield the name and all above it, once for each path."""
    yield name
    concept = taxonomy.concepts.get(name)
    for parent in concept.broader if concept else ():
        if parent in taxonomy.concepts and taxonomy.concepts[parent].kind != "Dimension":
            yield from above(taxonomy, parent, groups)
    for group in groups.get(name, ()):
        yield from above(taxonomy, group, groups)


def extents(graph: ConceptGraph) -> set[frozenset[str]]:
    """The values below each node."""
    return {frozenset(graph.curies[row] for row in np.flatnonzero(column)) for column in graph.members.T}


def test_organs_are_below_their_systems_and_groups(taxonomy: Taxonomy) -> None:
    (graph,) = concept_graphs(taxonomy, ["organ"])
    groups = declared_groups(taxonomy)
    of_nodes: dict[str, set[str]] = {}
    for curie in graph.curies:
        for node in set(above(taxonomy, curie, groups)):
            of_nodes.setdefault(node, set()).add(curie)
    assert extents(graph) == {frozenset(graph.curies), *map(frozenset, of_nodes.values())}
    assert graph.nodes[0] == "organ" and graph.members[:, 0].all()


@pytest.mark.parametrize("key", ["echogenicity", "vascularity", "severity"])
def test_each_range_of_a_scale_is_a_node(taxonomy: Taxonomy, key: str) -> None:
    (graph,) = concept_graphs(taxonomy, [key])
    found = extents(graph)
    places = {v.curie: p for v in taxonomy.dimension(key).values if (p := v.number("ordinal")) is not None}
    assert len(places) > 2
    for low in places.values():
        for high in places.values():
            if low <= high:
                assert frozenset(c for c, place in places.items() if low <= place <= high) in found


def test_no_two_nodes_have_the_same_values(taxonomy: Taxonomy) -> None:
    for graph in concept_graphs(taxonomy, taxonomy.full_vocabulary.keys):
        assert len(extents(graph)) == len(graph.nodes) == graph.members.shape[1]
        assert graph.labels == taxonomy.dimension(graph.key).labels


def test_findings_are_below_parents_and_what_they_imply(taxonomy: Taxonomy) -> None:
    (graph,) = concept_graphs(taxonomy, [FINDING])
    assert len(graph.labels) == len(set(graph.labels)) == sum(c.kind == "FindingTerm" for c in taxonomy)
    row = graph.members[graph.curies.index("finding:fibroid")]
    nodes = {name for name, member in zip(graph.nodes, row, strict=True) if member}
    assert {"finding:leiomyoma", "finding:benign-neoplasm", "uhat:uterus", "udaf:diagnosis.mass"} <= nodes
    assert "uhat:group.female-reproductive-organs" in nodes
    assert "uhat:liver" not in nodes
    below = graph.members[:, graph.nodes.index("finding:leiomyoma")]
    assert {"finding:fibroid", "finding:leiomyoma"} <= {graph.curies[i] for i in np.flatnonzero(below)}


def test_an_unknown_dimension_is_refused(taxonomy: Taxonomy) -> None:
    with pytest.raises(UnknownConceptError, match="no dimension is called 'colour'"):
        concept_graphs(taxonomy, ["colour"])


def test_a_dimension_may_not_have_the_key_of_the_findings(extended: Load) -> None:
    taxonomy = extended("""
    ex:finding a ns:Dimension , skos:Concept ; skos:prefLabel "finding dimension"@en ; ns:key "finding" ;
        ns:valueClass ns:FindingDimensionValue ; skos:inScheme <https://w3id.org/udt/udaf> .
    ns:FindingDimensionValue a owl:Class ; rdfs:subClassOf ns:Value .
    ex:one a ns:FindingDimensionValue , skos:Concept ; skos:prefLabel "one of a kind"@en ; ns:order 1 ;
        skos:broader ex:finding ; skos:inScheme <https://w3id.org/udt/udaf> .
    """)
    with pytest.raises(DataError, match=f"the taxonomy has a dimension '{FINDING}'"):
        concept_graphs(taxonomy, [FINDING])
