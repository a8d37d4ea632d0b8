"""`udt data import`, `validate`, `split` and `stats` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.attacks.images import encoded
from tests.records.conftest import jsonl, sample
from udt.cli.main import main

ROWS = [
    sample(
        i // 2, i, organ=["Liver"], body_system=["Abdomen and retroperitoneum"], shape=["oval", "starry"][: 1 + i % 2]
    )
    for i in range(20)
]


@pytest.fixture
def db(tmp_path: Path) -> str:
    return str(tmp_path / "records.db")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, arguments)])


@pytest.fixture
def filled(db: str, tmp_path: Path) -> str:
    assert _run("import", jsonl(tmp_path / "set.jsonl", ROWS), "--db", db).exit_code == 0
    return db


def test_import_prints_its_outcome(db: str, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "set.jsonl", ROWS)
    first, second = _run("import", path, "--db", db), _run("import", path, "--db", db)
    assert first.output.splitlines() == [
        "set: 20 new samples, 0 known",
        "  0 of 20 images read",
        "          20 × without a known image folder; give it with --images DIR",
        "  1 labels are not in the taxonomy; they are stored as unmapped:",
        "          10 × starry (shape)",
    ]
    assert "set.jsonl had been imported before; nothing to do" in second.output


def test_images_that_cannot_be_read(db: str, tmp_path: Path) -> None:
    """Every command reports them, and fails if there is nothing else."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "0.png").write_bytes(b"\0\0\0\x20ftypisom")
    path = jsonl(tmp_path / "set.jsonl", [sample(i, i) for i in range(2)])
    arguments = ("import", path, "--db", db, "--images", tmp_path / "images")
    failed = _run(*arguments)
    assert failed.exit_code == 1 and "none of the 2 images could be read" in failed.stderr
    assert "  0 of 2 images read" in failed.stdout and "1 × video, e.g. 0.png: is a video; extract" in failed.stdout
    (tmp_path / "images" / "1.png").write_bytes(encoded())
    done = json.loads(_run(*arguments, "--json").stdout)
    assert (done["images"], done["image_files"]["left_out"]) == (1, {"video": 1})
    out = ("bundle", "--db", db, "--out", tmp_path / "b")
    refused = _run(*out)
    assert refused.exit_code == 1 and "the images of 1 of 2 samples cannot enter a bundle (1 video)" in refused.stderr
    assert "1 samples were left out:" in _run(*out, "--on-error", "skip").stdout
    made = json.loads(_run(*out, "--on-error", "skip", "--overwrite", "--json").stdout)
    assert (made["found"], made["read"], made["left_out"]) == (2, 1, {"video": 1})


def test_an_empty_table(db: str, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("case,image\n")
    result = _run("import", tmp_path / "empty.csv", "--db", db)
    assert result.exit_code == 1 and "there are no rows to import" in result.stderr
    assert "there are no samples to check" in _run("validate", "--db", db).stderr
    written = _run("to-rdf", "--db", db, "--store", tmp_path / "store")
    assert written.exit_code == 1 and "there are no samples to write" in written.stderr
    assert not (tmp_path / "store").exists()


def test_import_as_json(db: str, tmp_path: Path) -> None:
    rows = [{"patient": "a", "text": "A cyst."}, {"text": "No patient."}]
    result = _run(
        "import", jsonl(tmp_path / "x.jsonl", rows), "--db", db, "--map", "patient=case", "--map", "text=caption",
        "--map", "form=shape", "--normalize", "--on-error", "skip", "--source", "clinic", "--json",
    )  # fmt: skip
    outcome = json.loads(result.output)
    assert (outcome["source"], outcome["added"], outcome["labelled"], outcome["unseen"]) == ("clinic", 1, 1, ["form"])
    assert len(outcome["skipped"]) == 1


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["import", "nowhere.csv"], 1, "there is no such file or folder"),
        (["import", ".", "--map", "x"], 2, "is not COLUMN=FIELD"),
        (["import", __file__], 1, "has the suffix '.py'"),
        (["split", "--ratios", "6:4"], 2, "is not three numbers"),
        (["split"], 1, "there is no such database"),
        (["validate"], 1, "there is no such database"),
        (["stats"], 1, "there is no such database"),
    ],
)
def test_error_messages(db: str, arguments: list[str], status: int, message: str) -> None:
    result = _run(*arguments, "--db", db)
    assert (result.exit_code, message in result.output) == (status, True), result.output


def test_refused_import_lists_unknown_labels(db: str, tmp_path: Path) -> None:
    result = _run("import", jsonl(tmp_path / "set.jsonl", ROWS), "--db", db, "--on-unknown", "stop")
    assert result.exit_code == 1
    assert "10 × starry (shape)" in result.output


def test_split_and_check(filled: str) -> None:
    assert _run("split", "--db", filled).output.splitlines() == [
        "train 12, valid 4, test 4; no case or image path is in two splits, but 20 of 20 images were never read, "
        "and not compared with the others",
        "0 of 0 images read have a near-duplicate",
    ]
    checked = _run("split", "--db", filled, "--check", "--json", "--without-images")
    assert json.loads(checked.output) == {
        "samples": {"train": 12, "valid": 4, "test": 4},
        "without_split": 0,
        "near_duplicates": 0,
        "images": {"found": 20, "read": 0, "left_out": {"never read": 20}, "compared": False},
    }


def test_check_fails_while_images_were_never_read(filled: str) -> None:
    assert "there is nothing to check" in _run("split", "--db", filled, "--check").output
    _run("split", "--db", filled)
    result = _run("split", "--db", filled, "--check")
    assert result.exit_code == 1 and "leaks" not in result.output
    assert "20 of 20 images were never read" in result.output and "--without-images" in result.output
    named = _run("split", "--db", filled, "--check", "--without-images")
    assert named.exit_code == 0
    assert "no case or image path is in two splits; the images were not compared" in named.output


def test_leak_exits_with_status_1(db: str, tmp_path: Path) -> None:
    rows = [{**row, "split": "test" if i else "train"} for i, row in enumerate(ROWS)]
    _run("import", jsonl(tmp_path / "set.jsonl", rows), "--db", db)
    result = _run("split", "--db", db, "--check")
    assert result.exit_code == 1
    assert "case set/0 is in 2 splits" in result.output


def test_validate_lists_problems_and_fails_on_errors(filled: str, tmp_path: Path) -> None:
    result = _run("validate", "--db", filled)
    assert result.exit_code == 0
    assert "e.g. shape · starry · 10" in result.output
    _run("import", jsonl(tmp_path / "bad.jsonl", [sample(99, 99, organ=["Liver"])]), "--db", filled)
    result = _run("validate", "--db", filled, "--json")
    assert result.exit_code == 1
    assert "organ without system" in {problem["check"] for problem in json.loads(result.stdout)["problems"]}
    assert result.stderr.startswith("Error: the records have errors: 1 × organ without system")


def test_stats(filled: str, tmp_path: Path) -> None:
    result = _run("stats", "--db", filled, "--out", tmp_path / "stats")
    assert result.exit_code == 0
    assert "Liver" in result.output
    assert (tmp_path / "stats" / "index.html").is_file()
    assert json.loads(_run("stats", "--db", filled, "--json").output)["organs"] == {"Liver": 20}
