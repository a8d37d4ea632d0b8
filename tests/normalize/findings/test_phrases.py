"""The structures of findings by the grammar of their sentence."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Cysts in the liver or spleen.",
            ["hepatic cyst (Liver), multiple", "splenic cyst (Spleen), multiple"],
            id="two organs with or",
        ),
        pytest.param(
            "Polyp at the body or fundus of the gallbladder.",
            ["gallbladder polyp (Gallbladder and bile ducts), at gallbladder body, at gallbladder fundus"],
            id="parts with or",
        ),
        pytest.param(
            "Nodule in the right and left lobe of the thyroid.",
            ["thyroid nodule (Thyroid gland) bilateral, at thyroid lobe"],
            id="both lobes with and",
        ),
        pytest.param(
            "Mass in the left or right lobe of the thyroid.",
            ["thyroid mass (Thyroid gland) bilateral, at thyroid lobe"],
            id="both lobes with or",
        ),
        pytest.param("Liver hypoechoic lesion.", ["liver lesion (Liver), hypoechoic"], id="an organ before adjectives"),
        pytest.param(
            "Renal simple cortical cyst.",
            ["renal cyst (Kidney and ureter), at renal cortex, at kidney"],
            id="adjectives and a part",
        ),
        pytest.param(
            "The liver is normal, cyst of the kidney.",
            ["normal appearance (Liver)", "renal cyst (Kidney and ureter), at kidney"],
            id="another organ after a comma",
        ),
        pytest.param(
            "Liver with a cyst in the right lobe.",
            ["hepatic cyst (Liver), at right lobe of liver"],
            id="a part of the organ before",
        ),
        pytest.param(
            "Bladder polyp 5 mm, lateral wall.",
            ["bladder polyp (Bladder), at lateral wall of bladder, lateral, 5 mm"],
            id="a part after a comma",
        ),
        pytest.param(
            "Bladder polyp, lateral wall thickened.",
            [
                "bladder polyp (Bladder)",
                "bladder wall thickening (Bladder), at lateral wall of bladder, wall thickening",
            ],
            id="a part after another finding",
        ),
        pytest.param(
            "Bladder normal, left ureteric jet not seen.",
            ["normal appearance (Bladder)"],
            id="a thing that is not seen",
        ),
        pytest.param(
            "A mass and a node of the axilla.",
            ["mass", "axillary lymph node (Axilla), at axillary lymph node", "observation (Axilla)"],
            id="a node beside a mass",
        ),
        pytest.param(
            "A mass in a node of the axilla.",
            ["axillary lymph node mass (Axilla), at axillary lymph node"],
            id="a mass in a node",
        ),
        pytest.param(
            "Enlarged: axillary node.",
            ["axillary lymph node enlargement (Axilla), at axillary lymph node"],
            id="a state of a node",
        ),
        pytest.param(
            "No lymphadenopathy or left axillary nodes.",
            [
                "absent lymphadenopathy (Lymph nodes)",
                "absent axillary lymph node (Axilla) left, at axillary lymph node",
            ],
            id="a denied disease beside nodes",
        ),
        pytest.param(
            "Aneurysm with mural thrombus.",
            ["aneurysm (Peripheral vessels)", "mural thrombus (Peripheral vessels)"],
            id="a part of an aneurysm",
        ),
        pytest.param(
            "Pancreatic mass with cyst.",
            ["pancreatic mass (Pancreas)", "pancreatic cyst (Pancreas)"],
            id="a cyst beside a mass",
        ),
        pytest.param(
            "Pancreatic mass. Cyst.",
            ["pancreatic mass (Pancreas)", "pancreatic cyst (Pancreas)"],
            id="a cyst after a mass",
        ),
        pytest.param("The liver is normal. Free fluid.", ["normal appearance (Liver)", "free fluid"], id="free fluid"),
        pytest.param(
            "The liver is normal. Small fluid collection.",
            ["normal appearance (Liver)", "liver fluid collection (Liver), small amount"],
            id="a collection",
        ),
        pytest.param(
            "The median nerve at the carpal tunnel is thickened.",
            ["peripheral nerves thickening (Peripheral nerves), at median nerve, at carpal tunnel"],
            id="a nerve at a place",
        ),
        pytest.param(
            "The liver and the kidneys are normal. It shows a cyst.",
            [
                "normal appearance (Liver)",
                "normal appearance (Kidney and ureter) bilateral, at kidney",
                "hepatic cyst (Liver)",
            ],
            id="a pronoun for the first of two",
        ),
        pytest.param(
            "The liver and the kidneys are normal. There is a cyst.",
            ["normal appearance (Liver)", "normal appearance (Kidney and ureter) bilateral, at kidney", "cyst"],
            id="none of two",
        ),
        pytest.param(
            "LUQ: spleen heterogeneous.",
            ["heterogeneous parenchyma (Spleen), heterogeneous, left upper quadrant, mixed echogenicity"],
            id="an organ below a region",
        ),
        pytest.param(
            "LUQ: mass.",
            ["mass (Abdomen and retroperitoneum) left, at left upper quadrant, left upper quadrant"],
            id="a lesion below a region",
        ),
        pytest.param(
            "Thyroid cyst, which lies in the isthmus.",
            ["thyroid cyst (Thyroid gland), at thyroid isthmus"],
            id="a relative clause",
        ),
        pytest.param(
            "Thyroid cyst with a nodule in the isthmus.",
            ["thyroid cyst (Thyroid gland)", "thyroid nodule (Thyroid gland), at thyroid isthmus"],
            id="the place of another lesion",
        ),
        pytest.param(
            "Cyst, kidney normal.",
            ["renal cyst (Kidney and ureter), at kidney", "normal appearance (Kidney and ureter), at kidney"],
            id="a normal organ after a lesion",
        ),
        pytest.param(
            "Pancreatic mass, thrombus in the splenic vein.",
            [
                "pancreatic mass (Pancreas)",
                "splenic vein thrombosis (Retroperitoneum and great vessels), at splenic vein",
            ],
            id="an organ below a lesion",
        ),
        pytest.param(
            "RIGHT TESTIS: normal.\nAppendix: normal, 5 mm.",
            ["normal appearance (Scrotum) right, at testis", "normal appearance (Appendix), 5 mm"],
            id="an organ after another",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
