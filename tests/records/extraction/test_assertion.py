"""The rules decide whether a quote is denied, hedged or excluded, also if they do not know its words."""

from __future__ import annotations

import pytest

from udt.core.report import Certainty, Evidence
from udt.normalize.normalizer import Normalizer
from udt.records.extraction.assertion import AssertionCheck, Verdict
from udt.taxonomy.model.taxonomy import Taxonomy

SHAPE = ("shape", "oval")
CYST = ("diagnosis", "cyst")


@pytest.fixture(scope="module")
def check(taxonomy: Taxonomy, normalizer: Normalizer) -> AssertionCheck:
    return AssertionCheck(taxonomy, normalizer.normalize)


def _verdict(
    check: AssertionCheck,
    normalizer: Normalizer,
    text: str,
    quote: str,
    label: tuple[str, str],
    certainty: Certainty = "present",
) -> Verdict:
    start = text.index(quote)
    claimed = Evidence(*label, "", start, start + len(quote), quote, certainty)
    return check.check(claimed, normalizer.normalize(text))


@pytest.mark.parametrize(
    ("text", "quote", "label", "claimed", "expected"),
    [
        ("Liver with a cyst.", "cyst", CYST, "present", "present"),
        ("Liver without a cyst.", "cyst", CYST, "present", "absent"),
        ("Liver without a cyst.", "cyst", CYST, "absent", "absent"),
        ("Possible cyst in the liver.", "cyst", CYST, "present", "possible"),
        ("Liver with a cyst.", "cyst", CYST, "possible", "possible"),
        ("Liver with a cyst.", "cyst", CYST, "absent", None),
        ("A bean-like lesion of the liver.", "bean-like", SHAPE, "present", "present"),
        ("No bean-like lesion of the liver.", "bean-like", SHAPE, "present", None),
        ("No bean-like lesion of the liver.", "No bean-like", SHAPE, "present", None),
        ("No bean-like lesion of the liver.", "bean-like", SHAPE, "absent", "absent"),
        ("A bean-like lesion of the liver.", "bean-like", SHAPE, "absent", None),
        ("Possibly a bean-like lesion.", "bean-like", SHAPE, "present", "possible"),
        ("肝脏见豆状病变。", "豆状", SHAPE, "present", "present"),
        ("肝脏未见豆状病变。", "豆状", SHAPE, "present", None),
        ("History of a bean-like lesion of the liver.", "bean-like lesion", SHAPE, "present", None),
        ("No lesion of the foo gland.", "foo gland", ("organ", "Thyroid gland"), "present", "present"),
        ("No lesion of the foo gland.", "foo gland", ("organ", "Thyroid gland"), "absent", None),
        ("No colour signal within it.", "No colour signal", ("vascularity", "no vascularity"), "present", "present"),
    ],
)
def test_certainty(
    check: AssertionCheck,
    normalizer: Normalizer,
    text: str,
    quote: str,
    label: tuple[str, str],
    claimed: Certainty,
    expected: Certainty | None,
) -> None:
    verdict = _verdict(check, normalizer, text, quote, label, claimed)
    assert verdict.certainty == expected
    assert bool(verdict.reason) == (expected is None)
    assert quote not in verdict.reason


def test_nothing_is_certain_without_words_of_denial(check: AssertionCheck, normalizer: Normalizer) -> None:
    text = "Lever met een boonvormige knobbel zonder flow."
    assert normalizer.normalize(text).language_support != "full"
    verdict = _verdict(check, normalizer, text, "boonvormige", SHAPE)
    assert verdict == Verdict("possible")
    assert _verdict(check, normalizer, text, "flow", ("vascularity", "increased vascularity"), "absent") == Verdict(
        "absent"
    )
