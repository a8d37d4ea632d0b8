"""Sentences, sections and topics."""

from __future__ import annotations

import pytest

from tests.normalize.reading import Read, attributes_of, exclusion_reasons
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.match.mentions import find_mentions
from udt.normalize.match.passage import split_passage


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        pytest.param("Liver. Spleen! Kidney? Bladder", ["Liver", "Spleen", "Kidney", "Bladder"], id="stops"),
        pytest.param("Liver; spleen", ["Liver", "spleen"], id="semicolon"),
        pytest.param("A cyst of 2.3 cm. No mass.", ["A cyst of 2.3 cm", "No mass"], id="decimal point"),
        pytest.param("A cyst, i.e. fluid, is seen.", ["A cyst, i.e. fluid, is seen"], id="i.e."),
        pytest.param("Liver normal.Spleen normal.", ["Liver normal", "Spleen normal"], id="no blank after the stop"),
        pytest.param("肝脏正常。脾脏正常。", ["肝脏正常", "脾脏正常"], id="Chinese"),
        pytest.param("The liver is\nnormal in size.", ["The liver is\nnormal in size"], id="wrapped line"),
        pytest.param("Liver normal\nSpleen normal", ["Liver normal", "Spleen normal"], id="line"),
        pytest.param("the liver\n\nthe spleen", ["the liver", "the spleen"], id="blank line"),
        pytest.param("1) Liver\n2) Spleen", ["1) Liver", "2) Spleen"], id="numbered lines"),
        pytest.param("", [], id="nothing"),
        pytest.param("...", [], id="stops alone"),
        pytest.param("See Fig. 2 of the liver.", ["See Fig. 2 of the liver"], id="Fig."),
        pytest.param("Seen by Dr. Smith.", ["Seen by Dr. Smith"], id="Dr."),
        pytest.param("The cyst is approx. 2 cm.", ["The cyst is approx. 2 cm"], id="approx."),
    ],
)
def test_sentences(lexicon: Lexicon, text: str, sentences: list[str]) -> None:
    tokens = tokenize(text)
    mentions, _ = find_mentions(text, tokens, lexicon)
    passage = split_passage(text, tokens, mentions, [mention.sense.kind for mention in mentions], lexicon)
    spans = [(tokens.starts[s.first], tokens.ends[s.end - 1]) for s in passage.sentences]
    found = [text[start:end].strip() for start, end in spans]
    assert [sentence for sentence in found if sentence.strip(".")] == sentences


REPORT = """\
Clinical history: 45-year-old woman with breast cancer.
Technique: Transvaginal ultrasound of the uterus.
FINDINGS:
The liver is normal.
IMPRESSION - Hepatic cyst.
RECOMMENDATION
MRI to exclude metastasis.
"""


def test_sections(read: Read) -> None:
    sections = read(REPORT).sections
    assert [section.label for section in sections] == [
        "history",
        "technique",
        "findings",
        "impression",
        "recommendation",
    ]
    assert [REPORT[s.start : s.end].splitlines()[0][:9] for s in sections] == [
        "Clinical ",
        "Technique",
        "FINDINGS:",
        "IMPRESSIO",
        "RECOMMEND",
    ]
    assert [s.end for s in sections] == [*(s.start for s in sections[1:]), len(REPORT)]


def test_findings_have_the_section_of_their_sentence(read: Read) -> None:
    report = read(REPORT)
    assert [(f.section, f.labels["diagnosis"]) for f in report.findings] == [
        ("findings", ("normal appearance",)),
        ("impression", ("cyst",)),
    ]


def test_history_technique_and_recommendations_are_excluded(read: Read) -> None:
    report = read(REPORT)
    assert report.labels["organ"] == ("Liver",)
    assert exclusion_reasons(report) == {
        "breast cancer": "section history",
        "uterus": "section technique",
        "metastasis": "section recommendation",
    }


@pytest.mark.parametrize(
    "report",
    [
        pytest.param("HISTORY: liver cyst. FINDINGS: Normal spleen.", id="next heading on the line"),
        pytest.param("HISTORY: liver cyst.\nThe spleen is normal.", id="next line, where it began on the heading's"),
        pytest.param("HISTORY:\nLiver cyst.\nHepatic mass.\n\nThe spleen is normal.", id="blank line"),
        pytest.param("HISTORY:\nLiver cyst.\nSPLEEN: normal.", id="heading of an organ"),
        pytest.param("INDICATION - liver cyst\nFINDINGS - normal spleen", id="headings with a dash"),
        pytest.param("History\nLiver cyst\nFindings\nNormal spleen", id="headings alone on their lines"),
        pytest.param("**History:** liver cyst\n**Findings:** normal spleen", id="Markdown, bold"),
        pytest.param("## History\nLiver cyst\n## Findings\nNormal spleen", id="Markdown, headings"),
        pytest.param("1. History: liver cyst\n2. Findings: normal spleen", id="numbered headings"),
    ],
)
def test_the_end_of_an_excluded_section(read: Read, report: str) -> None:
    labels = read(report).labels
    assert (labels["organ"], labels["diagnosis"]) == (("Spleen",), ("normal appearance",))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The findings suggest a liver cyst.", id="within a sentence"),
        pytest.param("Liver cyst, history unknown.", id="at its end"),
        pytest.param("Comparison shows growth of the liver cyst.", id="at its start, without a mark"),
    ],
)
def test_words_of_headings_within_sentences(read: Read, text: str) -> None:
    report = read(text)
    assert report.sections == ()
    assert report.labels["diagnosis"] == ("cyst",)


def test_a_topic_ends_at_the_next_topic(read: Read) -> None:
    findings = read("LIVER: Normal size. 3 cm cyst.\nSPLEEN: Normal. No mass.").findings
    assert [(f.organ, attributes_of(f), f.certainty) for f in findings] == [
        ("Liver", {"diagnosis": {"normal appearance"}}, "present"),
        ("Liver", {"diagnosis": {"cyst"}}, "present"),
        ("Spleen", {"diagnosis": {"normal appearance"}}, "present"),
        ("Spleen", {"diagnosis": {"mass"}}, "absent"),
    ]


def test_a_topic_ends_with_its_section(read: Read) -> None:
    findings = read("FINDINGS:\nLIVER: Cyst.\nIMPRESSION: Renal mass.").findings
    assert [(f.organ, f.section) for f in findings] == [("Liver", "findings"), ("Kidney and ureter", "impression")]


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        pytest.param("Cyst at the post. wall of the bladder.", [["bladder wall"]], id="abbreviation of four letters"),
        pytest.param(
            "The gallbladder is round. stone in it.", [["gallbladder"], ["gallbladder"]], id="word of five letters"
        ),
    ],
)
def test_full_stop_before_a_small_letter(read: Read, text: str, sites: list[list[str]]) -> None:
    assert [[site.label for site in finding.sites] for finding in read(text).findings] == sites
