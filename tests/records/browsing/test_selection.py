"""Filters of samples against a slow choice in Python, and tables that are read back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from udt.core.errors import DataError
from udt.records.browsing import selection
from udt.records.browsing.selection import SampleFilter, count_samples, list_samples
from udt.records.browsing.tables import write_table
from udt.records.database.database import Database


def chosen(database: Database, chosen: SampleFilter, limit: int | None = None) -> list[int]:
    with database.reading() as connection:
        return [one.id for one in list_samples(connection, chosen, limit)]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (SampleFilter(), [1, 2, 3, 4, 5, 6]),
        (SampleFilter(source="other"), [4, 5, 6]),
        (SampleFilter(split="test"), [1, 4]),
        (SampleFilter(split="none", source="set"), [2, 3]),
        (SampleFilter(review="rejected"), [2]),
        (SampleFilter(labels=["OVAL"]), [1, 4, 5, 6]),
        (SampleFilter(labels=["shape: oval", "irregular"]), [4, 5, 6]),
        (SampleFilter(labels=["organ: liver"], split="test"), [1]),
        (SampleFilter(labels=["Liver", "irregular"]), []),
    ],
    ids=["all", "source", "split", "no split", "review", "label", "two labels", "label and split", "none"],
)
def test_filters(varied: Database, conditions: SampleFilter, expected: list[int]) -> None:
    assert chosen(varied, conditions) == expected
    with varied.reading() as connection:
        assert count_samples(connection, conditions) == len(expected)


def test_limits_and_pages(varied: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "_PAGE", 2)
    assert chosen(varied, SampleFilter()) == [1, 2, 3, 4, 5, 6]
    assert [chosen(varied, SampleFilter(), limit) for limit in (1, 3)] == [[1], [1, 2, 3]]


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        (SampleFilter(source="nowhere"), "there is no source 'nowhere'; allowed: other, set"),
        (SampleFilter(labels=["starry"]), "there is no label 'starry'; give a label as"),
        (SampleFilter(labels=["organ: oval"]), "there is no label 'organ: oval'"),
    ],
    ids=["source", "label", "label of another dimension"],
)
def test_unknown_names(varied: Database, conditions: SampleFilter, message: str) -> None:
    with pytest.raises(DataError, match=message):
        chosen(varied, conditions)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_tables_are_read_back(varied: Database, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"table{suffix}"
    with varied.reading() as connection:
        rows = list(list_samples(connection, SampleFilter()))
        assert write_table(path, rows, ("organ", "shape"), formulas=False) == 6
    if suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as handle:
            found = list(csv.DictReader(handle))
        assert found[2]["caption"] == "'=A cyst, oval." and found[3]["shape"] == "oval; irregular"
        assert [row["id"] for row in found] == list("123456")
        return
    lines = path.read_text("utf-8").splitlines() if suffix == ".jsonl" else []
    found = [json.loads(line) for line in lines] if suffix == ".jsonl" else pq.read_table(path).to_pylist()
    assert [row["id"] for row in found] == [one.id for one in rows]
    assert [row["digest"] for row in found] == [one.digest for one in rows]
    assert [row["shape"] for row in found] == [["oval"], [], [], *[["oval", "irregular"]] * 3]
    assert found[2]["image"] is None and found[2]["caption"] == "=A cyst, oval."


def test_another_suffix(varied: Database, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has the suffix '\.xlsx'; allowed: \.csv, \.jsonl, \.parquet"):
        write_table(tmp_path / "x.xlsx", [], (), formulas=False)
