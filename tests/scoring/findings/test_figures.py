"""Figures by their formulas, on counts with a known result."""

from __future__ import annotations

import pytest

from udt.scoring.findings.figures import figure_names, figures_of

COUNTS = {
    "denied_tp": 3,
    "denied_fp": 1,
    "denied_fn": 3,
    "concept_right": 4,
    "concept_right_or_broader": 6,
    "concept_total": 8,
    "concept_gold": 10,
    "concept_stated": 6,
    "measurements_right": 1,
    "measurements_total": 2,
    "measurements_predicted_right": 3,
    "measurements_predicted_total": 4,
    "links_right": 1,
    "links_total": 2,
    "lesions_gold": 8,
    "lesions_difference": 2,
    "split": 1,
    "abnormal_tp": 3,
    "abnormal_fn": 1,
    "denied_as_present": 7,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("denied_p", 3 / 4),
        ("denied_r", 3 / 6),
        ("denied_f1", 6 / 10),
        ("concept", 1 / 2),
        ("concept_or_broader", 3 / 4),
        ("concept_f1", 8 / 16),
        ("measurements_f1", 2 * 0.5 * 0.75 / 1.25),
        ("same_as_p", None),
        ("same_as_f1", 2 * 0.5 / 1.5),
        ("lesions_counted", 3 / 4),
        ("split_rate", 1 / 4),
        ("merge_rate", 0),
        ("denied_as_present", 7),
        ("site", None),
    ],
)
def test_figure(name: str, value: float | None) -> None:
    figures = {figure.name: figure.value for figure in figures_of(COUNTS)}
    assert figures[name] == (None if value is None else pytest.approx(value))


def test_stated_concepts_are_at_least_the_right_ones() -> None:
    figures = {figure.name: figure.value for figure in figures_of({**COUNTS, "concept_stated": 1})}
    assert figures["concept_f1"] == pytest.approx(8 / 14)


def test_nothing_right_among_gold_is_zero() -> None:
    figures = {figure.name: figure.value for figure in figures_of({"measurements_total": 3, "links_total": 1})}
    assert (figures["measurements_f1"], figures["same_as_f1"]) == (0.0, 0.0)


def test_names_are_unique() -> None:
    assert len(set(figure_names())) == len(figure_names()) > 40
