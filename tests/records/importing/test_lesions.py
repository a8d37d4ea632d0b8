"""Rows that describe one lesion: what it is, its side, and the patient."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.records.conftest import Load
from udt.core.errors import DataError
from udt.core.report import Finding, PatientInfo
from udt.records.database.database import Database
from udt.records.database.models import UnmappedLabel
from udt.records.importing.mapping import ColumnMapping, default_mapping, load_mapping
from udt.records.readings.reports import ReadingReader
from udt.taxonomy.model.taxonomy import Taxonomy

LESIONS = (("histology", "concept"), ("where", "side"), ("years", "age"), ("gender", "sex"))


def _row(**cells: Any) -> dict[str, Any]:
    return {"case": "1", "image": "1.png", "body_system": ["Breast and Axilla"], "organ": ["Breast"], **cells}


def _mapping(taxonomy: Taxonomy) -> ColumnMapping:
    return default_mapping(taxonomy).with_columns(LESIONS, taxonomy.full_vocabulary.keys)


def _read(database: Database, taxonomy: Taxonomy) -> list[tuple[PatientInfo, tuple[Finding, ...]]]:
    with database.reading() as connection:
        found = ReadingReader(connection, taxonomy.full_vocabulary).read(1, 100)
    return [(one.report.patient, one.report.findings) for one in found]


def test_a_row_is_a_finding_with_its_side_and_patient(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    row = _row(histology="Fibro-Adenoma", where="L", years="43", gender="f", margins=["well-defined"])
    load([row], _mapping(taxonomy))
    ((patient, (finding,)),) = _read(database, taxonomy)
    assert patient == PatientInfo(43.0, "female")
    assert finding.concept is not None and finding.concept.concept == "finding:fibroadenoma"
    assert (finding.laterality, finding.organ, finding.kind) == ("left", "Breast", "lesion")
    assert finding.labels["margins"] == ("well-defined",) and finding.evidence == ()


@pytest.mark.parametrize("name", ["fibroadenoma", "finding:fibroadenoma", "MONDO:0002056", "Fibroadenoma"])
def test_a_finding_is_named_by_label_curie_or_code(
    name: str, database: Database, load: Load, taxonomy: Taxonomy
) -> None:
    load([_row(histology=name)], _mapping(taxonomy))
    assert _read(database, taxonomy)[0][1][0].concept.concept == "finding:fibroadenoma"  # type: ignore[union-attr]


def test_an_unknown_finding_is_stored_as_unmapped(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    outcome = load([_row(histology="wartoma", diagnosis=["mass"])], _mapping(taxonomy))
    assert outcome.unknown == {("concept", "wartoma"): 1}
    with database.reading() as connection:
        assert connection.scalars(select(UnmappedLabel.label)).all() == ["wartoma"]
    assert _read(database, taxonomy)[0][1][0].concept.concept == "udaf:diagnosis.mass"  # type: ignore[union-attr]


def test_a_normal_row_is_a_state_and_a_place_alone_is_nothing(
    database: Database, load: Load, taxonomy: Taxonomy
) -> None:
    rows = [
        _row(diagnosis=["normal appearance"], histology=""),
        _row(case="2", image="2.png", histology=None),
        _row(case="3", image="3.png", histology=None, years=7),
    ]
    load(rows, _mapping(taxonomy))
    normal, young = _read(database, taxonomy)
    assert [one.kind for one in normal[1]] == ["state"]
    assert young == (PatientInfo(7.0, None), ())


def test_rows_of_other_tables_are_no_lesions(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    """Columns of these names mean something else in many tables, so they are read only if they are mapped."""
    load([_row(diagnosis=["mass"], age="17 weeks", concept="wartoma")], default_mapping(taxonomy))
    assert _read(database, taxonomy) == []


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"years": "old"}, "'years' is no age in years; give a number from 0 to 150"),
        ({"years": "-1"}, "'years' is no age in years"),
        ({"years": "nan"}, "'years' is no age in years"),
        ({"where": "up"}, "'where' is no side; allowed: left, right, bilateral, midline"),
        ({"gender": "x"}, "'gender' is no sex; allowed: female, male"),
    ],
)
def test_wrong_cells(cells: dict[str, Any], message: str, load: Load, taxonomy: Taxonomy) -> None:
    with pytest.raises(DataError) as fault:
        load([_row(histology="lipoma", **cells)], _mapping(taxonomy))
    assert message in str(fault.value)


def test_a_second_import_adds_no_second_reading(database: Database, load: Load, taxonomy: Taxonomy) -> None:
    row = _row(histology="lipoma", note="a")
    load([row], _mapping(taxonomy))
    load([row | {"note": "b"}], _mapping(taxonomy))
    assert len(_read(database, taxonomy)) == 1


def test_cells_of_a_mapping_name_findings(database: Database, load: Load, taxonomy: Taxonomy, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'case = "case"\nimage = "image"\nage = "years"\nseparator = "&"\npossible = ["thought"]\n'
        'always = ["uhat:breast"]\n'
        '[columns.histology]\nPASH = ["finding:pseudoangiomatous-stromal-hyperplasia"]\nUDH = '
        '["finding:usual-ductal-hyperplasia"]\n'
        '[columns.thought]\nNST = ["udaf:diagnosis.mass", "finding:invasive-ductal-carcinoma"]\n',
        encoding="utf-8",
    )
    load([_row(histology="UDH & PASH", thought="NST", years=57)], load_mapping(str(path), taxonomy))
    ((patient, (finding,)),) = _read(database, taxonomy)
    assert patient.age_years == 57
    assert finding.concept is not None and finding.concept.label == "usual ductal hyperplasia"
    assert [(one.concept.label, one.certainty) for one in finding.interpretations] == [
        ("pseudoangiomatous stromal hyperplasia", "present"),
        ("invasive ductal carcinoma", "possible"),
    ]
    assert finding.labels["diagnosis"] == ("mass",)
