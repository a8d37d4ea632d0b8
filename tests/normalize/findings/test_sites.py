"""The components that a text names for a finding, or takes up from the text before."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read


def sites_of_last(read: Read, text: str) -> list[str]:
    """Return the labels of the sites of the last finding of a text."""
    return [site.label for site in read(text).findings[-1].sites]


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        pytest.param("The portal vein is patent. The vein measures 12 mm.", ["portal vein"], id="the"),
        pytest.param("The median nerve is swollen. This nerve measures 4 mm.", ["median nerve"], id="this"),
        pytest.param(
            "Achilles tendon: partial tear. The remaining tendon is thickened.",
            ["Achilles tendon"],
            id="a word between",
        ),
        pytest.param("Both Achilles tendons. On the right the tendon is thickened.", ["Achilles tendon"], id="a pair"),
        pytest.param("The portal vein is patent. A vein measures 12 mm.", ["hepatic vein"], id="another"),
    ],
)
def test_a_noun_takes_up_a_structure_by_its_last_word(read: Read, text: str, sites: list[str]) -> None:
    assert sites_of_last(read, text) == sites


def test_nodes_beside_a_gland_are_not_inside_it(read: Read) -> None:
    report = read("The parotid glands are normal. A few enlarged nodes of the neck.")
    assert report.findings[-1].organ == "Lymph nodes"
    assert read("LEFT PAROTID: enlarged node.").findings[-1].organ == "Salivary glands"


def test_a_structure_that_is_taken_up_is_no_observation_of_its_own(read: Read) -> None:
    report = read("The median nerve is swollen at the wrist. The nerve measures 4 mm.")
    assert len(report.findings) == 2


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        pytest.param(
            "The internal and external carotid arteries are patent.",
            ["external carotid artery", "internal carotid artery"],
            id="subject",
        ),
        pytest.param("PANCREAS: Head and body unremarkable.", ["body of pancreas", "head of pancreas"], id="parts"),
        pytest.param("The pancreas and the splenic vein are patent.", ["splenic vein"], id="another organ"),
    ],
)
def test_structures_of_a_list_share_a_finding(read: Read, text: str, sites: list[str]) -> None:
    assert sites_of_last(read, text) == sites


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        pytest.param("Stone in the distal common bile duct.", ["distal common bile duct"], id="before the name"),
        pytest.param("Haematoma of the mid arm.", ["mid arm"], id="region"),
        pytest.param(
            "Stone in the lower third of the left ureter.", ["distal ureter"], id="portion, known to the taxonomy"
        ),
        pytest.param(
            "The common bile duct contains a stone in its distal portion.", ["distal common bile duct"], id="its"
        ),
        pytest.param(
            "Bladder: polyp, left lateral wall.", ["lateral wall of bladder"], id="part without its structure"
        ),
        pytest.param("Polyp of the lateral wall of the bladder.", ["lateral wall of bladder"], id="name with of"),
        pytest.param(
            "Terminal ileum: wall thickness 6 mm.", ["wall of terminal ileum"], id="part of a wider structure"
        ),
        pytest.param(
            "Tear of the ant fibres of the Achilles tendon.",
            ["anterior fibres of Achilles tendon"],
            id="abbreviation, proper name",
        ),
    ],
)
def test_position_words_belong_to_a_site(read: Read, text: str, sites: list[str]) -> None:
    assert sites_of_last(read, text)[-1:] == sites


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        pytest.param("Acute right epididymitis.", ["epididymis"], id="definition"),
        pytest.param("Acute calculous cholecystitis.", ["gallbladder"], id="definition of a finding above"),
        pytest.param("Thyroid: nodule on the left.", ["left lobe of thyroid"], id="side in the thyroid"),
        pytest.param("Liver: cyst on the left.", [], id="side in another organ"),
        pytest.param("The aorta is normal.", ["abdominal aorta"], id="usual part"),
        pytest.param("Heart: the aorta is normal.", ["aorta", "heart"], id="another compartment"),
    ],
)
def test_sites_that_the_text_implies(read: Read, text: str, sites: list[str]) -> None:
    assert sites_of_last(read, text) == sites


def test_an_operation_has_the_organ_of_its_definition_without_a_label(read: Read) -> None:
    finding = read("HISTORY: cholecystectomy.\nFINDINGS: liver cyst.").findings[0]
    assert (finding.time, finding.organ) == ("previous", "Gallbladder and bile ducts")
    assert finding.labels["organ"] == ()


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        ("The appendix is dilated. A mass is present at its base.", ["appendiceal base"]),
        ("An appendicolith at the base.", ["appendiceal base"]),
        ("A gallstone in the neck.", ["gallbladder neck", "gallbladder"]),
        ("A thyroid nodule in the lower pole of the right lobe.", ["right lobe of thyroid"]),
        ("The duct tapers at the level of the pancreatic head, where there is a mass.", ["head of pancreas"]),
        ("The median nerve at the carpal tunnel is unremarkable.", ["median nerve", "carpal tunnel"]),
        ("Left epididymis: Unremarkable.\nSmall left hydrocele.", ["tunica vaginalis"]),
        ("Left kidney: normal. No hydronephrosis.", ["left kidney", "collecting system"]),
        ("Moderate osteoarthritis of the acromioclavicular joint.", ["acromioclavicular joint"]),
    ],
)
def test_parts_of_what_a_finding_implies_or_is_at(read: Read, text: str, sites: list[str]) -> None:
    assert sites_of_last(read, text) == sites


@pytest.mark.parametrize(
    "text",
    [
        "The ureter at the level of the iliac vessels is normal.",
        "The liver near the kidney is normal.",
        "The appendix in the right iliac fossa is normal.",
    ],
)
def test_what_is_placed_by_a_landmark_is_normal_and_the_landmark_is_not(read: Read, text: str) -> None:
    normal = [f for f in read(text).findings if f.labels["diagnosis"] == ("normal appearance",)]
    assert [f.organ for f in normal] in (["Kidney and ureter"], ["Liver"], ["Appendix"])


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        pytest.param("Stone in the distal third in the left ureter.", ["distal ureter"], id="in"),
        pytest.param("Stone in the mid third of both ureters.", ["mid ureter"], id="both"),
        pytest.param("Thrombus in the mid portion of the right femoral vein.", ["mid femoral vein"], id="right"),
        pytest.param("Thrombus in the mid portion femoral vein.", ["mid femoral vein"], id="no word between"),
        pytest.param("Thrombus in the femoral vein in its mid portion.", ["mid femoral vein"], id="its"),
        pytest.param("Thrombus in the femoral vein in the mid portion.", ["femoral vein"], id="of something else"),
        pytest.param("The femoral vein in its thickened portion is normal.", ["femoral vein"], id="no position"),
        pytest.param("Thrombus in the proximal mid distal femoral vein.", ["mid distal femoral vein"], id="two words"),
        pytest.param("Proximal SMA stenosis.", ["proximal superior mesenteric artery"], id="abbreviation"),
        pytest.param("Distal neck of the pancreas is enlarged.", ["distal neck of pancreas"], id="of"),
        pytest.param("Thyroid: nodule on the right.", ["right lobe of thyroid"], id="lobe of the side"),
        pytest.param("Left thyroid: nodule in the isthmus.", ["thyroid isthmus"], id="lobe by its name"),
        pytest.param("Appendix: appendicitis.", [], id="organ in a definition"),
        pytest.param("8 year old boy. Splenomegaly.", ["Spleen"], id="organ of a child"),
        pytest.param("8 year old boy. Splenic artery aneurysm.", ["splenic artery"], id="part of it"),
        pytest.param("Left breast: cyst at the 2 o'clock position.", [], id="position that is no part"),
    ],
)
def test_site_by_position_side_and_definition(read: Read, text: str, sites: list[str]) -> None:
    assert sites_of_last(read, text) == sites
