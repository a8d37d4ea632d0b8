"""The spaCy component, on the real normaliser."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from udt.reporting.certainty import CERTAINTY

spacy = pytest.importorskip("spacy", reason="spaCy is not installed; it is in the extra [spacy]")

TEXT = "Liver: round hypoechoic nodule, possibly a cyst. No calcifications, no cystic mass."

EXTENSION = """
@prefix udaf: <https://w3id.org/udt/udaf/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
udaf:echogenicity.hypoechoic skos:altLabel "inky"@en .
"""


def test_the_component_is_found_by_its_entry_point() -> None:
    code = (
        "import sys, spacy; nlp = spacy.blank('en'); nlp.add_pipe('udt_normalizer')\n"
        "print(nlp('No mass in the liver.')._.udt_report.absent['diagnosis'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "('mass',)\n"


def test_a_document_gets_its_report_and_spans() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer")
    doc = nlp("No mass in the  liver.")
    assert doc._.udt_report.labels["organ"] == ("Liver",)
    spans = [(span.text, span.label_, span.kb_id_, span._.udt_certainty) for span in doc.spans["udt"]]
    assert ("mass", "diagnosis", "udaf:diagnosis.mass", "absent") in spans
    assert ("liver", "organ", "uhat:liver", "present") in spans
    assert doc.ents == ()
    assert list(nlp("").spans["udt"]) == []


def test_entities_on_request() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer", config={"set_ents": True})
    doc = nlp(TEXT)
    labels = {entity.text: entity.label_ for entity in doc.ents}
    assert labels["nodule"] == "diagnosis" and labels["calcifications"] == "internal_characteristics (absent)"
    assert all(entity._.udt_certainty in CERTAINTY for entity in doc.ents)
    ends = [(entity.start, entity.end) for entity in doc.ents]
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))


@pytest.mark.parametrize("style", ["ent", "span"])
def test_displacy_shows_certainty(style: str) -> None:
    from udt.integrations.spacy import displacy_options

    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer", config={"set_ents": True})
    doc = nlp(TEXT)
    html = spacy.displacy.render(doc, style=style, options=displacy_options(doc), jupyter=False)
    assert CERTAINTY["present"].background in html and CERTAINTY["absent"].background in html
    if style == "ent":
        assert "internal_characteristics (absent)" in html


def test_a_saved_pipeline_is_loaded_in_another_process(tmp_path: Path) -> None:
    (tmp_path / "extra.ttl").write_text(EXTENSION)
    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer", config={"extensions": [str(tmp_path / "extra.ttl")], "set_ents": True})
    nlp.to_disk(tmp_path / "pipeline")
    code = (
        f"import spacy; doc = spacy.load({str(tmp_path / 'pipeline')!r})('Thyroid: inky nodule.')\n"
        "print(doc._.udt_report.labels['echogenicity'], [e.text for e in doc.ents])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "('hypoechoic',) ['Thyroid', 'inky', 'nodule']\n"
