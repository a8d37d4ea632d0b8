"""The hierarchy of the built-in findings, and the review of their synonyms."""

from __future__ import annotations

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.locations import SHARED
from udt.taxonomy.export.formats import export
from udt.taxonomy.model.describe import find
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

SOURCES = SHARED / "ontology-sources"
EXCEPTIONS = ontology_folder() / "findings" / "review-exceptions.tsv"
needs_sources = pytest.mark.skipif(
    not SOURCES.is_dir(), reason=f"the source tables of the findings are not at {SOURCES}"
)


def rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


def replaced(taxonomy: Taxonomy) -> dict[str, str]:
    """Map the identifiers of the findings that others replace to theirs."""
    found = taxonomy.store().query("SELECT ?old ?new { ?old <http://purl.org/dc/terms/isReplacedBy> ?new }")
    assert isinstance(found, ox.QuerySolutions)
    prefix = "https://w3id.org/udt/"
    return {
        f"finding:{row['old'].value.removeprefix(prefix + 'finding/')}": (
            f"finding:{row['new'].value.removeprefix(prefix + 'finding/')}"
        )
        for row in found
    }


def test_every_finding_has_a_parent_and_reaches_a_top_concept(taxonomy: Taxonomy) -> None:
    tops = {c.curie for c in taxonomy if c.kind == "FindingGroup" and not c.broader}
    assert len(tops) == 27
    for concept in taxonomy:
        if concept.kind == "FindingTerm":
            assert concept.broader, concept.curie
            assert tops & {ancestor.curie for ancestor in taxonomy.all_ancestors(concept.curie)}, concept.curie


def test_nothing_is_benign_and_malignant(taxonomy: Taxonomy) -> None:
    for concept in taxonomy:
        above = {ancestor.curie for ancestor in taxonomy.all_ancestors(concept.curie)}
        assert not {"finding:benign-neoplasm", "finding:malignant-neoplasm"} <= above, concept.curie


def test_no_parent_is_above_another_parent(taxonomy: Taxonomy) -> None:
    for concept in taxonomy:
        if concept.kind == "FindingTerm":
            above = {a.curie for parent in concept.broader for a in taxonomy.all_ancestors(parent)}
            assert not above & set(concept.broader), concept.curie


@pytest.mark.parametrize(
    ("name", "curie", "parent"),
    [
        ("anteverted uterus", "finding:anteverted-uterus", "finding:normal-finding"),
        ("parathyroid adenoma", "finding:parathyroid-adenoma", "finding:benign-neoplasm"),
        ("gastric cancer", "finding:gastric-cancer", "finding:malignant-neoplasm"),
        ("ureteral stenosis", "finding:ureteral-stricture", "finding:narrowing"),
        ("ectopic ureter", "finding:ectopic-ureter", "finding:developmental-anomaly"),
        ("Segond fracture", "finding:segond-fracture", "finding:fracture"),
        ("cancer", "finding:malignant-neoplasm", "finding:neoplasm"),
    ],
)
def test_a_name_leads_to_the_finding_that_it_names(taxonomy: Taxonomy, name: str, curie: str, parent: str) -> None:
    assert find(taxonomy, name).curie == curie
    assert parent in {ancestor.curie for ancestor in taxonomy.all_ancestors(curie)}


def test_groups_are_exported_with_the_findings(taxonomy: Taxonomy) -> None:
    stanza = export(taxonomy, "obo").split("[Term]\nid: finding:benign-neoplasm\n")[1].split("\n\n")[0]
    assert "name: benign neoplasm" in stanza


@needs_sources
def test_every_link_of_the_source_table_is_kept_or_refined(taxonomy: Taxonomy) -> None:
    """A finding stays below the concept that the table puts it under, unless its own parents were corrected."""
    new, kept = replaced(taxonomy), 0
    table = [row for row in rows(SOURCES / "finding-hierarchy.tsv") if row["broader_id"]]
    for row in table:
        curie, parent = (new.get(row[name], row[name]) for name in ("finding_id", "broader_id"))
        if curie in taxonomy.concepts:
            kept += parent in {curie, *(ancestor.curie for ancestor in taxonomy.all_ancestors(curie))}
    assert kept / len(table) > 0.98


@needs_sources
def test_every_row_of_the_review_is_carried_out_or_listed(taxonomy: Taxonomy) -> None:
    new = replaced(taxonomy)
    proposed = {row["finding_label"]: row["finding_id"] for row in rows(SOURCES / "finding-hierarchy.tsv")}
    owners: dict[str, set[str]] = {}
    for concept in taxonomy:
        for label in concept.labels if concept.kind == "FindingTerm" else ():
            if label.language == "en":
                owners.setdefault(label.text, set()).add(concept.curie)
    listed = {(row["finding_id"], row["synonym"]): row for row in rows(EXCEPTIONS)}
    used = set()
    for row in rows(SOURCES / "finding-synonym-review.tsv"):
        targets = {
            "keep": {new.get(row["finding_id"], row["finding_id"])},
            "move": {new.get(row["target"], row["target"])},
            "own concept": {proposed.get(row["new_concept_label"], "?")},
            "drop": set[str](),
        }
        place = row["finding_id"], row["synonym"]
        found = owners.get(row["synonym"], set())
        if found != targets[row["action"]]:
            assert place in listed, (place, found)
            used.add(place)
    assert used == listed.keys()


def test_exceptions_of_the_review_have_the_outcome_that_is_listed(taxonomy: Taxonomy) -> None:
    table = rows(EXCEPTIONS)
    assert table
    for row in table:
        found = {c.curie for c in taxonomy if any(x.text == row["synonym"] and x.language == "en" for x in c.labels)}
        findings = {curie for curie in found if taxonomy.concepts[curie].kind == "FindingTerm"}
        assert findings == set(row["outcome"].split()), row
        assert row["reason"]
