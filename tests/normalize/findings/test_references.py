"""Names that refer to an earlier finding."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Right hydronephrosis. The hydronephrosis is moderate.",
            ["hydronephrosis (Kidney and ureter) right, at collecting system, moderate"],
            id="a state taken up",
        ),
        pytest.param(
            "Hepatic haemangioma of 2 cm. The mass is stable.",
            ["hepatic haemangioma (Liver), unchanged, 2 cm"],
            id="a wider name",
        ),
        pytest.param(
            "Hepatic mass of 2 cm. The haemangioma is stable.",
            ["liver mass (Liver), unchanged, 2 cm"],
            id="a narrower name",
        ),
        pytest.param(
            "Hepatic cyst of 2 cm. Renal mass of 3 cm. The cyst is stable.",
            [
                "hepatic cyst (Liver), 2 cm",
                "renal mass (Kidney and ureter), at kidney, 3 cm",
                "cyst (Liver), unchanged, = f1",
            ],
            id="after another lesion",
        ),
        pytest.param(
            "FINDINGS: Hepatic cyst of 2 cm. Renal mass of 3 cm.\nIMPRESSION: The cyst is stable.",
            [
                "hepatic cyst (Liver), 2 cm",
                "renal mass (Kidney and ureter), at kidney, 3 cm",
                "cyst (Liver), unchanged, = f1",
            ],
            id="in another section",
        ),
        pytest.param(
            "FINDINGS: Cyst of the liver. Abscess of the spleen. Cyst of the ovary.\nIMPRESSION: The abscess is big.",
            [
                "hepatic cyst (Liver)",
                "splenic abscess (Spleen)",
                "ovarian cyst (Adnexa), at ovary",
                "splenic abscess (Spleen), = f2",
            ],
            id="of the same name",
        ),
        pytest.param(
            "FINDINGS: No cyst of the liver. Renal mass of 3 cm.\nIMPRESSION: The cyst is stable.",
            ["absent hepatic cyst (Liver)", "renal mass (Kidney and ureter), at kidney, 3 cm", "cyst, unchanged"],
            id="no denied one",
        ),
        pytest.param(
            "Hepatic mass of 3 cm. The gallbladder is displaced by the mass.",
            ["liver mass (Liver), 3 cm", "observation (Gallbladder and bile ducts), at gallbladder"],
            id="a landmark",
        ),
        pytest.param(
            "Hepatic mass of 3 cm. The mass displaces the gallbladder.", ["liver mass (Liver), 3 cm"], id="a subject"
        ),
        pytest.param("Hepatic cyst. A second cyst is seen.", ["hepatic cyst (Liver)", "cyst"], id="a second one"),
        pytest.param(
            "Hepatic cyst. The second cyst is 3 cm.", ["hepatic cyst (Liver)", "cyst, 3 cm"], id="the second one"
        ),
        pytest.param("Hepatic cyst. No cyst is seen.", ["hepatic cyst (Liver)", "absent cyst"], id="a denied one"),
        pytest.param(
            "Hepatic cyst. The cyst may be an abscess.", ["hepatic cyst (Liver), or abscess"], id="another name for it"
        ),
        pytest.param(
            "Hepatic cyst. Renal mass. The cyst in the left lobe of the liver is stable.",
            [
                "hepatic cyst (Liver)",
                "renal mass (Kidney and ureter), at kidney",
                "hepatic cyst (Liver), at left lobe of liver, unchanged, = f1",
            ],
            id="in a part of the organ",
        ),
        pytest.param(
            "The right testis is normal. The left testis is normal.",
            ["normal appearance (Scrotum) right, at testis", "normal appearance (Scrotum) left, at testis"],
            id="a pair",
        ),
        pytest.param(
            "A cystic mass of the ovary. A hyperechoic nodule is within the mass.",
            [
                "ovarian mass (Adnexa), at ovary, cystic, cystic components",
                "ovarian nodule (Adnexa), at ovary, hyperechoic",
                "ovarian mass (Adnexa), at ovary, = f1",
            ],
            id="a lesion within the mass",
        ),
        pytest.param(
            "Mass of the bladder. The bladder wall shows the mass.",
            ["bladder mass (Bladder)", "bladder mass (Bladder), at bladder wall, = f1"],
            id="a structure that shows the mass",
        ),
        pytest.param(
            "Appendicitis. The acute appendicitis is complicated.",
            ["appendicitis (Appendix), acute"],
            id="a narrower name",
        ),
        pytest.param(
            "Umbilical hernia of 2 cm. Liver normal. The hernia contains fat.",
            [
                "umbilical hernia (Abdominal wall), at umbilicus, 2 cm",
                "normal appearance (Liver)",
                "hernia (Abdominal wall), fat-containing, = f1",
            ],
            id="a wider name",
        ),
        pytest.param(
            "A focus of 4 mm in the liver. The area is echogenic.",
            ["liver focus (Liver), hyperechoic, 4 mm"],
            id="a vague name",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
