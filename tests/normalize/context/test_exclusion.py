"""Mentions that are not of the patient's finding."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, exclusion_reasons, known_fault, places


@pytest.mark.parametrize(
    ("text", "words", "reason", "expected"),
    [
        pytest.param("Liver mass isoechoic to the spleen.", "spleen", "comparison", {"Liver"}, id="isoechoic to"),
        pytest.param(
            "Liver mass, hypoechoic compared with the kidney.", "kidney", "comparison", {"Liver"}, id="compared with"
        ),
        pytest.param(
            "The kidney is more echogenic than the liver.", "liver", "comparison", {"Kidney and ureter"}, id="than"
        ),
        pytest.param("The liver is brighter than the spleen.", "spleen", "comparison", {"Liver"}, id="brighter than"),
        pytest.param("Liver mass adjacent to the gallbladder.", "gallbladder", "landmark", {"Liver"}, id="adjacent to"),
        pytest.param(
            "Pancreatic mass compressing the bile duct.", "bile duct", "landmark", {"Pancreas"}, id="compressing"
        ),
        pytest.param("Liver cyst, posterior to the stomach.", "stomach", "landmark", {"Liver"}, id="posterior to"),
        pytest.param(
            "Echogenic needle in the liver mass.", "echogenic", "instrument", {"Liver"}, id="before an instrument"
        ),
        known_fault(
            "The catheter in the bladder is echogenic.", "echogenic", "instrument", {"Bladder"}, id="with a copula"
        ),
        pytest.param("Liver cyst 5 mm from the chest wall.", "chest wall", "landmark", {"Liver"}, id="distance from"),
        pytest.param("Heart-shaped liver.", "heart", "comparison", {"Liver"}, id="shaped"),
        pytest.param("Tongue-like lobe of the liver.", "tongue", "comparison", {"Liver"}, id="like"),
        pytest.param("Liver cyst. The pancreas is not seen.", "pancreas", "not seen", {"Liver"}, id="not seen"),
        pytest.param("Liver cyst. Spleen: not assessed.", "spleen", "not seen", {"Liver"}, id="not assessed"),
        pytest.param("Liver cyst. Her sister has renal cancer.", "renal cancer", "experiencer", {"Liver"}, id="sister"),
        pytest.param("Liver cyst. Renal cancer in an aunt.", "renal cancer", "experiencer", {"Liver"}, id="in an aunt"),
        pytest.param("History of renal cancer. Liver cyst.", "renal cancer", "history", {"Liver"}, id="history of"),
        pytest.param("If the spleen is large, do an MRI. Liver cyst.", "spleen", "hypothetical", {"Liver"}, id="if"),
        pytest.param(
            "The fetal kidney is large. Maternal liver cyst.", "kidney", "not the patient", {"Liver"}, id="fetal"
        ),
    ],
)
def test_reason(read: Read, text: str, words: str, reason: str, expected: set[str]) -> None:
    report = read(text)
    assert exclusion_reasons(report) == {words: reason}
    assert places(report) == expected


def test_excluded_mentions_quote_the_text(read: Read) -> None:
    text = "Liver mass isoechoic to the spleen."
    (one,) = read(text).excluded
    assert (one.text, text[one.start : one.end], one.concept) == ("spleen", "spleen", "uhat:spleen")


@pytest.mark.parametrize(
    ("text", "dimension", "label"),
    [
        pytest.param("Liver mass isoechoic to the spleen.", "echogenicity", "isoechoic", id="comparison"),
        pytest.param("Liver mass adjacent to the gallbladder.", "diagnosis", "mass", id="landmark"),
        pytest.param("Less than 1 cm cyst in the liver.", "diagnosis", "cyst", id="than a number"),
        pytest.param("Hypoechoic mass, biopsied with a bright needle.", "echogenicity", "hypoechoic", id="instrument"),
    ],
)
def test_the_finding_itself_is_not_excluded(read: Read, text: str, dimension: str, label: str) -> None:
    assert read(text).labels[dimension] == (label,)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("CT showed a renal mass. Ultrasound shows a liver cyst.", id="seen on CT"),
        pytest.param("MRI of the breast showed a mass. Ultrasound of the liver shows a cyst.", id="MRI of"),
        pytest.param("Patient with breast cancer. Liver cyst.", id="known diagnosis"),
        pytest.param("The mother had thyroid cancer. Liver cyst.", id="a relative's"),
    ],
)
def test_prior_diagnoses_yield_to_findings(read: Read, text: str) -> None:
    labels = read(text).labels
    assert (labels["organ"], labels["diagnosis"]) == (("Liver",), ("cyst",))


def test_a_prior_diagnosis_counts_if_it_is_the_only_one(read: Read) -> None:
    labels = read("Patient with breast cancer.").labels
    assert (labels["organ"], labels["diagnosis"]) == (("Breast",), ("mass",))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The fetal kidney is hyperechoic. The maternal liver is normal.", id="with a copula"),
        pytest.param("The fetal kidney shows a hyperechoic mass. The maternal liver is normal.", id="with a verb"),
    ],
)
def test_findings_of_a_fetus_are_excluded(read: Read, text: str) -> None:
    labels = read(text).labels
    assert (labels["echogenicity"], labels["diagnosis"]) == ((), ("normal appearance",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The pancreas is not clearly seen.", {"Pancreas"}, id="seen in part"),
        pytest.param("The pancreas is partly obscured by bowel gas.", {"Pancreas"}, id="obscured in part"),
        pytest.param("A pancreatic mass is not seen.", {"Pancreas"}, id="a finding that is not seen"),
        pytest.param("PANCREAS: tail not assessed.", {"Pancreas"}, id="a part that is not seen"),
        pytest.param("The liver and pancreas are not seen.", set(), id="two structures"),
        pytest.param("Liver normal, pancreas not seen.", {"Liver"}, id="another structure that is seen"),
    ],
)
def test_what_was_seen_in_part_keeps_its_place(read: Read, text: str, expected: set[str]) -> None:
    assert places(read(text)) == expected
