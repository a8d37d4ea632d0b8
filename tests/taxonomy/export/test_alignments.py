from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.locations import SHARED
from udt.core.errors import DataError
from udt.taxonomy.export.alignments import match_triples, read_sssom, sssom_file
from udt.taxonomy.model.namespaces import expand
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

PUBLISHED = SHARED / "ontology-sources" / "alignments.sssom.tsv"
METADATA = "#mapping_set_id: https://example.org/set\n#curie_map:\n#  A: https://a.org/\n#license: https://l.org/\n"
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"


def test_triples_and_table_agree() -> None:
    quads = ox.parse(path=ontology_folder() / "generated" / "alignments.ttl", format=ox.RdfFormat.TURTLE)
    triples = {(quad.subject.value, quad.predicate.value, quad.object.value) for quad in quads}
    rows = read_sssom(sssom_file())
    assert triples == {(row.subject, expand(row.predicate), row.object) for row in rows}
    assert len(triples) == len(rows)


def test_every_subject_is_a_concept_of_the_taxonomy(taxonomy: Taxonomy) -> None:
    known = {concept.iri for concept in taxonomy}
    assert {row.subject for row in read_sssom(sssom_file())} <= known


def test_the_loader_sees_the_mappings(taxonomy: Taxonomy) -> None:
    assert ("exactMatch", "UBERON:0002107") in taxonomy["uhat:liver"].mappings
    assert ("exactMatch", "UBERON:0002110") in taxonomy["uhat:gallbladder-bile-ducts_gallbladder"].mappings


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"the published alignments are not at {PUBLISHED}")
def test_every_published_row_is_kept() -> None:
    assert set(read_sssom(PUBLISHED)) <= set(read_sssom(sssom_file()))


def test_triples_are_sorted_and_do_not_depend_on_the_order_of_rows() -> None:
    rows = read_sssom(sssom_file())
    assert match_triples(rows) == match_triples(reversed(rows))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            METADATA + "subject_id\tobject_id\n",
            "no column predicate_id, mapping_justification; got subject_id, object_id",
        ),
        (METADATA, "got nothing"),
        (METADATA + COLUMNS + "A:1\tskos:sameAs\tA:2\tsemapv:X\n", "t.tsv:6: predicate_id 'skos:sameAs'; allowed"),
        (METADATA + COLUMNS + "A:1\tskos:exactMatch\tB:2\tsemapv:X\n", "t.tsv:6: 'B:2' has a prefix .* it has A"),
    ],
    ids=["missing columns", "no table", "predicate", "prefix"],
)
def test_a_faulty_table_is_reported_with_file_and_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError, match=message):
        read_sssom(path)
