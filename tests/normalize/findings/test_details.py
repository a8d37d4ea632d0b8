"""Location, count and change of findings."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read


@pytest.mark.parametrize(
    ("text", "location"),
    [
        pytest.param("Mass at 10:00 in the left breast.", {"clock": "10"}, id="clock"),
        pytest.param("Cyst in seg 7 of the liver.", {"segment": "VII"}, id="number of the value"),
        pytest.param("Nodules in segments V and VI of the liver.", {"segment": "V, VI"}, id="several"),
        pytest.param("Cyst at the MID  POLE of the left kidney.", {"pole": "mid pole"}, id="words of the text"),
        pytest.param("Lesion of the prostate in the TZ.", {"zone": "transition zone"}, id="abbreviation"),
        pytest.param("Cyst of the left kidney.", {}, id="nothing"),
    ],
)
def test_location(read: Read, text: str, location: dict[str, str]) -> None:
    assert read(text).findings[0].location == location


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("One small cyst in the left kidney.", 1, id="one"),
        pytest.param("One of the stones.", None, id="one of several"),
        pytest.param("One is a cyst.", None, id="pronoun"),
        pytest.param("3 large shadowing stones.", 3, id="digit"),
        pytest.param("Cyst 3.", None, id="number after the name"),
        pytest.param("Two lymph nodes with thick cortex.", 2, id="number of the structure"),
        pytest.param("Several cysts.", "several", id="several"),
        pytest.param("A couple of cysts.", "few", id="few"),
        pytest.param("Small cysts in both kidneys.", "multiple", id="plural"),
        pytest.param("The cysts are stable.", None, id="known ones"),
        pytest.param("No cysts.", None, id="denied plural"),
        pytest.param("Dilated ducts.", None, id="plural of a state"),
        pytest.param("9 cm stones.", "multiple", id="size before the name"),
        pytest.param("No BI-RADS 4 or 5 lesions.", None, id="number of a category"),
    ],
)
def test_count(read: Read, text: str, count: int | str | None) -> None:
    assert read(text).findings[0].count == count


@pytest.mark.parametrize(
    ("text", "change"),
    [
        pytest.param("Stable cyst.", "stable", id="stable"),
        pytest.param("The hydronephrosis has improved.", "decreased", id="improved"),
        pytest.param("Hydronephrosis, worse.", "increased", id="worse"),
        pytest.param("Cyst, 30 mm, previously 20 mm.", "increased", id="sizes"),
        pytest.param("Left renal cyst, slightly enlarged.", "increased", id="enlarged lesion"),
        pytest.param("Cyst, enlarged lymph node.", None, id="another enlarged structure"),
        pytest.param("Enlarged spleen.", None, id="enlarged organ"),
        pytest.param("Hepatic cyst. This is unchanged.", "stable", id="sentence about the finding before it"),
        pytest.param("Cyst.", None, id="nothing"),
        pytest.param("Near resolution of the abscess.", "decreased", id="phrase of a pseudo cue"),
        pytest.param("The abscess has nearly resolved.", "decreased", id="not yet resolved"),
        pytest.param("Hydronephrosis, improved compared with May.", "decreased", id="phrase with a comparison"),
        pytest.param("No new mass.", "new", id="end of a negation"),
        pytest.param("Stenosis of the ICA 70%, previously 50%.", "increased", id="percentages"),
        pytest.param("Renal resistive index 0.6, previously 0.8.", "decreased", id="indices"),
        pytest.param("Cyst 20 mm, previously 10 mm from the skin.", None, id="a distance is no size"),
        pytest.param("The nodule in the liver is hypoechoic, unchanged.", "stable", id="after another predicate"),
        pytest.param("Nodule biopsied overseas last summer, progressed from May.", "increased", id="phrase far away"),
        pytest.param("Nodule biopsied overseas last summer, growing.", None, id="word far away"),
    ],
)
def test_change(read: Read, text: str, change: str | None) -> None:
    assert read(text).findings[0].change == change


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Cysts have thin walls.", "multiple"),
        ("These cysts have thin walls.", None),
        ("Most of cysts are thin-walled.", None),
        ("Solitary thyroid nodule.", 1),
        ("2 stones in the gallbladder.", 2),
        ("3 stone in the gallbladder.", None),
        ("99 stones in the gallbladder.", 99),
        ("100 stones in the gallbladder.", "multiple"),
        ("1 stones in the gallbladder.", "multiple"),
        ("4 - stones.", "multiple"),
        ("3 large round shadowing stones in the gallbladder.", 3),
        ("3 large round dense shadowing stones in the gallbladder.", "multiple"),
        ("One cysts.", "multiple"),
        ("Two cysts.", 2),
        ("Three cysts.", 3),
        ("2 kidneys with cysts.", "multiple"),
        ("Two nodes. They are round.", None),
    ],
)
def test_count_of_the_last_finding(read: Read, text: str, count: int | str | None) -> None:
    assert read(text).findings[-1].count == count


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("The collection has resolved.", "resolved"),
        ("Cyst of 9 mm, previously 12 x 7 mm.", "decreased"),
        ("Cyst of 22 mm, previously 20 mm.", "stable"),
        ("Cyst of 33 mm, previously 30 mm.", "stable"),
        ("Cyst of 111 mm, previously 100 mm.", "increased"),
        ("Cyst of 9 mm, previously 10 mm.", "stable"),
        ("Cyst of 8 mm, previously 10 mm.", "decreased"),
        ("Stenosis 70%, was 50%.", "increased"),
        ("Stable cyst, enlarged.", "stable"),
        ("The cyst is enlarged.", "increased"),
        ("The kidney is enlarged.", None),
    ],
)
def test_change_of_a_finding(read: Read, text: str, change: str | None) -> None:
    (finding,) = read(text).findings
    assert finding.change == change


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("Cyst at a depth of 9 mm.", {"depth": "9 mm"}),
        ("Cyst in the lower third of the right kidney.", {"pole": "lower third"}),
        ("Thrombus in the mid femoral vein.", {"portion": "mid"}),
        ("Cyst in seg 7 of the liver.", {"segment": "VII"}),
        ("Cyst of the kidney.", {}),
    ],
)
def test_location_in_words(read: Read, text: str, location: dict[str, str]) -> None:
    (finding,) = read(text).findings
    assert finding.location == location
