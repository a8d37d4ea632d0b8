"""Groups of concepts declared in the ontology: collections, and the values that a weighted property connects.

```turtle
uhat:group.endocrine-glands a skos:Collection ; skos:prefLabel "endocrine glands"@en ;
    skos:member uhat:thyroid-gland , uhat:parathyroid-glands , uhat:adrenal-glands .
ns:pediatricCounterpart ns:weight 0.8 .
```

A collection may be a member of another. Of a property with an `ns:weight`, each object forms a group with its subjects:
a class of Pediatrics with the organs that it replaces.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from udt.core.errors import TaxonomyError
from udt.taxonomy.model.namespaces import NS, RDF_TYPE, SKOS, compress
from udt.taxonomy.model.taxonomy import Taxonomy

Groups = Mapping[str, tuple[str, ...]]
"""CURIE of a concept or group to the names of the groups that it is a member of, sorted."""

_COLLECTION, _MEMBER, _WEIGHT = SKOS + "Collection", SKOS + "member", NS + "weight"


def declared_groups(taxonomy: Taxonomy) -> Groups:
    """Return the groups of each concept and group that is a member of any.

    Deprecated concepts are members of no group.

    :raises TaxonomyError: listing every collection without members, every member that is neither a concept nor a
        collection, and every collection that contains itself.
    """
    names = {concept.iri: concept.curie for concept in taxonomy.all_concepts}
    members = _collections(taxonomy, names)
    faults = [*_member_faults(members, taxonomy), *_cycle_faults(members)]
    if faults:
        raise TaxonomyError(faults)
    found: dict[str, set[str]] = defaultdict(set)
    for groups in members, _connected(taxonomy, names):
        for group, inside in groups.items():
            for name in inside - taxonomy.deprecated.keys():
                found[name].add(group)
    return {name: tuple(sorted(groups)) for name, groups in sorted(found.items())}


def _collections(taxonomy: Taxonomy, curies: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the members of each collection, by CURIE."""
    found: dict[str, set[str]] = {}
    stated: dict[str, set[str]] = defaultdict(set)
    for triple in taxonomy.triples:
        if triple.predicate.value == RDF_TYPE and getattr(triple.object, "value", "") == _COLLECTION:
            found[_name(triple.subject, curies)] = stated[_name(triple.subject, curies)]
        elif triple.predicate.value == _MEMBER:
            stated[_name(triple.subject, curies)].add(_name(triple.object, curies))
    return found


def _name(term: object, curies: Mapping[str, str]) -> str:
    """Return the CURIE of a concept or of another named node, or the text of another term."""
    text = str(getattr(term, "value", term))
    return curies.get(text) or compress(text)


def _connected(taxonomy: Taxonomy, curies: Mapping[str, str]) -> dict[str, set[str]]:
    """Return the group of each object of a weighted property: the object and its subjects."""
    weighted = {getattr(t.subject, "value", "") for t in taxonomy.triples if t.predicate.value == _WEIGHT}
    found: dict[str, set[str]] = {}
    for triple in taxonomy.triples:
        if triple.predicate.value in weighted:
            subject, target = _name(triple.subject, curies), _name(triple.object, curies)
            if subject in taxonomy.concepts and target in taxonomy.concepts:
                found.setdefault(f"{target} and what it replaces", {target}).add(subject)
    return found


def _member_faults(members: Mapping[str, set[str]], taxonomy: Taxonomy) -> Iterator[str]:
    known = {*members, *taxonomy.concepts, *taxonomy.deprecated}
    for group, names in members.items():
        if not names:
            yield f"the collection {group} has no skos:member; give it at least two"
        for name in sorted(names - known):
            close = get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else "; allowed: a concept or another collection"
            yield f"the collection {group} has the skos:member {name}, which does not exist{hint}"


def _cycle_faults(members: Mapping[str, set[str]]) -> Iterator[str]:
    for group in members:
        below, pending = set[str](), [group]
        while pending:
            nested = {name for name in members[pending.pop()] if name in members} - below
            below |= nested
            pending += nested
        if group in below:
            yield f"the collection {group} is below itself; break the cycle of skos:member"
