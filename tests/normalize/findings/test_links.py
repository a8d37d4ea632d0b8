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


def test_a_disease_explains_no_sign_of_another_organ_of_a_child(read: Read) -> None:
    report = read("AGE: 9 years\nSPLEEN: enlarged.\nIMPRESSION: Terminal ileitis.")
    assert named(report.findings, "terminal ileitis").same_as is None


def test_of_two_lesions_that_with_the_category_is_taken_up(read: Read) -> None:
    text = "1. Left nodule, 8 mm, TR3.\n2. Left nodule, 9 mm, TR5.\nIMPRESSION: Left TR5 thyroid nodule."
    *_, second, last = read("THYROID\n" + text).findings
    assert last.same_as == second.id
