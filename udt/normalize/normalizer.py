"""The normaliser: text in, `Report` out."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from udt.core.construct import constructor
from udt.core.hashing import bytes_sha256
from udt.core.report import NOT_STATED, Finding, LabelSets, PatientInfo, Report
from udt.core.version import __version__
from udt.lexicon.languages import Language, LanguagePart, Support
from udt.lexicon.lexicon import LabelSpace, Lexicon
from udt.lexicon.tokens import tokenize
from udt.normalize.context.assertion import assign_certainty
from udt.normalize.context.attributes import assess_attributes
from udt.normalize.context.exclusion import apply_exclusions, exclude_all, exclude_references, excluded_mentions
from udt.normalize.context.patient import Patient, read_patient
from udt.normalize.findings.assemble import assemble_finding
from udt.normalize.findings.group import MentionGroup
from udt.normalize.findings.grouping import group_mentions
from udt.normalize.findings.labels import TextLabels, add_attributes, collect_labels
from udt.normalize.findings.links import link_findings
from udt.normalize.findings.organs import Places, select_places
from udt.normalize.match.attributes import add_structures_of_places, assign_attributes, find_attributes
from udt.normalize.match.compositions import add_compositions, last_lesion
from udt.normalize.match.elision import complete_findings, complete_names, complete_veins, join_kinds
from udt.normalize.match.language import (
    assign_languages,
    find_attributes_in_languages,
    find_in_languages,
    gate_languages,
    with_own_letters,
)
from udt.normalize.match.legend import exclude_legend
from udt.normalize.match.measurements.reading import read_measurements
from udt.normalize.match.mentions import Mention, find_mentions, read_by_context
from udt.normalize.match.passage import Passage, split_passage
from udt.normalize.match.tables import spread_tables

_new_report: Final = constructor(Report)
# Fewest characters of a text during whose reading the garbage collector pauses: in a longer one, it would search all
# objects of the process several times, the lexicon included, though a reading leaves hardly any cycles.
_LONG_TEXT: Final = 8192


class _Reading:
    """The mentions of a text and their groups, before findings are assembled from them."""

    __slots__ = ("groups", "labels", "language", "lexicon", "passage", "patient", "places")

    def __init__(
        self,
        passage: Passage,
        patient: Patient,
        language: Language,
        lexicon: Lexicon,
        places: Places,
        labels: TextLabels,
        groups: list[MentionGroup],
    ) -> None:
        self.passage, self.patient, self.language, self.lexicon = passage, patient, language, lexicon
        self.places, self.labels, self.groups = places, labels, groups


class Normalizer:
    """Normalises ultrasound reports and captions into the nine dimensions and further attributes.

    >>> report = Normalizer().normalize("Left kidney: 2.3 cm anechoic cyst without septations.")
    >>> report.labels["echogenicity"], report.absent["internal_characteristics"]
    (('anechoic',), ('septations',))
    >>> Normalizer().normalize("Moderate hydronephrosis.").findings[0].attributes
    {'severity': ('moderate',)}

    :param extensions: Turtle files that extend the taxonomy.
    :raises udt.core.errors.TaxonomyError: if an extension is faulty.
    """

    def __init__(self, extensions: Sequence[str | Path] = ()) -> None:
        self._lexicon = Lexicon.load([Path(extension) for extension in extensions])

    @property
    def dimensions(self) -> tuple[LabelSpace, ...]:
        """The classification tasks with their labels, in order: the nine dimensions, and those of extensions."""
        return self._lexicon.dimensions

    @property
    def taxonomy(self) -> tuple[str, str]:
        """The version of the taxonomy, and its SHA-256, extensions included."""
        return self._lexicon.version, self._lexicon.digest

    @property
    def lexicon(self) -> Lexicon:
        """The words that texts are read with, in the first language; `in_language` has those of another."""
        return self._lexicon

    @property
    def languages(self) -> dict[str, Support]:
        """How much the ontology holds of each language that it recognises, by its tag."""
        languages = self._lexicon.languages
        return {tag: languages.support(tag) for tag in languages.tags}

    def normalize_many(self, texts: Iterable[str | tuple[str, str]]) -> Iterator[Report]:
        """Yield the report of each text, in order, one at a time.

        :param texts: texts or (id, text) pairs; the id of a text without one is its number, from 1.
        """
        for number, item in enumerate(texts, start=1):
            name, text = (str(number), item) if isinstance(item, str) else item
            yield self.normalize(text, name)

    def normalize(self, text: str, id: str = "") -> Report:
        """Normalise one text. Any string is accepted; the time is linear in its length."""
        if len(text) < _LONG_TEXT:
            return self._report(self._read(text), id)
        with _paused_collector():
            return self._report(self._read(text), id)

    def labels(self, text: str) -> LabelSets:
        """Return the labels and attributes of one text, `normalize(text).all_labels`, without assembling its findings.

        >>> Normalizer().labels("Mild hydronephrosis.")["severity"]
        ('mild',)
        """
        labels, attributes = self._lexicon.labels_and_attributes(self._read(text).labels.given)
        return {**labels, **attributes}

    def _read(self, text: str) -> _Reading:
        """Read the mentions of a text, and group them."""
        tokens = tokenize(text)
        language, languages = self._lexicon.languages.divide(text, tokens)
        foreign = len(languages) > 1 or language.tag != self._lexicon.language.tag
        lexicon = self._lexicon.in_language(language.tag)
        if foreign:
            tokens = with_own_letters(tokens, languages, lexicon)
        spread = spread_tables(text, tokens, lexicon)
        tokens = spread.tokens
        if foreign:
            languages = [LanguagePart(0, len(tokens.words), language)] if spread.rows else languages
            mentions, marked = find_in_languages(text, tokens, languages, lexicon)
        else:
            mentions, marked = find_mentions(text, tokens, lexicon)
        join_kinds(mentions)
        complete_names(tokens.words, mentions, lexicon)
        complete_veins(tokens.words, mentions, lexicon)
        complete_findings(tokens.words, mentions, lexicon)
        read_by_context(mentions, lexicon)
        kinds = [mention.sense.kind for mention in mentions]
        patient = read_patient(tokens, mentions, kinds, lexicon.numerals)
        if foreign:
            attributes = find_attributes_in_languages(text, tokens, mentions, marked.attributes, languages, lexicon)
        else:
            attributes = find_attributes(text, tokens, mentions, marked.attributes, lexicon)
        if attributes:
            mentions = add_structures_of_places(tokens.words, mentions, attributes, lexicon)
            kinds = [mention.sense.kind for mention in mentions]
        exclude_legend(text, tokens, mentions, kinds, attributes)
        passage = split_passage(text, tokens, mentions, kinds, lexicon, spread.rows, lexicon.divided)
        if attributes and patient.non_patient is None:
            assign_attributes(passage.sentences, attributes)
        if foreign:
            assign_languages(passage, languages, lexicon)
        measurements = read_measurements(text, tokens, lexicon, spread.cells, marked.measurements)
        if measurements:
            exclude_references(passage, measurements)
        self._apply_rules(passage, patient, lexicon)
        if foreign:
            gate_languages(passage)
        places = select_places(passage, patient, lexicon)
        labels = collect_labels(passage, places.labelled)
        groups = group_mentions(passage, places, measurements, marked.parts, lexicon)
        if attributes:
            add_attributes(labels, groups)
        return _Reading(passage, patient, language, lexicon, places, labels, groups)

    def _report(self, reading: _Reading, id: str) -> Report:
        """Assemble the findings of a text, and link them."""
        passage, patient, language = reading.passage, reading.patient, reading.language
        lexicon, places, labels, groups = reading.lexicon, reading.places, reading.labels, reading.groups
        text = passage.text
        findings = [
            assemble_finding(group, n, passage, lexicon, labels.given, places) for n, group in enumerate(groups, 1)
        ]
        findings = link_findings(findings, _referents(findings, groups), lexicon)
        given, attributes = lexicon.labels_and_attributes(labels.given)
        known = patient.age_years is not None or patient.sex is not None
        return _new_report(  # in the order of the fields, which takes half the time of their names
            id,
            text,
            language.tag,
            bytes_sha256(text.encode("utf-8", "surrogatepass")),
            given,
            lexicon.labels_by_dimension(labels.possible),
            lexicon.labels_by_dimension(labels.absent),
            tuple(passage.sections),
            tuple(findings),
            lexicon.version,
            __version__,
            lexicon.digest,
            tuple(excluded_mentions(passage)),
            False,
            attributes,
            language.support,
            PatientInfo(patient.age_years, patient.sex) if known else NOT_STATED,
        )

    def _apply_rules(self, passage: Passage, patient: Patient, lexicon: Lexicon) -> None:
        """Exclude, compose and assert the mentions of each sentence."""
        words = passage.tokens.words
        lesion: Mention | None = None
        for sentence in passage.sentences:
            if sentence.attributes:
                assess_attributes(sentence, words)
            apply_exclusions(sentence, words)
            own = lexicon if sentence.language is None else lexicon.in_language(sentence.language)
            add_compositions(sentence, words, own, lesion)
            assign_certainty(sentence, words, own)
            lesion = last_lesion(sentence, lesion)
        if patient.non_patient is not None:
            exclude_all(passage)


def _referents(findings: Sequence[Finding], groups: Sequence[MentionGroup]) -> dict[str, str]:
    """Return the id of each finding whose name refers to an earlier one, with the id of that."""
    referring = [group for group in groups if group.referent is not None]
    if not referring:
        return {}
    ids = {id(group): finding.id for finding, group in zip(findings, groups, strict=True)}
    return {ids[id(group)]: ids[id(group.referent)] for group in referring if id(group.referent) in ids}


@contextmanager
def _paused_collector() -> Iterator[None]:
    """Disable the garbage collector of the process meanwhile, unless it is off."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
