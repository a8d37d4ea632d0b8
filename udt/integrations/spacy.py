"""A spaCy pipeline component, `udt_normalizer`, that sets a report on each document.

spaCy finds it by its entry point, so a pipeline names it without importing this module:

    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("udt_normalizer", config={"set_ents": True})
    doc = nlp("Liver: hypoechoic nodule. No ascites.")
    doc._.udt_report                     # the udt.Report
    doc.spans["udt"]                     # its evidence: label_ is the dimension, kb_id_ the concept
    doc.spans["udt"][0]._.udt_certainty  # present, possible or absent
    doc.ents                             # the evidence without overlaps, if set_ents is true

`doc.spans["udt_certainty"]` and `doc.ents` have labels that name the certainty, e.g. `diagnosis (absent)`, so displaCy
shows it:

    from spacy import displacy

    from udt.integrations.spacy import displacy_options

    displacy.render(doc, style="ent", options=displacy_options())
    displacy.render(doc, style="span", options=displacy_options())

All of it is kept by `Doc.to_bytes`, `DocBin(store_user_data=True)` and `nlp.pipe` with several processes. spaCy is
needed for this module alone: `pip install 'udt-toolkit[spacy]'`.
"""

# No annotations as strings: spaCy before confection 1 cannot resolve those of a factory.
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from udt.core.report import Certainty, Evidence, Excluded, Report
from udt.graphkit.read.reports import report_of
from udt.io.writers.vocabulary import DimensionKeys
from udt.reporting.certainty import CERTAINTY
from udt.reporting.evidence import visible_evidence

SPANS = "udt"
CERTAINTY_SPANS = "udt_certainty"

_REPORT, _CERTAINTY = "udt_report", "udt_certainty"
# Pixels between the rows of labels below a text, each of which may have two lines.
_STEP = 30


class SpacyNormalizer:
    """Normalise the text of a document; tokens and the spans of other components are left alone.

    :param extensions: Turtle files that extend the taxonomy.
    :param set_ents: whether the evidence is added to `doc.ents`; of overlapping entities the longest is kept.
    :raises TaxonomyError: if an extension is faulty.
    """

    def __init__(self, extensions: Sequence[str | Path] = (), *, set_ents: bool = False) -> None:
        from udt.normalize.normalizer import Normalizer

        paths = tuple(map(Path, extensions))
        self._normalizer = Normalizer(extensions=paths)
        self._places = DimensionKeys.load(paths).places
        self._set_ents = set_ents
        _register_attributes()

    def __call__(self, doc: Doc) -> Doc:
        """Return `doc` with `doc._.udt_report`, its two groups of spans and, if configured, `doc.ents`.

        A span covers whole tokens, so it may be wider than the evidence; the exact offsets are in the report.
        """
        report = self._normalizer.normalize(doc.text)
        _store_report(doc, report)
        _set_spans(doc, SPANS, [_span(doc, e, e.dimension, e.concept) for e in report.label_evidence])
        shown = [(e, _label(e.dimension, e.certainty)) for e in visible_evidence(report, self._places)]
        # Without concepts, which displaCy would print over each other.
        _set_spans(doc, CERTAINTY_SPANS, [_span(doc, e, label, "") for e, label in shown])
        if self._set_ents:
            doc.ents = filter_spans([*(_span(doc, e, label, e.concept) for e, label in shown), *doc.ents])
        return doc


def displacy_options(extensions: Sequence[str | Path] = ()) -> dict[str, Any]:
    """Return options for `spacy.displacy.render`, styles `ent` and `span`, that colour labels by their certainty.

    The colours are those of the HTML pages. The style `span` shows `doc.spans["udt_certainty"]`.

    :param extensions: Turtle files that extend the taxonomy, as of the component.
    :raises TaxonomyError: if an extension is faulty.
    """
    certainties: tuple[Certainty, ...] = get_args(Certainty)
    pairs = product(DimensionKeys.load(tuple(map(Path, extensions))).all, certainties)
    colors = {_label(dimension, certainty): CERTAINTY[certainty].background for dimension, certainty in pairs}
    return {"colors": colors, "spans_key": CERTAINTY_SPANS, "top_offset_step": _STEP}


def _label(dimension: str, certainty: Certainty) -> str:
    return dimension if certainty == "present" else f"{dimension} ({certainty})"


def _set_spans(doc: Doc, key: str, spans: Iterable[Span]) -> None:
    doc.spans[key] = SpanGroup(doc, name=key, spans=list(spans))


def _span(doc: Doc, evidence: Evidence, label: str, concept: str) -> Span:
    span = doc.char_span(evidence.start, evidence.end, label=label, kb_id=concept, alignment_mode="expand")
    if span is None:
        raise ValueError(
            f"evidence at {evidence.start}–{evidence.end} lies outside the document of {len(doc.text)} characters"
        )
    doc.user_data[_certainty_key(span)] = evidence.certainty
    return span


# Attributes are computed from `Doc.user_data`, which spaCy serialises. Its own values of span attributes are stored by
# offsets alone, so they would be mixed up between labels of the same words.


def _register_attributes() -> None:
    if not Doc.has_extension(_REPORT):
        Doc.set_extension(_REPORT, getter=_stored_report)
    if not Span.has_extension(_CERTAINTY):
        Span.set_extension(_CERTAINTY, getter=_stored_certainty)


def _store_report(doc: Doc, report: Report) -> None:
    doc.user_data[_REPORT] = {"report": report.to_dict(), "excluded": [list(one) for one in report.excluded]}


def _stored_report(doc: Doc) -> Report | None:
    """Return the report of a document, or None if it has not been normalised."""
    stored = doc.user_data.get(_REPORT)
    if stored is None:
        return None
    excluded = tuple(Excluded(*one) for one in stored["excluded"])
    return replace(report_of(stored["report"], f"user_data of a document, {_REPORT}"), text=doc.text, excluded=excluded)


def _stored_certainty(span: Span) -> Certainty | None:
    """Return the certainty of a span that the component made, or None for other spans."""
    certainty: Certainty | None = span.doc.user_data.get(_certainty_key(span))
    return certainty


def _certainty_key(span: Span) -> str:
    return f"{_CERTAINTY}|{span.start_char}|{span.end_char}|{span.label_}|{span.kb_id_}"


@Language.factory(
    "udt_normalizer",
    default_config={"extensions": [], "set_ents": False},
    assigns=["doc._.udt_report", "doc.spans", "doc.ents", "span._.udt_certainty"],
)
def create_normalizer(nlp: Language, name: str, extensions: list[str], set_ents: bool) -> SpacyNormalizer:
    """Create the component for `nlp.add_pipe("udt_normalizer", config={"extensions": [...], "set_ents": True})`."""
    return SpacyNormalizer(extensions, set_ents=set_ents)
