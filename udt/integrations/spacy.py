"""A spaCy pipeline component, `udt_normalizer`, that puts a report on each document.

    import spacy
    import udt.integrations.spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer")
    doc = nlp("Liver: hypoechoic nodule.")
    doc._.udt_report          # the udt.core.report.Report
    doc.spans["udt"]          # its evidence: label_ is the dimension, kb_id_ the concept

spaCy is needed for this module alone: `pip install udt-toolkit[spacy]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

if TYPE_CHECKING:
    from udt.core.report import Evidence

SPANS = "udt"


class SpacyNormalizer:
    """Normalises the text of a document as a whole; tokens and other annotations are left alone.

    :param extensions: Turtle files that extend the taxonomy.
    :raises TaxonomyError: where an extension is faulty.
    """

    def __init__(self, extensions: Sequence[str | Path] = ()) -> None:
        """Load the normaliser."""
        from udt.normalize.normalizer import Normalizer

        self._normalizer = Normalizer(extensions=tuple(map(Path, extensions)))
        if not Doc.has_extension("udt_report"):
            Doc.set_extension("udt_report", default=None)

    def __call__(self, doc: Doc) -> Doc:
        """`doc` with `doc._.udt_report` and `doc.spans["udt"]`.

        A span covers whole tokens, so it may be wider than the evidence; the exact offsets are in the report.
        """
        report = self._normalizer.normalize(doc.text)
        doc._.udt_report = report
        doc.spans[SPANS] = SpanGroup(doc, name=SPANS, spans=[_span(doc, evidence) for evidence in report.evidence])
        return doc


def _span(doc: Doc, evidence: Evidence) -> Span:
    span = doc.char_span(
        evidence.start, evidence.end, label=evidence.dimension, kb_id=evidence.concept, alignment_mode="expand"
    )
    if span is None:
        raise ValueError(
            f"evidence at {evidence.start}–{evidence.end} lies outside the document of {len(doc.text)} characters"
        )
    return span


@Language.factory("udt_normalizer", default_config={"extensions": []}, assigns=["doc._.udt_report", "doc.spans"])
def create(nlp: Language, name: str, extensions: list[str]) -> SpacyNormalizer:
    """The component for `nlp.add_pipe("udt_normalizer", config={"extensions": [...]})`."""
    return SpacyNormalizer(extensions)
