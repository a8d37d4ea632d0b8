"""The rules of counting: a change of gold and document, and the counts that it changes.

The changes are made to the report of `conftest`, and to the document that is right for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.scoring.findings.conftest import AGAIN, CYST, DENIED, FIBROID, KIDNEY, NO_CALCIFICATIONS, NORMAL
from tests.scoring.findings.made_documents import Json

Findings = list[Json]
Change = Callable[[Findings, Findings], object]


def of_document(index: int, **fields: Any) -> Change:
    """Return the change of fields of one finding of the document."""
    return lambda _, got: got[index].update(fields)


def of_gold(index: int, **fields: Any) -> Change:
    """Return the change of fields of one gold finding."""
    return lambda gold, _: gold[index].update(fields)


def together(*changes: Change) -> Change:
    """Return several changes as one."""
    return lambda gold, got: [change(gold, got) for change in changes]


def drop(index: int) -> Change:
    """Return the change that removes a finding from the document."""
    return lambda _, got: got.pop(index)


def add(index: int, **fields: Any) -> Change:
    """Return the change that adds a copy of a finding, with other fields, to the document."""
    return lambda _, got: got.append({**got[index], "id": "g1", "same_as": None, **fields})


def measure(index: int, number: int = 0, **fields: Any) -> Change:
    """Return the change of fields of a measurement in the document."""
    return lambda _, got: got[index]["measurements"][number].update(fields)


def move_sizes(source: int, target: int) -> Change:
    """Return the change that moves the measurements of a finding of the document to another."""
    return lambda _, got: (
        got[target].update(measurements=[*got[target]["measurements"], *got[source]["measurements"]]),
        got[source].update(measurements=[]),
    )


def deny_twice(_: Findings, got: Findings) -> None:
    """Read the denied calcifications as present, with a bare denial beside them that reaches beyond its words."""
    wrong = got[NO_CALCIFICATIONS]
    bare = {**wrong, "id": "g1", "concept": None, "evidence": [{"start": 0, "end": 40}]}
    denied = next(e for e in wrong["evidence"] if e["dimension"] == "internal_characteristics")
    bare["evidence"].append({**denied, "end": denied["start"] + 4})
    present = [{**evidence, "certainty": "present"} for evidence in wrong["evidence"]]
    wrong.update(certainty="present", evidence=present)
    got.append(bare)


def deny_inside_lesion(_: Findings, got: Findings) -> None:
    """Move the evidence of the denied calcifications into the fibroid."""
    denied = got.pop(NO_CALCIFICATIONS)
    got[FIBROID]["evidence"] += [e for e in denied["evidence"] if e["dimension"] != "finding"]


def serve_both(_: Findings, got: Findings) -> None:
    """Move the evidence of the second mention of the cyst into the first."""
    again = got.pop(AGAIN)
    got[CYST]["evidence"] += again["evidence"]


MISSED: Mapping[str, tuple[Change, Mapping[str, int]]] = {
    "an abnormal finding and its labels are missed": (
        drop(FIBROID),
        {
            "abnormal_fn": 1,
            "abnormal_tp": -1,
            "affirmed_fn": 1,
            "affirmed_tp": -1,
            "diagnosis_tp": -1,
            "labels_fn": 1,
            "labels_tp": -1,
            "lesions_predicted": -1,
        },
    ),
    "a denied finding is missed": (
        drop(DENIED),
        {"abnormal_fn": 1, "abnormal_tp": -1, "denied_fn": 1, "denied_tp": -1},
    ),
    "a normal state is missed": (drop(NORMAL), {"normal_fn": 1, "normal_tp": -1}),
    "an organ is missed": (drop(KIDNEY), {"organ_fn": 1, "organ_tp": -1}),
    "optional gold counts neither if found": (
        of_gold(FIBROID, optional=True),
        {
            "abnormal_tp": -1,
            "affirmed_tp": -1,
            "diagnosis_tp": -1,
            "labels_tp": -1,
            "lesions_gold": -1,
            "lesions_predicted": -1,
            "optional_matched": 1,
        },
    ),
    "optional gold counts neither if missed": (
        together(of_gold(FIBROID, optional=True), drop(FIBROID)),
        {
            "abnormal_tp": -1,
            "affirmed_tp": -1,
            "diagnosis_tp": -1,
            "labels_tp": -1,
            "lesions_gold": -1,
            "lesions_predicted": -1,
        },
    ),
    "a prediction of another group is not paired": (
        of_document(KIDNEY, kind="lesion"),
        {
            "abnormal_fp": 1,
            "affirmed_fp": 1,
            "lesions_predicted": 1,
            "measurements_elsewhere": 1,
            "organ_fn": 1,
            "organ_tp": -1,
        },
    ),
    "an interpretation is paired as a finding": (
        together(
            drop(FIBROID),
            of_document(CYST, interpretations=[{"label": "uterine fibroid", "start": 119, "end": 134}]),
        ),
        {"diagnosis_tp": -1, "labels_tp": -1, "lesions_predicted": -1},
    ),
    "a lesion is merged into another": (
        lambda _, got: (got.pop(FIBROID), got[CYST]["evidence"].append({"start": 119, "end": 134})),
        {
            "abnormal_fn": 1,
            "abnormal_tp": -1,
            "affirmed_fn": 1,
            "affirmed_tp": -1,
            "diagnosis_tp": -1,
            "labels_fn": 1,
            "labels_tp": -1,
            "lesions_predicted": -1,
            "merged": 1,
        },
    ),
}
"""Rules by which a gold finding no longer counts as found; the counts of all its fields, which follow, are left out."""

RULES: Mapping[str, tuple[Change, Mapping[str, int]]] = {
    "a normal state within an organ is a piece of it": (
        together(
            add(
                NORMAL,
                evidence=[],
                organ="Kidney and ureter",
                labels={"diagnosis": ["normal appearance"]},
                start=0,
                end=11,
            )
        ),
        {"evidence_total": 1, "fragments": 1},
    ),
    "an extra abnormal finding has false labels": (
        add(FIBROID, evidence=[], start=90, end=95),
        {
            "abnormal_fp": 1,
            "affirmed_fp": 1,
            "concept_stated": 1,
            "evidence_total": 1,
            "labels_fp": 1,
            "lesions_difference": 1,
            "lesions_predicted": 1,
            "measurements_predicted_total": 1,
            "reports_with_right_number_right": -1,
        },
    ),
    "an extra denial": (
        add(DENIED, start=140, end=145, evidence=[]),
        {"abnormal_fp": 1, "concept_stated": 1, "denied_fp": 1, "evidence_total": 1},
    ),
    "a prediction of another group may be paired if any kind is right": (
        together(of_gold(KIDNEY, kind_any=True), of_document(KIDNEY, kind="lesion")),
        {"lesions_difference": 1, "lesions_predicted": 1, "reports_with_right_number_right": -1},
    ),
    "an organ without size is only named": (
        add(KIDNEY, measurements=[]),
        {"evidence_right": 1, "evidence_total": 1, "organs_only_named": 1},
    ),
    "an organ with a size of gold is a piece of it": (
        add(KIDNEY),
        {
            "evidence_right": 1,
            "evidence_total": 1,
            "fragments": 1,
            "measurements_predicted_right": 1,
            "measurements_predicted_total": 1,
        },
    ),
    "an organ with another size is extra": (
        lambda _, got: got.append({**got[KIDNEY], "measurements": [{"values": [7], "unit": "mm"}]}),
        {"evidence_right": 1, "evidence_total": 1, "measurements_predicted_total": 1, "organ_fp": 1},
    ),
    "a finding of another person is ignored": (
        add(FIBROID, experiencer="sister"),
        {"evidence_right": 1, "evidence_total": 1, "ignored": 1},
    ),
    "a planned finding is ignored": (
        add(FIBROID, time="planned"),
        {"evidence_right": 1, "evidence_total": 1, "ignored": 1},
    ),
    "a concept is missing": (
        of_document(FIBROID, concept=None),
        {"concept_right": -1, "concept_right_or_broader": -1, "concept_stated": -1},
    ),
    "a concept is wrong": (
        of_document(FIBROID, concept={"label": "endometrial polyp"}),
        {"concept_right": -1, "concept_right_or_broader": -1},
    ),
    "a concept is generic": (
        of_document(FIBROID, concept={"label": "lesions"}),
        {"concept_right": -1, "concept_right_or_broader": -1, "concept_stated": -1},
    ),
    "a concept is broader in the taxonomy": (
        of_document(FIBROID, concept={"label": "neoplasm"}),
        {"concept_right": -1},
    ),
    "a concept is broader in gold": (
        together(of_gold(FIBROID, concept_broader=["uterine mass"]), of_document(FIBROID, concept="Uterine masses")),
        {"concept_right": -1},
    ),
    "another gold name is right": (
        together(of_gold(FIBROID, concept_also=["uterine mass"]), of_document(FIBROID, concept="Uterine masses")),
        {},
    ),
    "a gold finding without concept takes a generic one": (
        together(of_gold(FIBROID, concept=None), of_document(FIBROID, concept="lesion")),
        {
            "concept_gold": -1,
            "concept_right": -1,
            "concept_right_or_broader": -1,
            "concept_stated": -1,
            "concept_total": -1,
        },
    ),
    "a gold finding without concept takes no other": (
        of_gold(FIBROID, concept=None),
        {"concept_gold": -1, "concept_right": -1, "concept_right_or_broader": -1, "concept_total": -1},
    ),
    "a wrong organ": (
        together(of_document(FIBROID, organ="Liver"), lambda _, got: got[FIBROID]["labels"].update(organ=["Liver"])),
        {"organ_exactly_right": -1, "organ_right": -1},
    ),
    "one organ too many": (
        lambda _, got: got[FIBROID]["labels"].update(organ=["Uterus", "Liver"]),
        {"organ_exactly_right": -1},
    ),
    "the organ field without an organ label": (lambda _, got: got[FIBROID]["labels"].update(organ=[]), {}),
    "a body system is no organ": (
        lambda _, got: got[FIBROID].update(
            organ="Gynaecology", labels={"body_system": ["Gynaecology"], "diagnosis": ["mass"]}
        ),
        {"organ_exactly_right": -1, "organ_right": -1},
    ),
    "a site within a longer name is right": (of_document(CYST, site=["the upper pole of kidney, left"]), {}),
    "a wrong site": (of_document(CYST, site="lower pole of kidney"), {"site_right": -1}),
    "one of several sites is right": (of_gold(CYST, site=["lower pole of kidney", "upper pole of kidney"]), {}),
    "a wrong side": (of_document(CYST, laterality="right"), {"laterality_right": -1, "laterality_stated_right": -1}),
    "a side that gold does not state": (of_document(FIBROID, laterality="left"), {"laterality_right": -1}),
    "a side of another mention is right": (
        of_gold(AGAIN, laterality=None),
        {"laterality_stated_right": -1, "laterality_stated_total": -1},
    ),
    "a wrong certainty": (of_document(FIBROID, certainty="possible"), {"certainty_right": -1}),
    "a denied finding read as present": (
        of_document(DENIED, certainty="present"),
        {
            "certainty_right": -1,
            "denied_as_present": 1,
            "lesions_difference": 1,
            "lesions_predicted": 1,
            "reports_with_right_number_right": -1,
        },
    ),
    "a wrong time": (of_document(FIBROID, time="previous"), {"time_right": -1}),
    "a missing and a false label": (
        lambda _, got: (
            got[CYST]["labels"].update(echogenicity=["hypoechoic"]),
            got[CYST].update(evidence=[e for e in got[CYST]["evidence"] if e["dimension"] != "echogenicity"]),
        ),
        {"attributes_fn": 1, "attributes_fp": 1, "attributes_tp": -1, "labels_fn": 1, "labels_fp": 1, "labels_tp": -1},
    ),
    "a missing detail": (of_document(CYST, location={}), {"details_right": -1}),
    "a denied attribute inside its lesion": (
        deny_inside_lesion,
        {
            "concept_gold": -1,
            "concept_right": -1,
            "concept_right_or_broader": -1,
            "concept_stated": -1,
            "concept_total": -1,
            "evidence_right": -1,
            "evidence_total": -1,
        },
    ),
    "a denied attribute read as present, and as denied beside it": (
        deny_twice,
        {
            "concept_gold": -1,
            "concept_right": -1,
            "concept_right_or_broader": -1,
            "concept_total": -1,
            "evidence_total": 1,
            "fragments": 1,
            "lesions_difference": 1,
            "lesions_predicted": 1,
            "reports_with_right_number_right": -1,
        },
    ),
    "one prediction serves a restatement": (
        serve_both,
        {
            "concept_stated": -1,
            "details_right": -1,
            "evidence_right": -1,
            "evidence_total": -1,
            "links_predicted_right": -1,
            "links_predicted_total": -1,
        },
    ),
    "an interpretation of the concept of its host is a piece of it": (
        of_document(FIBROID, interpretations=["uterine fibroid"]),
        {"fragments": 1},
    ),
    "an interpretation with another concept is extra": (
        of_document(FIBROID, interpretations=["adenomyoma"]),
        {"abnormal_fp": 1, "affirmed_fp": 1, "concept_stated": 1},
    ),
    "a lesion is split": (
        together(add(CYST, concept=None), of_document(CYST, measurements=[])),
        {
            "abnormal_fp": 1,
            "affirmed_fp": 1,
            "evidence_right": 1,
            "evidence_total": 1,
            "labels_fp": 2,
            "lesions_difference": 1,
            "lesions_predicted": 1,
            "measurements_elsewhere": 2,
            "measurements_predicted_right": -2,
            "measurements_right": -2,
            "quantity_right": -2,
            "quantity_total": -2,
            "reports_with_right_number_right": -1,
            "role_right": -2,
            "role_total": -2,
            "split": 1,
        },
    ),
    "a size of another owner": (
        move_sizes(FIBROID, CYST),
        {
            "comparator_right": -1,
            "comparator_total": -1,
            "measurements_elsewhere": 1,
            "measurements_predicted_right": -1,
            "measurements_right": -1,
            "quantity_right": -1,
            "quantity_total": -1,
            "role_right": -1,
            "role_total": -1,
        },
    ),
    "a size of another mention of the lesion": (move_sizes(CYST, AGAIN), {}),
    "a size is missing": (
        of_document(FIBROID, measurements=[]),
        {
            "comparator_right": -1,
            "comparator_total": -1,
            "measurements_predicted_right": -1,
            "measurements_predicted_total": -1,
            "measurements_right": -1,
            "quantity_right": -1,
            "quantity_total": -1,
            "role_right": -1,
            "role_total": -1,
        },
    ),
    "a wrong role": (measure(CYST, 1, role="current"), {"role_right": -1}),
    "a wrong quantity": (
        measure(FIBROID, quantity="depth"),
        {"measurements_predicted_right": -1, "measurements_predicted_total": -1, "quantity_right": -1},
    ),
    "a size of one number may be a diameter": (measure(FIBROID, quantity="size"), {}),
    "a wrong comparator": (measure(FIBROID, comparator=">", range=None), {"comparator_right": -1}),
    "a size of an organ is held by another observation of it": (
        together(
            add(KIDNEY, evidence=[{"dimension": "organ", "start": 174, "end": 180}]),
            of_document(KIDNEY, measurements=[]),
        ),
        {"evidence_right": 1, "evidence_total": 1, "organ_fp": 1},
    ),
    "an extra depth does not count": (
        lambda _, got: got[CYST]["measurements"].append({"values": [7], "unit": "mm", "quantity": "depth"}),
        {},
    ),
    "an extra size counts": (
        lambda _, got: got[CYST]["measurements"].append({"values": [7], "unit": "mm", "quantity": "size"}),
        {"measurements_predicted_total": 1},
    ),
    "a missing link": (
        of_document(AGAIN, same_as=None),
        {
            "lesions_difference": 1,
            "lesions_predicted": 1,
            "links_predicted_right": -1,
            "links_predicted_total": -1,
            "links_right": -1,
            "reports_with_right_number_right": -1,
        },
    ),
    "a wrong link": (
        of_document(FIBROID, same_as=f"f{CYST + 1}"),
        {
            "lesions_difference": 1,
            "lesions_predicted": -1,
            "links_predicted_total": 1,
            "reports_with_right_number_right": -1,
        },
    ),
    "evidence with other words": (lambda _, got: got[CYST]["evidence"][0].update(text="12 mm"), {"evidence_right": -1}),
    "a finding without evidence": (of_document(NORMAL, evidence=[]), {"evidence_right": -1}),
}
"""Name of a rule to a change and the difference of each count."""
