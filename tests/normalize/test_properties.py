"""Invariants of every report, for any text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import FrameType

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from udt import Normalizer
from udt.core.report import Report
from udt.core.report_schema import report_schema
from udt.taxonomy.model.taxonomy import Taxonomy

EXAMPLES = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
ANY_TEXT = st.text(st.characters(codec=None), max_size=300)

WORDS = (
    """
liver|left kidney|thyroid|right breast|neck|axilla|wrist|skin|lymph node|pelvis|肝脏
hypoechoic|anechoic|irregular|oval|solid|septated|normal|calcifications|shadowing
cyst|mass|nodule|stone|carcinoma|fibroids|hydronephrosis|abscess|varicocele|囊肿
margins|echogenicity|flow|vascularity|shape|echotexture|increased|smooth
no|without|possible|not|is|of|with|and|in the|the|it|which|but|this|seen|rule out
adjacent to|compared to|than|history of|patient with|if|needle|fetal|between
arrow|L =|IVC,|2.3 x 1.1 cm|5 mm|7-year-old|woman|boy|newborn|dog|CT|ultrasound
FINDINGS:|HISTORY:|IMPRESSION|Liver:|1.|A:|non-|hyper-|Fig. 1|on the left|bilateral
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
SIGNS = [".", ". ", ",", ";", ":", "\n", "\n\n", " - ", "(", ")", "?", "/", "'s", "…", "\ud800", "。"]


def report_like() -> st.SearchStrategy[str]:
    """Return a strategy of texts of words that the rules use, in any order."""
    pieces = st.tuples(st.sampled_from(WORDS), st.sampled_from([" "] * 12 + SIGNS)).map("".join)
    return st.lists(pieces, max_size=40).map("".join)


TEXTS = report_like() | ANY_TEXT


@pytest.fixture(scope="session")
def check_schema() -> Callable[[object], None]:
    return jsonschema.Draft202012Validator(report_schema()).validate


@pytest.fixture(scope="session")
def systems_of_organs() -> dict[str, str]:
    """Return the body system of every organ, read from the ontology."""
    taxonomy = Taxonomy.load()
    organs = [concept for concept in taxonomy if concept.kind == "Organ"]
    return {o.label: next(a.label for a in taxonomy.ancestors(o.curie) if a.kind == "BodySystem") for o in organs}


@EXAMPLES
@given(TEXTS)
def test_evidence_and_measurements_quote_the_text(normalizer: Normalizer, text: str) -> None:
    report = normalizer.normalize(text)
    for one in (*report.evidence, *report.excluded):
        assert text[one.start : one.end] == one.text
        assert one.text
    for finding in report.findings:
        inner = [*finding.evidence, *finding.measurements]
        assert 0 <= finding.start <= finding.end <= len(text)
        assert all(finding.start <= part.start < part.end <= finding.end for part in inner)
    for section in report.sections:
        assert 0 <= section.start < section.end <= len(text)


@EXAMPLES
@given(TEXTS)
def test_label_sets_agree(normalizer: Normalizer, systems_of_organs: dict[str, str], text: str) -> None:
    """Label sets agree with each other and with the taxonomy: its order, and the body system of every organ."""
    report = normalizer.normalize(text)
    for dimension in normalizer.dimensions:
        labels, possible, absent = (sets[dimension.key] for sets in (report.labels, report.possible, report.absent))
        assert set(possible) <= set(labels)
        assert not set(absent) & set(labels)
        for found in labels, possible, absent:
            assert list(found) == [label for label in dimension.labels if label in found]
    assert {systems_of_organs[organ] for organ in report.labels["organ"]} <= set(report.labels["body_system"])


@EXAMPLES
@given(TEXTS)
@example("possible CT hypoechoic ")
@example("history of cyst ")
@example("patient with hypoechoic?rule out hypoechoic ")
def test_labels_and_evidence_agree(normalizer: Normalizer, text: str) -> None:
    """Every label has evidence of its certainty, and evidence labels the report."""
    report = normalizer.normalize(text)
    for key, labels in report.labels.items():
        affirmed = {e.label: set() for e in report.evidence if e.dimension == key and e.certainty != "absent"}
        for one in report.evidence:
            if one.dimension == key and one.certainty != "absent":
                affirmed[one.label].add(one.certainty)
        assert set(labels) == set(affirmed)
        if key not in {"body_system", "organ"}:
            assert set(report.possible[key]) == {
                label for label, certainties in affirmed.items() if certainties == {"possible"}
            }


@EXAMPLES
@given(TEXTS)
def test_the_json_form_is_valid(normalizer: Normalizer, check_schema: Callable[[object], None], text: str) -> None:
    check_schema(json.loads(json.dumps(normalizer.normalize(text, "1").to_dict())))


@EXAMPLES
@given(report_like())
def test_the_same_text_gives_the_same_report(normalizer: Normalizer, text: str) -> None:
    first = normalizer.normalize(text)
    assert normalizer.normalize(text) == first
    assert normalizer.normalize("Liver cyst. " + text) != first
    assert normalizer.normalize(text) == first, "a text leaves no trace"


@EXAMPLES
@given(report_like())
def test_an_unrelated_sentence_changes_nothing(normalizer: Normalizer, text: str) -> None:
    longer = text + ".\n\nThe study was performed on Monday."
    assert _sets(normalizer.normalize(longer)) == _sets(normalizer.normalize(text + "."))


@EXAMPLES
@given(report_like())
def test_blanks_around_the_text_change_nothing(normalizer: Normalizer, text: str) -> None:
    stripped = text.strip()
    assert _sets(normalizer.normalize("  " + stripped + " ")) == _sets(normalizer.normalize(stripped))


def _sets(report: Report) -> tuple[object, ...]:
    return report.labels, report.possible, report.absent


SECTION = (
    "FINDINGS:\nLiver: 14 cm, increased echogenicity. There is a 2.3 x 1.1 cm anechoic cyst without septations in "
    "segment VII. It has smooth margins. No biliary dilatation.\nGallbladder: no stones, wall 2 mm. Spleen is normal.\n"
    "IMPRESSION: Simple hepatic cyst, possibly a hemangioma (arrow). History of renal cancer; compared to the kidney.\n"
)


@pytest.mark.parametrize(
    ("unit", "length"),
    [
        pytest.param(SECTION, 20_000, id="report"),
        pytest.param("Liver cyst. ", 2_000, id="many findings"),
        pytest.param("Cyst. ", 2_000, id="many findings without a place"),
        pytest.param("Lymph node. ", 2_000, id="many nodes without a compartment"),
        pytest.param("It is normal\n", 2_000, id="many sentences without a finding"),
        pytest.param("no ", 2_000, id="one long sentence of negations"),
        pytest.param("possible ", 2_000, id="of hedges"),
        pytest.param("margin ", 2_000, id="of heads"),
        pytest.param("irregular ", 2_000, id="of modifiers"),
        pytest.param("5 mm x ", 2_000, id="of sizes"),
        pytest.param("patient with ", 2_000, id="of known diagnoses"),
        pytest.param("A: ", 2_000, id="of legend keys"),
        pytest.param("liver cyst, ", 2_000, id="of findings"),
        pytest.param("needle ", 2_000, id="of instruments"),
        pytest.param("adjacent to ", 2_000, id="of landmarks"),
        pytest.param("CT ", 2_000, id="of modalities"),
        pytest.param("肝", 1_000, id="of Chinese"),
        pytest.param("hypoechoicx", 2_000, id="a word without end"),
    ],
)
def test_time_is_linear_in_the_length(normalizer: Normalizer, unit: str, length: int) -> None:
    """Ten times the text takes at most thirteen times the work, counted in executed lines."""
    short, long = (unit * (size // len(unit)) for size in (length, 10 * length))
    normalizer.normalize(short)  # fills what is cached by word
    assert _lines_run(normalizer, long) <= 13 * _lines_run(normalizer, short)


def _lines_run(normalizer: Normalizer, text: str) -> int:
    count = 0

    def tick(frame: FrameType, event: str, argument: object) -> Callable[..., object]:
        nonlocal count
        count += 1
        return tick

    before = sys.gettrace()
    sys.settrace(tick)
    try:
        normalizer.normalize(text)
    finally:
        sys.settrace(before)
    return count
