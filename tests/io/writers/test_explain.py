from __future__ import annotations

import hashlib
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from udt.core.report import Evidence, Report
from udt.io.writers.explain import explain
from udt.io.writers.vocabulary import DimensionKeys

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def test_without_colour_spans_are_in_brackets(reports: list[Report]) -> None:
    text = explain(reports[0], width=200)
    assert "\x1b" not in text
    assert (
        "Left [liver|organ: Liver]: [hypoechoic|echogenicity: hypoechoic] [mass|diagnosis: mass] {without} "
        "[calcifications|–internal_characteristics: calcifications], 2.3 cm, brighter than [spleen|not: comparison]. "
        "{No} [cyst|–diagnosis: cyst]"
    ) in " ".join(text.split())
    assert re.search(r"calcifications +internal_characteristics: calcifications +absent +without", text)
    assert re.search(r"spleen +uhat:spleen +excluded +comparison", text)


def test_with_colour_the_text_stays_and_cues_are_underlined(reports: list[Report]) -> None:
    text = explain(reports[0], color=True, width=200)
    assert reports[0].text in _ESCAPE.sub("", text)
    assert "\x1b[4mwithout\x1b[0m" in text
    assert re.search(r"\x1b\[2;9mspleen", text)
    assert re.search(r"\x1b\[9;\d+mcyst", text)


def test_labels_on_the_same_words_share_a_bracket(reports: list[Report]) -> None:
    report = _report("a cystic mass", [(2, 8, "cyst", None), (2, 13, "mass", None), (9, 13, "mass", None)])
    assert "a [cystic mass|diagnosis: cyst; diagnosis: mass]" in explain(report)


def test_the_nearest_cue_is_marked() -> None:
    report = _report("No ascites. No mass. No.", [(15, 19, "mass", "No")])
    assert "No ascites. {No} [mass|diagnosis: mass]. No." in explain(report)
    behind = _report("mass excluded", [(0, 4, "mass", "excluded")])
    assert "[mass|diagnosis: mass] {excluded}" in explain(behind)
    within = _report("a nonmass", [(2, 9, "mass", "non")])
    assert "a [nonmass|diagnosis: mass]" in explain(within)


def test_control_characters_cannot_reach_the_terminal(reports: list[Report]) -> None:
    report = _report("a \x1b[31m mass\x07", [(8, 12, "mass", None)])
    for color in (False, True):
        assert "\x1b[31m mass" not in explain(replace(report, id="\x1b[2J"), color=color)
        assert "\x07" not in explain(report, color=color)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80), data=st.data())
def test_any_text_and_spans_are_shown(text: str, data: st.DataObject) -> None:
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    spans = [(a, b, "mass", text[:1] or None) for a, b in data.draw(st.lists(places, max_size=4)) if a < b]
    for color in (False, True):
        explain(_report(text, spans), color=color)


def _report(text: str, spans: list[tuple[int, int, str, str | None]]) -> Report:
    from udt.core.report import Finding

    evidence = tuple(
        Evidence("diagnosis", label, f"udaf:diagnosis.{label}", a, b, text[a:b], "present", cue)
        for a, b, label, cue in spans
    )
    none: dict[str, tuple[str, ...]] = dict.fromkeys(DimensionKeys.load().tasks, ())
    finding = Finding("f1", "present", None, None, None, none, (), evidence, 0, len(text))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Report("x", text, "en", digest, none, none, none, (), (finding,), "0", "0")


def test_a_dimension_that_the_taxonomy_lacks_has_a_colour_too() -> None:
    """Reports of a taxonomy with an extension can be explained without it."""
    report = _report("An odd mass.", [(7, 11, "mass", None)])
    (finding,) = report.findings
    odd = Evidence("oddity", "odd", "x:odd", 3, 6, "odd", "present")
    changed = replace(report, findings=(replace(finding, evidence=(odd, *finding.evidence)),))
    assert "[odd|oddity: odd]" in explain(changed)
    colored = explain(changed, color=True)
    assert re.search(r"\x1b\[[0-9;]+modd\x1b\[0m", colored)


def test_the_evidence_is_listed_by_finding_with_sizes_and_corrections(full: Report) -> None:
    shown = explain(full, width=200)
    parts = re.split(r"^(f\d|excluded)\b.*\n", shown.partition("reason\n")[2], flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert list(found) == ["f1", "f2", "f3", "f4", "f5", "f6", "f7", "excluded"]
    assert re.search(r"54–62 +fibriods +concept: uterine fibroid +present +read as fibroids\n", found["f1"])
    assert re.search(r"168–178 +adenomyoma +interpretation: adenomyoma +possible +Possibly\n", found["f1"])
    assert re.search(r"125–130 +25 mm +size: before: 25 mm \(March 2023\)\n", found["f1"])
    assert re.search(r"gallstones +concept: cholelithiasis +absent +No\n", found["f2"])
    assert re.search(r"> 120 cm/s +velocity: PSV > 120 cm/s\n", found["f6"])
    assert re.search(r"spleen +uhat:spleen +excluded +comparison\n", found["excluded"])
    assert "f1: uterine fibroid (2), fundus of uterus, left, 32 × 28 mm, before: 25 mm" in shown
    assert "[adenomyoma|?interpretation: adenomyoma]" in shown


def test_no_word_is_cut_on_a_narrow_terminal(full: Report) -> None:
    shown = explain(full, width=60)
    assert "…" not in shown and max(map(len, shown.splitlines())) <= 60
