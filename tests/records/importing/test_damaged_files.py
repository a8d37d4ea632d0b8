"""Damaged files of data sets and mappings: rows and samples that a database can hold, or a worded error."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.attacks.attempt import CONTROL
from tests.attacks.mutations import mutations
from tests.records.conftest import PLAIN, Load
from udt.core.errors import DataError
from udt.core.texts import LONGEST_NAME, fault_of_name, fault_of_text
from udt.io.rows import Skipped
from udt.records.database.concepts import Resolver
from udt.records.database.database import Database
from udt.records.importing.importers.registry import open_data_set
from udt.records.importing.mapping import load_mapping
from udt.records.importing.row_mapper import RowMapper
from udt.records.importing.sample import NewSample
from udt.records.importing.template import Template
from udt.taxonomy.model.taxonomy import Taxonomy

ROWS = [
    {"case": f"c{n}", "image": f"a/{n}.png", "caption": "Oval cyst.", "split": "train", "frame_index": n,
     "frame_time": 0.5, "shape": ["oval"], "diagnosis": "cyst"}
    for n in range(8)
]  # fmt: skip


def _csv() -> bytes:
    rows = [",".join(ROWS[0]), *(",".join(str(cell) for cell in row.values()) for row in ROWS)]
    return "\n".join(rows).encode()


def _parquet() -> bytes:
    target = io.BytesIO()
    nested = [{**row, "inner": {"deep": {"shape": "oval"}}, "when": row["frame_index"]} for row in ROWS]
    pq.write_table(pa.Table.from_pylist(nested), target, row_group_size=3)
    return target.getvalue()


SAMPLES = {
    "a.csv": _csv(),
    "a.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS).encode(),
    "a.json": json.dumps(ROWS).encode(),
    "a.parquet": _parquet(),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_data_sets_are_read_or_worded(tmp_path: Path, taxonomy: Taxonomy, name: str) -> None:
    path = tmp_path / name
    mapper = RowMapper(PLAIN, taxonomy.vocabulary, Resolver(taxonomy))
    for data in mutations(SAMPLES[name], 300, seed=5):
        path.write_bytes(data)
        for row in _rows(path):
            sample = row if isinstance(row, Skipped) else mapper.map(row)
            if isinstance(sample, NewSample):
                _check(sample)
            else:
                assert not CONTROL.intersection(str(sample)) and "Oval" not in str(sample), sample


def _rows(path: Path) -> Iterator[object]:
    for source in open_data_set(path).sources:
        yield from source.rows()


def _check(sample: NewSample) -> None:
    names = [sample.case, sample.image or "", *(name for pair in sample.unmapped for name in pair)]
    assert not any(map(fault_of_name, names)) and not fault_of_text(sample.caption or "")
    assert 0 <= sample.frame_index < 2**31 and (sample.frame_time or 0) >= 0


@pytest.mark.parametrize("data", ["[" + ",".join(json.dumps(row) for row in ROWS) + "]"])
def test_an_array_cut_anywhere_gives_the_rows_before(tmp_path: Path, data: str) -> None:
    path = tmp_path / "a.json"
    for end in range(len(data)):
        path.write_text(data[:end])
        *rows, fault = _rows(path)
        assert isinstance(fault, Skipped) and [row.cells for row in rows] == ROWS[: len(rows)]
        assert data[:end].count("}") == len(rows)


@pytest.mark.parametrize(
    "bad", ['{"a": NaN}', '{"a": 1, "a": 2}', f'{{"a": {"9" * 5000}}}', f'{{"a": {"[" * 70}{"]" * 70}}}']
)
def test_an_object_that_is_no_standard_json_is_a_fault_of_its_row(tmp_path: Path, bad: str) -> None:
    (tmp_path / "a.json").write_text(f'[{{"n": 1}}, {bad}, {{"n": 2}}]')
    rows = list(_rows(tmp_path / "a.json"))
    assert [isinstance(row, Skipped) for row in rows] == [False, True, False]


def test_parquet_with_a_column_twice_is_a_fault(tmp_path: Path) -> None:
    table = pa.table([pa.array(["a"]), pa.array(["b"])], names=["case", "case"])
    pq.write_table(table, tmp_path / "a.parquet")
    (fault,) = _rows(tmp_path / "a.parquet")
    assert "has columns of the same name: case" in str(fault)


def test_parquet_of_many_levels_is_a_fault_of_its_rows(tmp_path: Path) -> None:
    value: object = 1
    for _ in range(90):
        value = {"a": value}
    pq.write_table(pa.table({"case": pa.array([value])}), tmp_path / "a.parquet")
    (fault,) = _rows(tmp_path / "a.parquet")
    assert "is nested too deep" in str(fault) or "not a readable Parquet file" in str(fault)


FAULTS = {
    "surrogate in a case": {"case": "\ud800"},
    "NUL in a case": {"case": "a\0"},
    "long case": {"case": "x" * (LONGEST_NAME + 1)},
    "surrogate in a path": {"image": "a\udcff.png"},
    "NUL in a path": {"image": "a\0.png"},
    "long path": {"image": "ä" * LONGEST_NAME},
    "NUL in a caption": {"caption": "a\0"},
    "surrogate in a caption": {"caption": "\udfff"},
    "NUL in a label": {"shape": "a\0"},
    "surrogate in a label": {"shape": ["oval", "\ud800"]},
    "long label": {"shape": "x" * (LONGEST_NAME + 1)},
    "frame of 32 bits": {"frame_index": 2**31},
    "frame of 64 bits": {"frame_index": 2**63},
    "frame of 100 digits": {"frame_index": int("9" * 100)},
    "negative frame": {"frame_index": -1},
    "part of a frame": {"frame_index": 1.5},
    "infinite frame": {"frame_index": float("inf")},
    "frame of other digits": {"frame_index": "٣"},
    "frame of a list": {"frame_index": [1]},
    "infinite time": {"frame_time": "1e400"},
    "time of no number": {"frame_time": "nan"},
    "negative time": {"frame_time": "-0.1"},
    "time of 5,000 digits": {"frame_time": "-" + "9" * 5000},
    "split of a text": {"split": "Mrs Example has an oval cyst of the left breast, seen today"},
}


def test_the_rows_around_every_fault_are_stored(database: Database, load: Load, tmp_path: Path) -> None:
    """Every row-level fault in one import, in every database."""
    from udt.records.importing.importer import Request, run_import

    path = tmp_path / "set.jsonl"
    good = {"case": "c", "caption": "Oval cyst.", "shape": "oval"}
    rows = [row for fault in FAULTS.values() for row in ({**good, "image": "i.png", **fault}, good)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows).replace("Infinity", "1e400"))
    skipped: list[Skipped] = []
    request = Request("set", open_data_set(path), PLAIN)
    outcome = run_import(database, request, Taxonomy.load(), skipped.append, lambda *_: None)
    assert (outcome.added, outcome.known) == (1, len(FAULTS) - 1)
    assert [fault.place.rpartition(":")[2] for fault in skipped] == [str(2 * n + 1) for n in range(len(FAULTS))]
    assert not any("Mrs" in str(fault) for fault in skipped)


def test_the_longest_names_fit(database: Database, load: Load, tmp_path: Path) -> None:
    """Random characters, which a database cannot compress."""
    from random import Random

    random = Random(3)
    name = "".join(chr(random.randrange(0x4E00, 0x9FFF)) for _ in range(LONGEST_NAME // 3))
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps({"case": name, "image": name, "shape": name}))
    assert load(path).added == 1


def test_a_cell_with_braces_is_not_filled_again() -> None:
    template = Template("[{a}] {b}")
    assert template.fill({"a": ["{b} {c} [x]"], "b": ["{a}"]}) == "{b} {c} [x] {a}"


MAPPING = b"""
case = "patient"
image = "file"
separator = ";"
nothing = ["none"]
possible = ["suspicion"]
always = ["uhat:breast"]
maker = "human"
[source]
name = "own"
[dimensions]
shape = "shape"
[columns.S]
oval = ["udaf:shape.oval"]
[words.S]
oval = "egg-shaped"
[template]
caption = "Breast[: {S}]."
"""


def test_damaged_mappings_are_worded(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = tmp_path / "own.toml"
    read = 0
    for data in mutations(MAPPING, 200, seed=9):
        path.write_bytes(data)
        try:
            mapping = load_mapping(str(path), taxonomy)
        except DataError:
            continue
        read += 1
        mapping.fingerprint()
        if mapping.template:
            mapping.template.fill({"S": ["oval"]})
    assert read


@pytest.mark.parametrize("line", [
    "maker = []", "maker = {}", "case = []", "columns = 1", "columns.S = 1", "columns.S.oval = 1", "source = 1",
    "columns.S.oval = [[]]", "dimensions.a = []", "dimensions = []", "words.S.oval = 1", "words = 1", "template = 1",
    "template.caption = 1", "words.S = []", "source.name = 1", "always = [1]", f"a = {'9' * 5000}", f"a = {'[' * 5000}",
    "always = 2020-01-01", "separator = nan",
])  # fmt: skip
def test_mappings_of_a_wrong_shape(tmp_path: Path, taxonomy: Taxonomy, line: str) -> None:
    template = 'template.caption = "{S}"' if line.startswith("words") else ""
    (tmp_path / "own.toml").write_text(f"{line}\n{template}\n")
    with pytest.raises(DataError, match=r"own\.toml: "):
        load_mapping(str(tmp_path / "own.toml"), taxonomy)
