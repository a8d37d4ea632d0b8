"""Rows and columns of CSV and workbooks: reports, findings, and the columns of the input."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from openpyxl.utils.escape import unescape

from tests.full_report import TEXT
from udt.core.errors import DataError
from udt.core.report import Measurement, Report
from udt.io.writers import xlsx
from udt.io.writers.base import RowsOf, Settings
from udt.io.writers.columns import column_names, kept_names
from udt.io.writers.registry import writer

FINDINGS = Settings(rows="findings")
TABLES = ("csv", "xlsx", "parquet")
Row = dict[str, Any]


def written(
    reports: list[Report], format: str, settings: Settings, cells: list[Mapping[str, object]] | None = None
) -> bytes:
    made, handle = writer(format, settings), io.BytesIO()
    parts = list(map(made.encode, reports))
    if cells is not None:
        assert made.keep is not None
        parts = list(map(made.keep, parts, cells))
    assert made.write(parts, handle) == len(reports)
    return handle.getvalue()


def rows_of(data: bytes, format: str) -> list[Row]:
    """Return rows as dictionaries, with empty cells as empty texts."""
    if format == "csv":
        return list(csv.DictReader(io.StringIO(data.decode())))
    if format == "parquet":
        return list(pq.read_table(io.BytesIO(data)).to_pylist())
    header, *rows = openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    return [dict(zip(header, ("" if cell is None else cell for cell in row), strict=True)) for row in rows]


def test_a_row_is_a_finding_with_all_its_fields(full: Report) -> None:
    fibroid, gallstone, ovaries, kidney, cyst, aorta, again = rows_of(written([full], "csv", FINDINGS), "csv")
    assert {key: value for key, value in fibroid.items() if value} == {
        "report_id": "case 1",
        "finding_id": "f1",
        "kind": "lesion",
        "concept": "finding:uterine-fibroid",
        "concept_label": "uterine fibroid",
        "codes": "MONDO:0007886; SCTID:95315005",
        "certainty": "present",
        "experiencer": "patient",
        "time": "current",
        "section": "findings",
        "organ": "Uterus",
        "sites": "fundus of uterus",
        "site_concepts": "uhat:uterus_fundus",
        "laterality": "left",
        "count": "2",
        "organ_labels": "Uterus",
        "diagnosis": "mass",
        "margins": "well-defined",
        "attributes": "severity=mild",
        "size_mm": "32x28",
        "largest_mm": "32",
        "previous_size_mm": "25",
        "measurements": "current size 32x28 mm; previous size 25 mm (March 2023)",
        "change": "increased",
        "interpretations": "adenomyoma (possible)",
        "interpretation_concepts": "finding:adenomyoma",
        "evidence": "concept=uterine fibroid[54:62] present; diagnosis=mass[54:62] present; "
        "margins=well-defined[41:53] present; site=fundus of uterus[75:89] present; laterality=left[70:74] present; "
        "size[102:112]; size[125:130]",
        "evidence_text": "fibriods | fibriods | well-defined | uterine fundus | left",
        "start": "37",
        "end": "112",
    }
    assert (gallstone["concept_label"], gallstone["certainty"], gallstone["cues"]) == ("cholelithiasis", "absent", "No")
    assert (ovaries["kind"], ovaries["laterality"]) == ("state", "bilateral")
    assert (kidney["kind"], kidney["concept"], kidney["size_mm"]) == ("organ", "", "100x40x50")
    assert (cyst["size_mm"], cyst["largest_mm"], cyst["location"]) == ("3..8", "8", "clock=3")
    assert aorta["measurements"] == "current diameter <=20 mm; current velocity [PSV] >120 cm/s"
    assert aorta["size_mm"] == "<=20"
    assert (again["same_as"], again["section"]) == ("f1", "impression")


def test_offsets_are_those_of_the_text(full: Report) -> None:
    for row in rows_of(written([full], "xlsx", FINDINGS), "xlsx"):
        assert row["report_id"] == "case 1" and TEXT[row["start"] : row["end"]].strip()


def test_a_workbook_has_numbers_and_the_cells_of_csv(full: Report) -> None:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(written([full], "xlsx", FINDINGS))).worksheets
    assert (sheet.title, sheet.freeze_panes) == ("findings", "A2")
    flat, typed = (rows_of(written([full], format, FINDINGS), format) for format in ("csv", "xlsx"))
    assert [{key: str(value) for key, value in row.items()} for row in typed] == flat
    assert (typed[0]["count"], typed[0]["largest_mm"], typed[0]["start"]) == (2, 32, 37)


def test_a_row_of_a_report_names_its_findings(full: Report) -> None:
    (row,) = rows_of(written([full], "csv", Settings()), "csv")
    assert row["age_years"] == "45" and row["sex"] == "female"
    assert row["findings"].startswith(
        "f1: uterine fibroid (2), fundus of uterus, left, 32 × 28 mm, before: 25 mm (March 2023), increased, "
        "interpreted as possible adenomyoma; f2: no cholelithiasis, Gallbladder and bile ducts; "
    )


def test_what_separates_entries_is_replaced_in_words_of_the_text(full: Report) -> None:
    size = Measurement((5.0,), "mm", (5.0,), 0, 4, role="previous", examination="May;\n 2020")
    finding = replace(full.findings[0], measurements=(size,))
    (row,) = rows_of(written([replace(full, findings=(finding,))], "csv", FINDINGS), "csv")
    assert row["measurements"] == "previous size 5 mm (May, 2020)"


def test_a_dimension_with_the_name_of_a_field_is_another_column() -> None:
    names = column_names("findings", ("organ", "diagnosis", "kind"))
    assert len(set(names)) == len(names)
    assert names.index("certainty") < names.index("organ") < names.index("organ_labels") < names.index("kind_labels")


@pytest.mark.parametrize("format", TABLES)
@pytest.mark.parametrize("rows", ["reports", "findings"])
def test_columns_of_the_input_come_first(full: Report, format: str, rows: RowsOf) -> None:
    cells = [{"id": "=7", "text": TEXT, "ward": None, "bed": 3, "tags": ["a", "ä"]}] * 2
    found = rows_of(written([full, full], format, Settings(rows=rows, formulas=True), cells), format)
    name = "input_id" if rows == "reports" else "id"
    assert list(found[0])[:5] == [name, "text", "ward", "bed", "tags"]
    assert {(row[name], row["text"], row["ward"] or "", str(row["bed"]), row["tags"]) for row in found} == {
        ("=7", TEXT, "", "3", '["a", "ä"]')
    }
    assert len(found) == (2 if rows == "reports" else 14)


def test_columns_of_the_input_hold_no_formula_unless_asked(full: Report) -> None:
    cells = [{"note": "@SUM(A1)", "=2": "-1"}]
    for settings, expected in (Settings(), ("'@SUM(A1)", "'=2")), (Settings(formulas=True), ("@SUM(A1)", "=2")):
        for format in ("csv", "xlsx"):
            (row,) = rows_of(written([full], format, settings, cells), format)
            assert (row["note"], list(row)[1], row[expected[1]]) == (*expected, "-1")


def test_names_of_kept_columns_are_free() -> None:
    assert kept_names(["id", "input_id", "ward"], ["id", "x"]) == ("input_id", "input_input_id", "ward")
    assert kept_names([], ["id"]) == ()


@pytest.mark.parametrize("format", TABLES)
def test_a_row_without_a_column_of_the_first_is_empty_there_and_no_row_adds_one(full: Report, format: str) -> None:
    found = rows_of(written([full, full], format, Settings(), [{"a": "1", "b": "2"}, {"b": "3"}]), format)
    assert [(row["a"] or "", row["b"]) for row in found] == [("1", "2"), ("", "3")]
    with pytest.raises(DataError, match="row of text 2 has the column 'c', which that of the first one lacks"):
        written([full, full], format, Settings(), [{"a": "1"}, {"a": "1", "c": "2"}])


def test_a_byte_order_mark_is_written_once_if_asked(full: Report) -> None:
    for reports in [], [full, full]:
        data, plain = (written(reports, "csv", Settings(bom=bom)) for bom in (True, False))
        assert data == b"\xef\xbb\xbf" + plain and not plain.startswith(b"\xef\xbb\xbf")


def test_formats_without_rows_refuse_rows_of_findings() -> None:
    with pytest.raises(DataError, match="the format 'json' has no rows of findings; allowed: csv, xlsx, parquet"):
        writer("json", FINDINGS)


def test_a_report_without_findings_has_no_row_of_findings(full: Report) -> None:
    for format in TABLES:
        assert rows_of(written([replace(full, findings=())], format, FINDINGS), format) == []


def test_control_characters_are_replaced_in_workbooks(full: Report) -> None:
    (row,) = rows_of(written([replace(full, id="a\x1b\x07b")], "xlsx", Settings()), "xlsx")
    assert row["id"] == "a��b"


def test_a_text_that_no_cell_can_hold_is_an_error(full: Report) -> None:
    cells = [{"text": "x" * 32_768}]
    with pytest.raises(DataError, match=r"cell A2 has a text of 32,768 characters; a cell of a workbook holds 32,767"):
        written([full], "xlsx", Settings(), cells)
    assert rows_of(written([full], "xlsx", Settings(), [{"text": "x" * 32_767}]), "xlsx")


def test_an_error_leaves_no_file_behind(full: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(DataError):
        written([full, full], "xlsx", Settings(), [{"text": "x"}, {"text": "x" * 32_768}])
    assert written([full], "xlsx", Settings()) and not list(tmp_path.iterdir())


def test_a_full_sheet_is_an_error(full: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "_MOST_ROWS", 3)
    with pytest.raises(DataError, match="a sheet has at most 3 rows and 16,384 columns; choose the format csv"):
        written([full], "xlsx", FINDINGS)


@pytest.mark.parametrize("text", ["a\r\nb\n", ' <a> & "b" ', "_x0041_", "\U0001f600é", "#N/A", "TRUE", "'", "\tx"])
def test_any_text_of_a_cell_is_read_back(full: Report, text: str) -> None:
    (row,) = rows_of(written([replace(full, id=text)], "xlsx", Settings(formulas=True)), "xlsx")
    assert unescape(row["id"]) == text


def test_a_workbook_may_have_many_columns(full: Report) -> None:
    cells = {f"c{number}": str(number) for number in range(800)}
    (row,) = rows_of(written([full], "xlsx", Settings(), [cells]), "xlsx")
    assert [row[name] for name in cells] == list(cells.values())


def test_a_workbook_needs_no_seekable_handle(full: Report) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

        tell = seek  # type: ignore[assignment]

    made, pipe = writer("xlsx"), Pipe()
    made.write([made.encode(full)], pipe)
    assert rows_of(pipe.getvalue(), "xlsx")[0]["id"] == "case 1"
