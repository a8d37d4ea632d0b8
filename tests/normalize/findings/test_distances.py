"""Distances in words of the rules of findings: a text at each, and one beyond it."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        pytest.param("Bladder normal and right small thin irregular pale dense kidney.", [None, "right"], id="at"),
        pytest.param("Bladder normal and right small thin irregular pale dense quiet kidney.", [None, None], id="far"),
    ],
)
def test_from_a_side_to_its_structure(read: Read, text: str, sides: list[str | None]) -> None:
    assert [f.laterality for f in read(text).findings] == sides


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("Liver cyst. The large round cyst is stable.", 1, id="at"),
        pytest.param("Liver cyst. The very large round cyst is stable.", 2, id="beyond"),
    ],
)
def test_from_the_article_of_a_known_finding(read: Read, text: str, number: int) -> None:
    assert len(read(text).findings) == number


@pytest.mark.parametrize(
    ("text", "label"),
    [
        pytest.param("Suspicious left small round axillary node.", "suspicious lymph node", id="before, at"),
        pytest.param("Suspicious left small round dense axillary node.", "suspicious lymph node", id="before, far"),
        pytest.param(
            "The femoral vein today and in the upper and the mid third is compressible.",
            "compressible vein",
            id="after, at",
        ),
        pytest.param(
            "The femoral vein today and also in the upper and the mid third is compressible.", None, id="after, beyond"
        ),
    ],
)
def test_from_a_predicate_to_its_structure(read: Read, text: str, label: str | None) -> None:
    (finding,) = read(text).findings
    assert (finding.concept and finding.concept.label) == label


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        pytest.param("Aorta 22 mm at diaphragm and 18 mm at bifurcation.", 2, id="no article"),
        pytest.param("Aorta 22 mm at the diaphragm and 18 mm at the bifurcation.", 2, id="article"),
        pytest.param("Aorta 22 mm at the upper diaphragm and 18 mm at the low bifurcation.", 1, id="article, word"),
        pytest.param("Aorta 22 mm wide at the diaphragm and 18 mm wide at the bifurcation.", 1, id="word after unit"),
    ],
)
def test_from_a_size_to_where_it_is_taken(read: Read, text: str, sizes: int) -> None:
    assert len(read(text).findings[0].measurements) == sizes


@pytest.mark.parametrize(
    ("text", "site"),
    [
        pytest.param("Achilles tendon: tear. The whole tendon is thick.", "Achilles tendon", id="at"),
        pytest.param("Achilles tendon: tear. The whole remaining tendon is thick.", "ankle tendon", id="beyond"),
    ],
)
def test_from_the_article_of_a_known_structure(read: Read, text: str, site: str) -> None:
    assert [one.label for one in read(text).findings[-1].sites] == [site]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Kidneys: right is 10 cm and left is just about 11 cm.", id="near"),
        pytest.param("Kidneys: right is just now about 10 cm and left is just now about 11 cm.", id="far"),
    ],
)
def test_from_a_side_to_its_size(read: Read, text: str) -> None:
    found = {f.laterality: [one.canonical for one in f.measurements] for f in read(text).findings}
    assert found == {"right": [(100.0,)], "left": [(110.0,)]}


def test_an_arrow_of_two_signs(read: Read) -> None:
    (finding,) = read("Collection, avascular -> haematoma.").findings
    assert finding.concept is not None and finding.concept.label == "haematoma"
