"""Selection of the organs that a text is about, among all the anatomy that it names."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, places
from udt import Normalizer

NODES = "Lymph nodes"
VESSELS = "Retroperitoneum and great vessels"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Enlarged lymph node.", {NODES}, id="nowhere"),
        pytest.param("Enlarged lymph nodes in the neck.", {NODES}, id="neck"),
        pytest.param("Enlarged lymph node in the axilla.", {"Axilla"}, id="axilla"),
        pytest.param("Enlarged axillary lymph node.", {"Axilla"}, id="axillary"),
        pytest.param("Retroperitoneal lymph nodes.", {VESSELS}, id="retroperitoneal"),
        pytest.param("Lymph nodes along the iliac artery.", {VESSELS}, id="iliac"),
        pytest.param("Lymph node at the porta hepatis.", {"Peritoneum mesentery and omentum"}, id="porta hepatis"),
        pytest.param("Lymph nodes of the groin.", {"Hip groin and buttock"}, id="groin"),
        pytest.param("Lymph node inside the parotid gland.", {"Salivary glands"}, id="parotid"),
        pytest.param("Axilla: enlarged lymph node.", {"Axilla"}, id="topic"),
        pytest.param("Ultrasound of the axilla. An enlarged lymph node is seen.", {"Axilla"}, id="sentence before"),
        pytest.param("A lymph node of the neck and one in the axilla.", {NODES, "Axilla"}, id="two places"),
    ],
)
def test_a_lymph_node_takes_the_class_of_its_compartment(read: Read, text: str, expected: set[str]) -> None:
    assert places(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The median nerve at the wrist is swollen.", {"Peripheral nerves"}, id="joint as a place"),
        pytest.param(
            "Ultrasound of the wrist: swollen median nerve.",
            {"Wrist and carpus", "Peripheral nerves"},
            id="joint examined",
        ),
        pytest.param(
            "Thrombus in the common femoral and popliteal veins.", {"Peripheral veins"}, id="half a name in a list"
        ),
        pytest.param("Effusion of the wrist.", {"Wrist and carpus"}, id="joint alone"),
        pytest.param("Breast mass below the skin.", {"Breast"}, id="tissue"),
        pytest.param("Mass of the breast extending to the skin.", {"Breast"}, id="tissue reached"),
        pytest.param("Mass of the skin.", {"Soft tissues"}, id="tissue alone"),
        pytest.param("Thyroid nodule of the neck.", {"Thyroid gland"}, id="region and organ"),
        pytest.param("Mass of the neck.", {"Head and Neck"}, id="region alone"),
        pytest.param("Abdominal ultrasound. Liver cyst.", {"Liver"}, id="region examined, organ named"),
        pytest.param("Abdominal cyst.", {"Abdomen and retroperitoneum"}, id="abdomen unspecified"),
        pytest.param("Mass between the liver and the kidney.", set(), id="between two organs"),
        pytest.param("Cyst between the right and left lobe of the liver.", {"Liver"}, id="between parts of one"),
        pytest.param("Mass abutting the spleen.", set(), id="a landmark alone"),
        pytest.param("Liver mass abutting the kidney.", {"Liver"}, id="a landmark beside the place"),
        pytest.param("Collection around the kidney.", {"Kidney and ureter"}, id="perirenal collection"),
        pytest.param("The kidney is without stones.", {"Kidney and ureter"}, id="denied finding"),
    ],
)
def test_place(read: Read, text: str, expected: set[str]) -> None:
    assert places(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Normal liver. No gallbladder wall thickening.", {"Liver", "Gallbladder and bile ducts"}, id="named"
        ),
        pytest.param("Normal liver. No cholelithiasis.", {"Liver"}, id="implied alone"),
        pytest.param("Normal liver. No tendon thickening.", {"Liver"}, id="structure of no organ"),
        pytest.param("No bladder wall thickening.", {"Bladder"}, id="nothing else"),
    ],
)
def test_a_denied_finding_has_its_organ_if_its_name_contains_it(read: Read, text: str, expected: set[str]) -> None:
    assert places(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Thyroid cyst", {"Pediatric head and neck"}, id="head and neck"),
        pytest.param("Renal cyst", {"Pediatric urinary tract"}, id="urinary tract"),
        pytest.param("Testicular cyst", {"Pediatric scrotum"}, id="scrotum"),
        pytest.param("Lung consolidation", {"Pediatric thorax"}, id="thorax"),
        pytest.param("Cyst of the calf", {"Pediatrics"}, id="no class covers it"),
        pytest.param("Cyst", set(), id="no place"),
    ],
)
def test_under_eighteen(read: Read, text: str, expected: set[str]) -> None:
    report = read(f"{text} of a 5-year-old.")
    assert places(report) == expected
    assert set(report.labels["body_system"]) <= {"Pediatrics"}


def test_every_organ_implies_its_system(normalizer: Normalizer) -> None:
    """Also if the text names several organs, one of a child."""
    systems = {
        "Liver": "Abdomen and retroperitoneum",
        "Thyroid": "Head and Neck",
        "Knee": "Musculoskeletal Joints and Tendons",
    }
    for names in (["Liver"], ["Liver", "Thyroid"], ["Knee", "Liver", "Thyroid"]):
        labels = normalizer.normalize(". ".join(f"{name} normal" for name in names)).labels
        assert set(labels["body_system"]) == {systems[name] for name in names}


def test_a_text_without_anatomy_has_no_place(read: Read) -> None:
    assert places(read("Hypoechoic mass.")) == set()


def test_the_pelvis_of_unknown_sex_has_no_class(read: Read) -> None:
    assert places(read("Cyst in the pelvis.")) == set()
    assert places(read("Cyst in the pelvis of a woman.")) == {"Gynaecology"}
