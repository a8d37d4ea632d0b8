"""The impression takes up findings of the body: by concept, by what is offered for it, by what a disease explains."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, named


def _linked(read: Read, text: str, label: str) -> str | None:
    """Return the label of the finding of the body that the last finding called `label` takes up."""
    findings = read(text).findings
    last = [f for f in findings if f.concept is not None and f.concept.label == label][-1]
    earlier = next((f for f in findings if f.id == last.same_as), None)
    return earlier.concept.label if earlier is not None and earlier.concept is not None else None


@pytest.mark.parametrize(
    ("text", "label", "earlier"),
    [
        (
            "UTERUS: subchorionic haematoma, 12 x 5 mm. Free fluid.\nIMPRESSION: Subchorionic bleed.",
            "subchorionic haematoma",
            "subchorionic haematoma",
        ),
        (
            "Appendix: 12 mm, wall thickening. Appendicolith at its base.\nIMPRESSION: Acute appendicitis.",
            "acute appendicitis",
            "appendiceal wall thickening",
        ),
        (
            "LEFT OVARY: two cysts. One is a unilocular cyst, 4 cm.\nIMPRESSION: Left endometrioma.",
            "endometrioma",
            "unilocular ovarian cyst",
        ),
        (
            "The right Achilles tendon is thickened. The retrocalcaneal bursa contains fluid.\n"
            "IMPRESSION: Right retrocalcaneal bursitis.",
            "retrocalcaneal bursitis",
            "retrocalcaneal bursa fluid",
        ),
        (
            "Ankle: partial tear of the tendon. Bursal effusion.\nIMPRESSION: Partial rupture of the Achilles tendon.",
            "Achilles tendon rupture",
            "ankle tear",
        ),
        ("Dilated common bile duct. Sludge.\nIMPRESSION: Biliary obstruction.", "biliary obstruction", None),
        ("Distended gallbladder.\nIMPRESSION: Gallbladder mass.", "gallbladder mass", None),
        ("Urinary bladder partially filled.\nIMPRESSION: Cystitis.", "cystitis", None),
    ],
)
def test_an_impression_takes_up(read: Read, text: str, label: str, earlier: str | None) -> None:
    assert _linked(read, text, label) == earlier


@pytest.mark.parametrize(
    ("text", "label", "earlier"),
    [
        (
            "Sigmoid colon: more vascular, with stratification loss. Wall thickening.\nIMPRESSION: Sigmoid colitis.",
            "colitis",
            "colonic wall thickening",
        ),
        (
            "Gallbladder: pericholecystic fluid. Wall thickening of 6 mm.\nIMPRESSION: Acute cholecystitis.",
            "acute cholecystitis",
            "gallbladder wall thickening",
        ),
        ("Right adnexa: 22 mm mass.\nIMPRESSION: Right tubal pregnancy.", "tubal pregnancy", "adnexal mass"),
        (
            "Left hemithorax: absent lung sliding.\nIMPRESSION: Left pneumothorax.",
            "pneumothorax",
            "absent lung sliding",
        ),
        ("Knee: haemarthrosis.\nIMPRESSION: Arthritis of the knee.", "arthritis", "haemarthrosis"),
        ("Right groin: 15 mm defect.\nIMPRESSION: Right inguinal hernia.", "inguinal hernia", "groin defect"),
        (
            "Left chest: pneumothorax. Small haemothorax.\nIMPRESSION: Left haemopneumothorax.",
            "haemopneumothorax",
            "pneumothorax",
        ),
        ("The portal vein is dilated.\nIMPRESSION: Portal hypertension.", "portal hypertension", None),
        ("Gallbladder: pericholecystic fluid.\nIMPRESSION: Acute cholecystitis.", "acute cholecystitis", None),
    ],
)
def test_a_disease_takes_up_what_it_is_shown_by(read: Read, text: str, label: str, earlier: str | None) -> None:
    assert _linked(read, text, label) == earlier


@pytest.mark.parametrize(
    ("text", "label", "earlier"),
    [
        ("Uterus: fibroid of 3 cm.\nIMPRESSION: Endometrial polyp.", "endometrial polyp", None),
        (
            "Thyroid: left nodule, 2 cm.\nIMPRESSION: Left papillary thyroid carcinoma.",
            *("papillary thyroid carcinoma", "thyroid nodule"),
        ),
        ("Ileum: dilatation to 4 cm.\nIMPRESSION: Ileitis.", "ileitis", None),
        ("Liver: collection of 4 cm.\nIMPRESSION: Hepatic laceration.", "liver laceration", None),
    ],
)
def test_a_disease_explains_signs_and_unnamed_lesions(read: Read, text: str, label: str, earlier: str | None) -> None:
    assert _linked(read, text, label) == earlier


@pytest.mark.parametrize(
    ("text", "links"),
    [
        pytest.param(
            "Subcutis: 3 cm mass. Dermis: 8 mm nodule.\nIMPRESSION: Lipoma. Epidermoid cyst.",
            ["mass", "nodule"],
            id="a free lesion before one that another disease took",
        ),
        pytest.param(
            "THYROID\nRight: nodule of 5 mm. Nodule of 9 mm.\nIMPRESSION: Right nodule. A further right nodule.",
            ["Nodule of 5", "Nodule of 9"],
            id="a free lesion before one that the same name took",
        ),
        pytest.param(
            "The pyloric muscle is thickened at 5 mm.\nHypertrophic pyloric stenosis.",
            ["thickened"],
            id="without an impression",
        ),
        pytest.param(
            "Gallbladder surgically absent.\nIMPRESSION: Status post cholecystectomy.",
            ["absent"],
            id="an operation",
        ),
        pytest.param(
            "INDICATION: Renal stones.\nFINDINGS: Kidneys normal.\nIMPRESSION: No new stone. Renal stone known.",
            [],
            id="no question",
        ),
        pytest.param(
            "Right kidney: no hydronephrosis. Pleura: no effusion.\nIMPRESSION: No pleural effusion.",
            ["effusion"],
            id="denied again",
        ),
        pytest.param(
            "Right kidney: hydronephrosis.\nIMPRESSION: No hydronephrosis of the right kidney.",
            [],
            id="denied and affirmed",
        ),
        pytest.param(
            "Cephalic vein of the arm: stenosis of 60 %.\nIMPRESSION: Outflow vein stenosis.",
            ["stenosis"],
            id="a name with another organ of the system",
        ),
        pytest.param(
            "Multiple enlarged mesenteric nodes.\nIMPRESSION: Reactive lymphadenopathy.",
            ["nodes"],
            id="a name without a site",
        ),
        pytest.param("Liver: abscess of 4 cm.\nIMPRESSION: Breast abscess.", [], id="a name in another system"),
        pytest.param("Liver: cyst of 4 cm.\nIMPRESSION: Renal cyst.", [], id="a type in another organ"),
        pytest.param(
            "Left axilla: one lymph node of 14 mm.\nIMPRESSION: Left axillary lymph node metastasis.",
            ["lymph node of 14"],
            id="in a named structure",
        ),
        pytest.param(
            "Liver: cyst of 20 mm. Cyst of 41 mm.\nIMPRESSION: Hepatic cyst, 4 cm.",
            ["cyst of 41"],
            id="of a rounded size",
        ),
        pytest.param(
            "THYROID\nLeft: nodule, TR3, solid. Nodule of 7 mm.\nIMPRESSION: Left solid TR5 nodule.",
            ["Nodule of 7"],
            id="of no other category",
        ),
        pytest.param(
            "Left axilla: reactive nodes of 12 mm.\nIMPRESSION: Axillary lymphadenopathy.",
            ["reactive nodes"],
            id="two kinds of one finding",
        ),
        pytest.param(
            "Left kidney: 5 mm stone in the kidney.\nIMPRESSION: Stone in the left ureter.",
            [],
            id="two kinds at two sites",
        ),
        pytest.param(
            "Left femoral vein: chronic synechiae.\nIMPRESSION: Chronic changes of the left femoral vein.",
            ["synechiae"],
            id="a change without a name",
        ),
        pytest.param(
            "BILE DUCTS: 8 mm after cholecystectomy.\nGALLBLADDER: surgically absent.\n"
            "IMPRESSION: Status post cholecystectomy.",
            ["absent"],
            id="an operation that is mentioned",
        ),
        pytest.param(
            "HISTORY: Cholecystectomy.\nFINDINGS: Liver normal.\nIMPRESSION: Status post cholecystectomy.",
            [],
            id="an operation of the history",
        ),
        pytest.param("No pleural effusion.\nIMPRESSION: No empyema.", [], id="denied under another name"),
        pytest.param(
            "Spleen: cyst of 4 cm.\nIMPRESSION: Hepatic cyst.", [], id="a type in another organ of the system"
        ),
        pytest.param("Spleen: lesion of 4 cm.\nIMPRESSION: Liver lesion.", [], id="a lesion in another organ"),
        pytest.param(
            "Terminal ileum: loss of stratification.\nIMPRESSION: Terminal ileitis.", [], id="an accompanying sign"
        ),
        pytest.param(
            "Right neck: lymph node of 14 mm.\nIMPRESSION: Right reactive lymphadenopathy.",
            ["lymph node of 14"],
            id="a finding of a named structure",
        ),
        pytest.param(
            "Spleen: hypoechoic. Atrophy of the spleen.\nIMPRESSION: Splenic amyloidosis.",
            ["atrophy"],
            id="a name before a description",
        ),
        pytest.param(
            "CERVICAL LYMPH NODES\nLevel III node of 12 mm.\nIMPRESSION: Suspicious cervical lymph node.",
            ["node of 12"],
            id="no title",
        ),
        pytest.param(
            "Prostate: 11 mm lesion on the left.\nIMPRESSION: Benign prostatic hyperplasia.",
            [],
            id="no lesion by the state of an organ",
        ),
        pytest.param(
            "Spleen: hyperechoic lesion. Lesion of 3 cm.\nIMPRESSION: Splenic haemangioma.",
            ["lesion of 3"],
            id="a measured lesion",
        ),
        pytest.param(
            "Spleen: lesion of 2 cm. Exophytic lesion of 3 cm.\nIMPRESSION: Exophytic splenic haemangioma.",
            ["lesion of 3"],
            id="an attribute in common",
        ),
        pytest.param("Liver: lesion of 2 cm.\nIMPRESSION: Hepatitis.", [], id="no lesion by a state"),
        pytest.param(
            "Liver: lesion of 2 cm in segment II.\nIMPRESSION: Haemangioma in segment VII.", [], id="another place"
        ),
        pytest.param(
            "Left ureter: lesion of 2 cm. Upper pole of the left kidney: lesion of 3 cm.\nIMPRESSION: Renal lesion.",
            ["lesion of 3"],
            id="in a part of the site",
        ),
        pytest.param("Spleen: mass of 3 cm.\nIMPRESSION: Splenic lesion.", ["mass"], id="a word for any lesion"),
        pytest.param("Liver: lesion of 3 cm.\nIMPRESSION: Hepatic fluid collection.", [], id="no lesion by fluid"),
        pytest.param("Left hemithorax: absent lung sliding. Right pneumothorax.", [], id="shown on the other side"),
        pytest.param("Shoulder: supraspinatus tendon thickened.\nAnkle: tendinosis.", [], id="shown in another organ"),
        pytest.param("Gallbladder: no wall thickening. Cholecystitis.", [], id="shown by what is denied"),
    ],
)
def test_what_is_taken_up(read: Read, text: str, links: list[str]) -> None:
    report = read(text)
    ends = {f.id: f.end for f in report.findings}
    starts = {f.id: e.start for f in report.findings for e in f.evidence if e.dimension == "concept"}
    found = [text[starts.get(f.same_as, 0) : ends[f.same_as]] for f in report.findings if f.same_as is not None]
    assert len(found) == len(links)
    assert all(words.lower() in one.lower() for words, one in zip(links, found, strict=True)), found


def test_a_disease_explains_no_sign_of_another_organ_of_a_child(read: Read) -> None:
    report = read("AGE: 9 years\nSPLEEN: enlarged.\nIMPRESSION: Terminal ileitis.")
    assert named(report.findings, "terminal ileitis").same_as is None


def test_of_two_lesions_that_with_the_category_is_taken_up(read: Read) -> None:
    text = "1. Left nodule, 8 mm, TR3.\n2. Left nodule, 9 mm, TR5.\nIMPRESSION: Left TR5 thyroid nodule."
    *_, second, last = read("THYROID\n" + text).findings
    assert last.same_as == second.id
