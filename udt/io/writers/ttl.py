"""Turtle: each report an `ns:LabelledRecord` with its labels, its findings and the evidence for them.

A finding is an `ns:Finding`; one that the text denies is an `ns:DeniedFinding`, and so is the denied part of a present
finding (*a mass without calcifications*). A finding that is not mentioned has no node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from urllib.parse import quote

from udt.core.report import Evidence, Finding, LabelSets, Measurement, Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer
from udt.io.writers.vocabulary import LabelIris
from udt.taxonomy.export.turtle import term
from udt.taxonomy.model.namespaces import PREFIXES, expand

RECORDS = "https://w3id.org/udt/record/"

_DECLARED = ("ns", "uhat", "udaf", "dcterms")
_ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', **{i: f"\\u{i:04X}" for i in (*range(32), 127)}}
_CERTAINTY = {"present": "ns:Present", "possible": "ns:Possible", "absent": "ns:Absent"}

Pairs = Iterable[tuple[str, Iterable[str]]]

_term = cache(term)


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of Turtle with the IRIs of the taxonomy and `settings.extensions`.

    :raises TaxonomyError: if an extension is faulty.
    """
    prefixes = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in _DECLARED)
    return text_writer(partial(_record, LabelIris.load(settings.extensions)), head=prefixes)


def record_iri(report: Report) -> str:
    """Return the IRI of a report, from its id, or from the hash of its text if it has none."""
    return RECORDS + quote(report.id or f"sha256-{report.text_sha256}", safe="")


def _record(vocabulary: LabelIris, report: Report) -> str:
    iri = record_iri(report)
    denied = {f"{iri}#{f.id}-denied": labels for f in report.findings if (labels := _denied_within(f))}
    stated = [f for f in report.findings if f.certainty != "absent"]
    wholly_denied = [f"<{iri}#{f.id}>" for f in report.findings if f.certainty == "absent"]
    pairs: Pairs = [
        ("a", ["ns:LabelledRecord"]),
        ("ns:caseId", [_literal(report.id or f"sha256-{report.text_sha256}")]),
        ("dcterms:language", [_literal(report.language)]),
        *_label_pairs(report.all_labels, vocabulary),
        ("ns:hasFinding", [f"<{iri}#{f.id}>" for f in stated]),
        ("ns:deniesFinding", [*wholly_denied, *(f"<{name}>" for name in denied)]),
    ]
    blocks = [_block(f"<{iri}>", pairs)]
    blocks += [_block(f"<{iri}#{f.id}>", _finding_pairs(f, vocabulary)) for f in report.findings]
    blocks += [_block(f"<{name}>", _denied_pairs(labels, vocabulary)) for name, labels in denied.items()]
    return "".join(blocks)


def _denied_within(finding: Finding) -> Mapping[str, list[str]]:
    """Return the labels that the text denies of a present finding."""
    stated = finding.all_labels
    labels: dict[str, list[str]] = {}
    for one in finding.evidence if finding.certainty != "absent" else ():
        known = [*stated.get(one.dimension, ()), *labels.get(one.dimension, ())]
        if one.certainty == "absent" and one.label not in known:
            labels.setdefault(one.dimension, []).append(one.label)
    return labels


def _finding_pairs(finding: Finding, vocabulary: LabelIris) -> Iterator[tuple[str, Iterable[str]]]:
    yield "a", ["ns:DeniedFinding" if finding.certainty == "absent" else "ns:Finding"]
    yield "ns:hasCertainty", [_CERTAINTY[finding.certainty]]
    if finding.laterality:
        yield "ns:laterality", [_literal(finding.laterality)]
    yield from _label_pairs(finding.all_labels, vocabulary)
    yield "ns:measurement", map(_measurement, finding.measurements)
    yield "ns:evidence", map(_evidence, finding.evidence)


def _denied_pairs(labels: Mapping[str, list[str]], vocabulary: LabelIris) -> Pairs:
    return [("a", ["ns:DeniedFinding"]), ("ns:hasCertainty", ["ns:Absent"]), *_label_pairs(labels, vocabulary)]


def _label_pairs(
    labels: LabelSets | Mapping[str, list[str]], vocabulary: LabelIris
) -> Iterator[tuple[str, Iterable[str]]]:
    for key, values in labels.items():
        if values:
            yield _term(vocabulary.properties.get(key, "")), [_term(vocabulary.iri(key, value)) for value in values]


def _measurement(measurement: Measurement) -> str:
    lengths = " ".join(f"{value!r}e0" for value in map(float, measurement.values_mm))
    return f"[ ns:millimetres ( {lengths} ) ; ns:start {measurement.start} ; ns:end {measurement.end} ]"


def _evidence(evidence: Evidence) -> str:
    parts = [
        f"ns:concept {_term(expand(evidence.concept))}",
        f"ns:start {evidence.start}",
        f"ns:end {evidence.end}",
        *([f"ns:text {_literal(evidence.text)}"] if evidence.text else []),
        f"ns:statedAs {_CERTAINTY[evidence.certainty]}",
    ]
    if evidence.cue is not None:
        parts.append(f"ns:cue {_literal(evidence.cue)}")
    if evidence.reason is not None:
        parts.append(f"ns:reason {_literal(evidence.reason)}")
    return f"[ {' ; '.join(parts)} ]"


def _literal(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _block(subject: str, pairs: Pairs) -> str:
    """Write one subject with its predicates; those without objects are left out."""
    lines = [f"{name} {_listed(objects)}" for name, found in pairs if (objects := list(found))]
    return f"\n{subject} " + " ;\n    ".join(lines) + " .\n"


def _listed(objects: list[str]) -> str:
    """List objects; each blank node has a line of its own."""
    return (" ,\n        " if objects[0].startswith("[") else " , ").join(objects)


FORMAT = ReportFormat(writer, suffixes=(".ttl",))
