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
    ],
)
def test_change(read: Read, text: str, change: str | None) -> None:
    assert read(text).findings[0].change == change
