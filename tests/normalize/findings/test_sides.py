"""The side of findings: stated, carried from the text before, or that of the examination."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries
from udt.core.report import Finding


def of_last(read: Read, text: str) -> Finding:
    """Return the last finding of a text."""
    return read(text).findings[-1]


@pytest.mark.parametrize(
    ("text", "side"),
    [
        pytest.param("Both testes are normal. Small left hydrocele. No torsion.", "bilateral", id="denied after both"),
        pytest.param("Left testis small. No torsion.", "left", id="denied after one"),
        pytest.param("Right kidney 10 cm. Left kidney 11 cm. Moderate hydronephrosis.", "left", id="the last of two"),
        pytest.param("The ovaries are normal. No hydronephrosis.", None, id="another paired organ"),
        pytest.param("Bladder: polyp of the left wall. No stones.", None, id="organ that is no pair"),
        pytest.param("US NECK - LEFT SWELLING\nThyroid: normal.", None, id="title, single organ"),
        pytest.param("LEFT BREAST ULTRASOUND\nReactive axillary nodes.", "left", id="title, nodes in the plural"),
        pytest.param("Right renal calculus with mild hydronephrosis.", "right", id="same organ in the sentence"),
        pytest.param("Right hydrocele and inguinal hernia.", None, id="another organ in the sentence"),
        pytest.param("Enlarged nodes in the right iliac fossa.", "right", id="region with a side"),
        pytest.param("Free fluid in the right iliac fossa.", None, id="free fluid in a quadrant"),
        pytest.param("RIGHT KIDNEY: a cyst. Trace of free fluid.", None, id="free fluid below a heading"),
        pytest.param("- R flank: collection.\n- diastasis 32 mm.", None, id="next item of a list"),
        pytest.param("- Left lobe: nodule.\n- No lymphadenopathy.", None, id="next item after a side"),
        pytest.param("LEFT OVARY: normal.\nNo adnexal mass.", None, id="line about more than one side"),
        pytest.param("Left ovary normal. No adnexal mass.", None, id="denied of more than one side"),
        pytest.param("Left leg venous duplex. Baker cyst in the popliteal fossa.", "left", id="joint of the limb"),
        pytest.param("Bladder: diverticulum R lateral.", "right", id="letter beside a finding"),
        pytest.param("Acute DVT on the right extending to the calf.", "right", id="side before a clause"),
        pytest.param("Consolidation of the left lower lobe.", "left", id="side in a name"),
        pytest.param("RIGHT OVARY: 3 cm cyst. No FF.", None, id="free fluid by its letters"),
    ],
)
def test_side_of_the_last_finding(read: Read, text: str, side: str | None) -> None:
    assert of_last(read, text).laterality == side


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Renal cortical thickness: R 14 mm, L 17 mm.", id="letters"),
        pytest.param("The kidneys measure 14 mm on the right and 17 mm on the left.", id="sides after sizes"),
        pytest.param("The kidneys measure 14 mm (right) and 17 mm (left).", id="in brackets"),
        pytest.param("Kidneys: R 14 mm; L 17 mm.", id="two clauses"),
        pytest.param(
            "The kidneys measure 14 mm and 17 mm on the right and left.",
            id="sides together",
            marks=pytest.mark.xfail(strict=True, reason="known fault"),
        ),
    ],
)
def test_sizes_of_both_sides_are_two_observations(read: Read, text: str) -> None:
    found = [(f.laterality, [m.canonical for m in f.measurements]) for f in read(text).findings]
    assert found == [("right", [(14.0,)]), ("left", [(17.0,)])]


VEINS = "BILATERAL LOWER EXTREMITY VENOUS DUPLEX\nRIGHT LEG\nCFV: compressible.\nCalf veins: thrombosed.\n"


@pytest.mark.parametrize(
    ("text", "side"),
    [
        pytest.param(VEINS, "right", id="several structures of the limb in the heading"),
        pytest.param(VEINS + "\nPopliteal fossae: no cyst.", "bilateral", id="plural after a blank line"),
        pytest.param("BILATERAL HIP ULTRASOUND\nNo effusion.", "bilateral", id="denied in both"),
        pytest.param("BILATERAL KNEE ULTRASOUND\nBaker's cyst 3 cm.", None, id="a lesion on one of two sides"),
        pytest.param("BILATERAL WRIST ULTRASOUND\nSmall ganglion.", None, id="a lesion of the second title"),
        pytest.param("Ultrasound of the left groin. Inguinal hernia with a 9 mm neck.", "left", id="place of a hernia"),
        pytest.param("Ultrasound of the left wrist.\n\nConclusion: dorsal ganglion.", "left", id="examination of"),
        pytest.param(
            "The right brachial artery is patent: its lumen has a thrombus.", "right", id="part of a structure"
        ),
    ],
)
def test_side_of_the_examination(read: Read, text: str, side: str | None) -> None:
    assert of_last(read, text).laterality == side


def test_the_region_of_a_title_is_not_what_is_examined(read: Read) -> None:
    finding = of_last(read, "Duplex of the right forearm radiocephalic fistula. There is a collection. No steal.")
    assert (finding.organ, finding.laterality) == ("Dialysis fistula", "right")


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        pytest.param("Left and right testes are normal.", ["bilateral"], id="left and right"),
        pytest.param("Left and the right testes are normal.", ["right"], id="another word between"),
        pytest.param("Left or right testes normal.", ["bilateral"], id="or"),
        pytest.param("Left, right testes normal.", ["left"], id="comma"),
        pytest.param("Left hydronephrosis and renal cyst.", ["left", None], id="name between"),
        pytest.param("Left colon is thickened.", [None], id="side in the name of a single organ"),
        pytest.param("Consolidation of the left lower lobe.", ["left"], id="side in the name of one of a pair"),
        pytest.param("The right testis: its wall is thickened.", ["right"], id="part"),
        pytest.param(
            "The right testis, left epididymis: the wall is thickened.", ["right", "left", "left"], id="parts"
        ),
        pytest.param(
            "The right brachial artery is patent, the left lumen has a thrombus.",
            ["right", "left"],
            id="side of a part",
        ),
        pytest.param("Fluid in the right kidney.", ["right"], id="fluid in an organ"),
        pytest.param("Mass in the right iliac fossa.", ["right"], id="lesion in a quadrant"),
        pytest.param("Fluid collection in the right iliac fossa.", [None], id="fluid in a quadrant"),
        pytest.param("Left kidney normal, right (atrophic) kidney 7 cm.", ["left", "right", None], id="in brackets"),
        pytest.param("Mass on the left with a renal cyst.", ["left", None], id="with"),
        pytest.param("Spleen and (left) kidney normal.", [None, "left"], id="bracket between"),
        pytest.param("The right ovary has a corpus luteum.", ["right", "right"], id="contained"),
        pytest.param(
            "The right ovary and the left ovary with a corpus luteum.", ["right", "left", "left"], id="in the last"
        ),
        pytest.param("Right kidney and lymph node.", ["right", None], id="node of another organ"),
        pytest.param("Right lymph node and level III node.", ["right", None], id="node of the same kind"),
        pytest.param("Left breast cyst, axillary nodes normal.", ["left", None], id="node that does not come with it"),
        pytest.param(
            "Right renal mass, enlarged mesenteric lymph nodes.", ["right", None], id="node that has a name of its own"
        ),
        pytest.param("Right: uterus and ovary normal.", [None, "right"], id="single organ below a side"),
        pytest.param("Left kidney normal. No cyst in the upper pole.", ["left", "left"], id="denied in one"),
        pytest.param("Both kidneys are normal. No cyst in the liver.", ["bilateral", None], id="denied elsewhere"),
    ],
)
def test_side_of_each_finding(read: Read, text: str, sides: list[str | None]) -> None:
    assert [f.laterality for f in read(text).findings] == sides


@pytest.mark.parametrize(
    ("text", "side"),
    [
        pytest.param("BILATERAL HIP ULTRASOUND\nThe joint is normal.", "bilateral", id="normal"),
        pytest.param("BILATERAL HIP ULTRASOUND\nEffusion.", None, id="lesion"),
        pytest.param("BILATERAL LEG VENOUS DUPLEX\nThe popliteal vein is patent.", "bilateral", id="normal state"),
        pytest.param("BILATERAL LEG VENOUS DUPLEX\nThe popliteal vein is thrombosed.", None, id="disease"),
    ],
)
def test_side_of_an_examination_of_both(read: Read, text: str, side: str | None) -> None:
    assert of_last(read, text).laterality == side


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Mass of the left breast with a suspicious right axillary node.",
            ["breast mass (Breast) left", "suspicious lymph node (Axilla) right, at axillary lymph node"],
            id="a node on the other side",
        ),
        pytest.param(
            "LEFT:\nThe kidney is normal. The spleen is normal.",
            ["normal appearance (Kidney and ureter) left, at kidney", "normal appearance (Spleen)"],
            id="an organ without sides",
        ),
        pytest.param(
            "Cyst seen on the left, kidney normal.",
            ["renal cyst (Kidney and ureter) left, at kidney", "normal appearance (Kidney and ureter), at kidney"],
            id="a side before a comma",
        ),
        pytest.param(
            "Mass on the right extending to the kidney.",
            ["renal mass (Kidney and ureter) right, at kidney"],
            id="a side of a lesion",
        ),
    ],
)
def test_whole_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
