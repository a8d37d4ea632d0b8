"""Look-up of concepts by any name, and their description as plain data."""

from __future__ import annotations

from collections import defaultdict
from difflib import get_close_matches
from typing import Any

from udt.core.errors import UnknownConceptError
from udt.core.texts import brief
from udt.taxonomy.model.concept import Concept
from udt.taxonomy.model.document import concept_document, part_of
from udt.taxonomy.model.taxonomy import Taxonomy

_RANK = {"anatomy": 0, "dimensions": 1, "findings": 2, "words": 3}


def find(taxonomy: Taxonomy, name: str) -> Concept:
    """Find the concept called `name`: a CURIE, IRI, notation, preferred label, or a synonym in any language.

    If several concepts share a name, anatomy and values come before findings, and findings before words; values that
    are read as attributes come last.

    :raises UnknownConceptError: if there is none; the message gives the closest names.
    """
    try:
        return taxonomy[name]
    except UnknownConceptError:
        found = [concept for concept in taxonomy if any(x.text.casefold() == name.casefold() for x in concept.labels)]
        if found:
            return min(found, key=lambda c: (taxonomy.is_apart(c), _RANK[part_of(c)], c.curie))
    raise UnknownConceptError(name, f"no concept is called '{brief(name)}'{_suggestion(taxonomy, name)}")


def _suggestion(taxonomy: Taxonomy, name: str) -> str:
    labels = (label for concept in taxonomy for label in concept.labels if label.role != "hidden")
    texts = {label.text.casefold(): label.text for label in labels}
    texts |= {key.casefold(): key for c in taxonomy for key in (c.curie, c.notation or "")}
    close = get_close_matches(name.casefold(), texts, n=3, cutoff=0.6)
    if close:
        return f"; did you mean {' or '.join(repr(texts[text]) for text in close)}?"
    return "; 'udt taxonomy show' lists the labels"


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
    targets = [taxonomy.concepts[curie] for name in ("impliesValue", "impliesOrgan") for curie in concept.all(name)]
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
    """Return the trees of the body systems and of the dimensions with their values, `depth` levels deep.

    Places in others, such as organs, are in the trees of the outermost, and dimensions of modules in those of modules.
    """
    places = [d for d in taxonomy.dimensions if d.role == "place" and taxonomy.enclosing(d) is None]
    others = [d.concept for d in taxonomy.dimensions if d.role != "place"]
    modules: dict[str, list[Concept]] = defaultdict(list)
    for concept in others:
        modules[concept.one("module") or ""].append(concept)
    own = modules.pop("", [])
    return {
        "anatomy": [_brief(taxonomy, value, depth - 1) for place in places for value in place.values],
        "dimensions": [
            *(_brief(taxonomy, dimension, depth - 1) for dimension in own),
            *(_module(taxonomy, taxonomy[name], found, depth - 1) for name, found in modules.items()),
        ],
    }


def _module(taxonomy: Taxonomy, module: Concept, dimensions: list[Concept], depth: int) -> dict[str, Any]:
    """Return a brief description of a module with its dimensions, which are `depth` levels deep."""
    brief = _brief(taxonomy, module, 0)
    below = [_brief(taxonomy, dimension, depth - 1) for dimension in dimensions] if depth > 0 else []
    return {**brief, "children": below} if below else brief
