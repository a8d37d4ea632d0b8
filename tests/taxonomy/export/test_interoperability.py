"""Do the tools of others load the exports, without a warning, and see the same classes?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from tests.locations import ROOT
from udt.taxonomy.export.class_view import ClassView
from udt.taxonomy.export.formats import export
from udt.taxonomy.model.document import part_of
from udt.taxonomy.model.namespaces import expand
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("error")]

LIVER = expand("uhat:liver")
SYSTEM = "uhat:sys.abdomen-retroperitoneum"


@pytest.fixture(scope="module")
def exports(taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the class view in all its formats."""
    folder = tmp_path_factory.mktemp("exports")
    for form, name in ("obo", "udt.obo"), ("obograph", "udt.json"), ("owl", "udt.owl"):
        (folder / name).write_text(export(taxonomy, form), "utf-8")
    return folder


@pytest.fixture(scope="module")
def view(taxonomy: Taxonomy) -> ClassView:
    """Return the class view itself, to compare with."""
    return ClassView(taxonomy)


def below(view: ClassView, root: str) -> int:
    """Count the classes below `root` by a slow closure over the stated superclasses."""
    found = {root}
    while True:
        new = {c for c, term in view.terms.items() if found & set(term.parents)} - found
        if not new:
            return len(found) - 1
        found |= new


@pytest.mark.parametrize("name", ["udt.obo", "udt.owl"])
def test_pronto(view: ClassView, exports: Path, name: str) -> None:
    pronto = pytest.importorskip("pronto")
    with (exports / name).open("rb") as handle:
        ontology = pronto.Ontology(handle)
    full = (lambda curie: curie) if name == "udt.obo" else expand
    liver = ontology[full("uhat:liver")]
    assert liver.name == "Liver"
    assert [term.id for term in liver.superclasses(with_self=False)] == [full("ns:Organ"), full("ns:Anatomy")]
    relations = {relation.id: {term.id for term in terms} for relation, terms in liver.relationships.items()}
    assert relations == {"part_of": {full(SYSTEM)}}
    assert "UBERON:0002107" in {xref.id for xref in liver.xrefs}
    scopes = {synonym.description: synonym.scope for synonym in liver.synonyms}
    assert (scopes["hepar"], scopes["hepatic"]) == ("EXACT", "RELATED")
    assert len(ontology.terms()) == len(view.terms)
    for root in "ns:Organ", "ns:Anatomy", "ns:Finding":
        assert len(ontology[full(root)].subclasses(with_self=False).to_set()) == below(view, root)


def test_owlready2(view: ClassView, exports: Path) -> None:
    owlready2 = pytest.importorskip("owlready2")
    world = owlready2.World()
    try:
        with (exports / "udt.owl").open("rb") as handle:
            ontology = world.get_ontology("https://w3id.org/udt/classes#").load(fileobj=handle)
        assert len(list(ontology.classes())) == len(view.terms)
        assert list(ontology.individuals()) == []
        for root in "ns:Organ", "ns:Anatomy", "ns:Finding":
            assert len(world[expand(root)].descendants(include_self=False)) == below(view, root)
        assert [str(label) for label in world[LIVER].label] == ["Liver"]
    finally:
        world.close()


def test_rdflib(view: ClassView, exports: Path) -> None:
    graph = Graph().parse(exports / "udt.owl", format="xml")
    named = {node for node in graph.subjects(RDF.type, OWL.Class) if isinstance(node, URIRef)}
    assert len(named) == len(view.terms)
    for root in "ns:Organ", "ns:Anatomy", "ns:Finding":
        found = set(graph.transitive_subjects(RDFS.subClassOf, URIRef(expand(root))))
        assert len(found) - 1 == below(view, root)


def test_oak_and_sssom(taxonomy: Taxonomy, view: ClassView, exports: Path) -> None:
    """They have an environment of their own, named by $UDT_INTEROP_PYTHON; `make interop-test` creates it."""
    python = os.environ.get("UDT_INTEROP_PYTHON") or (sys.executable if find_spec("oaklib") else None)
    if python is None:
        pytest.skip("OAK (oaklib) and sssom are not installed; make interop-test installs them apart")
    tables = sorted((ontology_folder() / "alignments").glob("*.sssom.tsv"))
    program = ROOT / "tests" / "taxonomy" / "export" / "interop.py"
    done = subprocess.run([python, str(program), str(exports), *map(str, tables)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    liver = {
        "label": "Liver",
        "is_a": ["Organ"],
        "part_of": ["sys.abdomen-retroperitoneum"],
        "below": {root: below(view, f"ns:{root}") for root in ("Organ", "Anatomy", "Finding")},
    }
    for form in "obo", "pronto", "obograph":
        assert found[form] == liver, form
    assert tables
    assert found["tables"] == {table.name: [] for table in tables}
    assert found["logged"] == []
    organs = sum(concept.kind == "Organ" for concept in taxonomy)
    assert liver["below"]["Organ"] == organs  # type: ignore[index]
    assert below(view, "ns:Anatomy") > sum(part_of(concept) == "anatomy" for concept in taxonomy)
