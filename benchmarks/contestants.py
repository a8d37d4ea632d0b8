"""What competes: the normaliser and its peers, all loaded with the same lexicon."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from udt import Normalizer
from udt.taxonomy.model.taxonomy import Taxonomy

if TYPE_CHECKING:
    from spacy.language import Language

# Reads texts; returns how many things it found in them, as a sign that it has read them.
Contestant = Callable[[Sequence[str]], int]

_ANATOMY = {"BodySystem", "Organ", "Component", "Region"}
_UNLIMITED = 10_000_000


def lexicon(taxonomy: Taxonomy) -> list[str]:
    """All labels of anatomy, values and findings."""
    named = (c for c in taxonomy if c.kind in _ANATOMY or c.kind == "FindingTerm" or c.kind.endswith("Value"))
    return sorted({label.text for concept in named for label in concept.labels})


def udt() -> Contestant:
    """The full pipeline, from text to findings with evidence."""
    normalizer = Normalizer()
    return lambda texts: sum(len(normalizer.normalize(text).evidence) for text in texts)


def negspacy(labels: Iterable[str]) -> Contestant:
    """spaCy's tokeniser, sentencizer and EntityRuler, then negex with its own clinical cues; defaults throughout."""
    import_module("negspacy.negation")
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    ruler: Any = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns([{"label": "CONCEPT", "pattern": label} for label in labels])
    nlp.add_pipe("negex")
    return _reader(nlp)


def negspacy_tuned(labels: Iterable[str]) -> Contestant:
    """The same made as fast as it goes: a bare PhraseMatcher, and a tokeniser whose cache the lexicon does not fill."""
    import_module("negspacy.negation")
    import spacy
    from spacy.language import Language

    nlp = spacy.blank("en")
    tokenizer: Any = nlp.tokenizer
    if hasattr(tokenizer, "max_cache_size"):
        tokenizer.max_cache_size = _UNLIMITED
    nlp.add_pipe("sentencizer")
    Language.component("phrases", func=_phrases(nlp, labels))
    nlp.add_pipe("phrases")
    nlp.add_pipe("negex")
    return _reader(nlp)


def medspacy(labels: Iterable[str]) -> Contestant:
    """medspaCy as it loads (sentences, target matcher, ConText) with its sectionizer."""
    package: Any = import_module("medspacy")
    rules: Any = import_module("medspacy.target_matcher")
    import_module("loguru").logger.remove()
    nlp = package.load()
    nlp.add_pipe("medspacy_sectionizer")
    nlp.get_pipe("medspacy_target_matcher").add([rules.TargetRule(label, "CONCEPT") for label in labels])
    return _reader(nlp)


def _phrases(nlp: Language, labels: Iterable[str]) -> Callable[[Any], Any]:
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Span
    from spacy.util import filter_spans

    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("CONCEPT", list(map(nlp.make_doc, labels)))

    def find(doc: Any) -> Any:
        doc.ents = filter_spans(Span(doc, start, end, label=name) for name, start, end in matcher(doc))
        return doc

    return find


def _reader(nlp: Language) -> Contestant:
    return lambda texts: sum(len(doc.ents) for doc in nlp.pipe(texts))
