"""Names that the text offers for a finding."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Hypoechoic mass of the liver, suggestive of a haemangioma.",
            ["liver mass (Liver), hypoechoic, or hepatic haemangioma"],
            id="suggestive of",
        ),
        pytest.param(
            "Hypoechoic mass of the liver and a probable haemangioma.",
            ["liver mass (Liver), hypoechoic", "possible hepatic haemangioma (Liver)"],
            id="and a probable one",
        ),
        pytest.param(
            "Mass of the liver and the probable abscess.",
            ["liver mass (Liver)", "possible liver abscess (Liver)"],
            id="and the probable one",
        ),
        pytest.param(
            "Hypoechoic mass of the liver and suggestive of a haemangioma.",
            ["liver mass (Liver), hypoechoic, or hepatic haemangioma"],
            id="and suggestive of",
        ),
        pytest.param(
            "Hypoechoic mass of the liver and consistent with a haemangioma.",
            ["liver mass (Liver), hypoechoic, or hepatic haemangioma"],
            id="and consistent with",
        ),
        pytest.param(
            "Hypoechoic mass of the liver and suspicious for a carcinoma.",
            ["liver mass (Liver), hypoechoic, or hepatocellular carcinoma"],
            id="and suspicious for",
        ),
        pytest.param(
            "Hypoechoic mass of the liver and compatible with a haemangioma.",
            ["liver mass (Liver), hypoechoic, or hepatic haemangioma"],
            id="and compatible with",
        ),
        pytest.param(
            "Hypoechoic mass of the liver, regarded as possible haemangioma.",
            ["liver mass (Liver), hypoechoic, or hepatic haemangioma"],
            id="regarded as",
        ),
        pytest.param(
            "Mass with necrosis and haemorrhage, suggestive of carcinoma.",
            ["mass, or carcinoma", "necrosis", "haemorrhage"],
            id="of the one that has others",
        ),
        pytest.param(
            "Pancreatic mass, duct dilatation, suspicious for pancreatitis.",
            [
                "pancreatic mass (Pancreas)",
                "pancreatic duct dilatation (Pancreas), at pancreatic duct, or pancreatitis",
            ],
            id="of the last one",
        ),
        pytest.param(
            "Liver lesion of 2 cm. Haemangioma possible.",
            ["liver lesion (Liver), 2 cm, or hepatic haemangioma"],
            id="of a lesion before",
        ),
        pytest.param(
            "Renal mass of 2 cm. Carcinoma possible.",
            ["renal mass (Kidney and ureter), at kidney, 2 cm, or kidney cancer"],
            id="of a mass before",
        ),
        pytest.param(
            "Tear of the Achilles tendon. Bursitis possible.",
            ["Achilles tendon rupture (Ankle), at Achilles tendon", "possible bursitis (Ankle), at Achilles tendon"],
            id="beside a disease",
        ),
        pytest.param(
            "Hypoechoic liver lesion. Probable haemangioma.",
            ["liver lesion (Liver), hypoechoic", "possible hepatic haemangioma (Liver)"],
            id="probable at the start",
        ),
        pytest.param(
            "Hypoechoic liver lesion. Small probable haemangioma.",
            ["liver lesion (Liver), hypoechoic, or hepatic haemangioma"],
            id="after an adjective",
        ),
        pytest.param(
            "Hypoechoic liver lesion. This is probably a haemangioma.",
            ["liver lesion (Liver), hypoechoic, or hepatic haemangioma"],
            id="of a pronoun",
        ),
        pytest.param(
            "Thickened gallbladder wall. The wall is oedematous, suggesting cholecystitis.",
            [
                "gallbladder wall thickening (Gallbladder and bile ducts), at gallbladder wall",
                "gallbladder wall oedema (Gallbladder and bile ducts), at gallbladder wall, or cholecystitis",
            ],
            id="of the state of its own sentence",
        ),
        pytest.param(
            "Cyst of the kidney. Echogenic content, suggesting haemorrhage.",
            ["renal cyst (Kidney and ureter), at kidney, hyperechoic, low-level internal echoes, or renal haemorrhage"],
            id="of the content of a lesion before",
        ),
        pytest.param(
            "Echogenic liver, suggesting steatosis.",
            ["hyperechoic liver (Liver), hyperechoic, or hepatic steatosis"],
            id="of a described organ",
        ),
        pytest.param(
            "Nodes of 12 mm, likely reactive.",
            ["lymph node (Lymph nodes), 12 mm, or reactive lymphadenopathy"],
            id="of nodes",
        ),
        pytest.param(
            "No enlarged nodes, possibly a cyst.",
            ["absent lymphadenopathy (Lymph nodes)", "possible cyst"],
            id="beside a denied state",
        ),
        pytest.param(
            "An abnormality in the liver is a cyst.", ["hepatic cyst (Liver)"], id="an abnormality that is a lesion"
        ),
        pytest.param("The area shows a cyst.", ["cyst"], id="an area that shows a lesion"),
        pytest.param(
            "An area in the liver, cyst of the kidney.",
            ["observation (Liver)", "renal cyst (Kidney and ureter), at kidney"],
            id="an area beside a lesion",
        ),
        pytest.param("Collection -> abscess.", ["abscess"], id="an arrow"),
        pytest.param("Mass, solid -> lipoma.", ["lipoma, solid, solid components"], id="an arrow after attributes"),
        pytest.param("Cyst -> possible abscess.", ["cyst, or abscess"], id="an arrow to a possible one"),
        pytest.param(
            "No mass, suggestive of carcinoma.", ["absent mass", "possible carcinoma"], id="after a denied one"
        ),
        pytest.param("Carcinoma is possible, mass.", ["possible carcinoma", "mass"], id="hedged before another"),
        pytest.param("Possible cyst, abscess.", ["possible cyst", "possible abscess"], id="two that are possible"),
        pytest.param(
            "Pancreatic mass with duct dilatation, splenic cyst, likely pseudocyst.",
            [
                "pancreatic mass (Pancreas)",
                "pancreatic duct dilatation (Pancreas), at pancreatic duct",
                "splenic cyst (Spleen), or splenic pseudocyst",
            ],
            id="of the last one after a comma",
        ),
        pytest.param("Probable hypoechoic cyst.", ["possible cyst, hypoechoic"], id="an attribute after its hedge"),
        pytest.param(
            "Hydronephrosis, enlarged and possibly obstructed ureter.",
            [
                "hydronephrosis (Kidney and ureter), at collecting system",
                "ureteral enlargement (Kidney and ureter), at ureter",
                "possible ureteral obstruction (Kidney and ureter), at ureter",
            ],
            id="two states with and",
        ),
        pytest.param(
            "Mass suggesting carcinoma.",
            ["mass, or carcinoma"],
            id="a hedge after the name",
        ),
        pytest.param(
            "Heterogeneous structure with a muscle rupture.",
            ["structure, heterogeneous, mixed echogenicity", "muscle rupture (Soft tissues), at muscle"],
            id="a structure with a rupture",
        ),
        pytest.param(
            "Hypoechoic zone of the corpus spongiosum, a fistula is present.",
            [
                "corpus spongiosum zone (Penis and perineum), at corpus spongiosum, hypoechoic",
                "corpus spongiosum fistula (Penis and perineum), at corpus spongiosum",
            ],
            id="a zone and a fistula",
        ),
        pytest.param(
            "Likely lymphoma with nodes.",
            ["possible lymphoma", "lymph node (Lymph nodes), multiple"],
            id="a hedge before nodes",
        ),
        pytest.param(
            "Hydronephrosis. It is probably due to a stone.",
            ["hydronephrosis (Kidney and ureter), at collecting system, or stone"],
            id="the cause of a state",
        ),
        pytest.param(
            "Hydronephrosis. Likely a stone.",
            ["hydronephrosis (Kidney and ureter), at collecting system", "possible stone"],
            id="a hedge that opens a sentence",
        ),
        pytest.param(
            "Tear of the tendon. Suspected bursitis.",
            [
                "tendon tear (Musculoskeletal Joints and Tendons), at tendon",
                "possible bursitis (Musculoskeletal Joints and Tendons)",
            ],
            id="a suspicion that opens a sentence",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
