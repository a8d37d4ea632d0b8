"""The whole way of the BrEaST images by commands: import, split, bundle, corpus graph, store, five questions."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from tests.locations import BREST
from udt.bundle.reader import Bundle
from udt.cli.main import main

pytestmark = pytest.mark.skipif(not BREST.is_dir(), reason=f"the BrEaST images are not at {BREST}")


def run(*words: str | Path) -> str:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_from_the_file_to_answers(tmp_path: Path) -> None:
    database, store = tmp_path / "records.db", tmp_path / "store"
    run("data", "import", BREST / "brest.csv", "--db", database, "--mapping", "brest", "--images", BREST / "images224")
    run("data", "split", "--db", database)
    run("data", "bundle", "--db", database, "--out", tmp_path / "bundle")
    assert {name: len(rows) for name, rows in Bundle.open(tmp_path / "bundle").splits.items()} == {
        "train": 154,
        "valid": 51,
        "test": 51,
    }

    run("graph", "--corpus", database, "--out", tmp_path / "corpus.png")
    picture = Image.open(tmp_path / "corpus.png").convert("L")
    assert min(picture.size) > 300 and len(set(picture.resize((64, 64)).tobytes())) > 20
    graph = json.loads(run("graph", "--corpus", database, "--json"))
    assert {node["label"] for node in graph["nodes"]} >= {"mass", "hypoechoic", "irregular", "shadowing"}

    run("data", "to-rdf", "--db", database, "--store", store)

    def ask(preset: str, **parameters: str) -> list[dict[str, str]]:
        given = [word for key, value in parameters.items() for word in ("--param", f"{key}={value}")]
        printed = run("query", "--store", store, "--preset", preset, *given, "--format", "csv")
        return list(csv.DictReader(io.StringIO(printed)))

    with (BREST / "brest.csv").open(encoding="utf-8") as handle:
        described = list(csv.DictReader(handle))
    shapes = {
        row["value"].rpartition(".")[2]: int(row["records"]) for row in ask("labels-by-source", dimension="shape")
    }
    assert shapes["irregular"] == sum(row["Shape"] == "irregular" for row in described)
    assert [list(row.values())[2] for row in ask("one-organ-cases")] == ["256"]
    assert len(ask("lesions-by-organ")) == 1
    assert len(ask("class-by-system", **{"class": "ns:SuspiciousBreastMass"})) == 1
    assert ask("unlabelled") == []
