"""Owners of measurements: each size belongs to what it measures."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries
from udt.core.report import Finding

Owned = tuple[str, str | None, str, tuple[float, ...]]


def _owned(read: Read, text: str) -> set[Owned]:
    """Return name (concept, else site, else organ), side, quantity and canonical values of each measurement."""
    return {
        (_name(finding), finding.laterality, one.quantity, one.canonical)
        for finding in read(text).findings
        for one in finding.measurements
    }


def _name(finding: Finding) -> str:
    if finding.concept is not None:
        return finding.concept.label
    return finding.sites[0].label if finding.sites else str(finding.organ)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "The common bile duct measures 13 mm and contains a 9 mm echogenic focus, consistent with a stone.",
            {("common bile duct", None, "diameter", (13,)), ("choledocholithiasis", None, "size", (9,))},
            id="a name that an interpretation replaces",
        ),
        pytest.param(
            "Bladder: diverticulum 31 mm w 12 mm stone inside.",
            {("bladder diverticulum", None, "size", (31,)), ("bladder stone", None, "size", (12,))},
            id="a name after another size",
        ),
        pytest.param(
            "Few calcific foci in the prostate. PVR 95 ml.",
            {("postvoid residual", None, "volume", (95,))},
            id="a quantity that an abbreviation names",
        ),
        pytest.param(
            "Prevoid volume 310 ml, post void residual 95 ml.",
            {("Bladder", None, "volume", (310,)), ("postvoid residual", None, "volume", (95,))},
            id="a quantity that is a finding",
        ),
        pytest.param(
            "Renal arteries: RI 0.74 on the right and 0.62 on the left.",
            {("renal artery", "right", "index", (0.74,)), ("renal artery", "left", "index", (0.62,))},
            id="sides after the numbers",
        ),
        pytest.param(
            "Intima-media thickness: right 1.1 mm, left 0.8 mm (reference up to 0.9 mm).",
            {
                ("intima-media complex", "right", "thickness", (1.1,)),
                ("intima-media complex", "left", "thickness", (0.8,)),
                ("intima-media complex", "left", "thickness", (0.9,)),
            },
            id="a reference has the owner of the number before it",
        ),
        pytest.param(
            "The appendix is seen. It is rigid and measures 11 mm in outer diameter.",
            {("Appendix", None, "diameter", (11,))},
            id="the structure of the sentence before",
        ),
        pytest.param(
            "Peripancreatic nodes up to 11 mm.",
            {("peripancreatic lymph node", None, "size", (11,))},
            id="a node is not as thick as the peritoneum",
        ),
        pytest.param(
            "Right ovary with a dominant follicle of 18 mm.",
            {("dominant follicle", "right", "size", (18,))},
            id="a follicle is not as long as the ovary",
        ),
        pytest.param(
            "Sigmoid colon: 2 mm wall.", {("sigmoid wall", None, "thickness", (2,))}, id="wall after the number"
        ),
        pytest.param(
            "Achilles tendon 11 mm in AP diameter 4 cm above its insertion.",
            {("Achilles tendon", None, "diameter", (11,)), ("Achilles tendon", None, "distance", (40,))},
            id="two numbers, each with a term after it",
        ),
    ],
)
def test_owner(read: Read, text: str, expected: set[Owned]) -> None:
    assert _owned(read, text) == expected


def test_sizes_of_another_modality_are_of_no_finding(read: Read) -> None:
    text = "MAMMOGRAPHY:\nIn the left breast there is a 17 mm mass.\n\nULTRASOUND:\nLeft breast: 5 mm cyst."
    assert {values for *_, values in _owned(read, text)} == {(5,)}


def test_numbered_items_are_things_of_their_own(read: Read) -> None:
    text = "NECK ULTRASOUND\nN1: R level II, 22 x 12 mm, oval.\nN2: L level III, 9 x 5 mm."
    assert {(side, values) for _, side, _, values in _owned(read, text)} == {("right", (22, 12)), ("left", (9, 5))}


def test_a_reference_value_is_no_normal_appearance(read: Read) -> None:
    (appendix,) = read("Appendix 11 mm in outer diameter (normal < 6 mm).").findings
    assert (appendix.kind, appendix.labels["diagnosis"]) == ("state", ())
    assert [one.role for one in appendix.measurements] == ["current", "reference"]


def test_a_fetal_length_is_of_no_finding(read: Read) -> None:
    assert _owned(read, "Gestational sac with yolk sac, CRL 9.8 mm.") == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Right inguinal hernia containing bowel, neck 18 mm.",
            {("inguinal hernia", "right", "size", (18,))},
            id="neck of a hernia",
        ),
        pytest.param(
            "Rotator cuff tear of 14 mm AP by 11 mm retraction.",
            {("rotator cuff tear", None, "size", (14,)), ("rotator cuff tear", None, "distance", (11,))},
            id="a distance beside a size",
        ),
        pytest.param(
            "Aorta 22 mm at the diaphragm and 18 mm at the bifurcation.",
            {("aorta", None, "diameter", (22,)), ("aorta", None, "diameter", (18,))},
            id="points of measurement",
        ),
        pytest.param(
            "Both kidneys are normal, right 10.4 cm, left 10.7 cm.",
            {("kidney", "right", "length", (104,)), ("kidney", "left", "length", (107,))},
            id="sides of what is normal",
        ),
        pytest.param(
            "The kidneys measure 10.2 cm (R) and 10.9 cm (L).",
            {("kidney", "right", "length", (102,)), ("kidney", "left", "length", (109,))},
            id="sides in brackets",
        ),
        pytest.param(
            "Pericardial effusion 8 mm. LVEF 55 %.",
            {("pericardial effusion", None, "thickness", (8,)), ("left ventricle", None, "fraction", (55,))},
            id="fraction of the ventricle",
        ),
        pytest.param(
            "Terminal ileum: wall thickness 6 mm over a length of 14 cm, was 8 mm.",
            {
                ("wall of terminal ileum", None, "thickness", (6,)),
                ("wall of terminal ileum", None, "length", (140,)),
                ("wall of terminal ileum", None, "thickness", (8,)),
            },
            id="earlier value after an extent",
        ),
        pytest.param("Uterus normal. AFC 12.", {("ovary", None, "count", (12,))}, id="count of follicles"),
        pytest.param(
            "Spleen 11 cm with a splenunculus of 12 mm.",
            {("Spleen", None, "length", (110,)), ("accessory spleen", None, "size", (12,))},
            id="an accessory spleen is not as long as a spleen",
        ),
        pytest.param(
            "A 6 cm segment of bowel wall thickening, 8 mm.",
            {("bowel wall thickening", None, "length", (60,)), ("bowel wall thickening", None, "thickness", (8,))},
            id="length of a segment",
        ),
    ],
)
def test_owner_and_quantity(read: Read, text: str, expected: set[Owned]) -> None:
    assert _owned(read, text) == expected


def test_a_part_with_a_size_is_a_finding_of_its_own(read: Read) -> None:
    cyst, part = read("Ovarian cyst of 6 cm with a 9 mm papillary projection.").findings
    assert [(f.kind, f.measurements[0].canonical) for f in (cyst, part)] == [("lesion", (60,)), ("lesion", (9,))]
    assert cyst.labels["internal_characteristics"] == part.labels["internal_characteristics"] == ("solid components",)
    assert len(read("Ovarian cyst of 6 cm, calcified, with papillary projections.").findings) == 1


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param("Cyst of 2 cm and mass of 3 cm.", ["cyst, 2 cm", "mass, 3 cm"], id="two findings with sizes"),
        pytest.param(
            "Liver haemangioma, 3 cm and cyst.", ["hepatic haemangioma (Liver), 3 cm", "cyst"], id="a size before and"
        ),
        pytest.param(
            "Liver haemangioma 3 cm or cyst.", ["hepatic haemangioma (Liver), 3 cm", "cyst"], id="a size before or"
        ),
        pytest.param(
            "Liver haemangioma of 3 cm with a renal cyst.",
            ["hepatic haemangioma (Liver), 3 cm", "renal cyst (Kidney and ureter), at kidney"],
            id="a size before with",
        ),
        pytest.param("Mass (3 cm) cyst.", ["mass, 3 cm", "cyst"], id="a size in brackets"),
        pytest.param("Mass | 3 cm | cyst.", ["mass, 3 cm", "cyst"], id="a size in a cell"),
        pytest.param("2 cm deep to the skin a cyst.", ["cyst, 2 cm"], id="a depth"),
        pytest.param("Cyst 2 cm from the nipple and mass.", ["cyst, 2 cm", "mass"], id="a distance"),
        pytest.param(
            "Cyst 8 mm, lymph node 9 mm.",
            ["cyst, 8 mm", "lymph node (Lymph nodes), 9 mm"],
            id="a node after another size",
        ),
        pytest.param(
            "Transplant kidney in the right iliac fossa measures 11.8 cm.",
            [
                "observation (Kidney and ureter), at transplant kidney, 11.8 cm",
                "observation (Abdomen and retroperitoneum) right, at right lower quadrant",
            ],
            id="a place of an organ",
        ),
        pytest.param(
            "Aorta 22 mm at diaphragm and 18 mm at bifurcation.",
            [
                "observation (Heart and mediastinum), at aorta, 22 mm, 18 mm",
                "observation (Thoracic wall), at diaphragm",
                "observation (Retroperitoneum and great vessels), at aortic bifurcation",
            ],
            id="points of a vessel",
        ),
        pytest.param(
            "Cyst in the kidney measures 3 cm.",
            ["renal cyst (Kidney and ureter), at kidney, 3 cm"],
            id="the organ of a lesion",
        ),
        pytest.param(
            "Cyst of the kidney, kidney 10 cm.",
            ["renal cyst (Kidney and ureter), at kidney", "observation (Kidney and ureter), at kidney, 10 cm"],
            id="the organ after a lesion",
        ),
        pytest.param(
            "No stones, kidney 9 cm.",
            [
                "absent nephrolithiasis (Kidney and ureter), at kidney",
                "observation (Kidney and ureter), at kidney, 9 cm",
            ],
            id="the organ after a denial",
        ),
        pytest.param(
            "No cyst. Kidney 9 cm, stone.",
            [
                "absent renal cyst (Kidney and ureter), at kidney",
                "observation (Kidney and ureter), at kidney, 9 cm",
                "nephrolithiasis (Kidney and ureter), at kidney",
            ],
            id="the organ before a lesion",
        ),
        pytest.param("3 mm focus, likely a haemangioma.", ["possible haemangioma, 3 mm"], id="a size before a focus"),
        pytest.param("Hypoechoic area 3 mm.", ["area, hypoechoic, 3 mm"], id="a size after an area"),
        pytest.param(
            "Wall thickness 4 mm, bladder.",
            ["observation (Bladder), at bladder wall, 4 mm", "observation (Bladder)"],
            id="a term before its organ",
        ),
        pytest.param(
            "2 mm wall of the bladder.", ["observation (Bladder), at bladder wall, 2 mm"], id="a size before its term"
        ),
        pytest.param(
            "Endometrium 7 mm (polyp).",
            ["observation (Uterus), at endometrium, 7 mm", "endometrial polyp (Uterus), at endometrium"],
            id="a size before a bracket",
        ),
        pytest.param(
            "Left kidney 10 cm: mild hydronephrosis.",
            [
                "observation (Kidney and ureter) left, at left kidney, 10 cm",
                "hydronephrosis (Kidney and ureter) left, at left kidney, at collecting system, mild",
            ],
            id="a size before a colon",
        ),
        pytest.param(
            "In the subcutis of the back, 8 mm deep to the skin, a mass of 6 cm and a cyst.",
            [
                "soft tissue mass (Soft tissues), at subcutis, at back region, subcutaneous, 8 mm, 6 cm",
                "subcutaneous cyst (Soft tissues), at subcutis, at back region",
            ],
            id="a depth before two names",
        ),
        pytest.param(
            "In the breast, where a 38 mm abscess was seen on the previous scan, there is a 9 mm abscess.",
            ["breast abscess (Breast), previous 38 mm", "breast abscess (Breast), 9 mm"],
            id="a previous size before a name",
        ),
        pytest.param(
            "KIDNEYS\n| Side | Cortex (mm) | Length (cm) |\n| Right | 14 | 10.5 |\n| Left | 15 | 11 |",
            [
                "observation (Kidney and ureter) bilateral, at kidney",
                "observation (Kidney and ureter) right, at kidney, 10.5 cm",
                "observation (Kidney and ureter) right, at renal cortex, 14 mm",
                "observation (Kidney and ureter) left, at kidney, 11 cm",
                "observation (Kidney and ureter) left, at renal cortex, 15 mm",
            ],
            id="columns of a part and its organ",
        ),
        pytest.param(
            "KIDNEYS\n| Side | Length (cm) | Stone (mm) |\n| Right | 10.5 | 4 |\n| Left | 11 | 5 |",
            [
                "observation (Kidney and ureter) bilateral, at kidney",
                "observation (Kidney and ureter) right, at kidney, 10.5 cm",
                "nephrolithiasis (Kidney and ureter) right, at kidney, 4 mm",
                "observation (Kidney and ureter) left, at kidney, 11 cm",
                "nephrolithiasis (Kidney and ureter) left, at kidney, 5 mm",
            ],
            id="columns of an organ and a stone",
        ),
        pytest.param(
            ("| Structure | Size (cm) | Finding |\n| Right kidney | 10.5 | cyst 2 cm |\n| Left kidney | 11 | normal |"),
            [
                "observation (Kidney and ureter) right, at right kidney, 10.5 cm",
                "renal cyst (Kidney and ureter) right, at right kidney, 2 cm",
                "observation (Kidney and ureter) left, at left kidney, 11 cm",
                "normal appearance (Kidney and ureter) left, at left kidney",
            ],
            id="a column of findings",
        ),
        pytest.param(
            "| Organ | Length (cm) | Comment |\n| Liver | 15 | steatosis |\n| Spleen | 11 | cyst of 2 cm |",
            ["hepatic steatosis (Liver), 15 cm", "observation (Spleen), 11 cm", "splenic cyst (Spleen), 2 cm"],
            id="a column of comments",
        ),
        pytest.param(
            "Lymph node: solid mass of 3 cm.",
            ["lymph node (Lymph nodes), solid, solid components", "nodal mass (Lymph nodes), 3 cm"],
            id="a mass in a node",
        ),
        pytest.param(
            "Cyst of 3 cm with a 9 mm mural nodule, wall 1 mm.",
            ["cyst, solid components, 3 cm, 1 mm", "mural nodule, solid components, 9 mm"],
            id="the wall of a cyst with a nodule",
        ),
        pytest.param(
            "2 cm, ill-defined, hypoechoic lesion and a cyst.",
            ["lesion, hypoechoic, ill-defined/indistinct, indistinct, 2 cm", "cyst"],
            id="a size that opens a sentence with two lesions",
        ),
        pytest.param(
            "7 mm, dilated duct.",
            ["duct dilatation, 7 mm"],
            id="a size that opens a sentence",
        ),
        pytest.param(
            "The gallbladder has a thickened wall (7 mm).",
            [
                (
                    "gallbladder wall thickening (Gallbladder and bile ducts), at gallbladder wall, at "
                    "gallbladder, wall thickening, 7 mm"
                )
            ],
            id="a size of a term before it",
        ),
        pytest.param(
            "The cervix at the internal os measures 12 mm.",
            ["observation (Uterus), at cervix, 12 mm", "observation (Uterus), at internal cervical os"],
            id="a part at a part",
        ),
        pytest.param(
            "Spleen is 11 cm long and holds a calcification of 4 mm.",
            ["splenic calcification (Spleen), calcifications, 4 mm", "observation (Spleen), 11 cm"],
            id="an attribute with a size",
        ),
        pytest.param(
            "Liver: hypoechoic, 12 mm.",
            ["observation (Liver), hypoechoic, 12 mm"],
            id="a size after adjectives",
        ),
        pytest.param(
            "Supraspinatus tear, 9 mm wide by 6 mm retraction.",
            [
                "supraspinatus tear (Shoulder), at supraspinatus tendon, 9 mm",
                "tendon retraction (Shoulder), at supraspinatus tendon, 6 mm",
            ],
            id="two sizes before a name",
        ),
        pytest.param(
            "RK 98 mm LK 101 mm no hydronephrosis.",
            [
                "observation (Kidney and ureter) right, at kidney, 98 mm",
                "observation (Kidney and ureter) left, at kidney, 101 mm",
                "absent hydronephrosis (Kidney and ureter) left, at kidney, at collecting system",
            ],
            id="sizes before a denial",
        ),
        pytest.param(
            "Normal spleen with length: 10.1 cm.",
            ["normal appearance (Spleen), 10.1 cm"],
            id="a normal organ with a length",
        ),
    ],
)
def test_whole_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
