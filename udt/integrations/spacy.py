"""A spaCy pipeline component, `udt_normalizer`, that sets a report on each document.

spaCy finds it by its entry point, so a pipeline names it without importing this module:

    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer", config={"set_ents": True})
    doc = nlp("Liver: hypoechoic nodule. No ascites.")
    doc._.udt_report            # the udt.Report
    doc.spans["udt"]            # its evidence: label_ is the dimension, kb_id_ the concept
    doc.ents                    # the same without overlaps, if set_ents is true
    doc.ents[0]._.udt_certainty # present, possible or absent

    spacy.displacy.render(doc, style="ent", options=displacy_options(doc))

spaCy is needed for this module alone: `pip install 'udt-toolkit[spacy]'`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from udt.reporting.certainty import CERTAINTY

if TYPE_CHECKING:
    from udt.core.report import Certainty, Evidence

SPANS = "udt"


class SpacyNormalizer:
    """Normalise the text of a document; tokens and the spans of other components are left alone.

    :param extensions: Turtle files that extend the taxonomy.
    :param set_ents: whether `doc.ents` is replaced by the evidence too. Of overlapping spans the longest is kept, and
        labels name the certainty, e.g. `diagnosis (absent)`, so that displaCy shows it.
    :raises TaxonomyError: if an extension is faulty.
    """

    def __init__(self, extensions: Sequence[str | Path] = (), *, set_ents: bool = False) -> None:
        from udt.normalize.normalizer import Normalizer

        self._normalizer = Normalizer(extensions=tuple(map(Path, extensions)))
        self._set_ents = set_ents
        _register_attributes()

    def __call__(self, doc: Doc) -> Doc:
        """Return `doc` with `doc._.udt_report` and `doc.spans["udt"]`, and by choice `doc.ents`.

        A span covers whole tokens, so it may be wider than the evidence; the exact offsets are in the report.
        """
        report = self._normalizer.normalize(doc.text)
        doc._.udt_report = report
        spans = [_span(doc, evidence, evidence.dimension) for evidence in report.evidence]
        doc.spans[SPANS] = SpanGroup(doc, name=SPANS, spans=spans)
        if self._set_ents:
            entities = [_span(doc, evidence, _entity_label(evidence)) for evidence in report.evidence]
            doc.set_ents(filter_spans(entities))
        return doc


def displacy_options(doc: Doc) -> dict[str, Any]:
    """Return options for `spacy.displacy.render` that colour entities and spans by certainty, as our pages do.

    They serve the styles `ent` and `span`; the latter takes the spans of `doc.spans["udt"]`, whose colour is that of
    the certainty if all spans of a dimension share one.
    """
    colors = {entity.label_: _color(entity._.udt_certainty) for entity in doc.ents if entity._.udt_certainty}
    for span in doc.spans.get(SPANS, ()):
        before = colors.setdefault(span.label_, _color(span._.udt_certainty))
        if before != _color(span._.udt_certainty):
            colors[span.label_] = _MIXED
    return {"colors": colors, "spans_key": SPANS}


_MIXED = "#dfe3ea"


def _color(certainty: Certainty) -> str:
    return CERTAINTY[certainty].background


def _entity_label(evidence: Evidence) -> str:
    sure = evidence.certainty == "present"
    return evidence.dimension if sure else f"{evidence.dimension} ({evidence.certainty})"


def _span(doc: Doc, evidence: Evidence, label: str) -> Span:
    span = doc.char_span(evidence.start, evidence.end, label=label, kb_id=evidence.concept, alignment_mode="expand")
    if span is None:
        raise ValueError(
            f"evidence at {evidence.start}–{evidence.end} lies outside the document of {len(doc.text)} characters"
        )
    span._.udt_certainty = evidence.certainty
    return span


def _register_attributes() -> None:
    attributes: Mapping[type[Doc] | type[Span], str] = {Doc: "udt_report", Span: "udt_certainty"}
    for kind, name in attributes.items():
        if not kind.has_extension(name):
            kind.set_extension(name, default=None)


@Language.factory(
    "udt_normalizer",
    default_config={"extensions": [], "set_ents": False},
    assigns=["doc._.udt_report", "doc.spans", "doc.ents"],
)
def create_normalizer(nlp: Language, name: str, extensions: list[str], set_ents: bool) -> SpacyNormalizer:
    """Create the component for `nlp.add_pipe("udt_normalizer", config={"extensions": [...], "set_ents": True})`."""
    return SpacyNormalizer(extensions, set_ents=set_ents)
