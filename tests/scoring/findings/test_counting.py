"""Each rule of counting, on a small report."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import pytest

from tests.scoring.findings.conftest import AGAIN, CYST, FIBROID, NORMAL, TEXT, Changed, Evaluate
from tests.scoring.findings.made_documents import Json
from tests.scoring.findings.rules import MISSED, RULES, Change
from udt.scoring.findings.tally import FindingDifference

ERRORS = {"denied_as_present", "contradictions", "split_rate", "merge_rate"}

OF_FOUND = ("_fp", "_fn", "_tp", "lesions_gold", "lesions_predicted", "merged", "optional_matched", "elsewhere")
"""Ends of the counts that are compared if a gold finding no longer counts as found."""


def test_the_right_document_has_no_error(record: Json, document: Json, evaluate: Evaluate) -> None:
    result = evaluate(record, document)
    assert {f.name: f.value for f in result.figures} == {f.name: float(f.name not in ERRORS) for f in result.figures}
    assert result.differences == ()


@pytest.mark.parametrize(("change", "expected"), RULES.values(), ids=RULES)
def test_rule(change: Change, expected: Mapping[str, int], changed: Changed) -> None:
    assert changed(change) == expected


@pytest.mark.parametrize(("change", "expected"), MISSED.values(), ids=MISSED)
def test_rule_of_missed_findings(change: Change, expected: Mapping[str, int], changed: Changed) -> None:
    assert {name: number for name, number in changed(change).items() if name.endswith(OF_FOUND)} == expected


def test_predictions_in_unscored_text_are_ignored(record: Json, document: Json, evaluate: Evaluate) -> None:
    start = TEXT.index("Uterine")
    record["unscored"] = [[start, TEXT.index("IMPRESSION")]]
    del record["findings"][FIBROID : FIBROID + 2]
    record["findings"][-1]["same_as"] = CYST
    counts = evaluate(record, document).counts
    assert (counts["ignored"], counts["abnormal_fp"], counts["lesions_predicted"]) == (2, 0, 1)


def test_an_empty_document_finds_nothing(record: Json, evaluate: Evaluate) -> None:
    result = evaluate(record, {"id": "r1", "findings": []})
    assert (result.value("detection_r"), result.value("detection_p"), result.value("organ")) == (0.0, None, None)
    assert result.value("document_labels_f1") == 0.0
    assert [d.kind for d in result.differences].count("missed, affirmed") == 3


def test_labels_that_are_affirmed_and_denied_are_contradictions(
    record: Json, document: Json, evaluate: Evaluate
) -> None:
    document["absent"] = {"diagnosis": ["cyst"]}
    result = evaluate(record, document)
    assert result.value("contradictions") == 1
    assert (result.value("document_absent_f1"), result.value("document_labels_f1")) == (0.0, 1.0)
    assert FindingDifference("r1", "contradiction", "none", "diagnosis: cyst", "") in result.differences


def test_label_sets_that_gold_leaves_out_do_not_count(record: Json, document: Json, evaluate: Evaluate) -> None:
    del record["labels"], record["absent"]
    result = evaluate(record, document)
    assert (result.value("document_labels_f1"), result.value("document_absent_f1")) == (None, None)


def test_links_of_a_summary_are_right_with_any_target(record: Json, document: Json, evaluate: Evaluate) -> None:
    record["findings"][AGAIN]["same_as"] = [FIBROID, CYST]
    counts = evaluate(record, document).counts
    assert (counts["links_total"], counts["links_right"], counts["links_predicted_right"]) == (1, 1, 1)
    document["findings"][AGAIN]["same_as"] = "f1"
    counts = evaluate(record, document).counts
    assert (counts["links_right"], counts["links_predicted_right"]) == (0, 0)


def test_links_between_interpretations_are_those_of_their_hosts(
    record: Json, document: Json, evaluate: Evaluate
) -> None:
    record["findings"][AGAIN]["interpretation_of"] = "mass"
    record["findings"][CYST]["interpretation_of"] = "mass"
    for index in (AGAIN, CYST):
        finding = document["findings"][index]
        finding["interpretations"] = [{"label": "renal cyst", "start": finding["start"], "end": finding["end"]}]
        finding |= {"concept": None, "labels": {}, "evidence": [{"dimension": "site", "start": 0, "end": 4}]}
        finding["measurements"] = []
    counts = evaluate(record, document).counts
    assert (counts["links_total"], counts["links_right"], counts["lesions_gold"]) == (1, 1, 1)


def test_bare_flow_of_an_old_document_is_a_normal_state(record: Json, document: Json, evaluate: Evaluate) -> None:
    label = "indeterminate/inhomogeneous vascularity"
    finding = document["findings"][NORMAL]
    finding |= {"kind": None, "concept": None, "labels": {"organ": ["Spleen"], "vascularity": [label]}}
    finding["evidence"] = [{"dimension": "vascularity", "label": label, "start": finding["start"], "end": 115}]
    assert evaluate(record, document).counts["normal_tp"] == 1
    finding["kind"] = "lesion"
    assert evaluate(record, document).counts["normal_tp"] == 0


def test_a_vague_interpretation_is_paired_by_its_concept_alone(
    record: Json, document: Json, evaluate: Evaluate
) -> None:
    right, wrong = copy.deepcopy(document), copy.deepcopy(document)
    for changed, name in ((right, "renal cyst"), (wrong, "angiomyolipoma")):
        changed["findings"][CYST] |= {"interpretations": [name], "kind": "organ", "concept": None}
        changed["findings"][CYST]["labels"] = {"organ": ["Kidney and ureter"]}
    assert evaluate(record, right).counts["abnormal_tp"] == 5
    assert evaluate(record, wrong).counts["abnormal_tp"] == 4


def test_an_interpretation_takes_the_span_of_the_evidence_that_names_it(
    record: Json, document: Json, evaluate: Evaluate
) -> None:
    fibroid = document["findings"].pop(FIBROID)
    curie = fibroid["concept"]["concept"]
    host = document["findings"][CYST]
    host["interpretations"] = [{"concept": curie, "certainty": "present"}]
    assert evaluate(record, document).counts["abnormal_tp"] == 4
    host["evidence"].append({**fibroid["evidence"][0], "dimension": "section", "reason": f"offered: {curie}"})
    assert evaluate(record, document).counts["abnormal_tp"] == 5


def test_differences_give_both_values_and_the_words(record: Json, document: Json, evaluate: Evaluate) -> None:
    document["findings"][CYST] |= {"laterality": "right", "concept": {"label": "angiomyolipoma"}}
    del document["findings"][FIBROID]
    found = evaluate(record, document).differences
    quote = "12 mm anechoic cyst"
    assert FindingDifference("r1", "laterality", "left", "right", quote) in found
    names = next(d.got for d in found if d.kind == "concept, wrong" and d.gold == "renal cyst" and d.quote == quote)
    assert "angiomyolipoma" in names.split(", ")
    missed = FindingDifference("r1", "missed, affirmed", "uterine fibroid (Uterus)", "", "Uterine fibroid up to 30 mm")
    assert missed in found
