"""Compile a taxonomy into JSON-ready data: a trie over words, and the attributes of the concepts it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from udt.lexicon.forms import SpellingVariation, Words, forms
from udt.lexicon.tokens import tokenize
from udt.taxonomy.model.concept import Concept, Label
from udt.taxonomy.model.taxonomy import Taxonomy

FORMAT = 8
# Flags of an entry: how its form differs from the label, or the language of the label.
ADJECTIVE, PLURAL, FRENCH = 1, 2, 4

_UNMATCHED = {"Dimension", "CombiningForm", "SpellingPair", "SuffixRule"}
_ANATOMY = {"BodySystem", "Organ", "Component", "Region"}
_DEFAULT_SPECIFICITY = {"Region": "BodyRegion"}

Entry = tuple[str, int, str | None]
"""A concept, the flags of the form, and the exact spelling that the text has to have, or None for any case."""
Entries = dict[Words, list[Entry]]


def build(taxonomy: Taxonomy) -> dict[str, Any]:
    """Compile the part of `taxonomy` that the normaliser needs into JSON-ready data."""
    entries = _entries(taxonomy)
    concepts = {c.curie: c for c in taxonomy}
    single = [(words[0], concepts[curie]) for words in entries if len(words) == 1 for curie, _, _ in entries[words]]
    return {
        "format": FORMAT,
        "version": taxonomy.version,
        "digest": taxonomy.digest,
        "dimensions": [
            {"key": d.key, "labels": list(d.labels), "concepts": [v.curie for v in d.values]}
            for d in taxonomy.dimensions
        ],
        "concepts": {c.curie: _data(c, taxonomy) for c in taxonomy if c.kind not in _UNMATCHED},
        "suffixes": {c.one("suffix"): list(c.all("impliesValue")) for c in taxonomy if c.kind == "SuffixRule"},
        "compositions": [
            [value.curie, part.modifier, part.head, part.negated] for value in taxonomy for part in value.compositions
        ],
        "prefixes": sorted(SpellingVariation.of(taxonomy).prefixes),
        "joined_negations": [x.text for c in taxonomy if c.one("direction") == "ns:Joined" for x in c.labels],
        "abbreviations": [word for word, c in single if c.one("function") == "ns:Abbreviation"],
        "sides": {word: c.one("side") for word, c in single if c.kind == "LateralityTerm"},
        "trie": _trie(entries),
    }


def _data(concept: Concept, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return the kind and attributes of a concept and, for anatomy, its position in the tree."""
    data: dict[str, Any] = {"kind": concept.kind}
    data.update(
        {name: list(values) for name, values in concept.attributes.items() if name not in {"prompt", "scopeNote"}}
    )
    if concept.kind in _ANATOMY:
        line = [concept, *taxonomy.ancestors(concept.curie)]
        data["line"] = [c.curie for c in line]
        data["organ"] = next((c.label for c in line if c.kind == "Organ"), None)
        data["system"] = next((c.label for c in line if c.kind == "BodySystem"), None)
        data["pediatric"] = next((c.one("pediatricCounterpart") for c in line if c.one("pediatricCounterpart")), None)
        default = _DEFAULT_SPECIFICITY.get(concept.kind, "Structure")
        data["specificity"] = (concept.one("specificity") or default).removeprefix("ns:")
        data["perifocal"] = [value for c in line for value in c.all("perifocalFinding")]
        data["compartments"] = [[rule.within, rule.resolves_to] for rule in concept.compartment_rules]
    return data


def _entries(taxonomy: Taxonomy) -> Entries:
    """Map word sequences to their entries. A derived form is dropped if a label of the ontology has the same words."""
    spelling = SpellingVariation.of(taxonomy)
    written: Entries = {}
    for concept, label in _labels(taxonomy):
        words = tuple(tokenize(label.text).words)
        if words:
            _add(written, words, _entry(concept, label, 0, label.text))
    derived: Entries = {}
    for concept, label in _labels(taxonomy):
        for words, plural in forms(label, spelling):
            if words not in written:
                exact = label.text + "s" if label.role == "abbreviation" else None
                _add(derived, words, _entry(concept, label, PLURAL if plural else 0, exact))
    return derived | written


def _labels(taxonomy: Taxonomy) -> Iterator[tuple[Concept, Label]]:
    for concept in taxonomy:
        if concept.kind not in _UNMATCHED:
            for label in concept.labels:
                if not (label.role == "pref" and concept.one("nameOnly")):
                    yield concept, label


def _entry(concept: Concept, label: Label, flags: int, exact: str | None) -> Entry:
    adjective = ADJECTIVE if label.role == "adjective" else 0
    french = FRENCH if label.language == "fr" else 0
    return concept.curie, flags | adjective | french, exact if label.role == "abbreviation" else None


def _add(entries: Entries, words: Words, entry: Entry) -> None:
    """Add `entry` unless the words have an entry of the same concept with the same case or in any case."""
    found = entries.setdefault(words, [])
    if not any(curie == entry[0] and exact in {None, entry[2]} for curie, _, exact in found):
        found.append(entry)


def _trie(entries: Entries) -> dict[str, Any]:
    """Build the trie: nested mappings, one level per word, with the entries of a node under the empty word.

    A leaf is the packed entries themselves instead of a mapping, since most words are leaves.
    """
    root: dict[str, Any] = {}
    for words in sorted(entries):
        *before, last = words
        node = root
        for word in before:
            if not isinstance(node.setdefault(word, {}), dict):
                node[word] = {"": node[word]}
            node = node[word]
        node[last] = _packed(entries[words])
    return root


def _packed(entries: list[Entry]) -> str | list[Any]:
    """Pack entries: one concept without flags or case as a string, else concept, flags and case of each in a list."""
    (concept, flags, exact), *others = entries
    if not flags and exact is None and not others:
        return concept
    return [part for entry in entries for part in entry]
