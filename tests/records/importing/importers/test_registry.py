"""Importers by name, built in and of another package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.entry_points import write_package
from tests.locations import ROOT
from udt.core.errors import DataError
from udt.records.importing.importers.registry import IMPORTERS, find_importer, open_data_set

WARD = """
from pathlib import Path
from udt.core.hashing import file_sha256
from udt.io.rows import Row
from udt.records.importing.data_set import DataSet, RowSource
from udt.records.importing.importers.registry import Importer

MAPPING = Path(__file__).with_name("ward.toml")

def open_ward(path):
    def rows():
        for number, line in enumerate((path / "ward.txt").read_text().splitlines(), 1):
            patient, edge = line.split()
            yield Row(f"ward.txt:{number}", number, {"patient": patient, "Edge": edge, "image": f"{patient}.png"})

    return DataSet((RowSource("ward.txt", file_sha256(path / "ward.txt"), rows),), images=path)

IMPORTER = Importer("a folder with ward.txt", lambda path: (path / "ward.txt").is_file(), open_ward)
"""
MAPPING = """
case = "patient"
image = "image"
[columns.Edge]
sharp = ["udaf:margins.well-defined"]
"""


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    """A folder of the layout that another package reads, with an image that makes it a folder of images, too."""
    folder = tmp_path / "ward"
    folder.mkdir()
    (folder / "ward.txt").write_text("p1 sharp\np2 wavy\n")
    for name in ("p1.png", "p2.png"):
        Image.new("L", (4, 5)).save(folder / name)
    return folder


def run(tmp_path: Path, group: str, points: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `udt data import` in a process in which another package has entry points."""
    (tmp_path / "ward.toml").write_text(MAPPING)
    write_package(tmp_path, "ward_package", group, points, WARD)
    command = [sys.executable, "-c", "from udt.cli.main import main; main()", "data", "import", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    return subprocess.run(
        [*command, "--db", tmp_path / "r.db", "--json"], env=environment, capture_output=True, text=True
    )


@pytest.mark.slow
def test_importer_of_another_package(tmp_path: Path, ward: Path) -> None:
    columns = ("--map", "patient=case", "--map", "Edge=margins")
    done = run(tmp_path, "udt.importers", {"ward": "ward_package:IMPORTER"}, ward, *columns)
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert (outcome["source"], outcome["added"], outcome["images"]) == ("ward", 2, 2)


@pytest.mark.slow
def test_mapping_of_another_package(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("patient,image,Edge\np1,1.png,sharp\np2,2.png,wavy\n")
    done = run(tmp_path, "udt.mappings", {"ward": "ward_package:MAPPING"}, table, "--mapping", "ward")
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert (outcome["added"], outcome["unknown"]) == (2, [{"place": "Edge", "label": "wavy", "count": 1}])


@pytest.mark.slow
def test_unknown_mapping_lists_those_of_other_packages(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("case,image\n")
    points = {"ward": "ward_package:MAPPING"}
    done = run(tmp_path, "udt.mappings", points, tmp_path / "table.csv", "--mapping", "word")
    assert done.returncode == 1
    assert "there is no mapping 'word'; give a .toml file, or one of: brest, us365k, ward" in done.stderr


def test_built_in_importers() -> None:
    assert IMPORTERS.names() == ("csv", "tsv", "jsonl", "json", "parquet", "us365k", "images")
    assert [name for name in IMPORTERS.names() if IMPORTERS.load(name).fallback] == ["images"]


@pytest.mark.parametrize(
    ("name", "importer"),
    [("a.csv", "csv"), ("a.TSV", "tsv"), ("a.jsonl", "jsonl"), ("a.ndjson", "jsonl"), ("a.json", "json"),
     ("a.parquet", "parquet"), ("folder/full_data.json", "us365k"), ("folder/valid.jsonl", "us365k"),
     ("folder/a.png", "images"), ("folder.csv/a.png", "images")],
)  # fmt: skip
def test_recognised_importer(tmp_path: Path, name: str, importer: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("[]")
    place = path.parent if path.parent != tmp_path else path
    assert find_importer(place) is IMPORTERS.load(importer)


def test_place_that_no_importer_reads(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("")
    with pytest.raises(
        DataError, match=r"has the suffix '.xlsx', which no importer reads; allowed: .csv, .tsv, .*folder"
    ):
        open_data_set(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match=r"contains no images \(.png, .*\), but 1 .xlsx, and no other importer"):
        open_data_set(tmp_path)
    with pytest.raises(DataError, match="there is no such file or folder; check the path"):
        open_data_set(tmp_path / "nothing")
