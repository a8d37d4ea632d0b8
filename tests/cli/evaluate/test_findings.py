from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.scoring.findings.conftest import document, record, terms  # noqa: F401
from udt.cli.main import main

Json = dict[str, Any]


@dataclass(frozen=True)
class FakeReport:
    id: str
    document: Json

    def to_dict(self) -> Json:
        return self.document


@pytest.fixture
def gold(tmp_path: Path, record: Json) -> Path:
    path = tmp_path / "gold.jsonl"
    others = (record | {"id": "r2"}, {"id": "r3", "text": "x", "skip": True})
    path.write_text("".join(json.dumps(one) + "\n" for one in (record, *others)), "utf-8")
    return path


@pytest.fixture
def predictions(tmp_path: Path, document: Json) -> Path:
    """Return the file of a right document, and of one that lacks the fibroid and has another side of the cyst."""
    wrong = json.loads(json.dumps(document | {"id": "r2"}))
    wrong["findings"][1]["laterality"] = "right"
    del wrong["findings"][4]
    path = tmp_path / "predictions.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in (document, wrong)), "utf-8")
    return path


def run(gold: Path, *options: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", "findings", str(gold), *map(str, options)])


def test_table_of_figures(gold: Path, predictions: Path) -> None:
    result = run(gold, "--predictions", predictions)
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["2", "reports,", "1", "left", "out"]
    assert ["figure", "value", "right", "of"] in lines
    groups = [line[0] for line in lines if len(line) == 1]
    assert groups == ["detection", "concepts", "fields", "labels", "measurements", "lesions", "documents"]
    assert ["detection_r", "0.900", "9", "10"] in lines
    assert ["laterality_stated", "0.833", "5", "6"] in lines
    assert ["contradictions", "0"] in lines
    assert "r2" not in result.stdout


def test_a_figure_without_anything_to_count_has_no_value(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "a", "text": "Liver.", "findings": []}\n', "utf-8")
    predictions = tmp_path / "p.jsonl"
    predictions.write_text('{"id": "a", "findings": []}\n', "utf-8")
    result = run(gold, "--predictions", predictions, "--min", "site=0")
    assert "  site                      -      0   0\n" in result.stdout
    assert (result.exit_code, result.stderr) == (1, "not reached: site has nothing to count (min 0)\n")


def test_errors_are_listed_by_report(gold: Path, predictions: Path) -> None:
    out = run(gold, "--predictions", predictions, "--errors").stdout
    report = out[out.index("\nr2\n") :].splitlines()
    assert "  laterality: left → right  “12 mm anechoic cyst”" in report
    assert "  missed, affirmed: uterine fibroid (Uterus)  “Uterine fibroid up to 30 mm”" in report
    assert "\nr1\n" not in out


def test_json_has_figures_counts_and_errors(gold: Path, predictions: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    result = run(gold, "--predictions", predictions, "--json", path)
    assert "detection_r" in result.stdout
    found = json.loads(path.read_text("utf-8"))
    assert list(found) == ["reports", "figures", "counts", "errors", "skipped"]
    assert (found["reports"], found["skipped"], found["figures"]["detection_r"]) == (2, 1, 0.9)
    assert (found["counts"]["abnormal_tp"], found["counts"]["abnormal_fn"]) == (9, 1)
    side = {"record": "r2", "kind": "laterality", "gold": "left", "got": "right", "quote": "12 mm anechoic cyst"}
    assert side in found["errors"]
    printed = run(gold, "--predictions", predictions, "--json", "-")
    assert json.loads(printed.stdout) == found


def test_reports_are_chosen_by_ids(gold: Path, predictions: Path) -> None:
    result = run(gold, "--predictions", predictions, "--ids", "r1", "--min", "detection_f1=1", "--min", "laterality=1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("1 report, 1 left out")
    assert "no report has the id 'r7'" in run(gold, "--predictions", predictions, "--ids", "r1,r7").stderr


def test_limits_decide_the_exit_status(gold: Path, predictions: Path) -> None:
    limits = ("--min", "detection_r=0.9", "--max", "denied_as_present=0", "--max", "detection_r=0.9")
    assert run(gold, "--predictions", predictions, *limits).exit_code == 0
    result = run(gold, "--predictions", predictions, "--min", "detection_r=0.95", "--max", "detection_p=0.5")
    assert result.exit_code == 1
    assert result.stderr == "not reached: detection_r is 0.900 (min 0.95), detection_p is 1.000 (max 0.5)\n"


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("detection_f=0.9", "no figure is called 'detection_f'; did you mean 'detection_f1'?"),
        ("zzz=1", "no figure is called 'zzz'; allowed: detection_p,"),
        ("site", "'' is no number; write e.g. site=0.9"),
        ("site=high", "'high' is no number"),
        ("site=nan", "'nan' is no number"),
    ],
)
def test_faulty_limits_are_usage_errors(gold: Path, limit: str, message: str) -> None:
    result = run(gold, "--min", limit)
    assert result.exit_code == 2 and message in result.stderr


def test_texts_are_normalised_without_predictions(
    gold: Path, predictions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {one["id"]: one for one in map(json.loads, predictions.read_text("utf-8").splitlines())}
    extended: list[Path] = []

    class FakeNormalizer:
        def __init__(self, extensions: Iterable[Path] = ()) -> None:
            extended.extend(extensions)

        def normalize_many(self, texts: Iterable[tuple[str, str]]) -> Iterator[FakeReport]:
            for id, text in texts:
                assert text.startswith("Left kidney 105 mm")
                yield FakeReport(id, given[id])

    monkeypatch.setattr("udt.normalize.normalizer.Normalizer", FakeNormalizer)
    assert run(gold).stdout == run(gold, "--predictions", predictions).stdout
    extra = gold.with_name("extra.ttl")
    extra.write_text("", "utf-8")
    assert run(gold, "--taxonomy", extra).exit_code == 0
    assert extended == [extra]


def test_missing_documents_and_faulty_gold_are_data_errors(gold: Path, predictions: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text(predictions.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    result = run(gold, "--predictions", few)
    assert result.exit_code == 1 and "no document has the id 'r2' (1 are missing)" in result.stderr
    faulty = tmp_path / "faulty.jsonl"
    faulty.write_text('{"id": "a", "text": "x", "findings": [{"quote": "x", "certainty": "no"}]}\n', "utf-8")
    result = run(faulty)
    assert result.exit_code == 1 and "faulty.jsonl:1: 'findings[0]': 'certainty' is 'no'" in result.stderr
    assert run(tmp_path / "gone.jsonl").exit_code == 2
