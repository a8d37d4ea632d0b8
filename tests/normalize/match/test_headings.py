"""Headings of sections, modalities and items."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, exclusion_reasons
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.match.mentions import find_mentions
from udt.normalize.match.passage import Sentence, split_passage


def sentences_of(text: str, lexicon: Lexicon) -> list[Sentence]:
    """Split a text into sentences with their sections and topics."""
    tokens = tokenize(text)
    mentions, _ = find_mentions(text, tokens, lexicon)
    return split_passage(text, tokens, mentions, [m.sense.kind for m in mentions], lexicon).sentences


def topics_of(text: str, lexicon: Lexicon) -> list[tuple[str | None, str | None]]:
    """Return the topic and the side of each sentence."""
    return [
        (
            s.topic.sense.curie.rpartition("_")[2] if s.topic else None,
            s.topic_side.sense.one("side") if s.topic_side else None,
        )
        for s in sentences_of(text, lexicon)
    ]


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        pytest.param("KIDNEY (RIGHT): 10 cm. Cyst.", [("kidney", "right")] * 2, id="up to the end of the line"),
        pytest.param("RK: 10 cm.\nNo stone.", [("kidney", "right")] * 2, id="abbreviation with a side"),
        pytest.param(
            "LEFT OVARY: Normal.\nCUL-DE-SAC: No fluid.",
            [("ovary", "left"), ("pouch-of-douglas", None)],
            id="next heading with anatomy",
        ),
        pytest.param("KIDNEY: Normal.\nFree fluid: none", [("kidney", None), (None, None)], id="heading of a finding"),
        pytest.param("KIDNEY: Normal.\nSize: 10 cm", [("kidney", None)] * 2, id="heading that describes"),
        pytest.param("KIDNEY: Normal.\nOther: cyst", [("kidney", None), (None, None)], id="heading of another kind"),
        pytest.param("KIDNEY: Normal.\n\nA cyst.", [("kidney", None), (None, None)], id="blank line"),
        pytest.param("KIDNEY:\nOther: cyst\n\nA cyst.", [("kidney", None)] * 3, id="heading alone on its line"),
        pytest.param("Testis. R: cyst. L: normal.", [(None, None), (None, "right"), (None, "left")], id="sides alone"),
        pytest.param("Left breast, 3:00, FN 4: cyst.", [("breast", "left")], id="colon of a clock position"),
    ],
)
def test_topics(lexicon: Lexicon, text: str, topics: list[tuple[str | None, str | None]]) -> None:
    assert [(t.removeprefix("uhat:") if t else t, side) for t, side in topics_of(text, lexicon)] == topics


def test_a_heading_that_opens_a_line_is_marked(lexicon: Lexicon) -> None:
    assert [s.headed for s in sentences_of("Liver: cyst. Wall: 2 mm.\nMass: none\nA cyst.", lexicon)] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "modalities"),
    [
        pytest.param("CT: mass.\nULTRASOUND: cyst.", ["CT", "ultrasound"], id="headings"),
        pytest.param("CT ABDOMEN\nA mass.\n\nA cyst.", ["CT", "CT", None], id="title in capitals, blank line"),
        pytest.param("CT:\nA mass.\n\nA stone.\nUS:\nA cyst.", ["CT"] * 3 + ["ultrasound"] * 2, id="up to ultrasound"),
        pytest.param("MRI: mass.\nA cyst on ultrasound.", ["MRI", None], id="sentence on ultrasound"),
        pytest.param("MRI: mass.\nIMPRESSION: cyst.", ["MRI", None], id="next section"),
        pytest.param("MRI:\nFINDINGS: mass.", ["MRI"] * 2, id="section of the modality"),
        pytest.param("COMPARISON CT: mass.", [None], id="section without findings"),
        pytest.param("CT and ultrasound: mass.", [None], id="both"),
        pytest.param("CT of the liver shows a mass.", [None], id="no heading"),
    ],
)
def test_modalities(lexicon: Lexicon, text: str, modalities: list[str | None]) -> None:
    assert [s.modality for s in sentences_of(text, lexicon)] == modalities


def test_results_of_another_modality_are_excluded(read: Read) -> None:
    report = read("CT: mass.\nULTRASOUND: cyst.")
    assert report.labels["diagnosis"] == ("cyst",)
    assert exclusion_reasons(report) == {"mass": "modality CT"}


@pytest.mark.parametrize(
    ("text", "section"),
    [
        pytest.param("NDICATION: cyst.", "indication", id="first letter cut"),
        pytest.param("MPRESSION: cyst.", "impression", id="first letter of another cut"),
        pytest.param("PRELIMINARY IMPRESSION: cyst.", "impression", id="last words"),
        pytest.param("HISTORY AND COURSE: cyst.", "history", id="in capitals"),
        pytest.param("History and course: cyst.", None, id="not the last words"),
        pytest.param("TECHNIQUE AND FINDINGS: cyst.", "findings", id="two, one with findings"),
        pytest.param("The liver. Latest history: cyst.", None, id="within a line"),
    ],
)
def test_sections(lexicon: Lexicon, text: str, section: str | None) -> None:
    assert sentences_of(text, lexicon)[-1].section == section


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        pytest.param("L ovary.", ["left"], id="before anatomy"),
        pytest.param("R: cyst.", ["right"], id="before a colon"),
        pytest.param("1. L endometrioma.", ["left"], id="start of an item"),
        pytest.param("Level L 4 of the spine.", [], id="before a number"),
        pytest.param("Cortex R 14 mm, L 1.7 cm.", ["right", "left"], id="before sizes"),
        pytest.param("Volume 3 L 5 mm wall.", [], id="after a number"),
        pytest.param("A cyst in R.", [], id="at the end"),
    ],
)
def test_single_letters_of_sides(lexicon: Lexicon, text: str, sides: list[str]) -> None:
    assert [side.sense.one("side") for s in sentences_of(text, lexicon) for side in s.sides] == sides
