from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable

import pyoxigraph as ox
import pytest
from rdflib import Graph

from udt.core.errors import DataError
from udt.taxonomy.export.formats import FORMATS, export
from udt.taxonomy.export.rdf import published_store
from udt.taxonomy.model.document import SCHEMA
from udt.taxonomy.model.taxonomy import Taxonomy

RDF = {"turtle": "turtle", "rdfxml": "xml", "jsonld": "json-ld"}


@pytest.mark.parametrize("form", RDF)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_rdf_formats_contain_the_whole_ontology(small_core: None, form: str) -> None:
    taxonomy = Taxonomy.load()
    written = Graph().parse(data=export(taxonomy, form), format=RDF[form])
    read_back = ox.parse(written.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES)
    assert _canonical(read_back) == _canonical(published_store(taxonomy))


def _canonical(quads: Iterable[ox.Quad]) -> set[ox.Triple]:
    """Return the triples with canonical names of the blank nodes."""
    found = ox.Dataset(ox.Quad(*quad.triple) for quad in quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {quad.triple for quad in found}


def test_every_format_is_the_same_in_another_process(turtle, small_core: None) -> None:
    """Neither the hash seed nor the random names of blank nodes may change the output."""
    first = {form: export(Taxonomy.load(), form) for form in FORMATS}
    assert first == {form: export(Taxonomy.load(), form) for form in FORMATS}
    program = (
        "import sys; from pathlib import Path; import udt.taxonomy.model.source as source\n"
        "source.core_files = lambda: [Path(name) for name in sys.argv[1:]]\n"
        "from udt import Taxonomy; from udt.taxonomy.export.formats import FORMATS, export; import json\n"
        "print(json.dumps({form: export(Taxonomy.load(), form) for form in FORMATS}))"
    )
    from udt.taxonomy.model import source

    command = [sys.executable, "-c", program, *map(str, source.core_files())]
    for seed in "1", "2":
        done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        assert json.loads(done.stdout) == first


def test_obo_escapes_and_drops_accents(small_core: None) -> None:
    text = export(Taxonomy.load(), "obo")
    assert 'def: "The \\"liver\\", whole." [https://w3id.org/udt/ontology]' in text
    assert 'synonym: "Meniere {lobe}" EXACT []' in text
    assert 'synonym: "hepar" EXACT []' in text
    assert "肝脏" not in text


def test_csv_has_one_row_per_concept(taxonomy: Taxonomy) -> None:
    rows = list(csv.DictReader(io.StringIO(export(taxonomy, "csv"))))
    assert [row["curie"] for row in rows] == sorted(taxonomy.concepts)
    liver = next(row for row in rows if row["curie"] == "uhat:liver")
    assert (liver["kind"], liver["label"], liver["broader"]) == ("Organ", "Liver", "uhat:sys.abdomen-retroperitoneum")
    assert "closeMatch UBERON:0002107" in liver["mappings"].split(" | ")
    assert "Liver@en" in liver["preferred_labels"].split(" | ")


def test_json_contains_every_concept_once(taxonomy: Taxonomy) -> None:
    document = json.loads(export(taxonomy, "json"))
    assert (document["schema"], document["version"]) == (SCHEMA, taxonomy.version)
    assert (document["version_iri"], document["sha256"]) == (taxonomy.version_iri, taxonomy.digest)
    assert [d["key"] for d in document["dimensions"]] == [d.key for d in taxonomy.dimensions]
    pending = [node for part in document["concepts"].values() for node in part]
    seen = []
    while pending:
        node = pending.pop()
        seen.append(node["curie"])
        pending += node.get("children", ())
    assert sorted(set(seen)) == sorted(taxonomy.concepts)
    several = {concept.curie for concept in taxonomy if len(concept.broader) > 1}
    assert several or len(seen) == len(taxonomy)


def test_an_unknown_format_is_refused(small_core: None) -> None:
    with pytest.raises(DataError, match="no export format is called 'owx'; allowed: turtle, rdfxml"):
        export(Taxonomy.load(), "owx")
