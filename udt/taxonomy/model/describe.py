"""Look-up of concepts and schema terms by any name, and their description as plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pyoxigraph as ox

from udt.core.errors import UnknownConceptError
from udt.core.texts import brief
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.document import concept_document, part_of
from udt.taxonomy.model.namespaces import OWL, RDF, RDF_TYPE, compress
from udt.taxonomy.model.schema_terms import SchemaTerm, schema_terms
from udt.taxonomy.model.search import PARTS, fold, mapped_to, suggestions
from udt.taxonomy.model.taxonomy import Taxonomy

_LISTED = 5


def find(taxonomy: Taxonomy, name: str) -> Concept:
    """Find the concept called `name`: a CURIE, IRI, notation, preferred label, or a synonym in any language.

    If several concepts share a name, anatomy and values come before findings, and findings before words; values that
    are read as attributes come after these, and deprecated concepts last.

    :raises UnknownConceptError: if there is none; the message gives the closest names.
    """
    found = _found(taxonomy, name)
    if found is None:
        raise _unknown(taxonomy, name)
    return found


def _found(taxonomy: Taxonomy, name: str) -> Concept | None:
    called = taxonomy.named(name)
    return called or next(iter(concepts_called(taxonomy, name)), None)


def concepts_called(taxonomy: Taxonomy, name: str) -> list[Concept]:
    """Return all concepts with this CURIE, IRI, notation or label, in the order of `find`.

    Letter case counts for nothing and, if no label is equal otherwise, neither do accents, hyphens and apostrophes.
    """
    everything = taxonomy.all_concepts
    wanted = name.casefold()
    found = [c for c in everything if name in {c.curie, c.iri} or wanted == (c.notation or "").casefold()]
    found = found or [c for c in everything if any(x.text.casefold() == wanted for x in c.labels)]
    folded = fold(name)
    if not found and folded:
        found = [c for c in everything if any(fold(x.text) == folded for x in c.labels)]
    return sorted(found, key=lambda c: (c.deprecated, PARTS.index(part_of(c)), c.curie))


def schema_term(taxonomy: Taxonomy, name: str) -> SchemaTerm | None:
    """Return the class or property called `name`: a CURIE, IRI, local name or label, in any letter case; or None."""
    wanted = name.casefold()
    for term in schema_terms(taxonomy).values():
        names = {term.curie, term.iri, term.curie.partition(":")[2], term.label}
        if wanted in {one.casefold() for one in names}:
            return term
    return None


def look_up(taxonomy: Taxonomy, name: str, depth: int = 1) -> dict[str, Any]:
    """Describe a concept, a class or property of the schema, or a term of another vocabulary by any of its names.

    A concept is described as by `describe`, with `also`: the CURIEs of other concepts and schema terms of that name. An
    identifier of another vocabulary gives the concept that maps to it, with `found_by`; if several do, they are listed
    as `concepts`, with the predicate of each.

    :param depth: levels of `children`.
    :raises UnknownConceptError: if there is none; the message gives the closest names.
    """
    term = schema_term(taxonomy, name)
    concept = _found(taxonomy, name)
    if concept is None:
        if term is not None:
            return describe_term(taxonomy, term)
        if mapped := mapped_to(taxonomy, name):
            return _mapped(taxonomy, name, mapped, depth)
        raise _unknown(taxonomy, name)
    others = [other.curie for other in concepts_called(taxonomy, name) if other is not concept]
    others += [term.curie] if term else []
    return {**describe(taxonomy, concept, depth), **({"also": others} if others else {})}


def _mapped(taxonomy: Taxonomy, name: str, mapped: list[tuple[str, Concept]], depth: int) -> dict[str, Any]:
    if len(mapped) == 1:
        predicate, concept = mapped[0]
        return {**describe(taxonomy, concept, depth), "found_by": {"id": compress(name), "predicate": predicate}}
    rows = [{"predicate": predicate, **_brief(taxonomy, concept, 0)} for predicate, concept in mapped]
    return {"id": compress(name), "concepts": rows}


def _unknown(taxonomy: Taxonomy, name: str) -> UnknownConceptError:
    close = suggestions(taxonomy, name, _LISTED)
    names = [hit.concept.label if hit.label.role == "hidden" else hit.label.text for hit in close]
    quoted = [f"'{text}' ({hit.concept.curie})" for text, hit in zip(names, close, strict=True)]
    hint = "'udt taxonomy search' finds concepts by words"
    if quoted:
        hint = f"did you mean {', '.join(quoted[:-1])}{' or ' if quoted[1:] else ''}{quoted[-1]}?"
    return UnknownConceptError(name, f"no concept is called '{brief(name)}'; {hint}")


def describe_term(taxonomy: Taxonomy, term: SchemaTerm) -> dict[str, Any]:
    """Describe a class or property of the schema: its comment, hierarchy, definition and members, without empty keys.

    `members` lists the direct members of a class in order; `definition` is its `owl:equivalentClass` in words.
    """
    node, type_ = ox.NamedNode(term.iri), ox.NamedNode(RDF_TYPE)
    typed = [t.subject for t in taxonomy.triples if t.predicate == type_ and t.object == node]
    members = [subject.value for subject in typed if isinstance(subject, ox.NamedNode)]
    stated = [t.object for t in taxonomy.triples if t.subject == node and t.predicate.value == OWL + "equivalentClass"]
    nodes: dict[object, dict[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]] = defaultdict(dict)
    for triple in taxonomy.triples if stated else ():
        if isinstance(triple.subject, ox.BlankNode):
            nodes[triple.subject][triple.predicate.value] = triple.object
    names = {c.iri: c.label for c in taxonomy}
    found = {
        "comment": term.comment,
        "parents": list(term.parents),
        "children": list(term.children),
        "definition": "; ".join(_expression(one, nodes, names) for one in stated),
        "members": [{"curie": compress(iri), "label": names.get(iri, "")} for iri in sorted(members)],
    }
    required = {"curie": term.curie, "iri": term.iri, "kind": term.kind, "label": term.label}
    return {**required, **{name: value for name, value in found.items() if value}}


def _expression(term: object, nodes: Mapping[object, Mapping[str, object]], names: Mapping[str, str]) -> str:
    """Return a class expression in words, e.g. `ns:Finding and (diagnosis: mass or diagnosis: nodule)`."""
    if isinstance(term, ox.NamedNode):
        return names.get(term.value, compress(term.value))
    facts = {name.removeprefix(OWL): value for name, value in nodes.get(term, {}).items()}
    for name, word in ("intersectionOf", " and "), ("unionOf", " or "), ("oneOf", " or "):
        if name in facts:
            parts = [_expression(part, nodes, names) for part in _items(facts[name], nodes)]
            return f"({word.join(parts)})"
    path = compress(getattr(facts.get("onProperty"), "value", "")).removeprefix("ns:")
    filler = facts.get("hasValue", facts.get("someValuesFrom"))
    return f"{path}: {_expression(filler, nodes, names)}" if path and filler is not None else "another expression"


def _items(node: object, nodes: Mapping[object, Mapping[str, object]]) -> Iterator[object]:
    while isinstance(node, ox.BlankNode) and RDF + "first" in nodes.get(node, {}):
        yield nodes[node][RDF + "first"]
        node = nodes[node].get(RDF + "rest")


def implied_labels(taxonomy: Taxonomy, concept: Concept) -> dict[str, list[str]]:
    """Return the labels that a mention of `concept` alone implies, by dimension key, in the order of the taxonomy."""
    chosen = {c.curie for c in _labelled(taxonomy, concept)}
    found: dict[str, list[str]] = defaultdict(list)
    for dimension in taxonomy.dimensions:
        for value in dimension.values:
            if value.curie in chosen:
                found[dimension.key].append(value.label)
    return dict(found)


def _labelled(taxonomy: Taxonomy, concept: Concept) -> list[Concept]:
    """Return the concept and its ancestors, and the concepts that it implies with theirs."""
    implied = taxonomy.implied(concept.curie)
    targets = [taxonomy.concepts[curie] for curie in (*implied.values, *implied.organs)]
    return [c for start in (concept, *targets) for c in (start, *taxonomy.ancestors(start.curie))]


def describe(taxonomy: Taxonomy, concept: Concept, depth: int = 1) -> dict[str, Any]:
    """Describe a concept: its document, its `path` from the root, the labels it `implies`, `children` to `depth`."""
    path = [concept, *taxonomy.ancestors(concept.curie)][::-1]
    return {
        **concept_document(concept),
        "path": [{"curie": c.curie, "label": c.label} for c in path],
        "implies": implied_labels(taxonomy, concept),
        "children": children(taxonomy, concept, depth),
    }


def children(taxonomy: Taxonomy, concept: Concept, depth: int) -> list[dict[str, Any]]:
    """Return brief descriptions of the concepts below `concept`, `depth` levels deep."""
    if depth < 1:
        return []
    return [_brief(taxonomy, child, depth - 1) for child in taxonomy.children(concept.curie)]


def _brief(taxonomy: Taxonomy, concept: Concept, depth: int) -> dict[str, Any]:
    brief: dict[str, Any] = {"curie": concept.curie, "kind": concept.kind, "label": concept.label}
    if concept.notation:
        brief["notation"] = concept.notation
    below = children(taxonomy, concept, depth)
    return {**brief, "children": below} if below else brief


def overview(taxonomy: Taxonomy, depth: int = 2) -> dict[str, list[dict[str, Any]]]:
    """Return the trees of the body systems, and of the dimensions with their values, `depth` levels deep.

    Places in others, such as organs, are in the trees of the outermost; dimensions of a module are below it.
    """
    places = [d for d in taxonomy.dimensions if d.role == "place" and taxonomy.enclosing(d) is None]
    others = [d.concept for d in taxonomy.dimensions if d.role != "place"]
    modules: dict[str, list[Concept]] = {}
    for dimension in others:
        modules.setdefault(dimension.one("module") or "", []).append(dimension)
    return {
        "anatomy": [_brief(taxonomy, value, depth - 1) for place in places for value in place.values],
        "dimensions": [_brief(taxonomy, dimension, depth - 1) for dimension in modules.pop("", [])],
        "modules": [_module(taxonomy, name, members, depth - 1) for name, members in modules.items()],
    }


def _module(taxonomy: Taxonomy, name: str, dimensions: list[Concept], depth: int) -> dict[str, Any]:
    brief = _brief(taxonomy, taxonomy.concepts[name], 0)
    below = [_brief(taxonomy, dimension, depth - 1) for dimension in dimensions] if depth > 0 else []
    return {**brief, "children": below} if below else brief
