"""The normaliser: text in, `Report` out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from udt.core.report import Excluded, Report
from udt.core.version import __version__
from udt.lexicon.lexicon import LabelSpace, Lexicon
from udt.lexicon.senses import Value
from udt.lexicon.tokens import tokenize
from udt.normalize.context.assertion import assert_all
from udt.normalize.context.exclusion import mark_exclusions
from udt.normalize.context.patient import read_patient
from udt.normalize.findings.assemble import finish
from udt.normalize.findings.grouping import draft_findings
from udt.normalize.findings.organs import Candidate, choose_places, holds
from udt.normalize.match.compositions import compose
from udt.normalize.match.language import language_of
from udt.normalize.match.legend import mark_legend
from udt.normalize.match.measurements import read_measurements
from udt.normalize.match.mentions import find_mentions
from udt.normalize.match.passage import Passage, divide

_NAMING = {"anatomy", "value", "finding"}


class Normalizer:
    """Reads ultrasound reports and captions into the nine dimensions.

    >>> report = Normalizer().normalize("Left kidney: 2.3 cm anechoic cyst without septations.")
    >>> report.labels["echogenicity"], report.absent["internal_characteristics"]
    (('anechoic',), ('septations',))

    :param extensions: Turtle files that extend the taxonomy.
    :raises udt.core.errors.TaxonomyError: where an extension is faulty.
    """

    def __init__(self, extensions: Sequence[str | Path] = ()) -> None:
        self._lexicon = Lexicon.load([Path(extension) for extension in extensions])

    @property
    def dimensions(self) -> tuple[LabelSpace, ...]:
        """The nine dimensions with their labels, in order."""
        return self._lexicon.dimensions

    def normalize_many(self, texts: Iterable[str | tuple[str, str]]) -> Iterator[Report]:
        """One report a text, in order, as they come.

        :param texts: texts, or (id, text) pairs; a bare text gets its number, from 1, as id.
        """
        for number, item in enumerate(texts, start=1):
            name, text = (str(number), item) if isinstance(item, str) else item
            yield self.normalize(text, name)

    def normalize(self, text: str, id: str = "") -> Report:
        """What `text` says. Takes any string; time is linear in its length."""
        lexicon = self._lexicon
        tokens = tokenize(text)
        mentions = find_mentions(text, tokens, lexicon)
        patient = read_patient(tokens, mentions)
        mark_legend(text, tokens, mentions)
        passage = divide(text, tokens, mentions, lexicon)
        for sentence in passage.sentences:
            mark_exclusions(sentence, tokens.words)
            compose(sentence, tokens.words, lexicon)
            assert_all(sentence, tokens.words, lexicon)
        if patient.other is not None:
            _exclude_all(passage)
        places = choose_places(passage, patient, lexicon)
        given, hedged, denied = _label_sets(passage, places)
        drafts = draft_findings(passage, places, read_measurements(text, tokens, mentions), lexicon)
        return Report(
            id=id,
            text=text,
            language=language_of(text, mentions),
            text_sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            labels=lexicon.named(given),
            possible=lexicon.named(hedged),
            absent=lexicon.named(denied),
            sections=tuple(passage.sections),
            findings=tuple([finish(draft, n, passage, lexicon, given) for n, draft in enumerate(drafts, start=1)]),
            taxonomy_version=lexicon.version,
            tool_version=__version__,
            excluded=tuple(_excluded(passage)),
        )


def _label_sets(passage: Passage, places: list[Candidate]) -> tuple[set[Value], set[Value], set[Value]]:
    """The labels of the text, those of them that are only possible, and those that it only denies."""
    present: set[Value] = set()
    hedged: set[Value] = set()
    denied: set[Value] = set()
    faint: list[tuple[set[Value], Value]] = []
    by_certainty = {"present": present, "possible": hedged, "absent": denied}
    for sentence in passage.sentences:
        for mention in [m for m in sentence.mentions if m.values]:
            if not mention.excluded:
                into = by_certainty[mention.certainty]
                held = holds(mention, sentence, places) if mention.weak == "told" else not mention.weak
                if held or mention.certainty == "absent":
                    into.update(mention.values)
                elif held is None or mention.weak == "faint":
                    faint += [(into, value) for value in mention.values]
    for candidate in places:
        sure = candidate.mention.sense.kind == "anatomy" or candidate.mention.certainty != "possible"
        (present if sure else hedged).update(candidate.place.values)
    told = {value.dimension for value in present | hedged} if faint else set()
    for into, value in faint:
        if value.dimension not in told:
            into.add(value)
    given = present | hedged
    return given, hedged - present, denied - given


def _exclude_all(passage: Passage) -> None:
    for sentence in passage.sentences:
        for mention in sentence.mentions:
            if mention.sense.kind in _NAMING and not mention.excluded:
                mention.excluded = "not the patient"


def _excluded(passage: Passage) -> Iterator[Excluded]:
    for sentence in passage.sentences:
        for mention in [m for m in sentence.mentions if m.excluded]:
            if mention.sense.kind in _NAMING:
                start, end = passage.span(mention)
                yield Excluded(mention.sense.curie, start, end, passage.text[start:end], mention.excluded)
