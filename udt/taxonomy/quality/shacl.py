"""Labelled records as RDF, and their validation.

The shapes of records and findings are in `ontology/schema/shapes.ttl`; those of the dimensions are generated from the
loaded taxonomy, extensions included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pyshacl
from rdflib import RDF, SH, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from udt.core.errors import DataError
from udt.taxonomy.export.shapes import dimension_shapes
from udt.taxonomy.model.namespaces import NS, compress, property_iri
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

_NS = Namespace(NS)
_RECORD = "https://w3id.org/udt/record/"

Labels = Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One result of SHACL validation.

    :ivar focus: the record or finding, as a CURIE or IRI.
    :ivar path: the property, as a CURIE; empty if the shape constrains the node itself.
    :ivar value: the offending value; empty if a value is missing.
    :ivar message: the message of the shape.
    """

    focus: str
    path: str
    value: str
    message: str


def record_graph(records: Iterable[tuple[str, Labels]], taxonomy: Taxonomy) -> Graph:
    """Convert records to RDF. A label that the taxonomy lacks becomes a literal, which the shapes then refuse.

    :param records: (case id, dimension key to labels) pairs.
    """
    properties = {d.key: d.label_property for d in taxonomy.dimensions}
    values = {d.key: {value.label: URIRef(value.iri) for value in d.values} for d in taxonomy.dimensions}
    graph = Graph()
    for case, labels in records:
        node = URIRef(_RECORD + quote(case, safe=""))
        graph.add((node, RDF.type, _NS.LabelledRecord))
        if case:
            graph.add((node, _NS.caseId, Literal(case)))
        for dimension, chosen in labels.items():
            path = URIRef(properties.get(dimension) or property_iri(dimension))
            for label in chosen:
                graph.add((node, path, values.get(dimension, {}).get(label, Literal(label))))
    return graph


def report_graph(reports: Iterable[Mapping[str, Any]], taxonomy: Taxonomy) -> Graph:
    """Convert objects of reports (`Report.to_dict`) to labelled records in RDF."""
    labels = ((report["id"], {**report["labels"], **report.get("attributes", {})}) for report in reports)
    return record_graph(labels, taxonomy)


def shapes(taxonomy: Taxonomy) -> Graph:
    """Return the shapes of records, findings and all dimensions of a taxonomy."""
    graph = Graph().parse(ontology_folder() / "schema" / "shapes.ttl", format="turtle")
    return graph.parse(data=dimension_shapes(taxonomy), format="turtle")


def validate(data: Graph, taxonomy: Taxonomy) -> list[Violation]:
    """Validate `data` against the shapes and return the violations, sorted; `data` is not changed."""
    whole = data + _context(taxonomy)
    _, report, _ = pyshacl.validate(whole, shacl_graph=shapes(taxonomy), inference="none", do_owl_imports=False)
    if not isinstance(report, Graph):
        raise DataError(f"shapes.ttl cannot be used: {report}; the shapes have to be valid SHACL")
    return sorted({_violation(report, node) for node in report.subjects(RDF.type, SH.ValidationResult)})


def _context(taxonomy: Taxonomy) -> Graph:
    """Return the triples of the taxonomy that the shapes query: the class and the parents of each value."""
    graph = Graph()
    for dimension in taxonomy.dimensions:
        for value in dimension.values:
            graph.add((URIRef(value.iri), RDF.type, _NS[value.kind]))
            for parent in value.broader:
                graph.add((URIRef(value.iri), SKOS.broader, URIRef(taxonomy.concepts[parent].iri)))
    return graph


def _violation(report: Graph, node: Node) -> Violation:
    def text(predicate: URIRef) -> str:
        found = report.value(node, predicate)
        return "" if found is None else compress(str(found))

    return Violation(text(SH.focusNode), text(SH.resultPath), text(SH.value), text(SH.resultMessage))


def self_test(taxonomy: Taxonomy) -> Iterator[str]:
    """Test the shapes with this taxonomy; yield a sentence for every wrong result.

    They have to accept a record with all values, and to refuse records with an unknown value.
    """
    everything = {dimension.key: dimension.labels for dimension in taxonomy.dimensions}
    for violation in validate(record_graph([("all values", everything)], taxonomy), taxonomy):
        yield f"a value of the taxonomy is refused: {violation.value}: {violation.message}"
    unknown = [(dimension.key, {dimension.key: ["no such value"]}) for dimension in taxonomy.dimensions]
    refused = {violation.focus for violation in validate(record_graph(unknown, taxonomy), taxonomy)}
    for case, _ in unknown:
        if _RECORD + case not in refused:
            yield f"an unknown value of {case} is accepted; it lacks a property shape"
