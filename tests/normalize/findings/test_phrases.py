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
            ["median nerve thickening (Peripheral nerves), at median nerve, at carpal tunnel"],
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
        pytest.param(
            "Liver mass that extends into the portal vein.",
            ["liver mass (Liver)", "observation (Liver), at portal vein"],
            id="what a mass extends into",
        ),
        pytest.param(
            "Simple cyst of 3 cm at the lower pole of the left kidney, 1 cm from the renal pelvis.",
            ["simple renal cyst (Kidney and ureter) left, at lower renal pole, at left kidney, lower pole, 3 cm, 1 cm"],
            id="the distance to another part",
        ),
        pytest.param(
            "The upper pole/lower pole of the left kidney contains a stone.",
            [
                (
                    "nephrolithiasis (Kidney and ureter) left, at lower renal pole, at left kidney, "
                    "at upper renal pole, lower pole, upper pole"
                )
            ],
            id="parts with a slash",
        ),
        pytest.param(
            "The upper pole & lower pole of the left kidney contain stones.",
            [
                (
                    "nephrolithiasis (Kidney and ureter) left, at left kidney, at lower renal pole, "
                    "at upper renal pole, lower pole, upper pole"
                )
            ],
            id="parts with an ampersand",
        ),
        pytest.param(
            "The right lobe or the left lobe of the liver contains a cyst.",
            ["hepatic cyst (Liver), at left lobe of liver, at right lobe of liver"],
            id="lobes with or",
        ),
        pytest.param(
            "The upper and left lower pole of the kidney contain stones.",
            [
                (
                    "nephrolithiasis (Kidney and ureter) left, multiple, at lower renal pole, at "
                    "upper renal pole, lower pole"
                )
            ],
            id="a side of the second part, left",
        ),
        pytest.param(
            "The upper and right lower pole of the kidney contain stones.",
            [
                (
                    "nephrolithiasis (Kidney and ureter) right, multiple, at lower renal pole, at "
                    "upper renal pole, lower pole"
                )
            ],
            id="a side of the second part, right",
        ),
        pytest.param(
            "RUQ of the abdomen: hepatic cyst.",
            ["hepatic cyst (Liver) right, at right upper quadrant, at abdomen, right upper quadrant"],
            id="a part of a region",
        ),
        pytest.param(
            "The median nerve at a tight carpal tunnel is thickened.",
            ["median nerve thickening (Peripheral nerves), at median nerve, at carpal tunnel"],
            id="a nerve at a place with an adjective",
        ),
        pytest.param(
            "Renal cell carcinoma of the left kidney. Cyst of the right kidney. The carcinoma is solid.",
            [
                "renal cell carcinoma (Kidney and ureter) left, at left kidney",
                "renal cyst (Kidney and ureter) right, at right kidney",
                "kidney cancer (Kidney and ureter) left, at left kidney, solid, solid components, = f1",
            ],
            id="a name taken up after another organ",
        ),
        pytest.param(
            "Ultrasound of the abdomen. Coarse liver echotexture without hepatic mass or bile duct dilatation.",
            [
                "observation (Abdomen and retroperitoneum), at abdomen",
                "coarse liver echotexture (Liver), coarse",
                "absent liver mass (Liver)",
                "absent biliary dilatation (Gallbladder and bile ducts), at bile duct",
            ],
            id="structures of denied findings only",
        ),
        pytest.param(
            "Child of 6 years. Left kidney: hydronephrosis.",
            ["hydronephrosis (Pediatric urinary tract) left, at left kidney, at collecting system"],
            id="a kidney of a child",
        ),
        pytest.param(
            "8-year-old boy. Abdominal ultrasound: appendicitis.",
            ["appendicitis (Pediatric abdomen and retroperitoneum), at abdomen"],
            id="the abdomen of a child",
        ),
        pytest.param(
            "7-year-old child with mesenteric lymphadenitis, nodes of 12 mm.",
            [
                (
                    "mesenteric lymphadenitis (Pediatric abdomen and retroperitoneum), at mesenteric "
                    "lymph node, at mesentery, 12 mm"
                )
            ],
            id="nodes of a child",
        ),
        pytest.param(
            "Ultrasound of the left flank showing a hernia.",
            ["hernia (Abdominal wall) left, at flank"],
            id="a disease in a region",
        ),
        pytest.param(
            "LUQ: no perisplenic fluid.",
            [
                (
                    "absent perisplenic fluid (Peritoneum mesentery and omentum), at left upper "
                    "quadrant, at splenorenal recess"
                )
            ],
            id="denied fluid in a region",
        ),
        pytest.param(
            "Ileocolic intussusception with preserved enteric perfusion.",
            [
                "ileocolic intussusception (Gastrointestinal tract), at ileum, normal/regular vascularity",
                "observation (Gastrointestinal tract)",
            ],
            id="a structure beside a finding",
        ),
        pytest.param(
            "Fat-containing hernia of the epigastrium.",
            ["epigastric hernia (Abdominal wall), at epigastrium, at preperitoneal fat, fat-containing"],
            id="an attribute that is a structure",
        ),
        pytest.param(
            "Mass of the breast extending to the skin.",
            ["breast mass (Breast)"],
            id="the skin that a mass reaches",
        ),
        pytest.param(
            "Cyst of the liver but not of the spleen.",
            ["hepatic cyst (Liver)", "observation (Spleen)"],
            id="the organ of a denial",
        ),
        pytest.param(
            "Left kidney 11 cm with a 2 cm cortical cyst at the lower pole.",
            [
                "observation (Kidney and ureter) left, at left kidney, 11 cm",
                (
                    "renal cyst (Kidney and ureter) left, at renal cortex, at lower renal pole, at "
                    "left kidney, lower pole, 2 cm"
                ),
            ],
            id="a part before and a part after",
        ),
        pytest.param(
            "The gallbladder shows stones in the neck, and the liver shows a cyst.",
            [
                "cholelithiasis (Gallbladder and bile ducts), at gallbladder neck, at gallbladder",
                "hepatic cyst (Liver)",
            ],
            id="another organ after and",
        ),
        pytest.param(
            "Mid-oesophageal right ventricle view with a thrombus.",
            [
                "observation (Heart and mediastinum), at mid-oesophageal view",
                "right ventricle thrombus (Heart and mediastinum), at right ventricle",
            ],
            id="a view before a structure",
        ),
        pytest.param(
            "Sigmoid: 2 mm wall, normal.",
            [
                "normal appearance (Gastrointestinal tract), at sigmoid colon",
                "observation (Gastrointestinal tract), at sigmoid wall, 2 mm",
            ],
            id="a part before a state",
        ),
        pytest.param(
            "Bladder polyp, wall 4 mm.",
            ["bladder polyp (Bladder)", "observation (Bladder), at bladder wall, 4 mm"],
            id="a part with a size of its own",
        ),
        pytest.param(
            "Renal mass displacing the renal sinus.",
            ["renal mass (Kidney and ureter), at kidney"],
            id="a part that is displaced",
        ),
        pytest.param(
            "Thigh haematoma, 5 cm, femoral vessels.",
            ["thigh haematoma (Soft tissues), at thigh, 5 cm", "observation (Peripheral arteries), at femoral vessel"],
            id="an organ after a size",
        ),
        pytest.param(
            "No mass. Axillary nodes are enlarged.",
            ["absent mass", "axillary lymph node enlargement (Axilla), at axillary lymph node"],
            id="nodes of another sentence",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    report = read(text)
    assert summaries(report) == findings
    assert all(len(set(finding.evidence)) == len(finding.evidence) for finding in report.findings)
