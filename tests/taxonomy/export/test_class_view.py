"""The class view and the formats that are written from it: OBO, OBO Graphs and OWL."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from udt.taxonomy.export.class_view import CLASSES, PART_OF, ClassView
from udt.taxonomy.export.formats import export
from udt.taxonomy.export.obo import obo_text
from udt.taxonomy.export.obograph import obograph_text
from udt.taxonomy.export.owl import class_triples
from udt.taxonomy.model.document import part_of
from udt.taxonomy.model.namespaces import OBO, OBO_IN_OWL, OWL, RDF_TYPE, RDFS, compress, expand
from udt.taxonomy.model.taxonomy import Taxonomy

FINDING = "a ns:FindingTerm , skos:Concept , owl:NamedIndividual ; skos:inScheme <https://w3id.org/udt/finding>"
EXTRA = f"""
finding:growth {FINDING} ; skos:prefLabel "growth"@en ; skos:definition "A thing that grows."@en .
finding:tumour {FINDING} ; skos:prefLabel "tumour"@en ; skos:broader finding:growth ;
    skos:altLabel "lump"@en ; ns:abbreviation "TU"@en ; ns:adjective "tumorous"@en ; skos:hiddenLabel "tumuor"@en ;
    ns:impliesValue udaf:margins.ill-defined ; ns:impliesOrgan uhat:liver ;
    skos:exactMatch FMA:1 ; skos:closeMatch FMA:2 ; skos:broadMatch FMA:3 .
finding:old {FINDING} ; skos:prefLabel "old"@en ; owl:deprecated true ; dcterms:isReplacedBy finding:growth ;
    ns:consider finding:tumour ; skos:broader finding:growth .
[] a owl:Axiom ; owl:annotatedSource finding:tumour ; owl:annotatedProperty skos:altLabel ;
    owl:annotatedTarget "lump"@en ; ns:synonymScope ns:BroadScope ; oboInOwl:hasDbXref "FMA:9" ;
    dcterms:source "a book" .
uhat:lobe a ns:Component , skos:Concept ; skos:prefLabel "lobe"@en ; skos:broader uhat:liver .
"""


@pytest.fixture
def small(turtle, small_core: None) -> Taxonomy:
    """The small taxonomy with findings of every kind."""
    return Taxonomy.load(turtle(EXTRA))


def stanza(text: str, name: str) -> list[str]:
    return next(part.splitlines() for part in text.split("\n\n") if f"\nid: {name}\n" in part)


def test_obo_terms(small: Taxonomy) -> None:
    text = obo_text(small)
    assert stanza(text, "finding:tumour")[1:] == [
        "id: finding:tumour",
        "name: tumour",
        'synonym: "TU" EXACT abbreviation []',
        'synonym: "lump" BROAD [FMA:9]',
        'synonym: "tumorous" RELATED adjective []',
        'synonym: "tumuor" RELATED hidden []',
        "xref: FMA:1",
        "xref: FMA:2",
        "is_a: finding:growth",
        "relationship: ns:impliedValue udaf:margins.ill-defined",
        "relationship: ns:impliedOrgan uhat:liver",
    ]
    assert stanza(text, "uhat:lobe")[2:] == ["name: lobe", "is_a: ns:Component", "relationship: part_of uhat:liver"]
    growth = stanza(text, "finding:growth")
    assert 'def: "A thing that grows." [https://w3id.org/udt/ontology]' in growth
    assert "is_a: ns:Finding" in growth
    assert "is_a: udaf:margins" in stanza(text, "udaf:margins.ill-defined")


def test_obo_of_a_deprecated_term_has_no_relations(small: Taxonomy) -> None:
    lines = stanza(obo_text(small), "finding:old")
    assert lines[2:] == [
        "name: obsolete old",
        "is_obsolete: true",
        "replaced_by: finding:growth",
        "consider: finding:tumour",
    ]


def test_obo_declares_its_relations_and_version(small: Taxonomy) -> None:
    text = obo_text(small)
    assert stanza(text, "part_of")[2:] == ["name: part of", "xref: BFO:0000050", "is_transitive: true"]
    for name in "ns:impliedValue", "ns:impliedOrgan", "ns:diagnosis":
        assert stanza(text, name)[0] == "[Typedef]"
    assert f"data-version: 0.2.0/{small.digest[:16]}" in text.splitlines()
    assert text.isascii()


def graph(taxonomy: Taxonomy) -> dict[str, Any]:
    (found,) = json.loads(obograph_text(taxonomy))["graphs"]
    return found  # type: ignore[no-any-return]


def test_obograph_nodes(small: Taxonomy) -> None:
    nodes = {compress(node["id"]): node for node in graph(small)["nodes"]}
    tumour = nodes["finding:tumour"]
    assert (tumour["lbl"], tumour["type"]) == ("tumour", "CLASS")
    lump = {"pred": "hasBroadSynonym", "val": "lump", "xrefs": ["FMA:9"]}
    assert lump in tumour["meta"]["synonyms"]
    assert tumour["meta"]["xrefs"] == [{"val": "FMA:1"}, {"val": "FMA:2"}]
    assert nodes["finding:old"]["meta"]["deprecated"] is True
    replaced = {"pred": OBO + "IAO_0100001", "val": expand("finding:growth")}
    assert replaced in nodes["finding:old"]["meta"]["basicPropertyValues"]
    definition = {"val": "A thing that grows.", "xrefs": ["https://w3id.org/udt/ontology"]}
    assert nodes["finding:growth"]["meta"]["definition"] == definition
    assert nodes["ns:impliedOrgan"]["type"] == "PROPERTY"


def test_obograph_has_the_keys_of_its_schema(small: Taxonomy) -> None:
    found = graph(small)
    assert (found["id"], found["meta"]["version"]) == (CLASSES, ClassView(small).version_iri)
    lists = {"nodes", "edges", "equivalentNodesSets", "logicalDefinitionAxioms", "domainRangeAxioms"}
    assert found.keys() == {"id", "meta", "propertyChainAxioms", *lists}
    ids = {node["id"] for node in found["nodes"]}
    assert len(ids) == len(found["nodes"])
    for edge in found["edges"]:
        assert edge.keys() == {"sub", "pred", "obj"}
        assert {edge["sub"], edge["obj"]} <= ids
        assert edge["pred"] == "is_a" or edge["pred"] in ids


@pytest.fixture(scope="module")
def obo(taxonomy: Taxonomy) -> str:
    """The built-in taxonomy in OBO."""
    return obo_text(taxonomy)


@pytest.fixture(scope="module")
def obograph(taxonomy: Taxonomy) -> dict[str, Any]:
    """The built-in taxonomy in OBO Graphs."""
    return graph(taxonomy)


@pytest.fixture(scope="module")
def owl(taxonomy: Taxonomy) -> list[ox.Triple]:
    """The built-in taxonomy in OWL."""
    return list(class_triples(taxonomy))


def test_all_formats_have_the_same_edges(obo: str, obograph: dict[str, Any], owl: list[ox.Triple]) -> None:
    """OBO, OBO Graphs and OWL are read back, each by its own small reader."""
    json_edges = {(e["sub"], e["pred"], e["obj"]) for e in obograph["edges"]}
    assert set(_obo_edges(obo)) == json_edges
    assert set(_owl_edges(owl)) == json_edges


def _obo_edges(text: str) -> Iterable[tuple[str, str, str]]:
    for part in text.split("\n\n")[1:]:
        lines = [line.partition(": ")[::2] for line in part.splitlines()[1:]]
        subject = expand(dict(lines)["id"])
        for name, value in lines:
            if name == "is_a":
                yield subject, "is_a", expand(value)
            elif name == "relationship":
                relation, target = value.split()
                yield subject, PART_OF if relation == "part_of" else expand(relation), expand(target)


def _owl_edges(triples: Iterable[ox.Triple]) -> Iterable[tuple[str, str, str]]:
    nodes: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        nodes[triple.subject][triple.predicate.value].append(triple.object)
    for subject, node in nodes.items():
        for parent in node.get(RDFS + "subClassOf", ()):
            if isinstance(parent, ox.NamedNode):
                yield subject.value, "is_a", parent.value
            else:
                (path,), (filler,) = nodes[parent][OWL + "onProperty"], nodes[parent][OWL + "someValuesFrom"]
                yield subject.value, path.value, filler.value


def _below(edges: Iterable[tuple[str, str, str]], root: str) -> set[str]:
    children: Mapping[str, set[str]] = defaultdict(set)
    for sub, pred, obj in edges:
        if pred == "is_a":
            children[obj].add(sub)
    found: set[str] = set()
    pending = [root]
    while pending:
        new = children[pending.pop()] - found
        found |= new
        pending += new
    return found


def test_the_class_tree_holds_every_concept(taxonomy: Taxonomy, owl: list[ox.Triple]) -> None:
    """As Protégé shows it: every organ is an organ, every value of a dimension is below it, every finding is one."""
    edges = set(_owl_edges(owl))

    def count(root: str) -> int:
        return len([iri for iri in _below(edges, expand(root)) if not iri.startswith(expand("ns:"))])

    kinds = defaultdict(int)
    for concept in taxonomy:
        kinds[concept.kind] += 1
    for kind in "BodySystem", "Organ", "Component", "Region":
        assert count(f"ns:{kind}") == kinds[kind]
    assert count("ns:Anatomy") == sum(part_of(c) == "anatomy" for c in taxonomy)
    for dimension in taxonomy.dimensions:
        if dimension.role != "place":
            assert count(dimension.concept.curie) == len(dimension.values)
    named = [c for c in taxonomy if part_of(c) == "findings" and c.kind != "SuffixRule"]
    assert count("ns:Finding") == len(named)
    defined = {iri for iri in _below(edges, expand("ns:Finding")) if iri.startswith(expand("ns:"))}
    query = "SELECT ?c { ?c rdfs:subClassOf ns:Finding ; owl:equivalentClass ?e }"
    rows = taxonomy.store().query(query, prefixes={"rdfs": RDFS, "owl": OWL, "ns": expand("ns:")})
    assert defined == {row["c"].value for row in rows}  # type: ignore[union-attr]


def test_every_class_reaches_a_root_without_a_cycle(taxonomy: Taxonomy) -> None:
    view = ClassView(taxonomy)
    for term in view.terms.values():
        seen, pending = set(), [term.curie]
        while pending:
            above = view.terms[pending.pop()].parents
            pending += [parent for parent in above if parent not in seen]
            seen |= set(above)
        assert term.curie not in seen
        assert term.deprecated or not term.parents or seen & {"ns:Anatomy", "ns:Dimension", "ns:Finding"}


def test_a_simple_cyst_has_a_logical_definition(obo: str, obograph: dict[str, Any]) -> None:
    (axiom,) = [a for a in obograph["logicalDefinitionAxioms"] if a["definedClassId"].endswith("SimpleCyst")]
    assert [compress(genus) for genus in axiom["genusIds"]] == ["ns:Finding"]
    pairs = {(compress(r["propertyId"]), compress(r["fillerId"])) for r in axiom["restrictions"]}
    assert ("ns:diagnosis", "udaf:diagnosis.cyst") in pairs
    assert len(pairs) == 4
    text = stanza(obo, "ns:SimpleCyst")
    assert "intersection_of: ns:diagnosis udaf:diagnosis.cyst" in text


def test_owl_annotations(small: Taxonomy) -> None:
    triples = set(class_triples(small))
    tumour = ox.NamedNode(expand("finding:tumour"))
    for name, text in ("hasExactSynonym", "TU"), ("hasBroadSynonym", "lump"), ("hasRelatedSynonym", "tumuor"):
        assert ox.Triple(tumour, ox.NamedNode(OBO_IN_OWL + name), ox.Literal(text, language="en")) in triples
    old = ox.NamedNode(expand("finding:old"))
    assert [t for t in triples if t.subject == old and t.predicate.value == OWL + "deprecated"]
    liver = [t for t in triples if t.subject == ox.NamedNode(expand("uhat:liver"))]
    assert [t.object.value for t in liver if t.predicate.value == RDFS + "label"] == ["Liver"]
    assert ox.Literal("肝脏", language="zh") in {t.object for t in liver}
    sources = [t for t in triples if t.object == ox.Literal("a book")]
    assert len(sources) == 1


def test_no_name_of_the_owl_export_is_a_class_and_something_else(owl: list[ox.Triple]) -> None:
    types: dict[Any, set[str]] = defaultdict(set)
    for triple in owl:
        if triple.predicate.value == RDF_TYPE and isinstance(triple.subject, ox.NamedNode):
            types[triple.subject.value].add(triple.object.value.rpartition("#")[2])  # type: ignore[union-attr]
    allowed = [{"Class"}, {"AnnotationProperty"}, {"ObjectProperty"}, {"ObjectProperty", "TransitiveProperty"}]
    assert {iri: found for iri, found in types.items() if found not in [*allowed, {"Ontology"}]} == {}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("javac") is None, reason="the OWL API needs a Java development kit; none is installed")
def test_owl_api_finds_no_violation_of_owl_2_dl(taxonomy: Taxonomy, turtle, tmp_path: Path) -> None:
    """The OWL API comes with owlready2, within the archive of HermiT."""
    owlready2 = pytest.importorskip("owlready2")
    archive = Path(owlready2.__file__).parent / "hermit" / "HermiT.jar"
    program = Path(__file__).with_name("OwlProfile.java")
    files = []
    for form, name in ("owl", "classes.owl"), ("rdfxml", "ontology.rdf"):
        files.append(tmp_path / name)
        files[-1].write_text(export(taxonomy, form), "utf-8")
    command = ["java", "-cp", str(archive), str(program)]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("0 violations") == len(files)
    # It does find one: a property of an undeclared kind.
    files[0].write_text(export(Taxonomy.load(turtle("uhat:liver ex:undeclared uhat:liver .")), "rdfxml"), "utf-8")
    done = subprocess.run([*command, str(files[0])], capture_output=True, text=True)
    assert done.returncode == 1
    assert "undeclared" in done.stdout
