"""Export of the taxonomy to the formats of other tools. The same taxonomy always gives the same text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from udt.core.errors import DataError
from udt.core.spreadsheets import csv_line
from udt.taxonomy.export.obo import obo_text
from udt.taxonomy.export.obograph import obograph_text
from udt.taxonomy.export.owl import owl_text
from udt.taxonomy.export.rdf import jsonld_text, rdfxml_text, turtle_text
from udt.taxonomy.model.concept import Concept, Role
from udt.taxonomy.model.document import taxonomy_document
from udt.taxonomy.model.taxonomy import Taxonomy

_ROLE_COLUMNS: Mapping[str, Role] = {
    "synonyms": "alt",
    "abbreviations": "abbreviation",
    "adjectives": "adjective",
    "hidden_labels": "hidden",
}
_COLUMNS = ("curie", "iri", "kind", "notation", "label", "broader", "order", "definition", "scope_note")


def csv_text(taxonomy: Taxonomy, *, formulas: bool = False) -> str:
    """Write one concept per row, sorted by CURIE. Entries of a cell are joined by ` | `; a label is `text@language`.

    :param formulas: whether a cell that a spreadsheet program would run is written as it is.
    """
    head = [*_COLUMNS, "preferred_labels", *_ROLE_COLUMNS, "mappings", "deprecated", "replaced_by", "source"]
    rows = [head, *(_row(concept) for concept in taxonomy.all_concepts)]
    return "".join(csv_line(row, formulas=formulas) for row in rows)


def _row(concept: Concept) -> list[str]:
    plain = [
        concept.curie,
        concept.iri,
        concept.kind,
        concept.notation or "",
        concept.label,
        " | ".join(concept.broader),
    ]
    texts = [str(concept.order or ""), concept.definition or "", concept.scope_note or ""]
    labels = [_labels(concept, role) for role in ("pref", *_ROLE_COLUMNS.values())]
    mappings = " | ".join(f"{predicate} {target}" for predicate, target in concept.mappings)
    return [
        *plain,
        *texts,
        *labels,
        mappings,
        "true" if concept.deprecated else "",
        " | ".join(concept.replaced_by),
        concept.source,
    ]


def _labels(concept: Concept, role: Role) -> str:
    return " | ".join(f"{label.text}@{label.language}" for label in concept.labels if label.role == role)


def json_text(taxonomy: Taxonomy) -> str:
    """Write the `udt-taxonomy/1` document, which `udt.taxonomy.model.document` describes."""
    return json.dumps(taxonomy_document(taxonomy), ensure_ascii=False, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Taxonomy], str]] = {
    "turtle": turtle_text,
    "rdfxml": rdfxml_text,
    "jsonld": jsonld_text,
    "json": json_text,
    "obo": obo_text,
    "obograph": obograph_text,
    "owl": owl_text,
    "csv": csv_text,
}
"""Name of a format to the function that writes it. The RDF formats contain the whole ontology, OWL axioms included;
`owl`, `obo` and `obograph` the class view."""


def export(taxonomy: Taxonomy, format: str, *, formulas: bool = False) -> str:
    """Export the taxonomy as text in one of `FORMATS`.

    :param formulas: CSV: whether a cell that a spreadsheet program would run is written as it is.
    :raises DataError: if the format is unknown.
    """
    if format not in FORMATS:
        raise DataError(f"no export format is called '{format}'; allowed: {', '.join(FORMATS)}")
    return csv_text(taxonomy, formulas=formulas) if format == "csv" else FORMATS[format](taxonomy)
