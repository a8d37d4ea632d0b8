"""Every kind of fault is found, and clean records have none."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.records.conftest import Load, sample
from udt.records.database.database import Database
from udt.records.quality.validation import validate_records
from udt.taxonomy.model.taxonomy import Taxonomy

CLEAN = [sample(i, i, organ=["Liver"], body_system=["Abdomen and retroperitoneum"]) for i in range(3)]


def _found(database: Database, taxonomy: Taxonomy, **options: int) -> dict[str, int]:
    return {problem.check: problem.count for problem in validate_records(database, taxonomy, **options)}


def test_clean_records(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    load(CLEAN)
    assert _found(database, taxonomy) == {"image not read": 3}


FAULTS = {
    "empty caption": "UPDATE captions SET text = '  ' WHERE id = 1",
    "image of another case": "UPDATE samples SET case_id = 2 WHERE id = 1",
    "no label": "DELETE FROM sample_labels WHERE sample_id = 1",
    "evidence off the text": "UPDATE sample_labels SET evidence_start = 1, evidence_end = 3, evidence_text = 'xy'"
    " WHERE sample_id = 1 AND concept_id = 1",
    "unknown concept": "UPDATE concepts SET iri = 'https://example.org/spleen' WHERE id = 1",
}


@pytest.mark.parametrize("check", FAULTS)
def test_faults(database: Database, load: Load, taxonomy: Taxonomy, check: str) -> None:
    load(CLEAN)
    with database.writing() as connection:
        connection.execute(text(FAULTS[check]))
    assert _found(database, taxonomy, shacl=0) == {"image not read": 3, check: 1}


def test_evidence_on_the_text_is_no_fault(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    load([{"case": "1", "caption": "Ⓛ Liver: 𝛂 cyst. No septations."}], normalize=True)
    assert _found(database, taxonomy) == {}


def test_sql_and_shacl_both_see_the_missing_system(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    load([sample(7, 7, organ=["Liver"], body_system=["Thorax"]), *CLEAN])
    problems = {problem.check: problem for problem in validate_records(database, taxonomy)}
    assert problems["organ without system"].examples == ("1 · set · 7",)
    assert problems["shapes"].count == 1
    assert "needs its body system" in problems["shapes"].examples[0]


def test_unmapped_labels_and_missing_files(
    database: Database, load: Load, taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("images")
    load([{**row, "shape": ["starry", "oval"]} for row in CLEAN], images=folder)
    problems = {problem.check: problem for problem in validate_records(database, taxonomy)}
    assert problems["unmapped label"].examples == ("shape · starry · 3",)
    assert problems["missing file"].count == 3
    assert problems["missing file"].examples[0] == str(folder / "0.png")
