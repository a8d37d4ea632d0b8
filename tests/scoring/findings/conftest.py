"""A small gold report in which every rule of counting has its case, and the document that is right for it."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scoring.findings.made_documents import Json, perfect_document
from udt.scoring.findings.evaluation import FindingEvaluation, evaluate_findings
from udt.scoring.findings.gold import read_gold_reports
from udt.scoring.findings.terms import Terms
from udt.taxonomy.model.taxonomy import Taxonomy

TEXT = (
    "Left kidney 105 mm with a 12 mm anechoic cyst at the upper pole, previously 9 mm. No hydronephrosis. "
    "Spleen is normal. Uterine fibroid up to 30 mm without calcifications. IMPRESSION: left renal cyst, stable."
)
KIDNEY, CYST, DENIED, NORMAL, FIBROID, NO_CALCIFICATIONS, AGAIN = range(7)


def _finding(quote: str, kind: str, concept: str | None, organ: str, **others: Any) -> Json:
    plain = {"certainty": "present", "time": "current", "laterality": None, "site": None, "same_as": None}
    lists: Json = {"diagnosis": [], "attributes": {}, "extra": {}, "measurements": []}
    start = TEXT.index(quote)
    return {"quote": quote, "start": start, "kind": kind, "concept": concept, "organ": organ} | plain | lists | others


def _size(value: float, quantity: str, role: str = "current", **others: Any) -> Json:
    return {"values_mm": [value], "quantity": quantity, "role": role, **others}


@pytest.fixture
def record() -> Json:
    """Return the gold record: an organ, two mentions of a cyst, two denials, a normal organ and a fibroid."""
    kidney, uterus = "Kidney and ureter", "Uterus"
    findings = [
        _finding("Left kidney 105 mm", "organ", None, kidney, laterality="left", measurements=[_size(105, "length")]),
        _finding(
            "12 mm anechoic cyst",
            "lesion",
            "renal cyst",
            kidney,
            laterality="left",
            site="upper pole of kidney",
            diagnosis=["cyst"],
            attributes={"echogenicity": ["anechoic"]},
            extra={"pole": "upper"},
            measurements=[_size(12, "size"), _size(9, "size", "previous")],
        ),
        _finding("No hydronephrosis", "state", "hydronephrosis", kidney, certainty="absent"),
        _finding("Spleen is normal", "state", "normal appearance", "Spleen", diagnosis=["normal appearance"]),
        _finding(
            "Uterine fibroid up to 30 mm",
            "lesion",
            "uterine fibroid",
            uterus,
            diagnosis=["mass"],
            measurements=[_size(30, "diameter", comparator="<=", range=[None, 30])],
        ),
        _finding(
            "without calcifications",
            "lesion",
            "calcification",
            uterus,
            certainty="absent",
            attributes={"internal_characteristics": ["calcifications"]},
        ),
        _finding(
            "left renal cyst, stable",
            "lesion",
            "renal cyst",
            kidney,
            laterality="left",
            diagnosis=["cyst"],
            extra={"change": "stable"},
            same_as=CYST,
        ),
    ]
    organs = [kidney, "Spleen", uterus]
    labels = {"organ": organs, "diagnosis": ["cyst", "mass", "normal appearance"], "echogenicity": ["anechoic"]}
    absent = {"internal_characteristics": ["calcifications"]}
    return {"id": "r1", "text": TEXT, "labels": labels, "absent": absent, "findings": findings}


@pytest.fixture(scope="session")
def terms() -> Terms:
    return Terms.of(Taxonomy.load())


Evaluate = Callable[[Json, Json], FindingEvaluation]


@pytest.fixture
def evaluate(tmp_path: Path, terms: Terms) -> Evaluate:
    """Return the function that scores a document against a gold record."""

    def run(record: Json, document: Json) -> FindingEvaluation:
        path = tmp_path / "gold.jsonl"
        path.write_text(json.dumps(record), "utf-8")
        return evaluate_findings(read_gold_reports(path, terms).reports, {record["id"]: document}, terms)

    return run


@pytest.fixture
def document(record: Json, terms: Terms) -> Json:
    """Return the document that is right for the record."""
    return perfect_document(record, terms)


Changed = Callable[[Callable[[Json, Json], object]], dict[str, int]]


@pytest.fixture
def changed(record: Json, document: Json, evaluate: Evaluate) -> Changed:
    """Return the function that changes gold findings and those of the document, and gives the counts that differ."""
    right = evaluate(record, document).counts

    def run(change: Callable[[Json, Json], object]) -> dict[str, int]:
        gold, got = copy.deepcopy(record), copy.deepcopy(document)
        change(gold["findings"], got["findings"])
        counts: Counter[str] = evaluate(gold, got).counts
        return {name: counts[name] - right[name] for name in sorted({*counts, *right}) if counts[name] != right[name]}

    return run
