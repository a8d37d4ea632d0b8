"""Findings of documents, in the form in which they are compared with gold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from udt.scoring.findings.documents import Document
from udt.scoring.findings.groups import Group, group_of
from udt.scoring.findings.names import GENERIC_NAMES, ResolvedName
from udt.scoring.findings.quantities import Measured, measured
from udt.scoring.findings.spans import Span, Spans, is_within, own_span, spans_of
from udt.scoring.findings.terms import BODY_SYSTEM, ORGAN, Label, Terms, labels_in

_OF_PLACES = ("body_system", "organ", "site")
_NOT_NAMING = (*_OF_PLACES, "laterality", "side", "location", "section")
"""Dimensions of evidence that place a finding, but do not name it."""

_CURIE = re.compile(r"\w+:[\w.\-]+")


@dataclass(frozen=True, slots=True, eq=False)
class PredictedFinding:
    """A finding of a document, or an interpretation that a finding offers.

    :ivar stated: the object of the document.
    :ivar host: index of the finding that offers this interpretation; None for a finding.
    :ivar concept: its concept; without names if none is stated.
    :ivar sites: normalized names of its sites.
    :ivar affirmed: its labels that are present or possible.
    :ivar denied: its labels that are denied.
    :ivar core: spans that name it; if there are none, those of its place.
    :ivar place: spans of its organ and sites.
    :ivar is_vague: whether an interpretation has no span of its own.
    :ivar is_ignored: whether it is of another person, planned, or in text that is not scored.
    """

    stated: Mapping[str, Any]
    host: int | None
    concept: ResolvedName
    certainty: str
    time: str | None
    kind: str | None
    organs: frozenset[str]
    laterality: str | None
    sites: frozenset[str]
    affirmed: frozenset[Label]
    denied: frozenset[Label]
    measurements: tuple[Measured, ...]
    core: Spans
    place: Spans
    is_vague: bool
    is_ignored: bool
    group: Group = field(init=False)

    def __post_init__(self) -> None:
        group = group_of(self.kind, self.certainty, self.affirmed, self.denied, not self.is_generic)
        unclear = group is Group.NORMAL and not self.affirmed
        object.__setattr__(self, "group", Group.ANY if unclear else group)

    @property
    def is_generic(self) -> bool:
        """Whether it has no concept, or one that distinguishes no finding, such as *lesion*."""
        return not self.concept.names or bool(self.concept.names & GENERIC_NAMES)

    @property
    def is_interpretation(self) -> bool:
        """Whether it is an interpretation of another finding."""
        return self.host is not None

    @property
    def is_denied(self) -> bool:
        """Whether the text denies it."""
        return self.certainty == "absent"

    @property
    def denies_labels_alone(self) -> bool:
        """Whether all its labels are denied, and it has one."""
        return bool(self.denied) and not self.affirmed

    def labels(self, *, denied: bool) -> frozenset[Label]:
        """Return its denied labels, or the others."""
        return self.denied if denied else self.affirmed


def predicted_findings(document: Document, terms: Terms, unscored: tuple[Span, ...] = ()) -> list[PredictedFinding]:
    """Return the findings of a document in order, followed by their interpretations.

    :param unscored: spans in which predictions are not counted.
    """
    findings = [_finding(stated, terms, unscored) for stated in document.get("findings") or ()]
    offered = [
        _interpretation(stated, index, host, terms, unscored)
        for index, host in enumerate(findings)
        for stated in _interpretations(host.stated)
    ]
    return findings + offered


def _finding(stated: Mapping[str, Any], terms: Terms, unscored: tuple[Span, ...]) -> PredictedFinding:
    certainty = stated.get("certainty") or "present"
    affirmed, denied = _labels(stated, certainty, terms)
    core, place = _spans(stated)
    return PredictedFinding(
        stated=stated,
        host=None,
        concept=terms.names.resolve(stated.get("concept")),
        certainty=certainty,
        time=stated.get("time"),
        kind=stated.get("kind"),
        organs=_organs(stated),
        laterality=stated.get("laterality"),
        sites=terms.names.resolve(stated.get("site")).names,
        affirmed=affirmed,
        denied=denied,
        measurements=tuple(measured(measurement) for measurement in stated.get("measurements") or ()),
        core=core,
        place=place,
        is_vague=False,
        is_ignored=_is_ignored(stated, stated.get("time"), core, unscored),
    )


def _interpretations(stated: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for offered in stated.get("interpretations") or ():
        yield offered if isinstance(offered, Mapping) else {"concept": offered}


def _interpretation(
    stated: Mapping[str, Any], index: int, host: PredictedFinding, terms: Terms, unscored: tuple[Span, ...]
) -> PredictedFinding:
    """Return an interpretation; what it does not state itself, such as its organ, is that of its host."""
    concept = terms.names.resolve(stated)
    own = frozenset(spans_of(stated)) or _spans_of_concept(host.stated, concept)
    core = own or host.core
    return PredictedFinding(
        stated=stated,
        host=index,
        concept=concept,
        certainty=stated.get("certainty") or "possible",
        time=host.time,
        kind="lesion",
        organs=host.organs,
        laterality=host.laterality,
        sites=host.sites,
        affirmed=frozenset(),
        denied=frozenset(),
        measurements=(),
        core=core,
        place=frozenset(),
        is_vague=not own,
        is_ignored=_is_ignored(stated, host.time, core, unscored),
    )


def _spans_of_concept(host: Mapping[str, Any], concept: ResolvedName) -> Spans:
    """Return the spans of the evidence of a finding that names the concept of an interpretation."""
    return frozenset(
        span
        for evidence in host.get("evidence") or ()
        if concept.curies & set(_CURIE.findall(f"{evidence.get('reason')} {evidence.get('concept')}"))
        for span in own_span(evidence)
    )


def _organs(stated: Mapping[str, Any]) -> frozenset[str]:
    """Return the organs of a finding: its labels, or its organ unless that is a body system."""
    labels, organ = stated.get("labels") or {}, stated.get("organ")
    if organs := frozenset(labels.get(ORGAN) or ()):
        return organs
    return frozenset({organ} if organ and organ not in (labels.get(BODY_SYSTEM) or ()) else ())


def _labels(stated: Mapping[str, Any], certainty: str, terms: Terms) -> tuple[frozenset[Label], frozenset[Label]]:
    """Return the affirmed and the denied labels: by the certainty of their evidence, else by that of the finding."""
    keys = terms.finding_keys
    affirmed: set[Label] = set()
    denied: set[Label] = set()
    for evidence in stated.get("evidence") or ():
        if evidence.get("dimension") in keys and evidence.get("label"):
            chosen = denied if evidence.get("certainty") == "absent" else affirmed
            chosen.add((evidence["dimension"], evidence["label"]))
    others = labels_in(stated.get("labels"), keys) - affirmed - denied
    (denied if certainty == "absent" else affirmed).update(others)
    return frozenset(affirmed), frozenset(denied)


def _spans(stated: Mapping[str, Any]) -> tuple[Spans, Spans]:
    """Return the spans that name a finding, and those of its place; each falls back on those that the finding has."""
    evidence = stated.get("evidence") or ()
    named = [span for part in evidence if part.get("dimension") not in _NOT_NAMING for span in own_span(part)]
    measured_in = [span for measurement in stated.get("measurements") or () for span in spans_of(measurement)]
    core = frozenset([*named, *measured_in, *spans_of(stated.get("concept"))])
    place = frozenset(span for part in evidence if part.get("dimension") in _OF_PLACES for span in own_span(part))
    whole = frozenset(own_span(stated))
    return core or place or whole, place or whole


def _is_ignored(stated: Mapping[str, Any], time: str | None, core: Spans, unscored: tuple[Span, ...]) -> bool:
    if (stated.get("experiencer") or "patient") != "patient" or time == "planned":
        return True
    return bool(core) and all(is_within(span, unscored) for span in core)
