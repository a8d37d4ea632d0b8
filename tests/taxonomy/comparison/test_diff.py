from __future__ import annotations

import json
from pathlib import Path

import pytest

from udt.core.errors import DataError, TaxonomyError
from udt.taxonomy.comparison.diff import difference, facts
from udt.taxonomy.comparison.snapshot import snapshot
from udt.taxonomy.export.formats import export
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

FINDING = "a ns:FindingTerm , skos:Concept ; skos:inScheme <https://w3id.org/udt/finding>"
EXTRA = f"""
finding:new {FINDING} ; skos:prefLabel "new sign"@en .
uhat:liver ns:overrides skos:notation ; skos:notation "LIV" ; skos:altLabel "big gland"@en ;
    ns:retracts [ skos:exactMatch UBERON:0002107 ] .
udaf:margins.ill-defined owl:deprecated true .
"""


def test_every_kind_of_difference(turtle, small_core: None) -> None:
    found = difference(snapshot("built-in"), snapshot(str(turtle(EXTRA))))
    assert [c.curie for c in found.added] == ["finding:new"]
    assert [c.curie for c in found.deprecated] == ["udaf:margins.ill-defined"]
    assert found.removed == ()
    (liver,) = found.changed
    edits = {edit.property: (edit.removed, edit.added) for edit in liver.edits}
    assert edits == {
        "alt en": ((), ("big gland",)),
        "notation": (("ABD-01",), ("LIV",)),
        "exactMatch": (("UBERON:0002107",), ()),
    }
    assert found.counts == {"added": 1, "removed": 0, "deprecated": 1, "changed": 1}


def test_the_reverse_swaps_added_and_removed(turtle, small_core: None) -> None:
    one, other = snapshot("built-in"), snapshot(str(turtle(EXTRA)))
    there, back = difference(one, other), difference(other, one)
    assert back.removed == there.added
    assert {e.property: (e.added, e.removed) for c in there.changed for e in c.edits} == {
        e.property: (e.removed, e.added) for c in back.changed for e in c.edits if c.concept.curie == "uhat:liver"
    }


def test_a_snapshot_equals_itself(small_core: None) -> None:
    found = difference(snapshot("built-in"), snapshot("built-in"))
    assert set(found.counts.values()) == {0}


SUFFIXES = {"turtle": "ttl", "rdfxml": "rdf", "jsonld": "jsonld", "json": "json"}


@pytest.mark.parametrize("form", SUFFIXES)
def test_an_export_equals_its_taxonomy(turtle, tmp_path: Path, small_core: None, form: str) -> None:
    extra = turtle(EXTRA)
    path = tmp_path / f"export.{SUFFIXES[form]}"
    path.write_text(export(Taxonomy.load(extra), form), "utf-8")
    exported = snapshot(str(path))
    assert exported.version == "0.2.0"
    found = difference(snapshot(str(extra)), exported)
    assert set(found.counts.values()) == {0}, found.to_dict()


def test_the_folder_of_the_ontology_equals_the_built_in_taxonomy() -> None:
    found = difference(snapshot("built-in"), snapshot(str(ontology_folder())))
    assert set(found.counts.values()) == {0}
    assert len(found.new.concepts) > 3000


def test_a_folder_of_extensions_is_applied(turtle, tmp_path: Path, small_core: None) -> None:
    (tmp_path / "own" / "deeper").mkdir(parents=True)
    turtle('uhat:liver skos:altLabel "one"@en .', "own/one.ttl")
    turtle('uhat:liver skos:altLabel "two"@en .', "own/deeper/two.ttl")
    (change,) = difference(snapshot("built-in"), snapshot(str(tmp_path / "own"))).changed
    assert change.edits[0].added == ("one", "two")


def test_facts_hold_everything_that_is_stated(taxonomy: Taxonomy) -> None:
    """Independent of the parts: the JSON document of a concept, without its files, has as many statements."""
    from udt.taxonomy.model.document import concept_document

    for concept in list(taxonomy)[::97]:
        document = concept_document(concept)
        lists = ("labels", "broader", "compositions", "compartment_rules", "replaced_by")
        count = sum(len(document.get(name, ())) for name in lists)
        count += sum(len(found) for name in ("mappings", "attributes") for found in document.get(name, {}).values())
        count += sum(name in document for name in ("kind", "notation", "definition", "scope_note", "deprecated"))
        assert sum(map(len, facts(concept).values())) == count, concept.curie


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.ttl", None, "is no file or folder; give 'built-in'"),
        ("x.obo", "format-version: 1.4", "cannot be compared; give 'built-in'"),
        ("x.rdf", "<rdf", "is not valid RDF/XML"),
        ("x.json", "{", "is not valid JSON"),
        ("x.json", "{}", "is no 'udt-taxonomy/1' document"),
        ("x.json", '{"schema": "udt-taxonomy/1"}', "is an incomplete 'udt-taxonomy/1' document"),
        (
            "x.json",
            '{"schema": "udt-taxonomy/1", "concepts": {"anatomy": [{"curie": 3}]}}',
            "is an incomplete 'udt-taxonomy/1' document",
        ),
        ("x.owl", '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "has no skos:Concept"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(DataError, match=message):
        snapshot(str(path))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no Turtle file \(\*\.ttl\)"):
        snapshot(str(tmp_path))


def test_a_faulty_extension_is_reported(turtle, small_core: None) -> None:
    with pytest.raises(TaxonomyError, match="has the parent uhat:livre"):
        snapshot(str(turtle("uhat:liver skos:broader uhat:livre .")))


def test_differences_are_plain_data(turtle, small_core: None) -> None:
    found = difference(snapshot("built-in"), snapshot(str(turtle(EXTRA))))
    document = json.loads(json.dumps(found.to_dict()))
    assert document["counts"] == found.counts
    assert document["changed"][0]["curie"] == "uhat:liver"
