"""Affirmed, hedged and denied mentions: cases written from the labelling guide."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.normalize.context.assertion_cases import CASES, Case, Labels
from tests.normalize.reading import Read

Mention = tuple[str, str, str]
"""One label of one case: case id, dimension key, label."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_present(case: Case, read: Read) -> None:
    report = read(case.text)
    found = {d: set(report.labels[d]) - set(report.possible[d]) for d in case.dimensions}
    assert found == _expected(case, case.present), case.text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_possible(case: Case, read: Read) -> None:
    report = read(case.text)
    found = {d: set(report.possible[d]) & set(report.labels[d]) for d in case.dimensions}
    assert found == _expected(case, case.possible), case.text


@pytest.mark.parametrize("case", [c for c in CASES if c.absent is not None], ids=lambda case: case.id)
def test_absent(case: Case, read: Read) -> None:
    found = {d: set(read(case.text).absent[d]) for d in case.dimensions}
    assert found == _expected(case, case.absent or {}), case.text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_evidence(case: Case, read: Read) -> None:
    """Every piece of evidence quotes the text and the words that hedge or deny it."""
    for evidence in read(case.text).evidence:
        assert case.text[evidence.start : evidence.end] == evidence.text
        assert evidence.certainty == "present" or evidence.cue, evidence


def test_negation_and_hedges(read: Read) -> None:
    """Over the whole battery, negation F1 is at least 0.90 and hedge recall at least 0.80.

    A *mention* is one label of one case in a dimension that the case is about.

    Negation F1: a mention counts as denied in the gold if the case lists it in `absent`, and as denied by the
    normaliser if it is in `Report.absent`; F1 = 2·TP / (2·TP + FP + FN). Cases with `absent=None` take no part.

    Hedge recall: of the mentions that the gold lists in `possible`, the share that is in `Report.possible`.
    """
    judged = [case for case in CASES if case.absent is not None]
    denied = _mentions(judged, lambda case: case.absent or {})
    read_denied = _mentions(judged, lambda case: _checked(case, read(case.text).absent))
    hedged = _mentions(CASES, lambda case: case.possible)
    read_hedged = _mentions(CASES, lambda case: _checked(case, read(case.text).possible))

    f1 = 2 * len(denied & read_denied) / (len(denied) + len(read_denied))
    recall = len(hedged & read_hedged) / len(hedged)
    assert f1 >= 0.90, f"negation F1 {f1:.3f}; missed {denied - read_denied}, wrong {read_denied - denied}"
    assert recall >= 0.80, f"hedge recall {recall:.3f}; missed {hedged - read_hedged}"


def test_the_cases_are_consistent() -> None:
    """Ids are unique, every case checks something, and no label is both affirmed and denied."""
    assert len({case.id for case in CASES}) == len(CASES)
    for case in CASES:
        assert case.dimensions, case.id
        affirmed = _mentions([case], lambda c: c.present) | _mentions([case], lambda c: c.possible)
        assert not affirmed & _mentions([case], lambda c: c.absent or {}), case.id


def _expected(case: Case, labels: Labels) -> dict[str, set[str]]:
    return {dimension: set(labels.get(dimension, ())) for dimension in case.dimensions}


def _checked(case: Case, labels: Labels) -> Labels:
    return {dimension: labels[dimension] for dimension in case.dimensions}


def _mentions(cases: tuple[Case, ...] | list[Case], labels_of: Callable[[Case], Labels]) -> set[Mention]:
    return {(case.id, dim, label) for case in cases for dim, labels in labels_of(case).items() for label in labels}
