"""Descriptions of a finding of the sentence, and findings of their own."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, summaries


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param(
            "Ovarian cyst, stricturing ileitis.",
            ["ovarian cyst (Adnexa), at ovary", "stricturing ileitis (Gastrointestinal tract), at ileum"],
            id="adjective of the next disease",
        ),
        pytest.param(
            "Renal cyst, inflamed appendix.",
            ["renal cyst (Kidney and ureter), at kidney", "appendiceal inflammation (Appendix)"],
            id="adjective of the next structure",
        ),
        pytest.param("The cyst is enlarged.", ["cyst"], id="growth of a lesion"),
        pytest.param(
            "Liver cyst, enlarged spleen.",
            ["hepatic cyst (Liver)", "splenomegaly (Spleen)"],
            id="an organ after a lesion",
        ),
        pytest.param(
            "Cyst of the kidney 12 mm anechoic.",
            ["renal cyst (Kidney and ureter), at kidney, anechoic, 12 mm"],
            id="a size after its lesion",
        ),
        pytest.param(
            "Cyst of 3 cm with a 9 mm mural nodule.",
            ["cyst, solid components, 3 cm", "mural nodule, solid components, 9 mm"],
            id="a part of a lesion with a size",
        ),
        pytest.param("Cyst 9 mm, mural nodule.", ["cyst, solid components, 9 mm"], id="a size before a comma"),
        pytest.param("Cyst, 9 mm with a mural nodule.", ["cyst, solid components, 9 mm"], id="a size before with"),
        pytest.param("Cyst 9 mm with debris.", ["cyst, debris, 9 mm"], id="a size before contents"),
        pytest.param("Cyst of 9 mm without septations.", ["cyst, 9 mm"], id="a size before a denied part"),
        pytest.param("Cyst 9 mm septated.", ["cyst, septations, 9 mm"], id="a septated cyst"),
        pytest.param(
            "A cyst that is anechoic lies quite near to a nodule.",
            ["cyst, anechoic", "nodule"],
            id="far from the next lesion",
        ),
        pytest.param(
            "Heterogeneous liver with a 2 cm cyst.",
            ["observation (Liver), heterogeneous, mixed echogenicity", "hepatic cyst (Liver), 2 cm"],
            id="of the structure before with",
        ),
        pytest.param(
            "LIVER: heterogeneous with a 2 cm cyst.",
            ["observation (Liver), heterogeneous, mixed echogenicity", "hepatic cyst (Liver), 2 cm"],
            id="of the heading before with",
        ),
        pytest.param(
            "Hypoechoic, with calcifications, nodule of the thyroid gland.",
            ["thyroid nodule (Thyroid gland), calcifications, hypoechoic"],
            id="with within the phrase of a lesion",
        ),
        pytest.param(
            "Heterogeneous liver with a possible cyst.",
            ["observation (Liver), heterogeneous, mixed echogenicity", "possible hepatic cyst (Liver)"],
            id="of the structure before a possible lesion",
        ),
        pytest.param(
            "Heterogeneous liver with no cyst.",
            ["observation (Liver), heterogeneous, mixed echogenicity", "absent hepatic cyst (Liver)"],
            id="of the structure before a denied lesion",
        ),
        pytest.param(
            "Achilles tendon is thickened. Small calcification.",
            [
                "achilles thickening (Ankle), at Achilles tendon",
                "tendon calcification (Ankle), at Achilles tendon, calcifications",
            ],
            id="a thing beside a state",
        ),
        pytest.param(
            "Thyroid nodule of 8 mm. Small calcification.",
            ["thyroid nodule (Thyroid gland), calcifications, 8 mm"],
            id="a thing in a lesion",
        ),
        pytest.param(
            "No mass, heterogeneous.",
            ["absent mass", "observation, heterogeneous, mixed echogenicity"],
            id="affirmed after a denial",
        ),
        pytest.param(
            "No calcification, cyst or mass.",
            ["absent calcification, calcifications", "absent cyst", "absent mass"],
            id="things denied first",
        ),
        pytest.param(
            "No cyst, calcification or mass.",
            ["absent cyst", "absent calcification, calcifications", "absent mass"],
            id="things denied in the middle",
        ),
        pytest.param(
            "No cyst, mass or calcification.",
            ["absent cyst", "absent mass", "absent calcification, calcifications"],
            id="things denied last",
        ),
        pytest.param(
            "No septations or mass.", ["absent septations, septations", "absent mass"], id="things denied before or"
        ),
        pytest.param(
            "No stones and calcification.",
            ["absent stone", "absent calcification, calcifications"],
            id="things denied after and",
        ),
        pytest.param(
            "No posterior enhancement, no mass.",
            ["absent observation, enhancement", "absent mass"],
            id="shadows denied",
        ),
        pytest.param(
            "No hypoechoic, calcified mass.",
            ["absent mass, calcifications, hypoechoic"],
            id="adjectives of a denied lesion",
        ),
        pytest.param("Nodule without calcification.", ["nodule"], id="a denied thing of a lesion"),
        pytest.param(
            "No echogenic foci.", ["absent focus, hyperechoic, no echogenic foci"], id="a word of a denied attribute"
        ),
        pytest.param(
            "Mass with a suspicious axillary node.",
            ["mass", "suspicious lymph node (Axilla), at axillary lymph node"],
            id="a predicate of the next structure",
        ),
        pytest.param(
            "The popliteal vein is patent and compressible.",
            ["patent vein (Peripheral veins), at popliteal vein, compressible"],
            id="normal states of one structure",
        ),
        pytest.param(
            "Liver haemangioma, hyperechoic, with a focus in segment 4.",
            ["hepatic haemangioma (Liver), at liver segment, hyperechoic, segment IV"],
            id="a focus is no other lesion",
        ),
        pytest.param(
            "Ovarian mass, mixed cystic and solid.",
            ["ovarian mass (Adnexa), at ovary, mixed cystic and solid, mixed cystic and solid mass"],
            id="content of a lesion",
        ),
        pytest.param(
            "Cystic and solid nodule.",
            ["nodule, mixed cystic and solid, mixed cystic and solid mass"],
            id="content before a lesion",
        ),
        pytest.param(
            "Hepatic cyst, probably infected.", ["hepatic cyst (Liver), or infection"], id="an adjective that is hedged"
        ),
        pytest.param(
            "Hepatic cyst, not infected.",
            ["hepatic cyst (Liver)", "absent infection"],
            id="an adjective that is denied",
        ),
        pytest.param(
            "Gallstones with positive Murphy sign.",
            [
                "cholelithiasis (Gallbladder and bile ducts), at gallbladder",
                "Murphy sign (Gallbladder and bile ducts), at gallbladder, sonographic Murphy sign positive",
            ],
            id="a sign of a disease",
        ),
        pytest.param(
            "No gallstones, Murphy sign negative.",
            [
                "absent cholelithiasis (Gallbladder and bile ducts), at gallbladder",
                "absent Murphy sign (Gallbladder and bile ducts), at gallbladder, sonographic Murphy sign negative",
            ],
            id="a sign that is denied",
        ),
        pytest.param(
            "Liver cyst, mass of the spleen, enlarged.",
            ["hepatic cyst (Liver)", "splenic mass (Spleen)", "splenomegaly (Spleen)"],
            id="an adjective after another structure",
        ),
        pytest.param(
            "Gallstones without Murphy sign.",
            [
                "cholelithiasis (Gallbladder and bile ducts), at gallbladder",
                "absent Murphy sign (Gallbladder and bile ducts), at gallbladder, sonographic Murphy sign positive",
            ],
            id="a sign without it",
        ),
        pytest.param(
            "Thyroid nodule without echogenic foci.",
            ["thyroid nodule (Thyroid gland), no echogenic foci"],
            id="a denied attribute of a lesion",
        ),
        pytest.param(
            "Cyst, infected, of the kidney.",
            ["renal cyst (Kidney and ureter), at kidney"],
            id="an adjective before a place",
        ),
        pytest.param(
            "Renal cyst, infected and large.",
            ["renal cyst (Kidney and ureter), at kidney"],
            id="an adjective before another",
        ),
        pytest.param("Possible nodule, cystic.", ["possible nodule, cystic"], id="an adjective of a possible lesion"),
        pytest.param(
            "A cyst, anechoic there abutting quite small nodule.",
            ["cyst, anechoic", "nodule"],
            id="too far before a lesion",
        ),
        pytest.param(
            "Cyst and hypoechoic and solid nodule.",
            ["cyst", "nodule, hypoechoic, solid, solid components"],
            id="two adjectives with and",
        ),
        pytest.param(
            "Liver with a hypoechoic mass.", ["liver mass (Liver), hypoechoic"], id="of the lesion after with"
        ),
        pytest.param(
            "Heterogeneous liver with splenomegaly.",
            ["observation (Liver), heterogeneous, mixed echogenicity", "splenomegaly (Spleen)"],
            id="of the organ before another disease",
        ),
        pytest.param(
            "LIVER\nHeterogeneous with a 2 cm cyst.",
            [
                "observation (Liver)",
                "observation (Liver), heterogeneous, mixed echogenicity",
                "hepatic cyst (Liver), 2 cm",
            ],
            id="of a heading above",
        ),
        pytest.param(
            "Achilles tendon is thickened. Hypoechoic.",
            ["achilles thickening (Ankle), at Achilles tendon, hypoechoic"],
            id="of a state before",
        ),
        pytest.param(
            "No mass, no calcification.", ["absent mass", "absent calcification, calcifications"], id="two denials"
        ),
        pytest.param(
            "Lymph node of 12 mm with microcalcifications and shadowing.",
            ["lymph node (Lymph nodes), calcifications, microcalcification, punctate echogenic foci, shadowing, 12 mm"],
            id="two things of a node",
        ),
        pytest.param(
            "Non-occlusive echogenic thrombus in the popliteal vein.",
            ["popliteal vein thrombus (Peripheral veins), at popliteal vein, hyperechoic, non-occlusive"],
            id="a denied adjective",
        ),
    ],
)
def test_findings(read: Read, text: str, findings: list[str]) -> None:
    assert summaries(read(text)) == findings
