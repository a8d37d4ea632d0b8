"""Serialise records as N-Quads in the terms of the Turtle writer, in four graphs for each source.

- The graph named by the IRI of the source: its records, each an `ns:LabelledRecord`, and those without labels also an
  `ns:RecordWithoutLabels`.
- `ns:findingGraph`: findings. The labels of a record are sets over the whole record and may belong to several lesions.
  A record has an `ns:Finding` with its labels and the classes inferred from them only if all labels can belong to one
  lesion: at most one system, organ and diagnosis, and at least one label of a classification task other than places. So
  nothing is inferred from the signs of different lesions.
- `ns:deniedGraph`: the denied labels of records, each record an `ns:DeniedFinding`.
- `ns:caseGraph`: each case an `ns:Case` with the labels of all its records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import quote

import pyoxigraph as ox

from udt.core.labels import LabelSet
from udt.corpus.samples import SampleRow, SourceRow
from udt.taxonomy.model.namespaces import NS, RDF_TYPE, SKOS, property_iri
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.rules import Rules, Thing

RECORDS = "https://w3id.org/udt/record/"
SOURCES = "https://w3id.org/udt/source/"
CASES = "https://w3id.org/udt/case/"

_DCTERMS = "http://purl.org/dc/terms/"
_VERSION = "http://www.w3.org/2002/07/owl#versionInfo"
_FINDING = frozenset({NS + "Finding"})
_CACHED_LABEL_SETS = 100_000
_CURIE = attrgetter("curie")

Denied = frozenset[tuple[str, str]]


class Description(NamedTuple):
    """The statements shared by records with the same labels.

    :ivar labels: predicate and object of each label, in N-Quads syntax.
    :ivar classes: IRIs of the classes of their finding, the inferred ones last; None without a finding.
    """

    labels: tuple[str, ...]
    classes: tuple[str, ...] | None


class RecordWriter:
    """Serialises samples as N-Quads.

    :ivar vocabulary: all dimensions of the taxonomy, in which records may have labels.
    :ivar records: number of records so far.
    :ivar findings: number of records with a finding so far.
    :ivar classes: IRI of an inferred class to its number of findings.
    """

    def __init__(self, taxonomy: Taxonomy, rules: Rules) -> None:
        """Create a writer.

        :param rules: the rules of the taxonomy.
        """
        self.vocabulary = taxonomy.full_vocabulary
        self._rules = rules
        self._always = rules.classes_of(Thing("", _FINDING))
        self._properties = [dimension.label_property for dimension in taxonomy.dimensions]
        self._property_of = dict(zip(self.vocabulary.keys, self._properties, strict=True))
        dimensions = list(enumerate(self.vocabulary.dimensions))
        self._single = [n for n, d in dimensions if d.role in ("place", "diagnosis")]
        self._descriptive = [n for n, d in dimensions if d.role != "place" and d.task is not None]
        self._description = lru_cache(maxsize=_CACHED_LABEL_SETS)(self._describe)
        self._cases: dict[tuple[str, str], LabelSet] = {}
        self.records = self.findings = 0
        self.classes: Counter[str] = Counter()

    def record(self, sample: SampleRow, denied: Denied = frozenset()) -> str:
        """Serialise one record and its findings.

        :param denied: denied labels; those that the sample also has are left out.
        """
        description = self._description(sample.labels)
        record, graph = f"<{record_iri(sample)}>", f" <{source_iri(sample.source)}> .\n"
        labels = description.labels or (_a("RecordWithoutLabels"),)
        pairs = (_a("LabelledRecord"), f"<{NS}caseId> {ox.Literal(sample.case)}", *labels)
        self.records += 1
        self._add_to_case(sample)
        lines = [f"{record} {pair}{graph}" for pair in pairs]
        if description.classes is not None:
            lines += self._finding(sample, description.labels, description.classes)
        if denied:
            lines += self._denial(sample, denied)
        return "".join(lines)

    @property
    def case_count(self) -> int:
        """Number of cases with a record so far."""
        return len(self._cases)

    def cases(self) -> Iterator[str]:
        """Serialise each case with a record so far."""
        for (source, key), labels in self._cases.items():
            case, graph = f"<{case_iri(source, key)}>", f" <{cases_iri(source)}> .\n"
            pairs = (_a("Case"), f"<{_DCTERMS}identifier> {ox.Literal(key)}", *self._pairs(labels))
            yield "".join(f"{case} {pair}{graph}" for pair in pairs)

    def _add_to_case(self, sample: SampleRow) -> None:
        key = sample.source, sample.case
        self._cases[key] = self._cases[key] | sample.labels if key in self._cases else sample.labels

    def _finding(self, sample: SampleRow, labels: tuple[str, ...], classes: tuple[str, ...]) -> Iterator[str]:
        self.findings += 1
        self.classes.update(classes[1:])
        record, graph = record_iri(sample), f" <{findings_iri(sample.source)}> .\n"
        yield f"<{record}> <{NS}hasFinding> <{record}#f1>{graph}"
        yield from (f"<{record}#f1> <{RDF_TYPE}> <{name}>{graph}" for name in classes)
        yield from (f"<{record}#f1> {pair}{graph}" for pair in labels)

    def _denial(self, sample: SampleRow, denied: Denied) -> Iterator[str]:
        own = {self._iri(dimension, label) for dimension, label in sample.labels.pairs()}
        if pairs := sorted(f"<{self._property(key)}> <{iri}>" for key, iri in denied if iri not in own):
            record, graph = record_iri(sample), f" <{denied_iri(sample.source)}> .\n"
            yield f"<{record}> <{NS}deniesFinding> <{record}#denied>{graph}"
            all_pairs = (_a("DeniedFinding"), f"<{NS}hasCertainty> <{NS}Absent>", *pairs)
            yield from (f"<{record}#denied> {pair}{graph}" for pair in all_pairs)

    def _property(self, key: str) -> str:
        """Return the IRI of the property of a dimension; records may deny labels of one that the taxonomy lacks."""
        return self._property_of.get(key) or property_iri(key)

    def _describe(self, labels: LabelSet) -> Description:
        if not self._is_one_finding(labels):
            return Description(self._pairs(labels), None)
        values = {self._properties[n]: frozenset(self._iri(n, x) for x in ids) for n, ids in enumerate(labels.ids)}
        inferred = self._rules.classes_of(Thing("", _FINDING, values)) - self._always
        return Description(self._pairs(labels), (*_FINDING, *sorted(inferred)))

    def _is_one_finding(self, labels: LabelSet) -> bool:
        """Check whether all labels can belong to one finding."""
        return all(len(labels.ids[n]) <= 1 for n in self._single) and any(labels.ids[n] for n in self._descriptive)

    def _pairs(self, labels: LabelSet) -> tuple[str, ...]:
        return tuple(f"<{self._properties[n]}> <{self._iri(n, label)}>" for n, label in labels.pairs())

    def _iri(self, dimension: int, label: int) -> str:
        return self.vocabulary.dimensions[dimension].iris[label]


def source_iri(name: str) -> str:
    """Return the IRI of a source, which also names the graph of its records."""
    return SOURCES + quote(name, safe="")


def findings_iri(name: str) -> str:
    """Return the IRI of the graph of the findings of a source."""
    return f"{source_iri(name)}#findings"


def denied_iri(name: str) -> str:
    """Return the IRI of the graph of the denied labels of a source."""
    return f"{source_iri(name)}#denied"


def cases_iri(name: str) -> str:
    """Return the IRI of the graph of the cases of a source."""
    return f"{source_iri(name)}#cases"


def case_iri(source: str, key: str) -> str:
    """Return the IRI of a case, given its key in its source."""
    return f"{CASES}{quote(source, safe='')}/{quote(key, safe='')}"


def record_iri(sample: SampleRow) -> str:
    """Return the IRI of a record, made of its source and its id in the database."""
    return f"{RECORDS}{quote(sample.source, safe='')}/{sample.id}"


def source_quads(sources: Iterable[SourceRow]) -> str:
    """Serialise the sources, for the default graph."""
    lines = []
    for one in sources:
        texts = {
            _DCTERMS + "title": one.name,
            _VERSION: one.version,
            _DCTERMS + "rights": one.licence,
            _DCTERMS + "source": one.url,
        }
        pairs = [f"<{path}> {ox.Literal(text)}" for path, text in texts.items() if text is not None]
        graphs = {"findingGraph": findings_iri, "deniedGraph": denied_iri, "caseGraph": cases_iri}
        pairs += [_a("Source"), *(f"<{NS}{path}> <{graph(one.name)}>" for path, graph in graphs.items())]
        lines += [f"<{source_iri(one.name)}> {pair} .\n" for pair in pairs]
    return "".join(lines)


def closure_quads(taxonomy: Taxonomy) -> str:
    """Serialise `skos:broaderTransitive` from each concept to all its ancestors, for the default graph."""
    return "".join(
        f"<{concept.iri}> <{SKOS}broaderTransitive> <{ancestor.iri}> .\n"
        for concept in taxonomy
        for ancestor in sorted(taxonomy.all_ancestors(concept.curie), key=_CURIE)
    )


def _a(name: str) -> str:
    return f"<{RDF_TYPE}> <{NS}{name}>"
