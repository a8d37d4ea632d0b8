"""Whose age it is: a text is read otherwise if a condition or distance of the rules of the patient is left out.

A row gives the age in years, the sex and the organs, which those of a child replace.
"""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read

ROWS = [
    ("17-year-old intrauterine device.", None, None, ""),
    ("17-year-old. Catheter.", 17.0, None, ""),
    ("17-year-old, catheter.", 17.0, None, ""),
    ("17-year-old; catheter.", 17.0, None, ""),
    ("17-year-old: catheter.", 17.0, None, ""),
    ("17-year-old (catheter).", 17.0, None, ""),
    ("17-year-old\ncatheter.", 17.0, None, ""),
    ("17-year-old) catheter.", 17.0, None, ""),
    ("17-year-old scar.", None, None, ""),
    ("17-year-old liver.", None, None, "Liver"),
    ("17-year-old cyst.", None, None, ""),
    ("17-year-old margin.", None, None, ""),
    ("17 year old cyst.", None, None, ""),
    ("17 years old cyst.", None, None, ""),
    ("17-year-old patient with a catheter.", 17.0, None, ""),
    ("17-year-old cyst patient.", 17.0, None, ""),
    ("17-year-old in the liver cyst.", 17.0, None, "Pediatric abdomen and retroperitoneum"),
    ("17-year-old cyst catheter woman.", 17.0, "female", ""),
    ("7 yo. Liver cyst.", 7.0, None, "Pediatric abdomen and retroperitoneum"),
    ("7. Liver cyst.", None, None, "Liver"),
    ("years old. Liver cyst.", None, None, "Liver"),
    ("7 years. Liver cyst.", None, None, "Liver"),
    ("seven years old.", 7.0, None, ""),
    ("several years old.", None, None, ""),
    ("1.2.3 years old.", None, None, ""),
    ("7,5 years old.", 7.5, None, ""),
    ("12 days of age.", 0.03, None, ""),
    ("Age 3 weeks. Liver cyst.", None, None, "Liver"),
    ("Age: 3 weeks. Liver cyst.", 0.06, None, "Pediatric abdomen and retroperitoneum"),
    ("Age of 3 weeks. Liver cyst.", 0.06, None, "Pediatric abdomen and retroperitoneum"),
    ("Aged 3 weeks. Liver cyst.", 0.06, None, "Pediatric abdomen and retroperitoneum"),
    ("Age 3 weeks, pregnant woman.", None, "female", ""),
    ("Age: 3 weeks, pregnant woman.", None, "female", ""),
    ("Age 3 months, pregnant woman.", 0.25, "female", ""),
    ("Age: 3 months. Liver cyst.", 0.25, None, "Pediatric abdomen and retroperitoneum"),
    ("Age 3 months. Liver cyst.", 0.25, None, "Pediatric abdomen and retroperitoneum"),
    ("Pain for 3 months. Liver cyst.", None, None, "Liver"),
    ("Cyst 3 months. Liver cyst.", None, None, "Liver"),
    ("Child with liver cyst.", None, None, "Pediatric abdomen and retroperitoneum"),
    ("Children with liver cyst.", None, None, "Liver"),
    ("Woman, 17 years old, child. Liver cyst.", 17.0, "female", "Pediatric abdomen and retroperitoneum"),
    ("Child, 40 years old. Liver cyst.", 40.0, None, "Liver"),
    ("Woman and man. Liver cyst.", None, None, "Liver"),
    ("Woman. Liver cyst.", None, "female", "Liver"),
    ("Man. Liver cyst.", None, "male", "Liver"),
    ("Dog. Phantom. Cyst.", None, None, ""),
    ("Mother of the child. Liver cyst.", None, None, "Liver"),
    ("Mother to a child. Liver cyst.", None, None, "Liver"),
    ("Mother with a child. Liver cyst.", None, None, "Pediatric abdomen and retroperitoneum"),
    ("Mother, liver of a child. Liver cyst.", None, None, "Pediatric abdomen and retroperitoneum"),
    ("Mother of a large child. Liver cyst.", None, None, "Liver"),
    ("Mother of an oval child. Liver cyst.", None, None, "Liver"),
    ("Birth in a child. Liver cyst.", None, None, "Pediatric abdomen and retroperitoneum"),
    ("Birth of this child. Liver cyst.", None, None, "Pediatric abdomen and retroperitoneum"),
]


@pytest.mark.parametrize(("text", "years", "sex", "organs"), ROWS, ids=[row[0] for row in ROWS])
def test_patients(text: str, years: float | None, sex: str | None, organs: str, read: Read) -> None:
    report = read(text)
    assert (report.patient.age_years, report.patient.sex) == (years, sex)
    assert ", ".join(report.labels["organ"]) == organs
