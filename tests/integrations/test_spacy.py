from __future__ import annotations

from pathlib import Path

import pytest

from tests.io.conftest import fake  # noqa: F401 (for every test)

spacy = pytest.importorskip("spacy", reason="spaCy is not installed; it is in the extra [spacy]")


def test_a_document_gets_its_report_and_spans() -> None:
    import udt.integrations.spacy  # noqa: F401

    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer")
    doc = nlp("No mass in the  liver.")
    assert doc._.udt_report.labels["organ"] == ("Liver",)
    assert doc._.udt_report.absent["diagnosis"] == ("mass",)
    spans = [(span.text, span.label_, span.kb_id_) for span in doc.spans["udt"]]
    assert spans == [("mass", "diagnosis", "udaf:diagnosis.mass"), ("liver", "organ", "uhat:liver")]
    assert list(nlp("").spans["udt"]) == []


def test_extensions_come_from_the_configuration() -> None:
    import udt.integrations.spacy

    nlp = spacy.blank("en")
    component = nlp.add_pipe("udt_normalizer", config={"extensions": ["extra.ttl"]})
    assert isinstance(component, udt.integrations.spacy.SpacyNormalizer)
    assert component._normalizer.extensions == (Path("extra.ttl"),)
