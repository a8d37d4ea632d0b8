"""The lexicon at run time: senses as small objects with fast attribute access for the rules."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from udt.core.report import NamedConcept
from udt.core.vocabulary import DimensionRole
from udt.lexicon.cache import load_lexicon_data
from udt.lexicon.grammar import GRAMMAR_KINDS
from udt.lexicon.languages import Languages
from udt.lexicon.senses import KINDS, AttributeRules, Kind, Place, Sense, Value, Weight
from udt.lexicon.spelling import SpellingCorrector
from udt.lexicon.trie import (
    OF_MEASUREMENT,
    OF_PART,
    OPENS_ATTRIBUTE,
    Entry,
    Trie,
    TrieNode,
    entries_in,
    merged,
    without,
    words_in,
)
from udt.taxonomy.model.source import sources_digest

_ORDER: Final = attrgetter("order")
_VESSELS: Final = "uhat:sys.peripheral-vessels"

# Fewest letters of a heading that is recognised without its first letter.
_SHORTEST_CUT: Final = 7

# Most words, and sets of values, whose nodes and labels are kept: most of a text recur in others.
_MOST_KEPT: Final = 50_000

# The tables that the lexicons of all languages share.
_TABLES: Final = (
    *("version", "digest", "all_dimensions", "dimensions", "_rules", "number_words", "_concepts", "_values"),
    *("_no_labels", "_labels", "_places", "_named", "suffixes", "endings", "prefixes", "positions", "portions"),
    *("abbreviations", "side_words", "languages", "joined_negations", "compositions", "negations", "compounds"),
    *("structures", "findings_of_values", "wholes", "denials", "_parts_of_compounds", "senses", "qualifiers"),
    *("_data", "_views"),
)

# The words of a language without labels.
_NO_TRIES: Final = '{"names": {}, "attributes": {}, "measurements": {}, "parts": {}, "predicates": {}}'

# The lexicons that a process keeps, by the digest of their sources, and how many.
_LOADED: Final[dict[str, Lexicon]] = {}
_KEPT: Final = 2

LabelSet = dict[str, tuple[str, ...]]
"""Labels by dimension key."""


@dataclass(frozen=True, slots=True)
class LabelSpace:
    """One dimension for the normaliser: its key and its labels in order.

    :ivar role: whether its labels are places, types of finding, or attributes of a finding.
    :ivar task: number of the classification task, from 1; None for a dimension of reports alone.
    """

    key: str
    labels: tuple[str, ...]
    role: DimensionRole = "attribute"
    task: int | None = None


class Lexicon:
    """The tries from words to senses, and the tables of the rules.

    :ivar language: the language of the words; the tables are those of all languages.
    :ivar divided: whether the language is written without blanks, so that the lexicon divides the text into words.
    :ivar letters: the pattern of a letter of the language, if it has others than Latin ones.
    :ivar times: words and signs between the numbers of a product (*by*).
    :ivar range_words: words and signs between the ends of a range (*to*).
    :ivar numerals: words for numbers.
    :ivar loose_letters: letters that may be beside a name of one letter.
    :ivar all_dimensions: the dimensions, in order.
    :ivar dimensions: those with a classification task.
    :ivar senses: CURIE of a concept to its sense.
    :ivar root: root of the trie.
    :ivar nodes: the nodes of the words that were asked for by `node_of`.
    :ivar attribute_root: root of the trie of the values that are read as attributes.
    :ivar attribute_words: the first word of each of these values to the second words, of which one has to follow it;
        None if the first word alone is a value.
    :ivar marks: what a word may start besides a label, or end: a sum of marks.
    :ivar measurement_root: root of the trie of the words beside numbers: units, comparators, names of quantities.
    :ivar measurement_openers: the first words of units, and of names of quantities whose numbers need no unit.
    :ivar suffixes: suffix of diagnoses (`sarcoma`) to the values that it implies.
    :ivar endings: the suffixes and their plurals.
    :ivar prefixes: combining forms, e.g. `hypo`.
    :ivar abbreviations: words after which a full stop does not end a sentence.
    :ivar side_words: single word to the side that it names, e.g. `left`.
    :ivar languages: what the language of a text is recognised by.
    :ivar joined_negations: prefixes that negate the rest of their word, e.g. `non`.
    :ivar compositions: (modifier, head) to the values that the two mean together; the modifier is None for a bare head.
    :ivar compounds: finding or value to the structures, each with the finding that the two are together: *stone* and
        *gallbladder*.
    :ivar structures: finding to the component that its names contain: *pleura* of *pleural effusion*.
    :ivar findings_of_values: value that is read as an attribute to the finding that it means of a structure alone:
        *antegrade* to *antegrade flow*.
    :ivar number_words: words and signs that may be before the number of a category: `score`, `:`.
    :ivar parts: words that name a part to the structures that have one, each with its component.
    :ivar wholes: component to the structure that it is a part of.
    :ivar predicates: words that make a finding of a structure to the structures, each with its finding.
    :ivar denials: words that deny a finding of a structure (*intact*) to the structures, each with the finding.
    :ivar predicate_ends: the last words of both.
    :ivar part_starts: the first word of each of these to the second words; the empty word if it is a part alone.
    :ivar part_words: the first words of parts and the last words of predicates.
    :ivar positions: words for the part of a structure that is meant (*ant*), each in full (*anterior*).
    :ivar portions: nouns for such a part (*third*, *portion*).
    :ivar negations: (modifier, head) to the value that the negation of the two means (`no abnormal flow`); the modifier
        is None for the head alone (`no flow`).
    :ivar qualifiers: the modifiers of all compositions.
    """

    def __init__(self, data: Mapping[str, Any], base: Lexicon | None = None, tag: str = "") -> None:
        if base is None:
            self._read_tables(data)
        else:
            for name in _TABLES:
                setattr(self, name, getattr(base, name))
        self.language = self.languages.language(tag) if tag else self.languages.first
        self.divided = self.languages.without_blanks(self.language.tag)
        self.letters = self.languages.letters(self.language.tag)
        self.loose_letters = self.languages.loose_letters(self.language.tag)
        self.times = self.languages.times(self.language.tag)
        self.range_words = self.languages.ranges(self.language.tag)
        self.numerals = self.languages.numerals(self.language.tag)
        self._views[self.language.tag] = self
        own = self._data["other_tries"].get(tag, _NO_TRIES) if base is not None else None
        self._read_tries(self._data["tries"], None if own is None else json.loads(own))

    def _read_tables(self, data: Mapping[str, Any]) -> None:
        """Read all but the words, which depend on the language."""
        self._data = data
        self.version: str = data["version"]
        self.digest: str = data["digest"]
        self.all_dimensions = tuple(
            LabelSpace(d["key"], tuple(d["labels"]), d["role"], d["task"]) for d in data["dimensions"]
        )
        self.dimensions = tuple(space for space in self.all_dimensions if space.task is not None)
        self._rules = {
            concept: AttributeRules(
                stands_alone=d["stands_alone"],
                inside_names=d["inside_names"],
                adjacent_only=d["adjacent_only"],
                named_only=d["named_only"],
                of_neighbour=d["of_neighbour"],
                location_key=d["location_key"],
                structure=d["structure"],
                qualifies=frozenset(d["qualifies"]),
                rated=bool(d["number_words"]),
                graded=d["graded"],
            )
            for d in data["dimensions"]
            if d["reading"] != "label"
            for concept in d["concepts"]
        }
        self.number_words = frozenset(word for d in data["dimensions"] for word in d["number_words"])
        self._concepts: Mapping[str, dict[str, Any]] = data["concepts"]
        order = count()
        self._values = {
            concept: Value(i, d["key"], d["role"], next(order), label, concept)
            for i, d in enumerate(data["dimensions"])
            for label, concept in zip(d["labels"], d["concepts"], strict=True)
        }
        self._no_labels: dict[str, tuple[str, ...]] = {d.key: () for d in self.dimensions}
        self._labels: dict[frozenset[Value], tuple[LabelSet, LabelSet]] = {}
        self._places: dict[str, Place] = {}
        self._named: dict[str, NamedConcept] = {}
        self.suffixes = {suffix: tuple(self._values[v] for v in vs) for suffix, vs in data["suffixes"].items()}
        self.endings = tuple(suffix + plural for suffix in self.suffixes for plural in ("", "s", "ta"))
        self.prefixes = frozenset(data["prefixes"])
        self.positions: Mapping[str, str] = data["positions"]
        self.portions = frozenset(data["portions"])
        self.abbreviations = frozenset(data["abbreviations"])
        self.side_words: Mapping[str, str] = data["sides"]
        self.languages = Languages(data["languages"], data["tries"]["names"])
        self._views: dict[str, Lexicon] = {}
        self.joined_negations = tuple(data["joined_negations"])
        self.compositions: dict[tuple[str | None, str], tuple[Value, ...]] = {}
        self.negations: dict[tuple[str | None, str], Value] = {}
        self._read_compositions(data["compositions"])
        matched = (c for c, concept in self._concepts.items() if c in self._values or concept["kind"] in KINDS)
        self.compounds: dict[str, dict[str, str]] = {}
        for part, structure, finding in data["compounds"]:
            self.compounds.setdefault(part, {})[structure] = finding
        self.structures: dict[str, str] = data["structures"]
        self.findings_of_values: dict[str, str] = data["findings_of_values"]
        self.wholes: dict[str, str] = data["wholes"]
        self.denials = _denials(self._concepts, self.compounds, self.structures)
        self._parts_of_compounds: dict[tuple[str, str], list[str]] = {}
        self.senses = {curie: self._sense(curie) for curie in matched}
        self.qualifiers = frozenset(modifier for modifier, _ in self.compositions)

    def _read_tries(self, first: Mapping[str, Trie], own: Mapping[str, Any] | None) -> None:
        """Read the words of a language: those of the first one or, of another, its own and the names of the first.

        :param first: the tries of the first language.
        :param own: those of the language with its words for parts and predicates, unless it is the first.
        """
        names, attributes, measurements = first["names"], first["attributes"], first["measurements"]
        if own is not None:
            grammar = {curie for curie, concept in self._concepts.items() if concept["kind"] in GRAMMAR_KINDS}
            known = names if isinstance(names, dict) else {}
            kept = {word: without(known[word], grammar) for word in self._data["grammar"] if word.isalpha()}
            names = {word: kept.get(word, node) for word, node in known.items()}
            names = merged({word: node for word, node in names.items() if node is not None}, own["names"])
            attributes = merged(attributes, own["attributes"])
            measurements = merged(measurements, own["measurements"])
        self._trie: dict[str, Trie] = names if isinstance(names, dict) else {}
        self._attribute_trie: dict[str, Trie] = attributes if isinstance(attributes, dict) else {}
        self.parts: dict[str, dict[str, str]] = self._data["parts"]
        self.predicates: dict[str, dict[str, str]] = self._data["predicates"]
        if own is not None:
            self.parts, self.predicates = _united(self.parts, own["parts"]), _united(self.predicates, own["predicates"])
        self.predicate_ends = frozenset(predicate.rpartition(" ")[2] for predicate in (*self.predicates, *self.denials))
        self.part_starts = _starts_of(self.parts)
        self.part_words = self.predicate_ends.union(self.part_starts)
        self._components: dict[str, dict[str, str]] = {}
        # Filled at the first use; mypyc does not know `cached_property`.
        self._vessels: dict[str, Sense | None] = {}
        self._parts_by_whole: dict[str, dict[str, str]] | None = None
        self._spelling: SpellingCorrector | None = None
        self._cut_headings: dict[str, Sense] | None = None
        self._pediatrics: Place | None = None
        self.attribute_root = TrieNode(self._attribute_trie, self.senses)
        self.measurement_root = TrieNode(measurements, self.senses)
        units = measurements if isinstance(measurements, dict) else {}
        self.measurement_openers = frozenset(
            word for word in self.measurement_root.following if word and self._opens_measurement(units[word])
        )
        self.attribute_words = {word: _second_words(node) for word, node in self._attribute_trie.items()}
        marked = {
            OPENS_ATTRIBUTE: self.attribute_words.keys(),
            OF_PART: self.part_words,
            OF_MEASUREMENT: self.measurement_root.following.keys() - {""},
        }
        self.marks: dict[str, int] = {}
        for mark, words in marked.items():
            for word in words:
                self.marks[word] = self.marks.get(word, 0) | mark
        self.root = TrieNode(self._trie, self.senses, self.marks)
        self.nodes: dict[str, TrieNode] = {}
        self._bare_nodes: dict[int, TrieNode] = {}

    def in_language(self, tag: str) -> Lexicon:
        """Return the lexicon for texts in a language: with its own words, and with the names of the first language.

        It is this one for its own language.
        """
        return self._views.get(tag) or Lexicon(self._data, self, tag)

    @classmethod
    def load(cls, extensions: Sequence[Path] = ()) -> Lexicon:
        """Load the lexicon of the built-in ontology and `extensions`; a process reads the same files once."""
        digest = sources_digest(extensions)
        if digest is None:
            return cls(load_lexicon_data(extensions))
        if digest not in _LOADED:
            _LOADED[digest] = cls(load_lexicon_data(extensions))
            for old in list(_LOADED)[:-_KEPT]:
                del _LOADED[old]
        return _LOADED[digest]

    def _read_compositions(self, rows: Iterable[Sequence[Any]]) -> None:
        for concept, modifier, head, negated in rows:
            value = self._values[concept]
            if negated:
                self.negations[modifier, head] = value
            else:
                implied = tuple(self._values[v] for v in self._concepts[concept].get("impliesValue", ()))
                self.compositions[modifier, head] = (*self.compositions.get((modifier, head), ()), value, *implied)

    def _opens_measurement(self, node: Trie) -> bool:
        """Return whether a unit, or a name with its own unit, is at a node of the trie or below it."""
        own = (self.senses[curie] for curie, _, _ in entries_in(node))
        if any(sense.kind != "measurement term" or "bareUnit" in sense.attributes for sense in own):
            return True
        return isinstance(node, dict) and any(self._opens_measurement(node[word]) for word in node if word)

    def labels_by_dimension(self, values: Collection[Value]) -> LabelSet:
        """Return the labels of the `values` of classification tasks by dimension key.

        :returns: the keys of all tasks, with labels in the order of the taxonomy.
        """
        return self.labels_and_attributes(values)[0] if values else self._no_labels.copy()

    def labels_and_attributes(self, values: Collection[Value]) -> tuple[LabelSet, LabelSet]:
        """Return the labels of `values` by dimension key, in the order of the taxonomy.

        :returns: those of the classification tasks, with the keys of all, and those of the other dimensions, with the
            keys of dimensions that have one.
        """
        given = frozenset(values)
        found = self._labels.get(given)
        if found is None:
            if len(self._labels) >= _MOST_KEPT:
                self._labels.clear()
            found = self._labels[given] = self._labels_of(given)
        labels, attributes = found
        return labels.copy(), attributes.copy()

    def _labels_of(self, values: frozenset[Value]) -> tuple[LabelSet, LabelSet]:
        labels = self._no_labels.copy()
        attributes: LabelSet = {}
        for value in sorted(values, key=_ORDER):
            if value.key in labels:
                labels[value.key] += (value.label,)
            else:
                attributes[value.key] = (*attributes.get(value.key, ()), value.label)
        return labels, attributes

    def _sense(self, curie: str) -> Sense:
        data = self._concepts[curie]
        kind = _kind(data)
        implied = tuple(self._values[v] for v in data.get("impliesValue", ()))
        if kind == "anatomy":
            return self._anatomy_sense(curie, data)
        if curie in self._rules:
            opposite = self._values[data["opposite"][0]] if "opposite" in data else None
            own = (self._values[curie],)
            return Sense(
                curie,
                "attribute",
                own,
                rules=self._rules[curie],
                opposite=opposite,
                of_structures="ofStructures" in data,
                attributes=data,
            )
        if kind == "value":
            values = (self._values[curie], *implied)
            return Sense(curie, kind, values, heads=(curie, "lex:lesion"), attributes=data)
        if kind == "finding":
            nouns = ("lex:lesion-noun",) if data.get("lesionNoun") else ()
            heads = (curie, *data.get("heads", ()), *(v.concept for v in implied), *nouns, "lex:lesion")
            places = tuple(self.place(c) for c in data.get("impliesOrgan", ()))
            specificity = str((data.get("specificity") or [""])[0]).removeprefix("ns:")
            weight = Weight.FALLBACK if data.get("weak") else Weight.FULL
            return Sense(curie, kind, implied, places, heads, specificity=specificity, weight=weight, attributes=data)
        heads = (curie,) if kind == "head" else ()
        role = str((data.get("function") or data.get("direction") or data.get("scope") or [""])[0]).removeprefix("ns:")
        return Sense(curie, kind, heads=heads, role=role, reach=int((data.get("reach") or [0])[0]), attributes=data)

    def _anatomy_sense(self, curie: str, data: dict[str, Any]) -> Sense:
        female = data.get("whenFemale")
        return Sense(
            curie,
            "anatomy",
            places=(self.place(curie),),
            heads=(curie, "lex:anatomy"),
            line=frozenset(data["line"]),
            specificity=data["specificity"],
            pediatric=self.place(data["pediatric"]) if data["pediatric"] else None,
            female=self.place(female[0]) if female else None,
            compartments=tuple((within, self.place(place)) for within, place in data["compartments"]),
            names=(data["line"][0], *data.get("generic", ()), *data["line"][1:]),
            paired=bool(data.get("paired")),
            own_side=_side_in_name(data),
            attributes=data,
        )

    def place(self, curie: str) -> Place:
        """Return the place of an anatomical concept."""
        if curie not in self._places:
            data = self._concepts[curie]
            organ, system = data["organ"], data["system"]
            self._places[curie] = Place(
                curie,
                self._values[organ] if organ else None,
                self._values[system] if system else None,
            )
        return self._places[curie]

    def named(self, curie: str) -> NamedConcept:
        """Return a concept with its label and codes."""
        if curie not in self._named:
            data = self._concepts[curie]
            self._named[curie] = NamedConcept(curie, data["label"], tuple(data["codes"]))
        return self._named[curie]

    def is_organ(self, curie: str) -> bool:
        """Return whether an anatomical concept is an organ class."""
        return bool(self._concepts[curie]["kind"] == "Organ")

    def components_of(self, structure: Sense) -> dict[str, str]:
        """Return the words that name a part of a structure, or of what it is a kind or part of, with the component."""
        found = self._components.get(structure.curie)
        if found is None:
            if self._parts_by_whole is None:
                self._parts_by_whole = _by_whole(self.parts)
            own = [self._parts_by_whole.get(curie, {}) for curie in structure.names]
            found = {part: component for parts in reversed(own) for part, component in parts.items()}
            self._components[structure.curie] = found
        return found

    def parts_of_compounds(self, part: str, sense: Sense) -> list[str]:
        """Return a finding or value, then what is above the sense that named it, as far as they have compounds."""
        found = self._parts_of_compounds.get((part, sense.curie))
        if found is None:
            found = [one for one in (part, *sense.above) if one in self.compounds]
            self._parts_of_compounds[part, sense.curie] = found
        return found

    def node_of(self, word: str) -> TrieNode:
        """Return the node of a word with its marks; one without entries if no label starts with the word."""
        if len(self.nodes) >= _MOST_KEPT:
            self.nodes.clear()
        found = self.nodes[word] = self.root.child(word) if word in self._trie else self._bare_node(word)
        return found

    def _bare_node(self, word: str) -> TrieNode:
        """Return the node, without entries, of all words with the marks of a word."""
        marks = self.marks.get(word, 0)
        if marks not in self._bare_nodes:
            self._bare_nodes[marks] = TrieNode([], self.senses)
            self._bare_nodes[marks].marks = marks
        return self._bare_nodes[marks]

    def entries(self, word: str) -> tuple[Entry, ...]:
        """Return the entries of a single word."""
        return self.root.child(word).entries if word in self._trie else ()

    def entries_of(self, words: Sequence[str]) -> tuple[Entry, ...]:
        """Return the entries of a sequence of words."""
        node = self.root
        for word in words:
            if word not in node.following:
                return ()
            node = node.child(word)
        return node.entries

    def vessel(self, word: str) -> Sense | None:
        """Return the vessel named by `word` and a noun (*vertebral artery*), or None; an artery comes before a vein.

        Vessels that belong to another organ are left out.
        """
        if word not in self._vessels:
            node = self.root.child(word) if word in self._trie else None
            named = [node.child(noun).entries for noun in sorted(node.following) if noun] if node is not None else []
            found = (sense for entries in named for sense, _, _ in entries if _VESSELS in sense.line)
            self._vessels[word] = next(found, None)
        return self._vessels[word]

    @property
    def corrects(self) -> bool:
        """Whether misspelt words are corrected: those of the first language, whose inflected forms are all known."""
        return self.language == self.languages.first

    @property
    def spelling(self) -> SpellingCorrector:
        """Spelling correction of the words of anatomy and of values; a word of any label is right."""
        if self._spelling is None:
            self._spelling = self._corrector()
        return self._spelling

    def _corrector(self) -> SpellingCorrector:
        kinds = {curie: _kind(data) for curie, data in self._concepts.items()}
        words = (
            word
            for word, node in self._trie.items()
            for curie, _, exact in entries_in(node)
            if exact is None and kinds[curie] in {"anatomy", "value"}
        )
        return SpellingCorrector(words, words_in(self._trie) | words_in(self._attribute_trie), self.prefixes)

    @property
    def cut_headings(self) -> dict[str, Sense]:
        """The long headings of sections without their first letter, as in a cut-off text, with the senses of each."""
        if self._cut_headings is None:
            self._cut_headings = self._headings_cut()
        return self._cut_headings

    def _headings_cut(self) -> dict[str, Sense]:
        sections = {curie for curie, data in self._concepts.items() if data["kind"] == "SectionHeading"}
        headings: dict[str, Sense] = {}
        for word in [word for word in self._trie if len(word) >= _SHORTEST_CUT]:
            for curie, _, exact in entries_in(self._trie[word]):
                if exact is None and curie in sections:
                    headings[word[1:]] = self.senses[curie]
        return headings

    @property
    def pediatrics(self) -> Place:
        """The body system of the pediatric classes, without an organ."""
        if self._pediatrics is None:
            target = next(data["pediatric"] for data in self._concepts.values() if data.get("pediatric"))
            self._pediatrics = self.place(self._concepts[target]["line"][-1])
        return self._pediatrics

    def pediatric_of(self, place: Place) -> Place | None:
        """Return the place that replaces `place` under 18 years, or None if there is no such class."""
        return self.senses[place.concept].pediatric


def _united(first: Mapping[str, Mapping[str, str]], own: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the words of two tables, each with its structures in both; those of `own` come first."""
    return {word: {**first.get(word, {}), **own.get(word, {})} for word in (*first, *own)}


def _starts_of(names: Iterable[str]) -> dict[str, set[str]]:
    """Return the first words of names, each with its second words, and with the empty word for a name of one word."""
    starts: dict[str, set[str]] = {}
    for name in names:
        first, _, rest = name.partition(" ")
        starts.setdefault(first, set()).add(rest.partition(" ")[0])
    return starts


def _by_whole(parts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return structures to the words that name a part of them, with the component."""
    found: dict[str, dict[str, str]] = {}
    for part, components in parts.items():
        for structure, component in components.items():
            found.setdefault(structure, {})[part] = component
    return found


def _second_words(node: Trie) -> frozenset[str] | None:
    return frozenset(node) if isinstance(node, dict) and "" not in node else None


def _side_in_name(anatomy: Mapping[str, Any]) -> str | None:
    """Return the side of one of a pair whose name has it: *left kidney*, not *left ventricle*."""
    first = str(anatomy["label"]).partition(" ")[0] if anatomy.get("paired") else ""
    return first if first in {"left", "right"} else None


def _kind(concept: Mapping[str, Any]) -> Kind:
    return KINDS.get(concept["kind"], "value")


def _denials(
    concepts: Mapping[str, Mapping[str, Any]],
    compounds: Mapping[str, Mapping[str, str]],
    structures: Mapping[str, str],
) -> dict[str, dict[str, str]]:
    """Return the words that deny a finding of a structure, with the structures and the finding of each.

    :param structures: findings to the structure in which they are by definition.
    """
    found: dict[str, dict[str, str]] = {}
    for curie, concept in concepts.items():
        for word in concept.get("deniedBy", ()):
            described = found.setdefault(str(word), {})
            if curie in structures:
                described.setdefault(structures[curie], curie)
            described.update({s: f for s, f in compounds.get(curie, {}).items() if s not in described})
    return found
