"""Measurements of findings, of structures and of one of a pair."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Umbilical hernia, neck 12 mm, sac 30 mm.",
            ["umbilical hernia (Abdominal wall), at umbilicus, 12 mm, 30 mm"],
            id="the neck of a hernia",
        ),
        pytest.param(
            "Aneurysm with a neck of 12 mm.", ["aneurysm (Peripheral vessels), 12 mm"], id="the neck of an aneurysm"
        ),
        pytest.param("Neck 12 mm.", ["observation (Head and Neck), at neck, 12 mm"], id="the neck"),
        pytest.param(
            "Gallstone in the neck of 12 mm.",
            ["cholelithiasis (Gallbladder and bile ducts), at gallbladder neck, at gallbladder, 12 mm"],
            id="a stone in the neck",
        ),
        pytest.param(
            "Post-void residual 95 ml, significant.",
            ["increased post-void residual (Bladder), post-void residual, 95 ml"],
            id="an adjective after a comma",
        ),
        pytest.param(
            "Post-void residual 95 ml - significant.",
            ["increased post-void residual (Bladder), post-void residual, 95 ml"],
            id="an adjective after a hyphen",
        ),
        pytest.param(
            "Post-void residual 95 ml – significant.",
            ["increased post-void residual (Bladder), post-void residual, 95 ml"],
            id="an adjective after a dash",
        ),
        pytest.param(
            "Post-void residual 95 ml (significant).",
            ["increased post-void residual (Bladder), post-void residual, 95 ml"],
            id="an adjective in brackets",
        ),
        pytest.param(
            "Post-void residual 95 ml, significant\nKidneys normal.",
            [
                "increased post-void residual (Bladder), post-void residual, 95 ml",
                "normal appearance (Kidney and ureter) bilateral, at kidney",
            ],
            id="an adjective at a line end",
        ),
        pytest.param(
            "Bladder: residual urine 95 ml.",
            ["postvoid residual (Bladder), post-void residual, 95 ml"],
            id="residual urine",
        ),
        pytest.param(
            "Prostate 40 ml. Residual urine 95 ml.",
            [
                "observation (Urinary Tract and male reproductive system), at prostate, 40 ml",
                "postvoid residual (Bladder), post-void residual, 95 ml",
            ],
            id="residual urine after the prostate",
        ),
        pytest.param(
            "Kidneys normal, right 10 cm, left 11 cm.",
            [
                "normal appearance (Kidney and ureter) bilateral, at kidney",
                "observation (Kidney and ureter) right, at kidney, 10 cm",
                "observation (Kidney and ureter) left, at kidney, 11 cm",
            ],
            id="both sides of normal organs",
        ),
        pytest.param(
            "Right kidney normal, 10 cm; left kidney normal, 11 cm.",
            [
                "normal appearance (Kidney and ureter) right, at right kidney, 10 cm",
                "normal appearance (Kidney and ureter) left, at left kidney, 11 cm",
            ],
            id="each side by itself",
        ),
        pytest.param(
            "Both kidneys measure 10 cm on the right and 11 cm on the left.",
            [
                "observation (Kidney and ureter) right, at kidney, 10 cm",
                "observation (Kidney and ureter) left, at kidney, 11 cm",
            ],
            id="both before each side",
        ),
        pytest.param(
            "Lymph node 18 mm, reactive.", ["reactive lymphadenopathy (Lymph nodes), 18 mm"], id="a name for a node"
        ),
        pytest.param(
            "Lymph node 18 mm, no cyst.",
            ["lymph node (Lymph nodes), 18 mm", "absent nodal cyst (Lymph nodes)"],
            id="a denied lesion of a node",
        ),
        pytest.param(
            "Kidney 10 cm. It measures 11 cm.",
            ["observation (Kidney and ureter), at kidney, 10 cm", "observation (Kidney and ureter), at kidney, 11 cm"],
            id="the structure of the text before",
        ),
        pytest.param(
            "The cyst measures 3 cm. 4 cm previously.",
            ["cyst, 3 cm, previous 4 cm"],
            id="the finding of the text before",
        ),
        pytest.param(
            "INDICATION: Kidney 10 cm.\nFINDINGS: The liver is normal.",
            ["normal appearance (Liver)"],
            id="a size in the indication",
        ),
        pytest.param(
            "CT: Kidney 10 cm.\nULTRASOUND: The liver is normal.",
            ["normal appearance (Liver)"],
            id="a size in another examination",
        ),
        pytest.param(
            "KIDNEYS\nL: 10 cm, mild hydronephrosis",
            [
                "observation (Kidney and ureter) bilateral, at kidney",
                "observation (Kidney and ureter) left, at kidney, 10 cm",
                "hydronephrosis (Kidney and ureter) left, at kidney, at collecting system, mild",
            ],
            id="the size of a line",
        ),
        pytest.param(
            "9 cm kidney, no cyst.",
            ["observation (Kidney and ureter), at kidney, 9 cm", "absent renal cyst (Kidney and ureter), at kidney"],
            id="a size before its structure",
        ),
        pytest.param(
            "| Structure | Size |\n| Right kidney | 10 cm |\n| Cyst | 2 cm |",
            [
                "observation (Kidney and ureter) right, at right kidney, 10 cm",
                "renal cyst (Kidney and ureter) right, at right kidney, 2 cm",
            ],
            id="a row of a table",
        ),
        pytest.param(
            "| Nodule | Size |\n| Right lobe | 10 mm |\n| Left lobe | 11 mm |",
            ["nodule right, 10 mm", "nodule left, 11 mm"],
            id="a column of a table",
        ),
        pytest.param("Nodules, none larger than 8 mm.", ["nodule, multiple, 8 mm"], id="none above a size"),
        pytest.param("Nodules, none larger than 8 x 6 mm.", ["nodule, multiple, 8 x 6 mm"], id="none above two sizes"),
        pytest.param(
            "Nodules up to 11 mm; none above 15 mm.",
            ["nodule, multiple, 11 mm", "absent nodule, 15 mm"],
            id="none above a size beside one",
        ),
        pytest.param(
            "Radiocephalic dialysis fistula. Flow volume 700 mL/min.",
            ["observation (Dialysis fistula)", "observation (Dialysis fistula), 700 ml/min"],
            id="flow of a fistula",
        ),
        pytest.param(
            "Radiocephalic dialysis fistula. Brachial artery flow volume 700 mL/min.",
            ["observation (Dialysis fistula)", "observation (Peripheral arteries), at brachial artery, 700 ml/min"],
            id="flow of a vessel",
        ),
        pytest.param(
            "The spleen is enlarged, 15 cm. It has several hypoechoic nodules, none larger than 8 mm.",
            ["splenomegaly (Spleen), 15 cm", "splenic nodule (Spleen), several, hypoechoic, 8 mm"],
            id="the largest of several nodules",
        ),
        pytest.param(
            "Post-void residual 95 ml significant for the age.",
            ["postvoid residual (Bladder), post-void residual, 95 ml"],
            id="a residual that is significant for the age",
        ),
        pytest.param(
            "Nodes up to 11 mm; none above 15 mm.",
            ["lymph node (Lymph nodes), 11 mm", "absent lymph node (Lymph nodes), 15 mm"],
            id="nodes that are denied above a size",
        ),
        pytest.param(
            "Hypoechoic portal vein: volume flow 900 ml/min.",
            ["observation (Liver), at portal vein, hypoechoic", "observation (Liver), at portal vein, 900 ml/min"],
            id="the flow of a described vessel",
        ),
        pytest.param(
            "Dialysis fistula. The cephalic vein is 6 mm. Volume flow 310 ml/min.",
            [
                "observation (Dialysis fistula)",
                "observation (Dialysis fistula), at cephalic vein, 6 mm",
                "observation (Dialysis fistula), 310 ml/min",
            ],
            id="the flow of the fistula",
        ),
        pytest.param(
            "Hypoechoic on the right 10 mm and the left 12 mm.",
            ["observation bilateral, hypoechoic, 10 mm, 12 mm"],
            id="sides of no structure",
        ),
        pytest.param(
            "Kidneys: 10.4 cm on the right and 10.7 cm on the left, cortex 14 mm.",
            [
                "observation (Kidney and ureter) right, at kidney, 10.4 cm",
                "observation (Kidney and ureter) left, at kidney, 10.7 cm",
                "observation (Kidney and ureter), at renal cortex, 14 mm",
            ],
            id="a size after both sides",
        ),
        pytest.param(
            "Cysts of the kidneys: right 2 cm, left 3 cm.",
            ["renal cyst (Kidney and ureter) bilateral, multiple, at kidney, 2 cm, 3 cm"],
            id="cysts of both sides",
        ),
        pytest.param(
            "Kidney. Length 10 cm, width 5 cm.",
            ["observation (Kidney and ureter), at kidney", "observation (Kidney and ureter), at kidney, 10 cm, 5 cm"],
            id="two sizes of the structure before",
        ),
        pytest.param(
            "Uterus 7 cm. Kidney 10 cm, AFC 12.",
            [
                "observation (Uterus), 7 cm",
                "observation (Kidney and ureter), at kidney, 10 cm",
                "observation (Adnexa), at ovary, 12 1",
            ],
            id="a count of another organ",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings


@pytest.mark.parametrize(
    ("text", "comparators"),
    [
        ("Axillary lymph nodes are seen, none of which is larger than 15 mm.", ["<="]),
        ("Stones of 4 mm; none, ureter 3 mm.", [None, None]),
        ("The wall is thickened, 4 mm.", [None]),
    ],
)
def test_none_bounds_a_size(read: Read, text: str, comparators: list[str | None]) -> None:
    assert [one.comparator for finding in read(text).findings for one in finding.measurements] == comparators
