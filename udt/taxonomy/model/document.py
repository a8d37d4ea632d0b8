"""The taxonomy as plain data, for JSON: `udt-taxonomy/1`.

```json
{"schema": "udt-taxonomy/1", "version": "0.2.0", "version_iri": "https://…", "sha256": "…",
 "dimensions": [{"key": "shape", "task": 4, "role": "attribute", "profiles": ["PaperProfile"],
                 "us365k_field": "Shape", "curie": "udaf:shape",
                 "values": [{"label": "round", "curie": "udaf:shape.round", "prompt": "…"}]}],
 "concepts": {"anatomy": [CONCEPT, …], "dimensions": [CONCEPT, …], "findings": [CONCEPT, …], "words": [CONCEPT, …]}}
```

`task` is null for a dimension of reports alone. `concepts` contains trees: the roots of each part, in order, with their
descendants in `children`; deprecated concepts are roots. A CONCEPT is `{"curie", "iri", "kind", "label", "notation",
"definition", "scope_note", "labels": [{"text", "language", "role"}], "broader": [CURIE], "mappings": {"exactMatch":
[CURIE]}, "attributes": {NAME: [VALUE]}, "compositions", "compartment_rules", "deprecated", "replaced_by", "source",
"children"}`; empty keys other than `curie`, `iri`, `kind` and `label` are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from udt.taxonomy.model.concept import ANATOMY_KINDS, Concept, Dimension
from udt.taxonomy.model.taxonomy import Taxonomy

SCHEMA = "udt-taxonomy/1"
_FINDINGS = {"FindingGroup", "FindingTerm", "LesionNoun", "SuffixRule"}

Json = dict[str, Any]


def taxonomy_document(taxonomy: Taxonomy) -> Json:
    """Return the taxonomy as plain data, ready for `json.dumps`."""
    roots: dict[str, list[Concept]] = {"anatomy": [], "dimensions": [], "findings": [], "words": []}
    for concept in taxonomy.all_concepts:
        if concept.deprecated or not any(parent in taxonomy.concepts for parent in concept.broader):
            roots[part_of(concept)].append(concept)
    return {
        "schema": SCHEMA,
        "version": taxonomy.version,
        "version_iri": taxonomy.version_iri,
        "sha256": taxonomy.digest,
        "dimensions": [_dimension(dimension) for dimension in taxonomy.dimensions],
        "concepts": {part: _trees(taxonomy, found) for part, found in roots.items()},
    }


def part_of(concept: Concept) -> str:
    """Return the part of the taxonomy that contains a concept: `anatomy`, `dimensions`, `findings` or `words`."""
    if concept.kind in ANATOMY_KINDS:
        return "anatomy"
    if concept.kind in {"Dimension", "Module"} or concept.kind.endswith("Value"):
        return "dimensions"
    return "findings" if concept.kind in _FINDINGS else "words"


def in_order(concepts: Iterable[Concept]) -> list[Concept]:
    """Sort dimensions by task, those without a task last, siblings by `ns:order`, and the rest by CURIE."""
    return sorted(concepts, key=lambda c: (c.number("task") or float("inf"), c.order or float("inf"), c.curie))


def concept_document(concept: Concept) -> Json:
    """Return one concept as plain data, without its children."""
    mappings: dict[str, list[str]] = {}
    for predicate, target in concept.mappings:
        mappings.setdefault(predicate, []).append(target)
    optional: Json = {
        "notation": concept.notation,
        "definition": concept.definition,
        "scope_note": concept.scope_note,
        "labels": [{"text": x.text, "language": x.language, "role": x.role} for x in concept.labels],
        "broader": list(concept.broader),
        "mappings": mappings,
        "attributes": {name: list(values) for name, values in sorted(concept.attributes.items())},
        "compositions": [{"modifier": c.modifier, "head": c.head, "negated": c.negated} for c in concept.compositions],
        "compartment_rules": [{"within": r.within, "resolves_to": r.resolves_to} for r in concept.compartment_rules],
        "deprecated": concept.deprecated,
        "replaced_by": list(concept.replaced_by),
        "source": concept.source,
    }
    required: Json = {"curie": concept.curie, "iri": concept.iri, "kind": concept.kind, "label": concept.label}
    return {**required, **{name: value for name, value in optional.items() if value}}


def _dimension(dimension: Dimension) -> Json:
    values = [{"label": v.label, "curie": v.curie, "prompt": dimension.prompt(v)} for v in dimension.values]
    return {
        "key": dimension.key,
        "task": dimension.task,
        "role": dimension.role,
        "profiles": list(dimension.profiles),
        "us365k_field": dimension.us365k_field,
        "curie": dimension.concept.curie,
        "values": values,
    }


def _trees(taxonomy: Taxonomy, concepts: Iterable[Concept]) -> list[Json]:
    trees = []
    for concept in in_order(concepts):
        children = _trees(taxonomy, taxonomy.children(concept.curie))
        trees.append({**concept_document(concept), **({"children": children} if children else {})})
    return trees
