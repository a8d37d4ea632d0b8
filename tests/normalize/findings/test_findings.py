"""Grouping of attributes, places, sides and measurements into findings."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, attributes_of, known_fault
from udt.core.report import Finding

Lesion = tuple[str | None, str | None, str, list[tuple[float, ...]]]
"""Organ, side, attributes and measurements in millimetres of a finding."""


def lesion(finding: Finding) -> Lesion:
    words = sorted(label for labels in attributes_of(finding).values() for label in labels)
    sizes = [measurement.values_mm for measurement in finding.measurements]
    return finding.organ, finding.laterality, ", ".join(words), sizes


@pytest.mark.parametrize(
    ("text", "lesions"),
    [
        pytest.param(
            "A hypoechoic nodule with calcifications and an anechoic cyst without septations.",
            [(None, None, "calcifications, hypoechoic, nodule", []), (None, None, "anechoic, cyst", [])],
            id="attributes before and after",
        ),
        pytest.param(
            "The cyst measures 2.3 x 1.4 cm and the mass measures 5 x 3.1 cm.",
            [(None, None, "cyst", [(23, 14)]), (None, None, "mass", [(50, 31)])],
            id="sizes after",
        ),
        pytest.param(
            "Liver cyst (2 cm) and renal mass (3 cm).",
            [("Liver", None, "cyst", [(20,)]), ("Kidney and ureter", None, "mass", [(30,)])],
            id="sizes in brackets",
        ),
        pytest.param(
            "There is a 2 cm nodule in the liver and a 5 mm cyst in the spleen.",
            [("Liver", None, "nodule", [(20,)]), ("Spleen", None, "cyst", [(5,)])],
            id="sizes before",
        ),
        pytest.param(
            "A round cyst in the left kidney and an oval mass in the right kidney.",
            [("Kidney and ureter", "left", "cyst, round", []), ("Kidney and ureter", "right", "mass, oval", [])],
            id="sides",
        ),
        pytest.param(
            "Left hydronephrosis and right renal cyst.",
            [("Kidney and ureter", "left", "", []), ("Kidney and ureter", "right", "cyst", [])],
            id="a disease and a lesion",
        ),
        pytest.param(
            "The right ovary contains a cyst and the left ovary is normal.",
            [("Adnexa", "right", "cyst", []), ("Adnexa", "left", "normal appearance", [])],
            id="a lesion and a normal organ",
        ),
        pytest.param(
            "Normal liver, pancreas and spleen.",
            [(organ, None, "normal appearance", []) for organ in ("Liver", "Pancreas", "Spleen")],
            id="a list of organs after normal",
        ),
        pytest.param(
            "The liver, pancreas and spleen are normal.",
            [(organ, None, "normal appearance", []) for organ in ("Liver", "Pancreas", "Spleen")],
            id="a list of organs before normal",
        ),
        pytest.param(
            "The right kidney measures 9.8 cm and the left kidney measures 10.3 cm.",
            [("Kidney and ureter", "right", "", [(98,)]), ("Kidney and ureter", "left", "", [(103,)])],
            id="sizes of two organs without a lesion",
        ),
        pytest.param(
            "The liver is seen and the lung looks healthy.",
            [("Liver", None, "", []), ("Pulmonary", None, "normal appearance", [])],
            id="an organ without a finding",
        ),
        pytest.param(
            "A 3 cm cyst and a 2 cm solid nodule are seen.",
            [(None, None, "cyst", [(30,)]), (None, None, "nodule, solid components", [(20,)])],
            id="size and attribute before the second",
        ),
        pytest.param(
            "Hypoechoic nodule in the right lobe and anechoic cyst in the left lobe of the thyroid.",
            [("Thyroid gland", "right", "hypoechoic, nodule", []), ("Thyroid gland", "left", "anechoic, cyst", [])],
            id="sides of lobes",
        ),
    ],
)
def test_two_lesions_in_a_sentence(read: Read, text: str, lesions: list[Lesion]) -> None:
    assert [lesion(finding) for finding in read(text).findings] == lesions


@pytest.mark.parametrize(
    ("text", "lesions"),
    [
        pytest.param(
            "Right breast: irregular mass, 2 cm. Left breast: oval nodule, 5 mm.",
            [("Breast", "right", "irregular, mass", [(20,)]), ("Breast", "left", "nodule, oval", [(5,)])],
            id="topics",
        ),
        pytest.param(
            "Cyst in the right kidney. The cyst is anechoic. The left kidney contains a nodule. This nodule is round.",
            [("Kidney and ureter", "right", "anechoic, cyst", []), ("Kidney and ureter", "left", "nodule, round", [])],
            id="the cyst, this nodule",
        ),
        pytest.param(
            "A cyst in the liver. There is a mass in the spleen. It measures 3 cm and has irregular margins.",
            [("Liver", None, "cyst", []), ("Spleen", None, "ill-defined/indistinct, mass", [(30,)])],
            id="it",
        ),
        pytest.param(
            "Mass of 3 cm.\nThe lesion is hypoechoic.\nMargins are smooth.",
            [(None, None, "hypoechoic, mass, well-defined", [(30,)])],
            id="one lesion over three lines",
        ),
        pytest.param(
            "Hypoechoic mass in the right breast. The left breast is unremarkable.",
            [("Breast", "right", "hypoechoic, mass", []), ("Breast", "left", "normal appearance", [])],
            id="a lesion, then a normal organ",
        ),
        pytest.param(
            "There is no mass. The thyroid is heterogeneous.",
            [("Thyroid gland", None, "mass", []), ("Thyroid gland", None, "mixed echogenicity", [])],
            id="nothing joins a denied lesion",
        ),
        pytest.param(
            "Liver: cyst.\nSpleen: It is hypoechoic.",
            [("Liver", None, "cyst", []), ("Spleen", None, "hypoechoic", [])],
            id="nothing crosses to another topic",
        ),
        pytest.param(
            "FINDINGS: Liver mass.\nIMPRESSION: Hypoechoic.",
            [("Liver", None, "mass", []), ("Liver", None, "hypoechoic", [])],
            id="nothing crosses to another section",
        ),
        pytest.param(
            "A cyst is seen in the liver. It measures 3 cm.",
            [("Liver", None, "cyst", [(30,)])],
            id="a sentence of a size alone",
        ),
        pytest.param(
            "Right kidney: 10 cm. Left kidney: 11 cm.",
            [("Kidney and ureter", "right", "", [(100,)]), ("Kidney and ureter", "left", "", [(110,)])],
            id="sizes of two normal organs",
        ),
        pytest.param(
            "There is a cyst in the liver. The spleen is normal.",
            [("Liver", None, "cyst", []), ("Spleen", None, "normal appearance", [])],
            id="a lesion, then another organ with an article",
        ),
        pytest.param(
            "The uterus contains a fibroid. Both ovaries are normal.",
            [("Uterus", None, "mass", []), ("Adnexa", "bilateral", "normal appearance", [])],
            id="a lesion, then both of another organ",
        ),
        pytest.param(
            "The right lobe of the thyroid contains a mass. The left lobe is normal.",
            [("Thyroid gland", "right", "mass", []), ("Thyroid gland", "left", "normal appearance", [])],
            id="a lesion, then the other lobe",
        ),
        pytest.param(
            "Wall thickening of the bowel. Note the ascites.",
            [
                ("Gastrointestinal tract", None, "", []),
                ("Peritoneum mesentery and omentum", None, "fluid collection", []),
            ],
            id="a finding, then another with an article",
        ),
        pytest.param(
            "The larger nodule is hypoechoic. The smaller nodule is hyperechoic.",
            [(None, None, "hypoechoic, nodule", []), (None, None, "hyperechoic, nodule", [])],
            id="larger and smaller",
        ),
    ],
)
def test_lesions_across_sentences(read: Read, text: str, lesions: list[Lesion]) -> None:
    assert [lesion(finding) for finding in read(text).findings] == lesions


@pytest.mark.parametrize(
    ("text", "side"),
    [
        pytest.param("Cyst in the left kidney.", "left", id="left"),
        pytest.param("Right-sided renal cyst.", "right", id="right-sided"),
        pytest.param("RT kidney: cyst.", "right", id="abbreviation"),
        pytest.param("Bilateral renal cysts.", "bilateral", id="bilateral"),
        pytest.param("Cysts in both kidneys.", "bilateral", id="both"),
        pytest.param("Midline neck cyst.", "midline", id="midline"),
        pytest.param("Renal cyst on the left.", "left", id="after"),
        pytest.param("Stones left and both.", "left", id="left and both"),
        pytest.param("LEFT KIDNEY: Cyst.", "left", id="topic"),
        pytest.param("Left kidney shows a cyst. It is anechoic.", "left", id="sentence before"),
        pytest.param("左肾囊肿。", "left", id="Chinese"),
        pytest.param("Renal cyst.", None, id="none"),
        pytest.param("Liver cyst beside the right kidney.", None, id="of a landmark"),
    ],
)
def test_side(read: Read, text: str, side: str | None) -> None:
    assert {finding.laterality for finding in read(text).findings} == {side}


@pytest.mark.parametrize(
    ("text", "certainties"),
    [
        pytest.param("Liver cyst.", ["present"], id="present"),
        pytest.param("Possible liver cyst.", ["possible"], id="possible"),
        pytest.param("No liver cyst.", ["absent"], id="absent"),
        pytest.param("Probably a cyst. Definite mass.", ["possible", "present"], id="each its own"),
        pytest.param("Cyst without septations.", ["present"], id="a denied attribute leaves the lesion"),
        pytest.param("Hypoechoic mass, possibly a carcinoma.", ["present"], id="an interpretation leaves the lesion"),
        pytest.param("Increased echogenicity, consistent with steatosis.", ["possible"], id="and an attribute"),
        pytest.param(
            "Hypoechoic mass, fibroadenoma vs phyllodes tumour.", ["present"], id="a differential leaves the lesion"
        ),
    ],
)
def test_certainty(read: Read, text: str, certainties: list[str]) -> None:
    assert [finding.certainty for finding in read(text).findings] == certainties


def test_labels_of_a_denied_finding_are_the_denied_ones(read: Read) -> None:
    report = read("No hypoechoic mass in the liver.")
    (finding,) = report.findings
    assert attributes_of(finding) == {"diagnosis": {"mass"}, "echogenicity": {"hypoechoic"}}
    assert report.labels["diagnosis"] == report.labels["echogenicity"] == ()
    assert report.labels["organ"] == ("Liver",)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Liver cyst. No hydronephrosis.", id="adult"),
        pytest.param("No hydronephrosis in a newborn.", id="child, denied"),
        pytest.param("Cervical lymphadenopathy in a 10-year-old. The hilum is echogenic.", id="child, two findings"),
        known_fault("Man with a cirrhotic liver. Thrombus in the popliteal vein.", id="known diagnosis elsewhere"),
    ],
)
def test_affirmed_findings_have_only_organs_of_the_report(read: Read, text: str) -> None:
    report = read(text)
    named = {*report.labels["organ"], *report.labels["body_system"], None}
    assert {finding.organ for finding in report.findings if finding.certainty != "absent"} <= named


def test_a_finding_spans_its_evidence_and_measurements(read: Read) -> None:
    text = "In the liver there is a hypoechoic nodule measuring 3 cm today."
    (finding,) = read(text).findings
    assert text[finding.start : finding.end] == "liver there is a hypoechoic nodule measuring 3 cm"


def test_ids_count_the_findings(read: Read) -> None:
    assert [finding.id for finding in read("Cyst. Mass. Nodule.").findings] == ["f1", "f2", "f3"]
