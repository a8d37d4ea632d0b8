"""Faults of reading whole reports that must not come back: headings, patient, spelling, history, landmarks."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, exclusion_reasons, places
from udt.core.report import Report


def summary(report: Report) -> list[tuple[str, str | None, str | None, tuple[str, ...]]]:
    """Return certainty, organ, side and diagnosis of each finding."""
    return [(f.certainty, f.organ, f.laterality, f.labels["diagnosis"]) for f in report.findings]


KIDNEY, LIVER = "Kidney and ureter", "Liver"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("RK: cyst of 2 cm.", [("present", KIDNEY, "right", ("cyst",))], id="f01"),
        pytest.param(
            "LK: normal.\nRO: 4 cm septated cyst.\nUT: fibroid of 3 cm.",
            [
                ("present", KIDNEY, "left", ("normal appearance",)),
                ("present", "Adnexa", "right", ("cyst",)),
                ("present", "Uterus", None, ("mass",)),
            ],
            id="f02",
        ),
        pytest.param(
            "N1: hypoechoic nodule, 8 mm.\nN2: isoechoic nodule, 5 mm.",
            [("present", None, None, ("nodule",)), ("present", None, None, ("nodule",))],
            id="f03",
        ),
        pytest.param("IMP: Liver cyst.", [("present", LIVER, None, ("cyst",))], id="f04"),
        pytest.param("Uterus: gravid. Estimated age 17 weeks.", [("present", "Uterus", None, ())], id="f08"),
    ],
)
def test_findings(read: Read, text: str, expected: list[tuple[str, str | None, str | None, tuple[str, ...]]]) -> None:
    assert summary(read(text)) == expected


def test_f04_an_abbreviated_heading_opens_its_section(read: Read) -> None:
    assert read("IMP: Liver cyst.").findings[0].section == "impression"


def test_f05_abbreviated_headings_within_a_line(read: Read) -> None:
    report = read("LIV: 14 cm, no mass. POD: no free fluid. EM: 7 mm.")
    assert places(report) == {LIVER, "Uterus"}
    assert set(report.absent["diagnosis"]) == {"mass", "fluid collection"}


def test_f06_single_letters_of_sides(read: Read) -> None:
    first = read("R: hydrocele. L: normal.").findings[0]
    assert (first.organ, first.laterality, first.labels["diagnosis"]) == ("Scrotum", "right", ("fluid collection",))


def test_f07_the_end_of_a_long_heading_is_no_key(read: Read) -> None:
    report = read("Left breast, 3:00, 4 cm FN: hypoechoic mass 12 x 8 x 9 mm.")
    assert (report.labels["diagnosis"], report.labels["echogenicity"]) == (("mass",), ("hypoechoic",))
    assert report.findings[0].laterality == "left"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Retained products after delivery of an infant 5 weeks ago; uterus 12 cm.", {"Uterus"}, id="f09"),
        pytest.param("A 17-year-old intrauterine device is in place. Uterus normal.", {"Uterus"}, id="f10"),
        pytest.param("Liver: Child-Pugh B cirrhosis.", {LIVER}, id="f11"),
        pytest.param("A 17-year-old scar over the liver cyst.", {LIVER}, id="f12"),
        pytest.param("Papillary projection in the left ovarian cyst.", {"Adnexa"}, id="f30"),
        pytest.param("Ankle brachial index 0.9.", {"Ankle"}, id="f31"),
        pytest.param("Parametric imaging of the liver.", {LIVER}, id="f32"),
        pytest.param("The popliteal and peroneal arteries are patent.", {"Peripheral arteries"}, id="f33"),
        pytest.param("Fibroids: one intramural, one subserosal.", {"Uterus"}, id="f34"),
        pytest.param("Infrahepatic vena cava is patent.", {"Retroperitoneum and great vessels"}, id="f35"),
        pytest.param("Hypodermic needle in the abscess.", set(), id="f37"),
        pytest.param("Skin vesicles over the mass.", {"Soft tissues"}, id="f38"),
        pytest.param("Mass in the near zone of the right breast.", {"Breast"}, id="f65"),
        pytest.param("The pancreas is obscured by bowel gas.", set(), id="f66"),
        pytest.param("Adnexa: not seen.", set(), id="f67"),
        pytest.param("Bull's eye lesion of the liver; heart-shaped uterus.", {LIVER, "Uterus"}, id="f68"),
        pytest.param("Mass 5 mm from the chest wall.", set(), id="f69"),
    ],
)
def test_organs(read: Read, text: str, expected: set[str]) -> None:
    report = read(text)
    assert places(report) == expected
    assert "Pediatrics" not in report.labels["body_system"]


def test_f34_and_f36_give_no_label_of_a_similar_word(read: Read) -> None:
    assert read("Fibroids: one intramural, one subserosal.").labels["body_system"] == ("Gynaecology",)
    assert not read("Peritoneal carcinosis.").labels["internal_characteristics"]


@pytest.mark.parametrize(
    ("heading", "reason"),
    [
        pytest.param("FAMILY HISTORY: Breast cancer.", "section family history", id="f39"),
        pytest.param("PAST HISTORY: Ovarian cyst.", "section history", id="f40"),
        pytest.param("SURGICAL HISTORY: A liver mass.", "section history", id="f41"),
        pytest.param("INDICATION FOR STUDY: Rule out abscess.", "section indication", id="f42"),
        pytest.param("REFERRING DIAGNOSIS: Thyroid nodule.", "section indication", id="f43"),
        pytest.param("PRE-OP DIAGNOSIS: Scrotal mass.", "section indication", id="f44"),
        pytest.param("Clinical question: gallstones?", "section indication", id="f45"),
        pytest.param("NDICATION: Liver mass.", "section indication", id="f46"),
        pytest.param("BRIEF SURGICAL HISTORY: Liver mass.", "section history", id="longer heading"),
        pytest.param("HISTORY OF PRESENT ILLNESS: Liver mass.", "section history", id="history of"),
        pytest.param("Pathology: ductal carcinoma.", "section pathology", id="pathology"),
    ],
)
def test_history_and_requests(read: Read, heading: str, reason: str) -> None:
    report = read(f"{heading}\n\nFINDINGS: Normal.")
    assert not any(report.labels.values())
    assert set(exclusion_reasons(report).values()) == {reason}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Her sister had breast cancer at 43. Breasts: no mass.", id="f47"),
        pytest.param("Breast cancer in her aunt. Breasts: no mass.", id="relative after the disease"),
        pytest.param("Mother with breast cancer. Breasts: no mass.", id="mother"),
    ],
)
def test_diseases_of_relatives(read: Read, text: str) -> None:
    report = read(text)
    assert set(exclusion_reasons(report).values()) == {"experiencer"}
    assert (report.labels["diagnosis"], report.absent["diagnosis"]) == ((), ("mass",))


def test_f48_other_modalities(read: Read) -> None:
    report = read(
        "MAMMOGRAM: Spiculated mass with calcifications on the left.\n\n"
        "ULTRASOUND: Hypoechoic mass of 14 mm at 2 o'clock."
    )
    assert (report.labels["margins"], report.labels["internal_characteristics"]) == ((), ())
    assert report.labels["echogenicity"] == ("hypoechoic",)
    assert set(exclusion_reasons(report).values()) == {"modality mammography"}


def test_f78_a_heading_before_a_denial_is_no_legend(read: Read) -> None:
    report = read("Doppler of both legs: negative for thrombosis.")
    assert [f.certainty for f in report.findings] == ["absent"]
    assert "legend" not in exclusion_reasons(report).values()
