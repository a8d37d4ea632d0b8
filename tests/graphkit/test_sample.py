from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from tests.ten_tasks import KEY, with_tenth
from udt.core.errors import UnknownConceptError
from udt.core.labels import LabelSet
from udt.core.report import Report
from udt.core.vocabulary import DimensionRole, Vocabulary
from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import SampleGraph
from udt.taxonomy.model.taxonomy import Taxonomy


def test_every_diagnosis_and_attribute_is_a_node_and_no_place_is(space: NodeSpace) -> None:
    expected = [(d.key, label) for d in space.vocabulary.dimensions if d.task > 2 for label in d.labels]
    assert [(node.dimension, node.label) for node in space.nodes] == expected
    assert [node.id for node in space.nodes] == list(range(len(space)))
    assert {n.dimension for n in space.nodes if n.type == "diagnosis"} == {"diagnosis"}
    assert space.types.tolist() == [int(node.dimension != "diagnosis") for node in space.nodes]
    assert all(space.vocabulary.dimensions[n.place].labels[n.label_id] == n.label for n in space.nodes)
    assert all(space.node(node.dimension, node.label) == node for node in space.nodes)
    assert space.diagnosis_count == len(space.vocabulary["diagnosis"])


def test_places_are_attributes_on_demand(space: NodeSpace) -> None:
    vocabulary = space.vocabulary
    placed = NodeSpace(vocabulary, places=True)
    assert placed != space and len(placed) == sum(map(len, vocabulary.dimensions))
    assert [node.id for node in placed.nodes] == list(range(len(placed)))
    assert placed.nodes[: placed.diagnosis_count] == space.nodes[: space.diagnosis_count]
    keys = list(dict.fromkeys(node.dimension for node in placed.nodes))
    assert keys == ["diagnosis", "body_system", "organ", *vocabulary.keys[3:]]
    assert placed.node("organ", "Liver").type == "attribute"
    liver = {"body_system": ["Abdomen and retroperitoneum"], "organ": ["Liver"], "diagnosis": ["cyst"]}
    labels = LabelSet.of(liver, vocabulary)
    graph = SampleGraph.of(labels, placed)
    assert graph.labels(placed) == labels and len(list(graph.pairs())) == 2
    assert SampleGraph.of(labels, space).labels(space) == LabelSet.of({"diagnosis": ["cyst"]}, vocabulary)


def test_nodes_of_a_vocabulary_without_roles(space: NodeSpace) -> None:
    """Models that were trained before dimensions had roles keep their node ids."""
    plain = space.vocabulary.to_json()
    for dimension in plain["dimensions"]:
        del dimension["role"], dimension["profiles"]
    assert NodeSpace(Vocabulary.from_json(plain)).nodes == space.nodes


def test_a_tenth_task_has_the_last_nodes(space: NodeSpace) -> None:
    ten = NodeSpace(with_tenth(space.vocabulary))
    assert ten.nodes[: len(space)] == space.nodes
    assert [(n.id - len(space), n.type, n.dimension, n.place, n.label) for n in ten.nodes[len(space) :]] == [
        (0, "attribute", KEY, 9, "parallel"),
        (1, "attribute", KEY, 9, "not parallel"),
    ]
    labels = LabelSet.of({"diagnosis": ["mass"], KEY: ["not parallel"]}, ten.vocabulary)
    assert SampleGraph.of(labels, ten).labels(ten) == labels


def test_nodes_follow_the_roles(space: NodeSpace) -> None:
    """Whatever the keys: a second dimension of diagnoses has nodes after the first, and a third of places has none."""
    roles: dict[str, DimensionRole] = {"shape": "diagnosis", "margins": "place"}
    dimensions = tuple(replace(d, role=roles.get(d.key, d.role)) for d in space.vocabulary.dimensions)
    other = NodeSpace(replace(space.vocabulary, dimensions=dimensions))
    keys = list(dict.fromkeys(node.dimension for node in other.nodes))
    assert keys == ["diagnosis", "shape", *space.vocabulary.keys[5:]]
    assert other.diagnosis_count == len(space.vocabulary["diagnosis"]) + len(space.vocabulary["shape"])
    assert other.diagnosis("round").dimension == "shape" and other.diagnosis("cyst").dimension == "diagnosis"
    with pytest.raises(UnknownConceptError, match="there is no diagnosis 'hypoechoic'; allowed: nodule, "):
        other.diagnosis("hypoechoic")
    with pytest.raises(UnknownConceptError, match="organ is of places, which have no nodes; allowed: diagnosis, shape"):
        other.node("organ", "Liver")


def test_a_graph_has_the_labels_and_all_pairs(space: NodeSpace) -> None:
    stated = {
        "organ": ["Liver"],
        "diagnosis": ["mass", "cyst"],
        "echogenicity": ["anechoic"],
        "shape": ["oval", "round"],
    }
    graph = SampleGraph.of(LabelSet.of(stated, space.vocabulary), space)
    names = {key: values for key, values in stated.items() if key != "organ"}
    assert {(n.dimension, n.label) for n in map(space.nodes.__getitem__, graph.ids)} == {
        (key, value) for key, values in names.items() for value in values
    }
    assert len(graph) == 5
    assert set(graph.pairs()) == set(product(graph.diagnoses, graph.attributes))
    assert graph.labels(space) == LabelSet.of(names, space.vocabulary)


@pytest.mark.parametrize("stated", [{}, {"organ": ["Liver"]}, {"diagnosis": ["mass"]}, {"shape": ["oval"]}], ids=str)
def test_a_sample_without_one_type_is_a_graph_without_edges(space: NodeSpace, stated: dict[str, list[str]]) -> None:
    graph = SampleGraph.of(LabelSet.of(stated, space.vocabulary), space)
    assert len(graph) == len([key for key in stated if key != "organ"])
    assert list(graph.pairs()) == []


def test_a_report_and_its_findings(space: NodeSpace, report: Report) -> None:
    whole = SampleGraph.of_report(report, space)
    assert {space.nodes[id].label for id in whole.diagnoses} == {"cyst", "mass"}
    cyst = next(f for f in report.findings if f.organ == "Kidney and ureter" and f.labels["diagnosis"])
    found = {space.nodes[id].label for id in SampleGraph.of_report(cyst, space).ids}
    assert {"cyst", "anechoic", "enhancement"} <= found and "septations" not in found
    denied = next(f for f in report.findings if f.certainty == "absent")
    assert len(SampleGraph.of_report(denied, space)) == 0


def test_a_label_of_an_extension_is_a_node(tmp_path: Path, space: NodeSpace) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        """@prefix ns: <https://w3id.org/udt/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix udaf: <https://w3id.org/udt/udaf/> .
        udaf:shape.stellate a ns:ShapeValue , skos:Concept , owl:NamedIndividual ; skos:broader udaf:shape ;
            skos:prefLabel "stellate"@en ; skos:definition "Like a star."@en ; ns:order 8 ;
            ns:prompt "a stellate lesion in an ultrasound image" .""",
        encoding="utf-8",
    )
    larger = NodeSpace(Taxonomy.load(extra).vocabulary)
    assert len(larger) == len(space) + 1
    assert larger.node("shape", "stellate").type == "attribute"
    with pytest.raises(UnknownConceptError, match="shape has no label 'stellate'; allowed: round"):
        space.node("shape", "stellate")
