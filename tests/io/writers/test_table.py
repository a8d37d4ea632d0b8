from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest

from udt.core.report import Report
from udt.io.writers.base import Settings
from udt.io.writers.registry import write_reports


def table(reports: list[Report], width: int = 100, *, color: bool = False) -> str:
    handle = io.BytesIO()
    write_reports(reports, handle, "table", Settings(width=width, color=color))
    return handle.getvalue().decode()


def test_a_finding_has_a_row_with_sign_name_place_sizes_and_labels(reports: list[Report]) -> None:
    shown = table(reports)
    assert "\x1b" not in shown
    assert re.search(r"^case 1$", shown, re.MULTILINE)
    assert re.search(r"\+ +f1 +mass +Liver, left +23 mm +echogenicity hypoechoic · –calcifications", shown)
    assert re.search(r"– +f2 +no cyst", shown)
    assert re.search(r"\? +f3 +possible cyst +Kidney and ureter", shown)
    assert re.search(r"^ü/2\n +nothing found$", shown, re.MULTILINE)
    assert "\x1b[32m" in table(reports, color=True)


def test_lesions_states_and_organs_have_sections(full: Report) -> None:
    sections = re.split(r"^(Lesions|States|Organs)\n", table([full]), flags=re.MULTILINE)
    found = {head: re.findall(r"\b(f\d)  ", text) for head, text in zip(sections[1::2], sections[2::2], strict=True)}
    assert found == {"Lesions": ["f1", "f2", "f5", "f7"], "States": ["f3"], "Organs": ["f4", "f6"]}


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_everything_is_shown_at_any_width_and_no_line_is_wider(full: Report, width: int) -> None:
    shown = table([full], width)
    assert max(map(len, shown.splitlines())) <= width
    words = set(shown.split())
    for text in (
        "uterine fibroid (2)", "fundus of uterus, left", "32 × 28 mm", "before: 25 mm (March 2023)", "severity mild",
        "increased", "interpreted as possible adenomyoma", "no cholelithiasis", "Breast, left, 3 o'clock", "3–8 mm",
        "right kidney", "100 × 40 × 50 mm", "≤ 20 mm", "PSV > 120 cm/s", "see f1", "45 years, female", "bilateral",
    ):  # fmt: skip
        assert set(text.split()) <= words, text


def test_what_does_not_fit_is_on_the_next_line(full: Report) -> None:
    lines = table([full], 80).splitlines()
    below = next(number for number, line in enumerate(lines) if "margins" in line)
    assert lines[below].startswith(" " * 9 + "diagnosis mass · margins well-defined · severity mild")
    assert "Gallbladder" in lines[below + 2]


def test_the_columns_of_all_sections_are_in_line(full: Report) -> None:
    lines = table([full], 120).splitlines()
    assert len({line.index(word) for line, word in zip(lines, map(_place, lines), strict=True) if word}) == 1


def _place(line: str) -> str | None:
    found = re.search(r"fundus of|Gallbladder|Breast|Uterus|Adnexa|Kidney", line)
    return found[0] if found else None


def test_a_label_is_without_the_dimension_that_it_names(full: Report) -> None:
    (finding, *_) = full.findings
    attributes = {"pole": ("upper pole",), "clock_position": ("2 o'clock",), "liver_segment": ("segment VII",)}
    shown = table([replace(full, findings=(replace(finding, attributes=attributes, measurements=()),))], 200)
    assert "· upper pole · clock position 2 o'clock · segment VII ·" in " ".join(shown.split())


def test_a_finding_that_is_named_by_an_attribute_has_its_dimension_too(full: Report) -> None:
    labels = {**dict.fromkeys(full.labels, ()), "echogenicity": ("hypoechoic",)}
    finding = replace(full.findings[1], concept=None, certainty="present", labels=labels)
    shown = table([replace(full, findings=(finding,))])
    assert re.search(r"\+ +f2 +hypoechoic +Gallbladder and bile ducts +echogenicity hypoechoic\n", shown)


def test_a_language_without_known_words_of_denial_is_named(full: Report) -> None:
    finding = replace(full.findings[0], certainty="unknown")
    shown = table([replace(full, language="de", language_support="terms", findings=(finding,))], 140)
    assert "de: words of denial unknown" in shown
    assert re.search(r"~ +f1 +uterine fibroid \(2\) \(certainty unknown\)", " ".join(shown.split()))


def test_labels_of_no_finding_are_listed(full: Report) -> None:
    shown = table([replace(full, findings=())])
    assert re.search(r"Labels of no finding\n +\+ organ Uterus, Adnexa, .* · severity mild\n", shown, re.DOTALL)


def test_control_characters_cannot_reach_the_terminal(full: Report) -> None:
    shown = table([replace(full, id="\x1b[2J")], color=True)
    assert "\x1b[2J" not in shown


def test_structures_that_are_only_named_are_in_one_line(full: Report) -> None:
    finding = full.findings[0]
    nothing: dict[str, Any] = {"concept": None, "laterality": None, "count": None, "change": None}
    empty: dict[str, Any] = {"attributes": {}, "measurements": (), "sites": (), "location": {}, "interpretations": ()}
    labels = {**dict.fromkeys(full.labels, ()), "organ": ("Uterus",)}
    bare = replace(finding, kind="organ", certainty="present", labels=labels, **nothing, **empty)
    others = replace(bare, id="f2", organ="Adnexa", laterality="left", labels={**bare.labels, "organ": ("Adnexa",)})
    lines = table([replace(full, findings=(bare, others))]).splitlines()
    assert lines[lines.index("Only named") + 1] == "  f1 Uterus · f2 Adnexa left"
    assert "Organs" not in lines
