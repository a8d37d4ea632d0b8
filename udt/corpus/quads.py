"""Records as N-Quads: each an `ns:LabelledRecord` in the graph of its source, in the terms of the Turtle writer.

A record's labels are sets over the whole and may belong to several lesions. Only where they can all belong to one (no
more than one system, organ and diagnosis, and something seen) has it an `ns:Finding` with those labels, and the classes
that follow from them; from the signs of different lesions nothing is inferred. What it denies is an `ns:DeniedFinding`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote

import pyoxigraph as ox

from udt.corpus.samples import SampleRow, SourceRow
from udt.labels import LabelSet
from udt.taxonomy import Taxonomy
from udt.taxonomy.namespaces import NS, RDF_TYPE, SKOS
from udt.taxonomy.rules import Rules, Thing
from udt.vocabulary import Vocabulary
from udt.writers.ttl import RECORDS

SOURCES = "https://w3id.org/udt/source/"

_DCTERMS = "http://purl.org/dc/terms/"
_VERSION = "http://www.w3.org/2002/07/owl#versionInfo"
_PLACES = ("body_system", "organ")
_SINGLE = (*_PLACES, "diagnosis")
_FINDING = frozenset({NS + "Finding"})
_KNOWN_SETS = 100_000

Denied = frozenset[tuple[str, str]]


def property_iri(key: str) -> str:
    """The property of records that holds the dimension `key`.

    >>> property_iri("body_system")
    'https://w3id.org/udt/ns#bodySystem'
    """
    first, *rest = key.split("_")
    return NS + first + "".join(word.capitalize() for word in rest)


def source_iri(name: str) -> str:
    """The graph of a source."""
    return SOURCES + quote(name, safe="")


def record_iri(sample: SampleRow) -> str:
    """The IRI of a record: by its source and its id in the database."""
    return f"{RECORDS}{quote(sample.source, safe='')}/{sample.id}"


class RecordWriter:
    """Turns samples into N-Quads.

    :ivar findings: how many records had a finding so far.
    :ivar classes: IRI of an inferred class to how many findings belong to it so far.
    """

    def __init__(self, vocabulary: Vocabulary, rules: Rules) -> None:
        """
        :param rules: of the taxonomy that `vocabulary` is made from.
        """
        self._vocabulary = vocabulary
        self._rules = rules
        self._always = rules.classes_of(Thing("", _FINDING))
        self._properties = [property_iri(key) for key in vocabulary.keys]
        self._single = [vocabulary.keys.index(key) for key in _SINGLE]
        self._seen = [n for n, key in enumerate(vocabulary.keys) if key not in _PLACES]
        self._templates = lru_cache(maxsize=_KNOWN_SETS)(self._template)
        self.findings = 0
        self.classes: Counter[str] = Counter()

    def quads(self, sample: SampleRow, denied: Denied = frozenset()) -> str:
        """The lines of one record.

        :param denied: labels that are said not to be there; those that the sample has all the same are left out.
        """
        record, graph = record_iri(sample), f"<{source_iri(sample.source)}> ."
        said, found, classes = self._templates(sample.labels)
        lines = [
            _line(record, RDF_TYPE, _node(NS + "LabelledRecord")),
            _line(record, NS + "caseId", _text(sample.case)),
        ]
        lines += [f"<{record}> {rest}" for rest in said]
        if found:
            finding = f"{record}#f1"
            lines += [_line(record, NS + "hasFinding", _node(finding)), *(f"<{finding}> {rest}" for rest in found)]
            self.findings += 1
            self.classes.update(classes)
        lines += self._denied(record, denied, sample.labels)
        return "".join(f"{line} {graph}\n" for line in lines)

    def _template(self, labels: LabelSet) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Predicates and objects of a record with `labels`, those of its finding, and the defined classes of that."""
        said = tuple(f"<{self._properties[n]}> {_node(self._value(n, label))}" for n, label in labels.pairs())
        if not self._is_one(labels):
            return said, (), ()
        values = {self._properties[n]: frozenset(self._value(n, x) for x in ids) for n, ids in enumerate(labels.ids)}
        inferred = self._rules.classes_of(Thing("", _FINDING, values)) - self._always
        types = sorted(_FINDING | inferred)
        return said, (*(f"<{RDF_TYPE}> {_node(name)}" for name in types), *said), tuple(sorted(inferred))

    def _is_one(self, labels: LabelSet) -> bool:
        """Whether all labels can belong to one finding."""
        return all(len(labels.ids[n]) <= 1 for n in self._single) and any(labels.ids[n] for n in self._seen)

    def _value(self, dimension: int, label: int) -> str:
        return self._vocabulary.dimensions[dimension].iris[label]

    def _denied(self, record: str, denied: Denied, labels: LabelSet) -> Iterator[str]:
        own = {self._value(n, label) for n, label in labels.pairs()} if denied else set()
        pairs = sorted((property_iri(key), iri) for key, iri in denied if iri not in own)
        if pairs:
            node = f"{record}#denied"
            yield _line(record, NS + "deniesFinding", _node(node))
            yield _line(node, RDF_TYPE, _node(NS + "DeniedFinding"))
            yield _line(node, NS + "hasCertainty", _node(NS + "Absent"))
            yield from (_line(node, path, _node(value)) for path, value in pairs)


def source_quads(sources: Iterable[SourceRow]) -> str:
    """What is known of the sources, in the default graph; the IRI of a source is that of its graph."""
    lines = []
    for one in sources:
        stated = {
            _DCTERMS + "title": one.name,
            _VERSION: one.version,
            _DCTERMS + "rights": one.licence,
            _DCTERMS + "source": one.url,
        }
        lines += [f"{_line(source_iri(one.name), path, _text(value))} .\n" for path, value in stated.items() if value]
    return "".join(lines)


def closure_quads(taxonomy: Taxonomy) -> str:
    """`skos:broaderTransitive` from each concept to all above it, in the default graph: `skos:broader+` without a search."""
    broader = {concept.curie: concept.broader for concept in taxonomy}
    path = SKOS + "broaderTransitive"
    return "".join(
        f"{_line(concept.iri, path, _node(taxonomy.concepts[above].iri))} .\n"
        for concept in taxonomy
        for above in sorted(_above(concept.curie, broader))
        if above in taxonomy.concepts
    )


def _above(curie: str, broader: Mapping[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    pending = list(broader[curie])
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += broader.get(name, ())
    return found


def _line(subject: str, path: str, value: str) -> str:
    return f"<{subject}> <{path}> {value}"


def _node(iri: str) -> str:
    return f"<{iri}>"


def _text(text: str) -> str:
    return str(ox.Literal(text))
