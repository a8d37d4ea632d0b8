"""Sources and scopes of labels: `ontology/sources/labels.tsv`, and the axiom annotations that are made of it.

The loader does not read the table, since reading text does not need it. Exports write each row whose label exists as
`owl:Axiom` with `dcterms:source`, `oboInOwl:hasDbXref` and `ns:synonymScope`. An extension may contain such axioms.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyoxigraph as ox

from udt.core.errors import DataError
from udt.taxonomy.model.concept import LABEL_PROPERTIES, Label
from udt.taxonomy.model.namespaces import DCTERMS, NS, OBO_IN_OWL, OWL, RDF_TYPE
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

Scope = Literal["EXACT", "NARROW", "BROAD", "RELATED"]

SCOPES: Mapping[str, Scope] = {
    NS + "ExactScope": "EXACT",
    NS + "NarrowScope": "NARROW",
    NS + "BroadScope": "BROAD",
    NS + "RelatedScope": "RELATED",
}
COLUMNS = ("concept", "language", "label", "scope", "xrefs", "source")
_AXIOM = ox.NamedNode(OWL + "Axiom")
_TYPE = ox.NamedNode(RDF_TYPE)
_SOURCE, _TARGET, _PROPERTY = (ox.NamedNode(f"{OWL}annotated{name}") for name in ("Source", "Target", "Property"))
_ORIGIN = ox.NamedNode(DCTERMS + "source")
_XREF = ox.NamedNode(OBO_IN_OWL + "hasDbXref")
_SCOPE = ox.NamedNode(NS + "synonymScope")


@dataclass(frozen=True, slots=True)
class LabelSource:
    """The source and scope of a label, as far as known.

    :ivar scope: its scope, if that is not the default of its property.
    :ivar xrefs: CURIEs of the terms of other vocabularies that have the label.
    :ivar source: the place in which it was found, in words; empty if only the scope is known.
    """

    scope: Scope | None = None
    xrefs: tuple[str, ...] = ()
    source: str = ""


Key = tuple[str, str, str]
"""CURIE of a concept, language in lower case, and text of a label."""


def label_sources(taxonomy: Taxonomy) -> dict[Key, LabelSource]:
    """Return the sources of the labels of `taxonomy`: those of the table, and those that extensions state.

    A row applies to the label of its concept; if the label has moved, to the only concept that has it now.

    :raises DataError: if the table is faulty.
    """
    owners: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for concept in taxonomy.all_concepts:
        for label in concept.labels:
            owners[label.language, label.text.casefold()].append((concept.curie, label.text))
    found: dict[Key, LabelSource] = {}
    for (curie, language, text), row in read_table(labels_file()).items():
        having = owners.get((language, text.casefold()), [])
        chosen = [owner for owner in having if owner[0] == curie] or (having if len(having) == 1 else [])
        found.update({(owner, language, label): row for owner, label in chosen})
    return found | _stated(taxonomy)


def labels_file() -> Path:
    """Return the path of the built-in table."""
    return ontology_folder() / "sources" / "labels.tsv"


def read_table(path: Path) -> dict[Key, LabelSource]:
    """Read the table: tab-separated, one label a row, `|` between cross-references, lines with `#` left out.

    :raises DataError: if a column is missing, a row has another number of cells, or a scope is unknown.
    """
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or tuple(rows[0]) != COLUMNS:
        raise DataError(f"{path.name}: its columns are {', '.join(rows[0]) if rows else 'none'}; allowed: {COLUMNS}")
    found: dict[Key, LabelSource] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(COLUMNS):
            raise DataError(f"{path.name}: row {number} has {len(row)} cells; it needs {len(COLUMNS)}")
        curie, language, text, scope, xrefs, source = row
        known: dict[str, Scope] = {value: value for value in SCOPES.values()}
        if scope and scope not in known:
            raise DataError(f"{path.name}: row {number} has the scope '{scope}'; allowed: {', '.join(known)}")
        parts = tuple(xref for xref in xrefs.split("|") if xref)
        found[curie, language.lower(), text] = LabelSource(known.get(scope), parts, source)
    return found


def _stated(taxonomy: Taxonomy) -> dict[Key, LabelSource]:
    """Return what the files of the taxonomy state as axiom annotations."""
    axioms = {t.subject for t in taxonomy.triples if t.predicate == _TYPE and t.object == _AXIOM}
    nodes: dict[object, dict[ox.NamedNode, list[object]]] = defaultdict(lambda: defaultdict(list))
    for triple in taxonomy.triples if axioms else ():
        if triple.subject in axioms:
            nodes[triple.subject][triple.predicate].append(triple.object)
    curies = {concept.iri: concept.curie for concept in taxonomy.all_concepts}
    found: dict[Key, LabelSource] = {}
    for node in nodes.values():
        target, subject = (next(iter(node.get(name, ())), None) for name in (_TARGET, _SOURCE))
        if isinstance(target, ox.Literal) and isinstance(subject, ox.NamedNode) and subject.value in curies:
            texts = {name: _texts(node.get(name, ())) for name in (_SCOPE, _XREF, _ORIGIN)}
            scope = next((SCOPES[iri] for iri in texts[_SCOPE] if iri in SCOPES), None)
            key = (curies[subject.value], (target.language or "en").lower(), target.value)
            found[key] = LabelSource(scope, tuple(texts[_XREF]), "; ".join(texts[_ORIGIN]))
    return found


def _texts(terms: Iterable[object]) -> list[str]:
    return sorted(term.value for term in terms if isinstance(term, ox.Literal | ox.NamedNode))


def source_axioms(taxonomy: Taxonomy) -> Iterator[ox.Triple]:
    """Yield the triples of the axiom annotations for all labels whose source or scope the table gives."""
    stated = _stated(taxonomy)
    sources = label_sources(taxonomy)
    iris = {scope: iri for iri, scope in SCOPES.items()}
    for concept in taxonomy.all_concepts:
        for label in concept.labels:
            key = (concept.curie, label.language, label.text)
            if key in sources and key not in stated:
                node = ox.BlankNode()
                yield from axiom(node, concept.iri, LABEL_PROPERTIES[label.role], _literal(label))
                found = sources[key]
                if found.source:
                    yield ox.Triple(node, _ORIGIN, ox.Literal(found.source))
                if found.scope:
                    yield ox.Triple(node, _SCOPE, ox.NamedNode(iris[found.scope]))
                yield from (ox.Triple(node, _XREF, ox.Literal(xref)) for xref in found.xrefs)


def axiom(node: ox.BlankNode, subject: str, predicate: str, target: ox.Literal) -> Iterator[ox.Triple]:
    """Yield the triples that make `node` the annotation of a statement."""
    yield ox.Triple(node, _TYPE, _AXIOM)
    yield ox.Triple(node, _SOURCE, ox.NamedNode(subject))
    yield ox.Triple(node, _PROPERTY, ox.NamedNode(predicate))
    yield ox.Triple(node, _TARGET, target)


def _literal(label: Label) -> ox.Literal:
    return ox.Literal(label.text, language=label.language)
