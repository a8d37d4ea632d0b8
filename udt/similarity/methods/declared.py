"""Similarity weights declared in the ontology: for two values, or for all pairs that a property connects.

```turtle
[] a ns:Similarity ; ns:between udaf:shape.round , udaf:shape.oval ; ns:weight 0.7 .
ns:pediatricCounterpart ns:weight 0.8 .
```
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

import pyoxigraph as ox

from udt.core.errors import TaxonomyError
from udt.taxonomy.model.namespaces import NS, RDF_TYPE, compress
from udt.taxonomy.model.taxonomy import Taxonomy

Pair = frozenset[str]
"""IRIs of two values."""

_SIMILARITY, _BETWEEN, _WEIGHT = NS + "Similarity", NS + "between", NS + "weight"
_Facts = Mapping[str, list[str]]
_Homes = Mapping[str, str]


def declared_weights(taxonomy: Taxonomy) -> Mapping[Pair, float]:
    """Return the declared weight of each pair of values that has one.

    A weight of a pair takes precedence over a weight of a property, and a later file over an earlier one.

    :raises TaxonomyError: listing every declaration that names an unknown value, values of different dimensions, or
        more or fewer than two values, or whose weight is not a number from 0 to 1.
    """
    homes = {value.iri: dimension.key for dimension in taxonomy.dimensions for value in dimension.values}
    stated = _stated(taxonomy)
    faults: list[str] = []
    found: dict[Pair, float] = {}
    for subject, facts in stated.items():
        if _SIMILARITY not in facts.get(RDF_TYPE, ()):
            faults += _weight_faults(compress(subject), facts)
            found.update(dict.fromkeys(_connected(subject, taxonomy, homes), _weight(facts)))
    for facts in stated.values():
        if _SIMILARITY in facts.get(RDF_TYPE, ()):
            ends = frozenset(facts.get(_BETWEEN, ()))
            name = f"the ns:Similarity between {_listed(ends)}"
            faults += [*_end_faults(name, ends, homes), *_weight_faults(name, facts)]
            found[ends] = _weight(facts)
    if faults:
        raise TaxonomyError(faults)
    return found


def _stated(taxonomy: Taxonomy) -> dict[str, _Facts]:
    """Return the classes, values and weights of the `ns:Similarity` and other weighted resources, in file order."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in taxonomy.triples:
        if triple.predicate.value in {RDF_TYPE, _BETWEEN, _WEIGHT}:
            found[_text(triple.subject)][triple.predicate.value].append(_text(triple.object))
    return {
        node: dict(facts) for node, facts in found.items() if _WEIGHT in facts or _SIMILARITY in facts.get(RDF_TYPE, ())
    }


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return str(term) if isinstance(term, ox.Triple) else term.value


def _connected(predicate: str, taxonomy: Taxonomy, homes: _Homes) -> Iterator[Pair]:
    """Yield the pairs of values of one dimension that a property connects."""
    for triple in taxonomy.triples:
        if triple.predicate.value == predicate:
            a, b = _text(triple.subject), _text(triple.object)
            if a != b and a in homes and homes[a] == homes.get(b):
                yield frozenset((a, b))


def _weight(facts: _Facts) -> float:
    """Return the last declared weight; NaN if there is none, or if it is not a number."""
    try:
        return float(facts[_WEIGHT][-1])
    except (KeyError, ValueError):
        return float("nan")


def _weight_faults(name: str, facts: _Facts) -> Iterator[str]:
    if not 0 <= _weight(facts) <= 1:
        got = ", ".join(facts.get(_WEIGHT, ())) or "none"
        yield f"{name} has the ns:weight {got}; give a number from 0 to 1"


def _end_faults(name: str, ends: Pair, homes: _Homes) -> Iterator[str]:
    unknown = sorted(ends - homes.keys())
    for end in unknown:
        close = get_close_matches(end, homes, n=1)
        hint = f"; did you mean {compress(close[0])}?" if close else ""
        yield f"{name}: {compress(end)} is no value of a dimension{hint}"
    if len(ends) != 2:
        yield f"{name} has {len(ends)} ends; give two values of one dimension with ns:between"
    elif not unknown and len({homes[end] for end in ends}) > 1:
        keys = " and ".join(homes[end] for end in sorted(ends))
        yield f"{name} joins {keys}; give two values of one dimension"


def _listed(ends: Pair) -> str:
    return " and ".join(compress(end) for end in sorted(ends)) or "nothing"
