"""The spaCy component, on the real normaliser."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.locations import ROOT
from tests.open_dimensions import write_extension
from udt import Normalizer
from udt.core.report import Evidence
from udt.reporting.certainty import CERTAINTY

spacy = pytest.importorskip("spacy", reason="spaCy is not installed; it is in the extra [spacy]")

TEXT = "Liver: round hypoechoic nodule, possibly a cyst. No calcifications, no cystic mass. Brighter than the spleen."

EXTENSION = """
@prefix udaf: <https://w3id.org/udt/udaf/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
udaf:echogenicity.hypoechoic skos:altLabel "inky"@en .
"""


@pytest.fixture(scope="module")
def nlp() -> Any:
    """A blank pipeline with the component, which also sets entities."""
    made = spacy.blank("en")
    made.add_pipe("udt_normalizer", config={"set_ents": True})
    return made


def in_another_process(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_component_is_found_by_its_entry_point() -> None:
    code = (
        "import sys, spacy; nlp = spacy.blank('en'); nlp.add_pipe('udt_normalizer')\n"
        "print(nlp('No mass in the liver.')._.udt_report.absent['diagnosis'])"
    )
    assert in_another_process(code) == "('mass',)\n"


def test_a_document_gets_its_report_and_spans() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer")
    doc = nlp("No mass in the  liver.")
    assert doc._.udt_report == Normalizer().normalize("No mass in the  liver.")
    spans = [(span.text, span.label_, span.kb_id_, span._.udt_certainty) for span in doc.spans["udt"]]
    assert ("mass", "diagnosis", "udaf:diagnosis.mass", "absent") in spans
    assert ("liver", "organ", "uhat:liver", "present") in spans
    assert doc.ents == ()
    assert list(nlp("").spans["udt"]) == []


def test_the_report_is_that_of_the_normaliser(nlp: Any) -> None:
    doc, report = nlp(TEXT), Normalizer().normalize(TEXT)
    assert doc._.udt_report == report
    assert report.excluded and doc._.udt_report.excluded == report.excluded
    assert [(s.label_, s.kb_id_, s.text, s._.udt_certainty) for s in doc.spans["udt"]] == [
        (e.dimension, e.concept, e.text, e.certainty) for e in report.label_evidence
    ]


def test_spans_of_the_same_words_have_their_own_certainty(nlp: Any) -> None:
    from udt.integrations import spacy as module

    doc = nlp.make_doc("a cystic mass")
    cyst = Evidence("diagnosis", "cyst", "udaf:diagnosis.cyst", 2, 13, "cystic mass", "present")
    mass = Evidence("diagnosis", "mass", "udaf:diagnosis.mass", 2, 13, "cystic mass", "absent")
    spans = [module._span(doc, evidence, evidence.dimension, evidence.concept) for evidence in (cyst, mass)]
    assert [span._.udt_certainty for span in spans] == ["present", "absent"]
    assert doc[0:1]._.udt_certainty is None and doc._.udt_report is None


def test_entities_on_request(nlp: Any) -> None:
    doc = nlp(TEXT)
    labels = {entity.text: entity.label_ for entity in doc.ents}
    assert labels["Liver"] == "organ" and labels["nodule"] == "diagnosis"
    assert labels["cyst"] == "diagnosis (possible)"
    assert labels["calcifications"] == "internal_characteristics (absent)"
    assert all(span._.udt_certainty in CERTAINTY for span in [*doc.ents, *doc.spans["udt_certainty"]])
    ends = [(entity.start, entity.end) for entity in doc.ents]
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))


def test_entities_of_other_components_are_kept_unless_they_overlap() -> None:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "DATE", "pattern": "today"}, {"label": "ANIMAL", "pattern": "Liver"}])
    nlp.add_pipe("udt_normalizer", config={"set_ents": True})
    assert [(e.text, e.label_) for e in nlp("Liver with cyst today.").ents] == [
        ("Liver", "organ"),
        ("cyst", "diagnosis"),
        ("today", "DATE"),
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "examples/reports").glob("*.txt")), ids=lambda path: path.stem)
def test_entities_of_whole_reports(nlp: Any, path: Path) -> None:
    doc = nlp(path.read_text("utf-8"))
    assert len(doc.ents) > 5
    found = {(e.dimension, e.start, e.end) for e in doc._.udt_report.label_evidence}
    for entity in doc.ents:
        dimension = entity.label_.partition(" ")[0]
        assert any(d == dimension and entity.start_char <= s < e <= entity.end_char for d, s, e in found)


@pytest.mark.parametrize("style", ["ent", "span"])
def test_displacy_shows_certainty(nlp: Any, style: str) -> None:
    from spacy import displacy

    from udt.integrations.spacy import displacy_options

    html = displacy.render(nlp(TEXT), style=style, options=displacy_options(), jupyter=False)
    shown = {"diagnosis": "present", "diagnosis (possible)": "possible", "internal_characteristics (absent)": "absent"}
    for label, certainty in shown.items():
        color = CERTAINTY[certainty].background  # type: ignore[index]
        pattern = rf"background: {color};[^<>]*>\s*(?:[^<>]*<span[^<>]*>\s*)?{re.escape(label)}\s*<"
        assert re.search(pattern, html), label


def test_options_of_displacy_have_a_colour_for_each_label_and_certainty() -> None:
    from udt.integrations.spacy import displacy_options
    from udt.io.writers.vocabulary import DimensionKeys

    colors = displacy_options()["colors"]
    assert len(colors) == len(CERTAINTY) * len(DimensionKeys.load().all)
    labels = ("organ", "organ (possible)", "organ (absent)", "organ (unknown)")
    assert {colors[label] for label in labels} == {look.background for look in CERTAINTY.values()}


def test_options_of_displacy_have_the_dimensions_of_an_extension(tmp_path: Path) -> None:
    from udt.integrations.spacy import displacy_options

    colors = displacy_options([write_extension(tmp_path)])["colors"]
    assert colors["breathing_phase (absent)"] == CERTAINTY["absent"].background
    assert "breathing_phase" not in displacy_options()["colors"]


def test_documents_are_serialised_with_all_that_the_component_sets(nlp: Any) -> None:
    doc = nlp(TEXT)
    again = spacy.tokens.Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert again._.udt_report == doc._.udt_report and again._.udt_report.excluded == doc._.udt_report.excluded
    for spans in (lambda one: one.spans["udt"], lambda one: one.spans["udt_certainty"], lambda one: one.ents):
        rows = [[(s.text, s.label_, s.kb_id_, s._.udt_certainty) for s in spans(one)] for one in (doc, again)]
        assert rows[0] == rows[1] != []


@pytest.mark.slow
def test_several_processes(nlp: Any) -> None:
    texts = ["Liver: cyst.", "No mass.", TEXT] * 3
    docs = list(nlp.pipe(texts, n_process=2, batch_size=2))
    assert [doc._.udt_report for doc in docs] == [nlp(text)._.udt_report for text in texts]


def test_a_saved_pipeline_is_loaded_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "extra.ttl").write_text(EXTENSION)
    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer", config={"extensions": [str(tmp_path / "extra.ttl")], "set_ents": True})
    nlp.to_disk(tmp_path / "pipeline")
    code = (
        f"import spacy; doc = spacy.load({str(tmp_path / 'pipeline')!r})('Thyroid: inky nodule.')\n"
        "print(doc._.udt_report.labels['echogenicity'], [(e.text, e.label_) for e in doc.ents])"
    )
    entities = [("Thyroid", "organ"), ("inky", "echogenicity"), ("nodule", "diagnosis")]
    assert in_another_process(code) == f"('hypoechoic',) {entities}\n"
