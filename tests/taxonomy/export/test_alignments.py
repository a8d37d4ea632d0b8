from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.locations import SHARED
from udt.core.errors import DataError
from udt.taxonomy.export.alignments import match_triples, read_sssom, read_tables, sssom_files
from udt.taxonomy.model.namespaces import expand
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

PUBLISHED = SHARED / "ontology-sources" / "alignments.sssom.tsv"
COMPONENTS = SHARED / "ontology-sources" / "component-mappings.sssom.tsv"
METADATA = "#mapping_set_id: https://example.org/set\n#curie_map:\n#  A: https://a.org/\n#license: https://l.org/\n"
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"


def test_triples_and_table_agree() -> None:
    quads = ox.parse(path=ontology_folder() / "generated" / "alignments.ttl", format=ox.RdfFormat.TURTLE)
    label = expand("rdfs:label")
    triples = {(q.subject.value, q.predicate.value, q.object.value) for q in quads if q.predicate.value != label}
    rows = read_tables(sssom_files())
    assert triples == {(row.subject, expand(row.predicate), row.object) for row in rows}
    assert len(triples) == len(rows)


def test_objects_that_share_a_name_with_a_concept_have_the_label_of_their_vocabulary() -> None:
    quads = ox.parse(path=ontology_folder() / "generated" / "alignments.ttl", format=ox.RdfFormat.TURTLE)
    labels = {q.subject.value: q.object.value for q in quads if q.predicate.value == expand("rdfs:label")}
    assert labels[expand("UBERON:0002110")] == "gallbladder"
    naming = {"skos:exactMatch", "skos:broadMatch", "skos:narrowMatch"}
    assert labels.keys() <= {row.object for row in read_tables(sssom_files()) if row.predicate in naming}
    assert not [label for label in labels.values() if "UBERON label" in label]


def test_every_subject_is_a_concept_of_the_taxonomy(taxonomy: Taxonomy) -> None:
    known = {concept.iri for concept in taxonomy}
    assert {row.subject for row in read_tables(sssom_files())} <= known


def test_the_loader_sees_the_mappings(taxonomy: Taxonomy) -> None:
    assert ("closeMatch", "UBERON:0002107") in taxonomy["uhat:liver"].mappings
    assert ("exactMatch", "RADLEX:RID292") in taxonomy["uhat:adnexa_corpus-luteum"].mappings
    assert ("exactMatch", "UBERON:0002110") in taxonomy["uhat:gallbladder-bile-ducts_gallbladder"].mappings


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"the published alignments are not at {PUBLISHED}")
def test_every_published_row_is_kept() -> None:
    ours = {(row.subject, row.object): row for row in read_tables(sssom_files())}
    corrected = {(row.subject, row.object) for row in read_sssom(COMPONENTS) if row.comment.startswith("CORRECTION")}
    for row in read_sssom(PUBLISHED):
        pair = (row.subject, row.object)
        assert pair in corrected or ours[pair] == row


@pytest.mark.skipif(not COMPONENTS.exists(), reason=f"the published mappings of components are not at {COMPONENTS}")
def test_every_published_mapping_of_a_component_is_kept_for_the_structure_that_it_names() -> None:
    ours = {(row.object, row.predicate): row for row in read_tables(sssom_files())}
    close = {row.object for row in read_tables(sssom_files()) if row.predicate == "skos:closeMatch"}
    for row in read_sssom(COMPONENTS):
        if row.subject == expand("uhat:liver"):
            assert row.object in close
        else:
            mapped = ours[row.object, row.predicate]
            assert (mapped.confidence, mapped.justification) == (row.confidence, row.justification)


def test_triples_are_sorted_and_do_not_depend_on_the_order_of_rows() -> None:
    rows = read_tables(sssom_files())
    assert match_triples(rows) == match_triples(reversed(rows))


def test_the_confidence_of_a_row_is_read_and_may_be_missing() -> None:
    confidences = [row.confidence for row in read_tables(sssom_files())]
    assert None in confidences
    assert 0.96 in confidences


def test_a_metadata_block_may_have_blanks_after_the_hash(tmp_path: Path) -> None:
    row = "A:1\tskos:exactMatch\tA:2\tsemapv:X\n"
    narrow, wide = tmp_path / "narrow.tsv", tmp_path / "wide.tsv"
    narrow.write_text(METADATA + COLUMNS + row, "utf-8")
    wide.write_text(METADATA.replace("#", "# ") + COLUMNS + row, "utf-8")
    assert read_sssom(wide) == read_sssom(narrow)
    assert read_sssom(wide)[0].subject == "https://a.org/1"


def test_two_tables_cannot_map_a_concept_to_one_object_twice(tmp_path: Path) -> None:
    one, two = tmp_path / "one.tsv", tmp_path / "two.tsv"
    one.write_text(METADATA + COLUMNS + "A:1\tskos:exactMatch\tA:2\tsemapv:X\n", "utf-8")
    two.write_text(METADATA + COLUMNS + "A:1\tskos:closeMatch\tA:2\tsemapv:X\n", "utf-8")
    assert len(read_tables([one])) == 1
    with pytest.raises(DataError, match=r"two\.tsv: a second mapping of .*/1 to .*/2, which one\.tsv has"):
        read_tables([one, two])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            METADATA + "subject_id\tobject_id\n",
            "no column predicate_id, mapping_justification; got subject_id, object_id",
        ),
        (METADATA, "got nothing"),
        (METADATA + COLUMNS + "A:1\tskos:sameAs\tA:2\tsemapv:X\n", "t.tsv:6: predicate_id 'skos:sameAs'; allowed"),
        (
            METADATA + COLUMNS.replace("\n", "\tconfidence\n") + "A:1\tskos:exactMatch\tA:2\tsemapv:X\t1.5\n",
            "t.tsv:6: confidence '1.5'; allowed: a number from 0 to 1",
        ),
        (METADATA + COLUMNS + "A:1\tskos:exactMatch\tB:2\tsemapv:X\n", "t.tsv:6: 'B:2' has a prefix .* it has A"),
    ],
    ids=["missing columns", "no table", "predicate", "confidence", "prefix"],
)
def test_a_faulty_table_is_reported_with_file_and_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError, match=message):
        read_sssom(path)
