"""The figures and counts are those of the program that comes with the development gold set of reports."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.locations import SHARED
from tests.scoring.findings.agreement import COUNTS, expected_counts
from tests.scoring.findings.made_documents import (
    Json,
    faulty_document,
    faulty_gold,
    first_version,
    perfect_document,
)
from udt.normalize.normalizer import Normalizer
from udt.scoring.findings.evaluation import FindingEvaluation, evaluate_findings
from udt.scoring.findings.figures import figure_names
from udt.scoring.findings.gold import read_gold_reports
from udt.scoring.findings.terms import Terms
from udt.taxonomy.export.formats import csv_text
from udt.taxonomy.model.taxonomy import Taxonomy

GOLD = SHARED / "gold" / "reports-dev.jsonl"
PROGRAM = SHARED / "gold" / "score_findings.py"

pytestmark = pytest.mark.skipif(
    not (GOLD.is_file() and PROGRAM.is_file()), reason=f"the gold reports or their program are not in {GOLD.parent}"
)


@pytest.fixture(scope="module")
def records() -> list[Json]:
    return [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def taxonomy_csv(taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("taxonomy") / "taxonomy.csv"
    path.write_text(csv_text(taxonomy), "utf-8")
    return path


Compare = Callable[[list[Json], Mapping[str, Json]], FindingEvaluation]


@pytest.fixture
def compare(tmp_path: Path, terms: Terms, taxonomy_csv: Path) -> Compare:
    """Return the function that scores documents with the program and with ours, and compares the two."""

    def run(records: list[Json], documents: Mapping[str, Json]) -> FindingEvaluation:
        gold, predictions = tmp_path / "gold.jsonl", tmp_path / "predictions.jsonl"
        gold.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
        predictions.write_text("".join(json.dumps(document) + "\n" for document in documents.values()), "utf-8")
        theirs = _of_program(gold, predictions, taxonomy_csv, tmp_path / "out.json")
        ours = evaluate_findings(read_gold_reports(gold, terms).reports, documents, terms)
        assert {figure.name: figure.value for figure in ours.figures} == {
            name: None if value is None else pytest.approx(value, abs=1e-9) for name, value in theirs["figures"].items()
        }
        counts = expected_counts(theirs["counts"])
        assert {name: ours.counts[name] for name in COUNTS.values()} == {name: counts[name] for name in COUNTS.values()}
        return ours

    return run


def _of_program(gold: Path, predictions: Path, taxonomy_csv: Path, out: Path) -> dict[str, Any]:
    options = ["--predictions", predictions, "--taxonomy-csv", taxonomy_csv, "--json", out]
    command = [sys.executable, str(PROGRAM), str(gold), *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def test_agreement_on_what_is_read_today(compare: Compare, records: list[Json]) -> None:
    texts = [(record["id"], record["text"]) for record in records]
    documents = {report.id: report.to_dict() for report in Normalizer().normalize_many(texts)}
    ours = compare(records, documents)
    assert 0.7 < (ours.value("detection_f1") or 0) <= 1


def test_agreement_on_documents_made_of_the_gold(compare: Compare, records: list[Json], terms: Terms) -> None:
    documents = {record["id"]: perfect_document(record, terms) for record in records}
    ours = compare(records, documents)
    for name in ("detection_f1", "normals_f1", "organs_f1", "concept_f1", "site", "laterality", "labels_f1"):
        assert ours.value(name) == 1.0
    for name in ("measurements_f1", "quantity", "same_as_f1", "lesions_counted", "document_labels_f1", "evidence"):
        assert ours.value(name) == 1.0
    compare(records, {name: first_version(document) for name, document in documents.items()})


def test_agreement_on_documents_with_faults(compare: Compare, records: list[Json], terms: Terms) -> None:
    changed: set[str] = set()
    for seed in range(3):
        random = Random(seed)
        gold = [faulty_gold(record, random) for record in records]
        documents: dict[str, Json] = {}
        for record in gold:
            rate = random.choice((0.02, 0.05, 0.1, 0.25))
            right = perfect_document(record, terms)
            documents[record["id"]] = faulty_document(right, record["text"], terms, random, rate)
        changed |= {f.name for f in compare(gold, documents).figures if f.value not in (0, 1, None)}
    assert changed == set(figure_names())
