"""A report as a tree of nodes: the record with its labels and findings, and how it came about (PROV-O)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from udt.core.report import Excluded, Report, Section
from udt.io.writers.identity import case_id
from udt.io.writers.rdf.findings import Names, Pairs, denied_part, finding_class, finding_node, label_pairs
from udt.io.writers.rdf.iris import report_iri
from udt.io.writers.rdf.nodes import A, Iri, Literal, RdfNode, node, number, short, text
from udt.io.writers.rdf.spans import span
from udt.io.writers.vocabulary import LabelIris
from udt.taxonomy.model.namespaces import ONTOLOGY, expand

LINKS: Mapping[str, str] = {
    "ns:Finding": "ns:hasFinding",
    "ns:DeniedFinding": "ns:deniesFinding",
    "ns:MentionedFinding": "ns:mentionsFinding",
}
"""Class of a finding to the property by which its record has it."""


def report_node(iris: LabelIris, base: str, report: Report) -> RdfNode:
    """Return the record of a report with everything that the report knows, apart from the text itself.

    :param base: base of its IRI, or empty for a `urn:uuid:`.
    :raises DataError: if the taxonomy lacks one of its labels.
    """
    name = report_iri(report, base)
    names = Names(name, iris)
    return node(name, _record(report, names))


def _record(report: Report, names: Names) -> Pairs:
    yield A, Iri("ns:LabelledRecord")
    yield "ns:caseId", Literal(case_id(report))
    yield from label_pairs(report.all_labels, names.iris)
    yield "prov:wasGeneratedBy", node(names.part("reading"), _reading(report, names))
    yield from reading_pairs(report, names)


def reading_pairs(report: Report, names: Names) -> Pairs:
    """Yield what a report knows beside its identity, its labels and its maker."""
    if report.text_sha256:
        yield "dcterms:language", Literal(report.language)
        yield "ns:languageSupport", Literal(report.language_support)
        yield "prov:wasDerivedFrom", node(names.text, _text(report))
    age, sex = report.patient
    yield "ns:patientAgeYears", None if age is None else number(age)
    yield "ns:patientSex", None if sex is None else Iri(f"ns:{sex.capitalize()}")
    yield "ns:hasSection", [node("", _section(one, names)) for one in report.sections]
    yield from _findings(report, names).items()
    yield "ns:excludedMention", [node("", _excluded(one, names)) for one in report.excluded]


def _findings(report: Report, names: Names) -> dict[str, list[RdfNode]]:
    """Return the findings by the property of the record, in text order."""
    found: dict[str, list[RdfNode]] = {link: [] for link in LINKS.values()}
    for finding in report.findings:
        found[LINKS[finding_class(finding)]].append(finding_node(finding, names))
        if (denied := denied_part(finding, names)) is not None:
            found["ns:deniesFinding"].append(denied)
    return found


def _text(report: Report) -> Pairs:
    yield A, Iri("prov:Entity")
    yield "ns:sha256", Literal(report.text_sha256)


def _reading(report: Report, names: Names) -> Pairs:
    """Yield the activity that made the record: of this software, with this taxonomy."""
    yield A, Iri("prov:Activity")
    yield "prov:used", [Iri(names.text), node("", taxonomy_pairs(report.taxonomy_version, report.taxonomy_digest))]
    yield "prov:wasAssociatedWith", node("", _software(report))


def taxonomy_pairs(version: str | None, digest: str | None) -> Pairs:
    """Yield the statements about the taxonomy that an activity used.

    :param digest: SHA-256 of its files.
    """
    yield A, Iri("prov:Entity")
    yield "prov:specializationOf", Iri(short(ONTOLOGY))
    yield "owl:versionInfo", text(version)
    yield "ns:sha256", text(digest)


def _software(report: Report) -> Pairs:
    yield A, Iri("prov:SoftwareAgent")
    yield "rdfs:label", Literal("udt")
    yield "owl:versionInfo", text(report.tool_version)


def _section(section: Section, names: Names) -> Pairs:
    yield A, Iri("ns:ReportSection")
    yield "rdfs:label", Literal(section.label)
    yield "ns:sectionModality", text(section.modality)
    yield "ns:span", span(names.text, section.start, section.end)


def _excluded(one: Excluded, names: Names) -> Iterator[tuple[str, Iri | Literal | RdfNode | None]]:
    yield "ns:concept", Iri(short(expand(one.concept)))
    yield "ns:reason", text(one.reason)
    yield "ns:span", span(names.text, one.start, one.end, one.text)
