"""Compile a taxonomy into JSON-ready data: tries over words, and the attributes of the concepts that they lead to.

The values of the dimensions that are read as attributes have a trie of their own, so that they change no match of
another concept, and so have the words beside numbers: units, comparators, names of quantities.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from udt.lexicon.compounds import compound_names, compounds, findings_of_values, structures_of
from udt.lexicon.entries import Entries, Entry, named_by
from udt.lexicon.flags import ADJECTIVE, ADVERB, BARE, FINAL, PLURAL
from udt.lexicon.forms import SpellingVariation, Words, forms
from udt.lexicon.grammar import GRAMMAR_KINDS
from udt.lexicon.languages import language_data, letter_pairs, profile_tags
from udt.lexicon.numerals import with_numerals
from udt.lexicon.parts import parts, wholes
from udt.lexicon.predicates import predicates
from udt.lexicon.tokens import tokenize
from udt.taxonomy.model.concept import ANATOMY_KINDS, Concept, Dimension, Label
from udt.taxonomy.model.patterns import expand
from udt.taxonomy.model.reading import MEASUREMENT_KINDS
from udt.taxonomy.model.taxonomy import Taxonomy

FORMAT = 50
_FLAGS_OF_PATTERNS = {"any": 0, "final": FINAL, "bare": BARE}

_UNMATCHED = {
    *("Dimension", "Module", "CombiningForm", "SpellingPair", "SuffixRule", "FindingGroup", "LanguageProfile"),
    *("PositionWord", "PortionNoun"),
}
# Kinds of concepts that are words of the language and no part of a report.
_WORDS = GRAMMAR_KINDS | {"Modifier", "SectionHeading", "LateralityTerm", "LengthUnit", "OtherModalityTerm"}
_UNITS = {"Unit", "LengthUnit", "AgeUnit"}
# Nouns that names of findings leave out (*supraspinatus tear*).
_LEFT_OUT = {"muscle", "tendon", "gland"}
# Letters that a name and its adjective share: *pelvis*, *pelvic*.
_STEM = 4
# Properties of a group and of all findings below it.
_OF_GROUPS = ("focal", "sign", "category", "treatment", "explains")
_DEFAULT_SPECIFICITY = {"Region": "BodyRegion"}


def build(taxonomy: Taxonomy) -> dict[str, Any]:
    """Compile the part of `taxonomy` that the normaliser needs into JSON-ready data."""
    spelling = SpellingVariation.of(taxonomy)
    tags = profile_tags(taxonomy)
    letters = letter_pairs(taxonomy)

    def by_language(concepts: Iterable[Concept]) -> dict[str, Entries]:
        return _entries_by_language(concepts, spelling, tags, letters)

    names = by_language(c for c in taxonomy if not taxonomy.is_apart(c))
    attributes = by_language(value for d in taxonomy.dimensions if d.reading == "attribute" for value in d.values)
    measurements = by_language(c for c in taxonomy if c.kind in MEASUREMENT_KINDS)
    entries, values = names[tags[0]], attributes[tags[0]]
    generics = _generics(taxonomy)
    heads = {part.head for value in taxonomy for part in value.compositions}
    compound_words = _parts_and_predicates(entries, taxonomy)
    single = [
        (words[0], taxonomy.concepts[one[0]])
        for own in names.values()
        for words in own
        if len(words) == 1
        for one in own[words]
    ]
    return {
        "format": FORMAT,
        "version": taxonomy.version,
        "digest": taxonomy.digest,
        "dimensions": [_dimension(d, taxonomy) for d in taxonomy.dimensions],
        "concepts": {c.curie: _data(c, taxonomy, heads, generics) for c in taxonomy if c.kind not in _UNMATCHED},
        "suffixes": {c.one("suffix"): list(c.all("impliesValue")) for c in taxonomy if c.kind == "SuffixRule"},
        "compositions": [
            [value.curie, part.modifier, part.head, part.negated] for value in taxonomy for part in value.compositions
        ],
        "compounds": compounds(found := compound_names(entries, taxonomy), taxonomy),
        "structures": structures_of(found, taxonomy),
        "findings_of_values": findings_of_values(entries, values, taxonomy),
        **compound_words,
        "wholes": wholes(compound_words["parts"]),
        "prefixes": sorted(spelling.prefixes),
        "positions": {label.text: c.label for c in taxonomy if c.kind == "PositionWord" for label in c.labels},
        "portions": [label.text for c in taxonomy if c.kind == "PortionNoun" for label in c.labels],
        "languages": language_data(taxonomy, _words_of(taxonomy, names, attributes), _opening_pairs(names, taxonomy)),
        "joined_negations": [x.text for c in taxonomy if c.one("direction") == "ns:Joined" for x in c.labels],
        "abbreviations": [word for word, c in single if c.one("function") == "ns:Abbreviation"],
        "sides": {word: c.one("side") for word, c in single if c.kind == "LateralityTerm"},
        "grammar": _grammar_words(names[tags[0]], taxonomy),
        "tries": _tries(tags[0], names, attributes, measurements),
        # As text, which is read at the first use of a language.
        "other_tries": {
            tag: json.dumps(_tries(tag, names, attributes, measurements) | _parts_and_predicates(names[tag], taxonomy))
            for tag in tags[1:]
            if names[tag]
        },
    }


def _tries(
    tag: str, names: Mapping[str, Entries], attributes: Mapping[str, Entries], measurements: Mapping[str, Entries]
) -> dict[str, Any]:
    """Return the tries of one language."""
    return {
        "names": _trie(names[tag]),
        "attributes": _trie(with_numerals(attributes[tag])),
        "measurements": _trie(measurements[tag]),
    }


def _grammar_words(entries: Entries, taxonomy: Taxonomy) -> list[str]:
    """Return the first words of what is grammar of a language and no name: its cues and function words."""
    return sorted({words[0] for words in named_by(entries, taxonomy, GRAMMAR_KINDS)})


def _opening_pairs(names: Mapping[str, Entries], taxonomy: Taxonomy) -> dict[str, set[tuple[str, str]]]:
    """Return the first two words of the longer words of denial of each language."""
    return {
        tag: {
            (words[0], words[1])
            for words in named_by(entries, taxonomy, {"NegationCue"})
            if words[1:] and (words[0] + words[1]).isalpha()
        }
        for tag, entries in names.items()
    }


def _words_of(taxonomy: Taxonomy, *languages: Mapping[str, Entries]) -> dict[str, Counter[str]]:
    """Return the words of each language with their numbers: those of all of its labels but abbreviations and units."""
    units = {c.curie for c in taxonomy if c.kind in _UNITS or c.one("function") == "ns:Abbreviation"}
    return {
        tag: Counter(
            word
            for one in languages
            for words, named in one[tag].items()
            if any(exact is None and curie not in units for curie, _, exact in named)
            for word in words
        )
        for tag in languages[0]
    }


def _parts_and_predicates(entries: Entries, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return the words of a language for parts of structures and for what is found in them."""
    found = parts(entries, taxonomy)
    return {"parts": found, "predicates": predicates(entries, found, taxonomy)}


def _dimension(dimension: Dimension, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return the values of a dimension and how they are read.

    The concepts that they qualify are listed with all below them.
    """
    concept = dimension.concept
    pending = list(concept.all("qualifies"))
    qualified: set[str] = set()
    while pending:
        curie = pending.pop()
        if curie not in qualified:
            qualified.add(curie)
            pending += [child.curie for child in taxonomy.children(curie)]
    return {
        "key": dimension.key,
        "role": dimension.role,
        "task": dimension.task,
        "reading": dimension.reading,
        "labels": list(dimension.labels),
        "concepts": [value.curie for value in dimension.values],
        "stands_alone": concept.is_true("standsAlone"),
        "inside_names": concept.is_true("insideNames"),
        "adjacent_only": concept.is_true("adjacentOnly"),
        "named_only": concept.is_true("namedOnly"),
        "of_neighbour": concept.is_true("ofNeighbour"),
        "qualifies": sorted(qualified),
        "location_key": concept.one("placeKey"),
        "structure": concept.one("placeOf"),
        "number_words": list(concept.all("numberWord")),
        "graded": any(value.number("ordinal") is not None for value in dimension.values),
    }


def _data(
    concept: Concept, taxonomy: Taxonomy, heads: Collection[str], generics: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Return the kind and attributes of a concept and, for anatomy, its position in the tree.

    What is stated as false is left out. A finding has the implications that it inherits, and the ancestors that are
    `heads` of compositions.
    """
    data: dict[str, Any] = {"kind": concept.kind}
    stated = ((name, [value for value in values if value is not False]) for name, values in concept.attributes.items())
    data.update({name: values for name, values in stated if values and name not in {"prompt", "scopeNote"}})
    if concept.kind not in _WORDS:
        data["label"] = concept.label
        data["codes"] = list(concept.exact_matches)
    if concept.kind in ANATOMY_KINDS or concept.kind == "FindingTerm":
        above = () if concept.is_true("counted") else taxonomy.all_ancestors(concept.curie)
        line = [concept, *above]  # of what is counted, each one has a size
        measured = next((c.one("measuredBy") for c in line if c.one("measuredBy")), None)
        data.update({"measuredBy": [measured]} if measured else {})
    if concept.kind == "FindingTerm":
        data.update(_inherited(concept, taxonomy, heads))
    if concept.kind in ANATOMY_KINDS:
        line = [concept, *taxonomy.ancestors(concept.curie)]
        data["line"] = [c.curie for c in line]
        data["organ"] = next((c.curie for c in line if c.kind == "Organ"), None)
        data["system"] = next((c.curie for c in line if c.kind == "BodySystem"), None)
        data["pediatric"] = next((c.one("pediatricCounterpart") for c in line if c.one("pediatricCounterpart")), None)
        default = _DEFAULT_SPECIFICITY.get(concept.kind, "Structure")
        data["specificity"] = (concept.one("specificity") or default).removeprefix("ns:")
        data["counted"] = concept.is_true("counted")
        data["generic"] = [c for c in _generics_of(concept, generics) if c not in data["line"]]
        data["paired"] = any(c.is_true("paired") for c in line)
        data["attributive"] = _attributive(concept)
        data["perifocal"] = [value for c in line for value in c.all("perifocalFinding")]
        data["compartments"] = [[rule.within, rule.resolves_to] for rule in concept.compartment_rules]
    return data


def _inherited(concept: Concept, taxonomy: Taxonomy, heads: Collection[str]) -> dict[str, Sequence[str | bool]]:
    """Return the implications of a finding, and its nearest ancestors that are heads, without what is empty."""
    implied = taxonomy.implied(concept.curie)
    above = [ancestor.curie for ancestor in taxonomy.all_ancestors(concept.curie)]
    found: dict[str, Sequence[str | bool]] = {
        "impliesValue": [*implied.values],
        "impliesOrgan": [*implied.organs],
        "weak": [True] if implied.weak else [],
        "specificity": [implied.specificity] if implied.specificity else [],
        **{name: [True] for name in _OF_GROUPS if _is_below(concept, name, taxonomy)},
        "above": above,
        "heads": [curie for curie in above if curie in heads],
    }
    return {name: values for name, values in found.items() if values}


def _is_below(concept: Concept, name: str, taxonomy: Taxonomy) -> bool:
    """Return whether `name` is true of a finding, by its own statement or that of its nearest ancestor with one."""
    lines = (concept, *taxonomy.all_ancestors(concept.curie))
    return next((one.is_true(name) for one in lines if name in one.attributes), False)


def _generics(taxonomy: Taxonomy) -> dict[str, list[str]]:
    """Return the structures that are called by the last words of longer names: *vein*, *tendon*, *lymph node*."""
    found: dict[str, list[str]] = {}
    for concept in taxonomy:
        for name in concept.all("genericName"):
            found.setdefault(name, []).append(concept.curie)
    return found


def _generics_of(concept: Concept, generics: Mapping[str, list[str]]) -> list[str]:
    """Return the structures by whose generic name the label of a structure ends."""
    words = concept.label.lower().split()
    return [curie for i in range(len(words)) for curie in generics.get(" ".join(words[i:]), ())]


def _attributive(concept: Concept) -> str:
    """Return the English name of a structure before a noun: *renal*, *pelvic*, *bladder*, *supraspinatus*.

    Of the adjectives, it is the first that begins as the name does.
    """
    *words, last = concept.label.split()
    short = " ".join(words) if words and last in _LEFT_OUT else concept.label
    adjectives = (label.text for label in concept.labels if label.role == "adjective" and label.language == "en")
    alike = () if words else (a for a in adjectives if a[:_STEM] == short[:_STEM].lower() and "-" not in a)
    return concept.one("attributive") or next(iter(alike), short)


def _entries_by_language(
    concepts: Iterable[Concept], spelling: SpellingVariation, tags: Sequence[str], letters: Mapping[str, dict[str, str]]
) -> dict[str, Entries]:
    """Return the entries of each language; labels in a language without a profile belong to the first one.

    :param tags: the languages, the first one being that of the labels in none of them (Latin terms).
    :param letters: the letters of other scripts of a language, with those that are read in their place.
    """
    labels: dict[str, list[_Name]] = {tag: [] for tag in tags}
    for name in _names(concepts):
        tag = name.label.language.partition("-")[0]
        labels[tag if tag in labels else tags[0]].append(name)
    return {tag: _entries(own, spelling, letters.get(tag, {})) for tag, own in labels.items()}


def _entries(names: Sequence[_Name], spelling: SpellingVariation, letters: Mapping[str, str]) -> Entries:
    """Map word sequences to their entries. A derived form is dropped if a label of the names has the same words."""
    written: Entries = {}
    for concept, label, flags in names:
        words = tuple(letters.get(word, word) for word in tokenize(label.text).words)
        if words:
            _add(written, words, _entry(concept, label, flags, label.text))
    derived: Entries = {}
    for concept, label, _ in names:
        for words, plural in forms(label, spelling):
            if words not in written:
                exact = label.text + "s" if label.role == "abbreviation" else None
                _add(derived, words, _entry(concept, label, PLURAL if plural else 0, exact))
    return derived | written


class _Name(NamedTuple):
    """A label of a concept, or a text of one of its patterns, with the flags of its entry."""

    concept: Concept
    label: Label
    flags: int = 0


def _names(concepts: Iterable[Concept]) -> Iterator[_Name]:
    for concept in concepts:
        if concept.kind not in _UNMATCHED:
            for label in concept.labels:
                if not (label.role == "pref" and concept.is_true("nameOnly")):
                    yield _Name(concept, label)
            for pattern in concept.patterns:
                flags = _FLAGS_OF_PATTERNS[pattern.kind]
                for text in expand(pattern.text):
                    yield _Name(concept, Label(text, pattern.language, "alt"), flags)


def _entry(concept: Concept, label: Label, flags: int, exact: str | None) -> Entry:
    adjective = ADJECTIVE if label.role == "adjective" else 0
    adverb = ADVERB if _is_adverb(concept, label) else 0
    return concept.curie, flags | adjective | adverb, exact if label.role == "abbreviation" else None


def _is_adverb(concept: Concept, label: Label) -> bool:
    """Return whether an English label is the adverb of another label of its concept (*mildly* of *mild*)."""
    stem = label.text.removesuffix("ly")
    return stem != label.text and any(x.text == stem and x.language == label.language == "en" for x in concept.labels)


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
