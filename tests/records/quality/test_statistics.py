"""Counts are what a slow count over the rows gives, and are drawn."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.records.conftest import Load, sample
from udt.core.errors import DataError
from udt.records.database.database import Database
from udt.records.quality.plots import write_plots
from udt.records.quality.statistics import Statistics, statistics

ROWS = [
    sample(i // 2, i, organ=["Liver", "Spleen"][: 1 + i % 2], diagnosis=["cyst"] if i % 3 else [], shape=["oval"])
    for i in range(12)
]


def _numbers(database: Database) -> Statistics:
    with database.reading() as connection:
        return statistics(connection)


def test_the_counts(database: Database, load: Load) -> None:
    rows = [{**row, "caption": f"{'Grey ' * (i % 4)}liver, well-defined; 3 cm"} for i, row in enumerate(ROWS)]
    load(rows, source="a")
    load([{"case": "1", "image": "x.png", "split": "test"}], source="b")
    numbers = _numbers(database)
    organs = Counter(organ for row in rows for organ in row["organ"])
    words = Counter(word for row in rows for word in re.findall(r"[a-z-]+", str(row["caption"]).lower()))
    assert dict(numbers.organs) == organs
    assert dict(numbers.words) == words
    assert numbers.vocabulary == len(words)
    assert dict(numbers.findings) == {"shape: oval": 12, "diagnosis: cyst": 8}
    assert dict(numbers.lengths) == {3: 3, 4: 3, 5: 3, 6: 3}
    assert numbers.mean_length == 4.5
    assert dict(numbers.splits) == {"none": 12, "test": 1}
    assert dict(numbers.sources) == {"a": 12, "b": 1}
    assert dict(numbers.makers) == {"human": 12 + 6 + 8 + 12}
    assert numbers.totals == {
        "sources": 2, "cases": 7, "images": 13, "captions": 4, "samples": 13, "labels": 38, "unmapped labels": 0,
            "readings": 0, "findings": 0, "measurements": 0, "images read": 0, "findings denied": 0,
    }  # fmt: skip


def test_findings_are_counted(database: Database, load: Load) -> None:
    """Of the patient and now, and each once."""
    text = "Gallstones. Hepatic cyst of 12 mm. No ascites. Sister with a goitre. IMPRESSION: Hepatic cyst."
    load([{"case": "1", "caption": text}], normalize=True)
    numbers = _numbers(database)
    assert dict(numbers.named_findings) == {"cholelithiasis": 1, "hepatic cyst": 1}
    counted = {name: numbers.totals[name] for name in ("readings", "findings", "findings denied", "measurements")}
    assert counted == {"readings": 1, "findings": 4, "findings denied": 1, "measurements": 1}


def test_drawings_and_page(database: Database, load: Load, tmp_path: Path) -> None:
    load(ROWS, source="<bold>")
    paths = write_plots(_numbers(database), tmp_path / "stats")
    assert {path.name for path in paths} >= {"organs.png", "findings.png", "caption-lengths.png", "index.html"}
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths if path.suffix == ".png")
    page = (tmp_path / "stats" / "index.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == len(paths) - 1
    assert "<bold>" not in page and "&lt;bold&gt;" in page
    assert "http:" not in page and "https:" not in page


def test_plots_without_samples(database: Database, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there are no samples to plot"):
        write_plots(_numbers(database), tmp_path)
