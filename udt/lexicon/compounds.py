"""Findings whose names are made of another finding and a structure: *gallbladder stone* is a stone in the gallbladder.

The parts of such names are found by the lexicon itself, so that a text which names them apart (*a stone in the
gallbladder*) means the same finding as one that uses the name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from udt.lexicon.entries import Entries, articles_in, named_by, splits
from udt.lexicon.forms import Words
from udt.lexicon.tokens import tokenize
from udt.taxonomy.model.concept import ANATOMY_KINDS
from udt.taxonomy.model.taxonomy import Taxonomy

Compounds = dict[tuple[str, str], Counter[str]]
"""(finding or value, structure) to the findings whose names are made of both, with the number of such names."""


def compound_names(entries: Entries, taxonomy: Taxonomy) -> Compounds:
    """Return the findings whose names are made of a finding or value and a structure."""
    structures, bases = named_by(entries, taxonomy, ANATOMY_KINDS), _bases(entries, taxonomy)
    articles = articles_in(taxonomy)
    found: Compounds = defaultdict(Counter)
    for words, named in named_by(entries, taxonomy, {"FindingTerm"}).items():
        for base, place in splits(words, articles):
            pairs = [(part, structure) for structure in structures.get(place, ()) for part in bases.get(base, ())]
            for curie in named:
                for part, structure in pairs:
                    if part != curie:
                        found[part, structure][curie] += 1
    return found


def compounds(names: Compounds, taxonomy: Taxonomy) -> list[list[str]]:
    """Return (finding or value, structure, finding of both) rows, sorted.

    Of several findings with the same parts, the one that is below the part counts, else the one with most such names.
    """
    return sorted([*parts, _best(parts[0], findings, taxonomy)] for parts, findings in names.items())


def structures_of(names: Compounds, taxonomy: Taxonomy) -> dict[str, str]:
    """Return findings to the structure in which they are by definition (`ns:findingSite`) or by name.

    The own statement comes first, then the component that most of the names contain (*pleura* of *pleural effusion*),
    then the nearest statement of a finding above.
    """
    found = _structures_in(names, taxonomy)
    for finding in (concept for concept in taxonomy if concept.kind == "FindingTerm"):
        own = finding.one("findingSite")
        if own or finding.curie not in found:
            line = (concept.one("findingSite") for concept in taxonomy.all_ancestors(finding.curie))
            site = own or next(filter(None, line), None)
            if site:
                found[finding.curie] = site
    return dict(sorted(found.items()))


def _structures_in(names: Compounds, taxonomy: Taxonomy) -> dict[str, str]:
    """Return findings to the component that most of their names contain.

    One whose names contain several, none of them in more than half of the names, has none.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, structure), findings in names.items():
        if taxonomy.concepts[structure].kind == "Component":
            for finding, count in findings.items():
                found[finding][structure] += count
    best = {finding: min(named, key=lambda c: (-named[c], c)) for finding, named in sorted(found.items())}
    return {one: structure for one, structure in best.items() if found[one][structure] > found[one].total() / 2}


def findings_of_values(entries: Entries, values: Entries, taxonomy: Taxonomy) -> dict[str, str]:
    """Return values that are read as attributes to the finding whose label is one of their names: *antegrade flow*.

    Another name will do if the finding implies the value.

    :param values: the entries of these values, which those of the other concepts do not have.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for words, named in values.items():
        for curie, _, _ in entries.get(words, ()):
            concept = taxonomy.concepts[curie]
            if concept.kind == "FindingTerm":
                labelled = words == tuple(tokenize(concept.label).words)
                for value, _, _ in named:
                    if labelled or value in concept.all("impliesValue"):
                        found[value].add(curie)
    return {value: next(iter(findings)) for value, findings in sorted(found.items()) if len(findings) == 1}


def _bases(entries: Entries, taxonomy: Taxonomy) -> dict[Words, list[str]]:
    """Return the findings, and the values that may be a part of a name, by their words."""
    described = [dimension for dimension in taxonomy.dimensions if dimension.role != "place"]
    roles = {value.curie: dimension.role for dimension in described for value in dimension.values}
    bases: dict[Words, list[str]] = {}
    for words, concepts in entries.items():
        for curie, _, _ in concepts:
            if taxonomy.concepts[curie].kind == "FindingTerm" or _may_be_part(words, curie, roles, taxonomy):
                bases.setdefault(words, []).append(curie)
    return bases


def _may_be_part(words: Words, curie: str, roles: Mapping[str, str], taxonomy: Taxonomy) -> bool:
    """Return whether words name a value as a part of a name; a *tumour* there is more than the *mass* that it is."""
    if roles.get(curie) != "diagnosis":
        return curie in roles
    return words == tuple(tokenize(taxonomy.concepts[curie].label).words)


def _best(part: str, names: Counter[str], taxonomy: Taxonomy) -> str:
    def rank(curie: str) -> tuple[bool, int, int, str]:
        below = any(ancestor.curie == part for ancestor in taxonomy.all_ancestors(curie))
        return not below, -names[curie], len(taxonomy.concepts[curie].label), curie

    return min(names, key=rank)
