from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from udt.core.errors import DataError
from udt.taxonomy.export.label_sources import COLUMNS, label_sources, labels_file, read_table, source_axioms
from udt.taxonomy.export.rdf import published_store
from udt.taxonomy.model.taxonomy import Taxonomy


def test_the_table_gives_the_sources_of_labels(taxonomy: Taxonomy) -> None:
    rows = read_table(labels_file())
    found = label_sources(taxonomy)
    # A row whose label is gone is left out; most have to be there.
    assert len(found) > 0.9 * len(rows)
    assert found["uhat:liver", "la", "iecur"].xrefs == ("UBERON:0002107",)


def test_a_row_follows_its_label_to_another_concept(turtle) -> None:
    path = turtle("""
        uhat:liver ns:retracts [ skos:altLabel "iecur"@la ] .
        uhat:spleen skos:altLabel "iecur"@la .
    """)
    found = label_sources(Taxonomy.load(path))
    assert found["uhat:spleen", "la", "iecur"].xrefs == ("UBERON:0002107",)
    assert ("uhat:liver", "la", "iecur") not in found


def test_axioms_annotate_statements_that_exist(taxonomy: Taxonomy) -> None:
    query = """
        PREFIX owl: <http://www.w3.org/2002/07/owl#>
        SELECT ?axiom WHERE {
          ?axiom a owl:Axiom ; owl:annotatedSource ?s ; owl:annotatedProperty ?p ; owl:annotatedTarget ?o
          FILTER %s { ?s ?p ?o }
        }"""
    store = published_store(taxonomy)
    assert len(list(store.query(query % "NOT EXISTS"))) == 0  # type: ignore[arg-type]
    assert len(list(store.query(query % "EXISTS"))) == len(label_sources(taxonomy))  # type: ignore[arg-type]


def test_axioms_have_the_source_as_dublin_core(taxonomy: Taxonomy) -> None:
    predicates = {t.predicate.value.rpartition("/")[2].rpartition("#")[2] for t in source_axioms(taxonomy)}
    assert predicates == {
        "type",
        "annotatedSource",
        "annotatedProperty",
        "annotatedTarget",
        "source",
        "hasDbXref",
        "synonymScope",
    }


def test_loading_does_not_read_the_table(taxonomy: Taxonomy) -> None:
    assert ox.NamedNode("http://www.w3.org/2002/07/owl#Axiom") not in {t.object for t in taxonomy.triples}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "its columns are none"),
        ("concept\tlabel\n", "its columns are concept, label"),
        ("\t".join(COLUMNS) + "\na\ten\tb\n", "row 2 has 3 cells; it needs 6"),
        ("\t".join(COLUMNS) + "\na\ten\tb\tWIDE\t\t\n", "row 2 has the scope 'WIDE'; allowed: EXACT, NARROW"),
    ],
)
def test_faults_of_the_table(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError, match=message):
        read_table(path)
