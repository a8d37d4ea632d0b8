"""What findings take from titles, headings and list items, and how predicates and attributes name them."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, named

CHILD = "PEDIATRIC ABDOMINAL ULTRASOUND\nAGE: 9 years\n"
LEGS = "BILATERAL LEG VENOUS DUPLEX\n\nRIGHT LEG\nCFV: thrombus.\nLEFT LEG\nCFV: {}\n"


@pytest.mark.parametrize(
    ("text", "label", "side"),
    [
        pytest.param(
            "AV FISTULA REVIEW - LEFT ARM\nStenosis of the cephalic vein.", "cephalic vein stenosis", "left", id="title"
        ),
        pytest.param("Left leg venous duplex negative for DVT.", "deep vein thrombosis", "left", id="title sentence"),
        pytest.param(
            "LEFT KIDNEY: normal.\nPROSTATE: no mass.\nProstatomegaly.", "prostatomegaly", None, id="unpaired"
        ),
        pytest.param("RIGHT KIDNEY: 10 cm, renal cyst.\nBLADDER: normal.", "renal cyst", "right", id="heading"),
    ],
)
def test_side(read: Read, text: str, label: str, side: str | None) -> None:
    assert named(read(text).findings, label).laterality == side


def test_a_heading_line_gives_its_side_to_the_paired_structures_below(read: Read) -> None:
    found = read(LEGS.format("thrombus.")).findings
    assert [f.laterality for f in found if f.kind == "lesion"] == ["right", "left"]


@pytest.mark.parametrize(
    ("text", "label", "site"),
    [
        ("SPLEEN: Mildly enlarged, 11.4 cm.", "splenomegaly", "uhat:spleen"),
        ("IMPRESSION:\n1. Appendix not seen.\n2. Mild splenomegaly.", "splenomegaly", "uhat:spleen"),
    ],
)
def test_an_organ_of_a_child_is_a_site(read: Read, text: str, label: str, site: str) -> None:
    assert [s.concept for s in named(read(CHILD + text).findings, label).sites] == [site]


def test_an_item_of_a_list_inherits_nothing(read: Read) -> None:
    report = read("PROSTATE: enlarged.\n\nIMPRESSION:\n1. Right renal cyst.\n2. Prostatomegaly.\n")
    last = report.findings[-1]
    assert (last.laterality, last.same_as) == (None, "f1")
    assert [site.label for site in last.sites] == ["prostate"]


def test_a_title_is_no_finding(read: Read) -> None:
    text = "RIGHT RENAL STONE ULTRASOUND\nNormal kidneys."
    assert all(f.start > text.index("\n") for f in read(text).findings if f.kind == "lesion")


def test_a_measured_node_and_its_name_are_one_finding(read: Read) -> None:
    (found,) = read("Right inguinal lymph node 18 mm, reactive.").findings
    assert (found.laterality, [m.values_mm for m in found.measurements]) == ("right", [(18.0,)])
    assert found.concept is not None
    assert found.concept.concept == "finding:reactive-lymphadenopathy"


def test_a_disease_sums_up_the_state_of_its_organ_rather_than_a_lesion_in_it(read: Read) -> None:
    report = read("LIVER: Stone in the gallbladder.\nGALLBLADDER: wall thickening.\nIMPRESSION: Cholecystitis.")
    wall = named(report.findings, "gallbladder wall thickening")
    assert named(report.findings, "cholecystitis").same_as == wall.id


def test_letter_n_is_normal_as_an_answer_only(read: Read) -> None:
    assert read("SV: N").labels["diagnosis"] == ("normal appearance",)
    assert "normal appearance" not in read("Stage N breast cancer with a mass.").labels["diagnosis"]


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("The supraspinatus tendon is heterogeneous.", ["finding:heterogeneous-tendon"]),
        ("Liver is coarse.", ["finding:coarse-liver-echotexture"]),
        ("CFV: compressible.", ["finding:compressible-vein"]),
        ("Small myometrial cysts.", ["udaf:diagnosis.cyst"]),
        ("New complex left ovarian cyst.", ["udaf:diagnosis.cyst"]),
    ],
)
def test_what_a_structure_is_said_to_be_is_one_finding(read: Read, text: str, concepts: list[str]) -> None:
    assert [f.concept and f.concept.concept for f in read(text).findings] == concepts
