"""Engines that make captions from labels; each caption is accepted only if its labels are read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from udt.core.errors import DataError
from udt.normalize.normalizer import Normalizer
from udt.records.captions.acceptance import RoundTrip
from udt.records.captions.grammar import caption_grammar
from udt.records.captions.phrases import Closures, PhraseBook
from udt.records.captions.tagged import TaggedLabels
from udt.records.captions.writer import CaptionWriter, UnwordedError
from udt.taxonomy.model.taxonomy import Taxonomy

ANY_STYLE = "any"
"""The style that is chosen by the labels, always the same for the same labels."""


@dataclass(frozen=True, slots=True)
class ComposedCaption:
    """A caption that was accepted, and the style that it was written in."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """No caption: the reason, without words of a text."""

    reason: str


class CaptionEngine(Protocol):
    """Makes captions from labels."""

    @property
    def styles(self) -> tuple[str, ...]:
        """The styles that its captions may have."""

    def compose(self, labels: TaggedLabels) -> ComposedCaption | Rejection:
        """Return a caption that states exactly the labels, or the reason why there is none."""


class GrammarEngine:
    """Makes captions by the grammar of a language.

    >>> from udt import LabelSet, Taxonomy
    >>> taxonomy = Taxonomy.load()
    >>> engine = GrammarEngine(taxonomy, "en", "plain")
    >>> labels = LabelSet.of({"diagnosis": ["cyst"], "echogenicity": ["anechoic"]}, taxonomy.vocabulary)
    >>> engine.compose(TaggedLabels.of_present(labels)).text
    'Ultrasound image. The image shows an anechoic cyst.'

    :param style: name of a style of the grammar, or `any`.
    :raises DataError: if the language or the style is not known.
    """

    def __init__(
        self, taxonomy: Taxonomy, language: str, style: str = ANY_STYLE, extensions: Sequence[Path] = ()
    ) -> None:
        grammar = caption_grammar(language)
        if style not in (ANY_STYLE, *grammar.styles):
            allowed = ", ".join((ANY_STYLE, *grammar.styles))
            raise DataError(f"there is no style '{style}' of captions; give one of: {allowed}")
        self._styles = list(grammar.styles.values()) if style == ANY_STYLE else [grammar.styles[style]]
        self._round_trip = RoundTrip(Normalizer(extensions), taxonomy.vocabulary)
        phrases = PhraseBook(taxonomy, grammar, self._round_trip)
        self._writer = CaptionWriter(grammar, taxonomy.vocabulary, phrases, Closures(taxonomy))

    @property
    def styles(self) -> tuple[str, ...]:
        """The styles of the grammar that were asked for."""
        return tuple(style.name for style in self._styles)

    def compose(self, labels: TaggedLabels) -> ComposedCaption | Rejection:
        """Return the first wording that states exactly the labels, or the reason why there is none."""
        if not labels:
            return Rejection("there are no labels")
        style = self._styles[labels.choice() % len(self._styles)]
        fault = ""
        try:
            for text in self._writer.wordings(labels, style):
                found = self._round_trip.fault(text, labels)
                if found is None:
                    return ComposedCaption(text, style.name)
                fault = fault or found
        except UnwordedError as error:
            return Rejection(str(error))
        return Rejection(fault)
