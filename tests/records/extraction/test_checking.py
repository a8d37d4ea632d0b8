"""Claims hold if their label is in the taxonomy, their quote in the text, and their organ in its system."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udt.normalize.normalizer import Normalizer
from udt.records.extraction.answers import Claim
from udt.records.extraction.checking import CheckedLabels, ClaimCheck
from udt.taxonomy.model.taxonomy import Taxonomy

TEXT = "Liver: bean-like anechoic lesion. No calcification. The calcified wall is bright and thick."
ABDOMEN = "Abdomen and retroperitoneum"


WORDS = TEXT.split()
QUOTES = st.one_of(
    st.tuples(st.integers(0, len(WORDS)), st.integers(0, 6)).map(lambda at: " ".join(WORDS[at[0] : at[0] + at[1]])),
    st.tuples(st.integers(0, len(TEXT)), st.integers(0, 20)).map(lambda at: TEXT[at[0] : at[0] + at[1]].upper()),
    st.text(max_size=8),
)
VOCABULARY = Taxonomy.load().vocabulary
LABELS = [label for dimension in VOCABULARY.dimensions for label in dimension.labels]
CLAIMS = st.lists(
    st.builds(
        Claim,
        st.sampled_from([*VOCABULARY.keys, "severity", ""]),
        st.one_of(st.sampled_from([*LABELS, "Liver", "cyst", "oval", "calcifications"]), st.text(max_size=4)),
        st.sampled_from(["present", "possible", "absent"]),
        QUOTES,
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def check(taxonomy: Taxonomy, normalizer: Normalizer) -> ClaimCheck:
    return ClaimCheck(taxonomy, normalizer.normalize)


def _checked(check: ClaimCheck, normalizer: Normalizer, *claims: tuple[str, str, str, str]) -> CheckedLabels:
    found = check.check([Claim(*claim) for claim in claims], normalizer.normalize(TEXT))
    assert all(TEXT[one.start : one.end] == one.text for one in found.labels)
    return found


def _names(found: CheckedLabels) -> list[tuple[str, str, str, str]]:
    return [(one.dimension, one.label, one.certainty, one.text) for one in found.labels]


def test_labels_with_a_quote_hold(check: ClaimCheck, normalizer: Normalizer) -> None:
    found = _checked(
        check,
        normalizer,
        ("shape", "oval", "present", "Bean-like"),
        ("echogenicity", "anechoic", "present", "anechoic\nlesion"),
    )
    assert _names(found) == [
        ("shape", "oval", "present", "bean-like"),
        ("echogenicity", "anechoic", "present", "anechoic lesion"),
    ]
    assert [one.concept for one in found.labels] == ["udaf:shape.oval", "udaf:echogenicity.anechoic"]
    assert found.refused == ()


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (("shape", "starry", "present", "bean-like"), "label outside the taxonomy"),
        (("shape", "Oval", "present", "bean-like"), "label outside the taxonomy"),
        (("severity", "mild", "present", "bean-like"), "label outside the taxonomy"),
        (("colour", "red", "present", "bean-like"), "label outside the taxonomy"),
        (("shape", "oval", "present", "egg-shaped"), "quote that is not in the text"),
        (("shape", "oval", "present", "bean-like lesion"), "quote that is not in the text"),
        (("shape", "oval", "present", ""), "quote that is not in the text"),
        (("shape", "oval", "present", TEXT), "quote longer than allowed"),
    ],
    ids=["not there", "other case", "no task", "no dimension", "invented", "not together", "empty", "long"],
)
def test_others_are_refused(
    check: ClaimCheck, normalizer: Normalizer, claim: tuple[str, str, str, str], reason: str
) -> None:
    found = _checked(check, normalizer, claim, ("diagnosis", "cyst", "present", "anechoic lesion"))
    assert found.refused == (reason,)
    assert len(found.labels) == 1


def test_an_organ_brings_its_system(check: ClaimCheck, normalizer: Normalizer) -> None:
    found = _checked(check, normalizer, ("organ", "Liver", "present", "Liver"))
    assert _names(found) == [("organ", "Liver", "present", "Liver"), ("body_system", ABDOMEN, "present", "Liver")]
    both = _checked(
        check, normalizer, ("organ", "Liver", "present", "liver"), ("body_system", ABDOMEN, "present", "invented")
    )
    assert len(both.labels) == 2


def test_an_organ_outside_the_systems_of_the_answer_is_refused(check: ClaimCheck, normalizer: Normalizer) -> None:
    found = _checked(
        check, normalizer, ("body_system", "Thorax", "present", "wall"), ("organ", "Liver", "present", "Liver")
    )
    assert _names(found) == [("body_system", "Thorax", "present", "wall")]
    assert found.refused == ("organ outside the body systems of the answer",)


def test_the_first_occurrence_that_holds_counts(check: ClaimCheck, normalizer: Normalizer) -> None:
    text = "No bean is seen. A bean is seen."
    found = check.check([Claim("shape", "oval", "present", "bean")], normalizer.normalize(text))
    assert [(one.start, one.certainty) for one in found.labels] == [(19, "present")]


def test_an_affirmed_label_goes_before_a_denied_one(check: ClaimCheck, normalizer: Normalizer) -> None:
    calcified = ("internal_characteristics", "calcifications")
    denied, affirmed = (*calcified, "present", "calcification"), (*calcified, "present", "calcified wall")
    for claims in ((denied, affirmed), (affirmed, denied)):
        found = _checked(check, normalizer, *claims)
        assert _names(found) == [(*calcified, "present", "calcified wall")]
    assert _names(_checked(check, normalizer, denied)) == [(*calcified, "absent", "calcification")]


@settings(max_examples=200)
@given(claims=CLAIMS)
def test_whatever_a_model_claims_only_valid_labels_hold(
    check: ClaimCheck, normalizer: Normalizer, taxonomy: Taxonomy, claims: list[Claim]
) -> None:
    found = check.check(claims, normalizer.normalize(TEXT))
    names = {(one.dimension, one.label) for one in found.labels}
    assert len(names) == len(found.labels)
    for one in found.labels:
        assert one.label in VOCABULARY[one.dimension].labels
        assert one.start < one.end and TEXT[one.start : one.end] == one.text
        quotes = [" ".join(claim.quote.casefold().split()) for claim in claims]
        assert " ".join(one.text.casefold().split()) in quotes
        if one.dimension == "organ" and one.certainty != "absent":
            assert ("body_system", taxonomy[taxonomy[one.concept].broader[0]].label) in names
        claimed = {claim.certainty for claim in claims if (claim.dimension, claim.label) == (one.dimension, one.label)}
        assert one.certainty == "absent" or one.reason or claimed & {"present", "possible"}
