"""Findings as nodes: affirmed, denied, and mentioned without being one of the patient now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from udt.core.report import (
    CONCEPT,
    LATERALITY,
    SITE,
    Certainty,
    Evidence,
    Finding,
    Interpretation,
    LabelSets,
    NamedConcept,
)
from udt.io.writers.rdf.nodes import A, Iri, Literal, Objects, RdfNode, node, short, text, whole
from udt.io.writers.rdf.quantities import measurement_node
from udt.io.writers.rdf.spans import span
from udt.io.writers.vocabulary import LabelIris
from udt.taxonomy.model.namespaces import expand

CERTAINTY: Mapping[Certainty, Iri] = {
    "present": Iri("ns:Present"),
    "possible": Iri("ns:Possible"),
    "absent": Iri("ns:Absent"),
    "unknown": Iri("ns:Unknown"),
}
_FIELDS = {CONCEPT: "ns:concept", SITE: "ns:site", LATERALITY: "ns:laterality"}
"""Key of the evidence of a field to the property of that field."""

Pairs = Iterator[tuple[str, Objects]]


class Names(NamedTuple):
    """Names of a report and its parts, and the IRIs of the taxonomy.

    :ivar prefix: begins the names of findings, if one record has several reports.
    """

    report: str
    iris: LabelIris
    prefix: str = ""

    @property
    def text(self) -> str:
        """Name of the text."""
        return f"{self.report}#text"

    def part(self, id: str) -> str:
        """Return the name of a part of the report."""
        return f"{self.report}#{self.prefix}{id}"

    def concept(self, concept: NamedConcept) -> RdfNode:
        """Return a concept with its label and the concepts of other terminologies that mean the same."""
        label = self.iris.names.get(concept.concept, concept.label)
        return node(
            short(expand(concept.concept)),
            [
                ("skos:prefLabel", Literal(label, language="en")),
                ("skos:exactMatch", [Iri(short(expand(code))) for code in concept.codes]),
            ],
        )


def finding_class(finding: Finding) -> str:
    """Return the class of a finding, which is also the way in which its record has it."""
    if finding.experiencer != "patient" or finding.time != "current" or finding.certainty == "unknown":
        return "ns:MentionedFinding"
    return "ns:DeniedFinding" if finding.certainty == "absent" else "ns:Finding"


def finding_node(finding: Finding, names: Names) -> RdfNode:
    """Return a finding with all its fields.

    :raises DataError: if the taxonomy lacks one of its labels.
    """
    return node(names.part(finding.id), _finding(finding, names))


def _finding(finding: Finding, names: Names) -> Pairs:
    yield A, Iri(finding_class(finding))
    yield "dcterms:identifier", Literal(finding.id)
    yield "ns:kind", Literal(finding.kind)
    yield "rdfs:label", text(finding.concept.label) if finding.concept is not None else None
    yield "ns:concept", names.concept(finding.concept) if finding.concept is not None else None
    yield "ns:hasCertainty", CERTAINTY[finding.certainty]
    yield "ns:experiencer", Literal(finding.experiencer)
    yield "ns:time", Literal(finding.time)
    yield "ns:inSection", text(finding.section)
    yield "ns:site", list(map(names.concept, finding.sites))
    yield "ns:siteName", [Literal(site.label) for site in finding.sites]
    yield "ns:laterality", text(finding.laterality)
    yield "ns:location", [_location(key, words) for key, words in finding.location.items()]
    yield "ns:findingCount", _count(finding.count)
    yield from label_pairs(names.iris.labels_of(finding), names.iris)
    yield "ns:change", text(finding.change)
    yield "ns:sameFindingAs", Iri(names.part(finding.same_as)) if finding.same_as else None
    yield "ns:interpretation", [_interpretation(one, names) for one in finding.interpretations]
    yield "ns:measurement", [measurement_node(one, names.text) for one in finding.measurements]
    yield "ns:evidence", [_evidence(one, names) for one in finding.evidence]
    yield "ns:span", span(names.text, finding.start, finding.end)


def denied_part(finding: Finding, names: Names) -> RdfNode | None:
    """Return what the text denies of a finding that it affirms, as a denied finding; None if there is nothing."""
    labels = _denied_labels(finding)
    if not labels:
        return None
    return node(
        names.part(f"{finding.id}-denied"),
        [
            (A, Iri("ns:DeniedFinding")),
            ("ns:hasCertainty", CERTAINTY["absent"]),
            ("ns:deniedOf", Iri(names.part(finding.id))),
            *label_pairs({key: tuple(values) for key, values in labels.items()}, names.iris),
        ],
    )


def _denied_labels(finding: Finding) -> Mapping[str, list[str]]:
    stated = finding.all_labels
    labels: dict[str, list[str]] = {}
    for one in finding.label_evidence if finding_class(finding) == "ns:Finding" else ():
        known = [*stated.get(one.dimension, ()), *labels.get(one.dimension, ())]
        if one.certainty == "absent" and one.label not in known:
            labels.setdefault(one.dimension, []).append(one.label)
    return labels


def label_pairs(labels: LabelSets, iris: LabelIris) -> Pairs:
    """Yield the properties of dimensions with their labels.

    :raises DataError: if the taxonomy lacks a label.
    """
    for key, values in labels.items():
        if values:
            objects = [Iri(short(iris.iri(key, value))) for value in values]
            yield short(iris.properties[key]), objects


def _location(key: str, words: str) -> RdfNode:
    return node("", [("ns:locationKey", Literal(key)), ("rdf:value", Literal(words))])


def _count(count: int | str | None) -> Literal | None:
    return whole(count) if isinstance(count, int) else text(count)


def _interpretation(one: Interpretation, names: Names) -> RdfNode:
    return node(
        "",
        [
            (A, Iri("ns:Interpretation")),
            ("rdfs:label", Literal(one.concept.label)),
            ("ns:candidate", names.concept(one.concept)),
            ("ns:statedAs", CERTAINTY[one.certainty]),
            ("ns:cue", text(one.cue)),
            ("ns:span", span(names.text, one.start, one.end, one.text)),
        ],
    )


def _evidence(one: Evidence, names: Names) -> RdfNode:
    """Return an annotation of the text: its body is the concept, its target the span."""
    supported = _FIELDS.get(one.dimension) or short(names.iris.properties.get(one.dimension, ""))
    body = Iri(short(expand(one.concept))) if one.concept else node("", _textual_body(one.label))
    return node(
        "",
        [
            (A, Iri("oa:Annotation")),
            ("oa:motivatedBy", Iri("oa:identifying")),
            ("oa:hasBody", body),
            ("oa:hasTarget", span(names.text, one.start, one.end, one.text)),
            ("ns:supports", Iri(supported) if supported else None),
            ("ns:statedAs", CERTAINTY[one.certainty]),
            ("ns:cue", text(one.cue)),
            ("ns:reason", text(one.reason)),
        ],
    )


def _textual_body(label: str) -> Pairs:
    yield A, Iri("oa:TextualBody")
    yield "rdf:value", Literal(label)
