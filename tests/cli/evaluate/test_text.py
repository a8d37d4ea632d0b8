from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from udt.cli.main import main


@dataclass(frozen=True)
class FakeDimension:
    key: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class FakeReport:
    labels: dict[str, tuple[str, ...]]


class FakeNormalizer:
    """Labels each word that it knows."""

    dimensions = (FakeDimension("organ", ("Liver", "Spleen")), FakeDimension("shape", ("round", "oval")))

    def __init__(self, extensions: Iterable[Path] = ()) -> None:
        pass

    def normalize_many(self, texts: Iterable[tuple[str, str]]) -> Iterator[FakeReport]:
        for _, text in texts:
            words = text.lower().split()
            yield FakeReport({d.key: tuple(w for w in d.labels if w.lower() in words) for d in self.dimensions})


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udt.normalize.normalizer.Normalizer", FakeNormalizer)


def run(path: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["evaluate", "text", str(path), *options])


def gold(tmp_path: Path, *records: dict[str, Any] | str) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records))
    return path


def record(id: str, text: str, **labels: list[str]) -> dict[str, Any]:
    return {"id": id, "text": text, "labels": {"organ": [], "shape": [], **labels}, "skip": False}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return gold(
        tmp_path,
        record("a", "liver round", organ=["Liver"], shape=["round"]),
        record("b", "spleen and\nliver", organ=["Spleen"]),
        record("c", "nothing", organ=["Liver"], shape=["oval"]),
        {"id": "d", "text": "a dog's liver", "labels": {}, "skip": True},
    )


def test_json_has_the_documented_keys(path: Path) -> None:
    result = run(path, "--json")
    assert result.exit_code == 0
    assert list(json.loads(result.stdout)) == [
        "micro",
        "macro_f1",
        "exact_match",
        "n",
        "dimensions",
        "interval",
        "skipped",
    ]
    answer = json.loads(result.stdout)
    assert answer["dimensions"]["organ"] == pytest.approx(
        {"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "support": 3}
    )
    assert answer["micro"]["precision"] == pytest.approx(3 / 4)
    assert answer["micro"]["recall"] == pytest.approx(3 / 5)
    assert answer["micro"]["f1"] == pytest.approx(2 / 3)
    assert answer["macro_f1"] == pytest.approx(2 / 3)
    assert (answer["n"], answer["skipped"], answer["exact_match"]) == (3, 1, pytest.approx(1 / 3))
    low, high = answer["interval"]["micro_f1"]
    assert low <= answer["micro"]["f1"] <= high
    assert run(path, "--json").stdout == result.stdout
    assert "interval" not in json.loads(run(path, "--json", "--bootstrap", "0").stdout)
    assert run(path, "--json", "--seed", "1", "--bootstrap", "7").stdout != result.stdout


def test_table_and_errors(path: Path) -> None:
    out = run(path, "--errors").stdout
    assert "organ          0.667   0.667  0.667        3" in out
    assert "3 records, 1 skipped; exact match 0.333" in out
    assert "micro F1, 95 % interval:" in out
    assert "\nb  spleen and liver\n  organ: +Liver\n" in out
    assert "\nc  nothing\n  organ: -Liver\n  shape: -oval\n" in out
    assert "\na  " not in out
    mistakes = json.loads(run(path, "--errors", "--json").stdout)["errors"]
    assert mistakes[0] == {
        "id": "b",
        "dimensions": {"organ": {"extra": ["Liver"], "missing": []}},
        "text": "spleen and liver",
    }


def test_missing_dimension_in_the_gold_is_empty(tmp_path: Path) -> None:
    path = gold(tmp_path, {"id": "a", "text": "liver", "labels": {"organ": ["Liver"]}})
    assert json.loads(run(path, "--json").stdout)["exact_match"] == 1.0


FAULTS = {
    "unknown label": (record("a", "x", shape=["ovale"]), "no label 'ovale' in 'shape'; did you mean 'oval'?"),
    "far label": (record("a", "x", shape=["zzz"]), "no label 'zzz' in 'shape'; allowed: round, oval"),
    "unknown dimension": (record("a", "x", shapes=[]), "unknown dimension 'shapes'; did you mean 'shape'?"),
    "no list": ({"id": "a", "text": "x", "labels": {"shape": "oval"}}, "'shape' is not a list of texts"),
    "no labels": ({"id": "a", "text": "x"}, "has no object 'labels'"),
    "no text": ({"id": "a", "labels": {}}, "has no 'text'; it has id, labels"),
    "no id": ({"text": "x", "labels": {}}, "'id' is null"),
    "bad json": ("{", "not valid JSON"),
}


@pytest.mark.parametrize(("fault", "message"), FAULTS.values(), ids=FAULTS)
def test_faults_have_a_line_number(tmp_path: Path, fault: dict[str, Any] | str, message: str) -> None:
    result = run(gold(tmp_path, record("ok", "liver"), fault))
    assert result.exit_code == 1
    assert "gold.jsonl:2: " in result.stderr and message in result.stderr


def test_all_faults_are_reported_up_to_a_limit(tmp_path: Path) -> None:
    result = run(gold(tmp_path, *[record(str(i), "x", shape=["no"]) for i in range(25)]))
    assert "gold.jsonl:20: " in result.stderr and "gold.jsonl:21: " not in result.stderr
    assert "… and 5 more faults" in result.stderr


def test_gold_without_records_is_refused(tmp_path: Path) -> None:
    result = run(gold(tmp_path, {"id": "a", "text": "x", "skip": True}))
    assert result.exit_code == 1 and "no record to score" in result.stderr
    assert run(tmp_path / "gone.jsonl").exit_code == 2
