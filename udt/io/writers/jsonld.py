"""JSON-LD: the triples of the format `ttl` as nested objects, with a context that explains every key.

The file is one object: `@context`, and the reports in `@graph`. Keys without a prefix are terms of the ontology.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from udt.core.report import Report
from udt.io.writers.base import ReportFormat, ReportWriter, Settings, text_writer
from udt.io.writers.rdf.iris import checked_base
from udt.io.writers.rdf.nodes import COUNTING, DECIMAL, INTEGER, PREFIXES, STRING, A, Literal, RdfNode, Value, short
from udt.io.writers.rdf.report import report_node
from udt.io.writers.vocabulary import LabelIris

_LINKS = (
    *("ns:concept", "ns:hasCertainty", "ns:statedAs", "ns:supports", "ns:patientSex"),
    *("ns:sameFindingAs", "ns:deniedOf", "skos:exactMatch"),
    *("prov:used", "prov:specializationOf", "oa:hasBody", "oa:hasSource", "oa:motivatedBy"),
    *("qudt:hasQuantityKind", "qudt:hasUnit"),
)
"""Predicates whose objects are resources: these are written as their names alone."""
_TYPES = {
    "oa:start": COUNTING,
    "oa:end": COUNTING,
    "qudt:numericValue": DECIMAL,
    "ns:writtenValue": DECIMAL,
    "ns:patientAgeYears": DECIMAL,
}
"""Predicates whose objects are numbers of one datatype."""
_SETS = {
    *("ns:hasFinding", "ns:deniesFinding", "ns:mentionsFinding", "ns:hasSection", "ns:excludedMention"),
    *("ns:site", "ns:location", "ns:interpretation", "ns:measurement", "ns:evidence"),
    *("skos:exactMatch", "prov:used", "qudt:quantityValue", "oa:hasSelector"),
}
"""Predicates with a list of objects, even of one."""
_ALIASES = {"id": "@id", "type": "@type"}

Json = dict[str, Any]


def writer(settings: Settings) -> ReportWriter[str]:
    """Make a writer of JSON-LD with the IRIs of the taxonomy and `settings.extensions`, and `settings.base_iri`.

    :raises TaxonomyError: if an extension is faulty.
    :raises DataError: if the base cannot be used.
    """
    iris = LabelIris.load(settings.extensions)
    base = checked_base(settings.base_iri)
    labels = frozenset(map(short, iris.properties.values()))
    head = f'{{"@context": {json.dumps(_context(labels))}, "@graph": [\n'
    return text_writer(partial(_record, iris, base, labels), head=head, between=",\n", tail="\n]}\n")


def _context(labels: frozenset[str]) -> Json:
    """Return the context: prefixes, and for each key its property and the type of its values.

    :param labels: names of the properties of dimensions.
    """
    links = {_key(name): {"@id": name, "@type": "@id"} for name in (*_LINKS, *sorted(labels))}
    types = {_key(name): {"@id": name, "@type": type} for name, type in _TYPES.items()}
    return {"@version": 1.1, **PREFIXES, "@vocab": PREFIXES["ns"], **_ALIASES, **links, **types}


def _record(iris: LabelIris, base: str, labels: frozenset[str], report: Report) -> str:
    return json.dumps(_object(report_node(iris, base, report), labels), ensure_ascii=False)


def _object(node: RdfNode, labels: frozenset[str]) -> Json:
    return ({"id": node.name} if node.name else {}) | dict(_pairs(node, labels))


def _pairs(node: RdfNode, labels: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for name, objects in node.pairs:
        values = [_value(name, value, labels) for value in objects]
        one = len(values) == 1 and name not in _SETS and name not in labels
        yield _key(name), values[0] if one else values


def _value(predicate: str, value: Value, labels: frozenset[str]) -> Any:
    if isinstance(value, RdfNode):
        return _object(value, labels)
    if isinstance(value, Literal):
        return _literal(predicate, value)
    if predicate == A:
        return _key(value.name)
    return value.name if predicate in _LINKS or predicate in labels else {"id": value.name}


def _literal(predicate: str, literal: Literal) -> Any:
    if literal.type == INTEGER or literal.type == _TYPES.get(predicate) == COUNTING:
        return int(literal.text)
    if literal.language:
        return {"@value": literal.text, "@language": literal.language}
    if literal.type in (STRING, _TYPES.get(predicate)):
        return literal.text
    return {"@value": literal.text, "@type": literal.type}


def _key(name: str) -> str:
    """Return the key of a name: terms of the ontology have no prefix, unless another key is called so."""
    local = name.removeprefix("ns:")
    if name == A:
        return "type"
    return name if local in PREFIXES or local in _ALIASES else local


FORMAT = ReportFormat(writer, suffixes=(".jsonld",))
