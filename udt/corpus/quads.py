"""Serialise records as N-Quads in the terms of the format `ttl`, in six graphs for each source.

- The graph named by the IRI of the source: its records, each an `ns:LabelledRecord` with its labels, case, split and
  image, and those without labels also an `ns:RecordWithoutLabels`.
- `ns:findingGraph`: findings with their measurements, sites and the classes inferred from their labels.
- `ns:deniedGraph`: findings that records deny, each an `ns:DeniedFinding`.
- `ns:mentionedGraph`: findings that records mention of another person, of another time, or in a language without known
  words of denial, each an `ns:MentionedFinding`.
- `ns:evidenceGraph`: spans of the texts, and the evidence for each statement of a finding.
- `ns:caseGraph`: each case an `ns:Case` with the labels of all its records.

The findings of a record are those of its readings. A record without a reading has labels alone, which are sets over the
whole record and may belong to several lesions. It has one `ns:Finding` with its labels only if all of them can belong
to one lesion: at most one system, organ and diagnosis, and at least one label of a classification task other than
places. So nothing is inferred from the signs of different lesions. Its denied labels are one `ns:DeniedFinding`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from udt.core.labels import LabelSet
from udt.core.report import Finding
from udt.corpus.default_graph import PROV
from udt.corpus.iris import GRAPHS, CorpusIris
from udt.corpus.nquads import TreeWriter, blank_nodes, literal
from udt.corpus.records import SourcedRecord
from udt.corpus.samples import SampleRow
from udt.io.writers.rdf.findings import Names, finding_class
from udt.io.writers.rdf.nodes import INTEGER, Literal, node, number
from udt.io.writers.rdf.report import LINKS, reading_pairs
from udt.io.writers.vocabulary import LabelIris
from udt.taxonomy.model.namespaces import NS, PREFIXES, RDF_TYPE, property_iri
from udt.taxonomy.model.taxonomy import Taxonomy
from udt.taxonomy.quality.rules import Rules, Thing

_DCTERMS = PREFIXES["dcterms"]

_FINDING = frozenset({NS + "Finding"})
_PRESENT = f"<{NS}hasCertainty> <{NS}Present>"
_CACHED_LABEL_SETS = 100_000

_FINDINGS, _DENIED, _MENTIONED, _EVIDENCE, _CASES = GRAPHS.values()
_RECORDS = "records"
_PLACES = {
    "ns:hasFinding": _FINDINGS,
    "ns:deniesFinding": _DENIED,
    "ns:mentionsFinding": _MENTIONED,
    "ns:evidence": _EVIDENCE,
    "ns:span": _EVIDENCE,
    "ns:excludedMention": _EVIDENCE,
}
"""Predicate to the kind of graph with its statements."""

Pairs = frozenset[tuple[str, str]]


class Description(NamedTuple):
    """The statements shared by records with the same labels.

    :ivar labels: predicate and object of each label, in N-Quads syntax.
    :ivar finding: those of their finding, if they have no reading: its classes, the inferred ones last, and its labels;
        None without a finding.
    :ivar classes: IRIs of the inferred classes of that finding.
    """

    labels: tuple[str, ...]
    finding: tuple[str, ...] | None = None
    classes: tuple[str, ...] = ()


class RecordWriter:
    """Serialises samples as N-Quads.

    :ivar vocabulary: all dimensions of the taxonomy, in which records may have labels.
    :ivar records: number of records so far.
    :ivar findings: number of findings so far, without denied and mentioned ones.
    :ivar denied: number of denied findings so far.
    :ivar mentioned: number of mentioned findings so far.
    :ivar measurements: number of measurements so far.
    :ivar classes: IRI of an inferred class to its number of findings.
    """

    def __init__(self, taxonomy: Taxonomy, rules: Rules, iris: CorpusIris, *, evidence: bool = True) -> None:
        """Create a writer.

        :param rules: the rules of the taxonomy.
        :param evidence: whether spans, evidence and excluded mentions are written.
        """
        self.vocabulary = taxonomy.full_vocabulary
        self._rules = rules
        self._iris = iris
        self._labels = LabelIris.of(taxonomy)
        left_out = frozenset[str]() if evidence else frozenset({_EVIDENCE})
        self._trees = TreeWriter(blank_nodes(), _PLACES, frozenset({"ns:concept", "ns:candidate", "ns:site"}), left_out)
        self._always = rules.classes_of(Thing("", _FINDING))
        self._properties = [dimension.label_property for dimension in taxonomy.dimensions]
        self._property_of = dict(zip(self.vocabulary.keys, self._properties, strict=True))
        dimensions = list(enumerate(self.vocabulary.dimensions))
        self._single = [n for n, d in dimensions if d.role in ("place", "diagnosis")]
        self._types = [n for n, d in dimensions if d.role == "diagnosis"]
        self._descriptive = [n for n, d in dimensions if d.role != "place" and d.task is not None]
        self._nested = self.vocabulary.nested_places
        organs = [taxonomy[iri] for iri in self.vocabulary[self._nested[1]].iris]
        self._systems = {one.iri: {taxonomy[parent].iri for parent in one.broader} for one in organs}
        self._description = lru_cache(maxsize=_CACHED_LABEL_SETS)(self._describe)
        self._inferred = lru_cache(maxsize=_CACHED_LABEL_SETS)(self._infer)
        self._cases: dict[tuple[str, str], tuple[LabelSet, frozenset[str]]] = {}
        self._images: set[int] = set()
        self.records = self.findings = self.denied = self.mentioned = self.measurements = 0
        self.classes: Counter[str] = Counter()

    def record(self, one: SourcedRecord) -> str:
        """Serialise one record and its findings."""
        sample = one.sample
        description = self._description(sample.labels)
        record, graph = f"<{self._iris.record(sample)}>", f" <{self._iris.source(sample.source)}> .\n"
        labels = description.labels or (_a("RecordWithoutLabels"),)
        self.records += 1
        self._add_to_case(sample)
        pairs = (_a("LabelledRecord"), f"<{NS}caseId> {literal(Literal(sample.case))}", *labels, *self._origin(one))
        lines = [f"{record} {pair}{graph}" for pair in pairs]
        lines += self._image(sample, record, graph)
        lines += self._several_makers(one, record, graph)
        lines += self._read(one)
        if description.finding is not None and not any(reading.report.findings for reading in one.readings):
            lines += self._finding(one, description)
        if one.denied:
            lines += self._denial(sample, one.denied)
        return "".join(lines)

    @property
    def case_count(self) -> int:
        """Number of cases with a record so far."""
        return len(self._cases)

    def cases(self) -> Iterator[str]:
        """Serialise each case with a record so far."""
        for (source, key), (labels, splits) in self._cases.items():
            case, graph = f"<{self._iris.case(source, key)}>", f" <{self._iris.graph(source, _CASES)}> .\n"
            parts = [f"<{NS}split> {literal(Literal(split))}" for split in sorted(splits)]
            pairs = (_a("Case"), f"<{_DCTERMS}identifier> {literal(Literal(key))}", *parts, *self._pairs(labels))
            yield "".join(f"{case} {pair}{graph}" for pair in pairs)

    def _add_to_case(self, sample: SampleRow) -> None:
        key = sample.source, sample.case
        split = frozenset(() if sample.split is None else (str(sample.split),))
        if key in self._cases:
            labels, splits = self._cases[key]
            self._cases[key] = labels | sample.labels, splits | split
        else:
            self._cases[key] = sample.labels, split

    def _origin(self, one: SourcedRecord) -> Iterator[str]:
        """Yield the origin of a record: its case, split and makers, and the labels that the taxonomy lacks."""
        sample = one.sample
        yield f"<{NS}inCase> <{self._iris.case(sample.source, sample.case)}>"
        if sample.split is not None:
            yield f"<{NS}split> {literal(Literal(str(sample.split)))}"
        for maker in one.makers:
            yield f"<{PROV}wasGeneratedBy> <{self._iris.maker(maker)}>"
        for dimension, label in one.unmapped:
            yield f"<{NS}unmappedLabel> {literal(Literal(f'{dimension}: {label}'))}"

    def _image(self, sample: SampleRow, record: str, graph: str) -> Iterator[str]:
        if sample.image_id is None or sample.image is None:
            return
        image = f"<{self._iris.image(sample.image_id)}>"
        yield f"{record} <{NS}image> {image}{graph}"
        if sample.image_id in self._images:
            return
        self._images.add(sample.image_id)
        yield f"{image} {_a('Image')}{graph}"
        yield f"{image} <{NS}imagePath> {literal(Literal(sample.image))}{graph}"
        if sample.frame_index or sample.frame_time is not None:
            yield f"{image} <{NS}frameIndex> {literal(Literal(str(sample.frame_index), INTEGER))}{graph}"
        if sample.frame_time is not None:
            yield f"{image} <{NS}frameTime> {literal(number(sample.frame_time))}{graph}"
        if sample.sha256 is not None:
            yield f"{image} <{NS}sha256> {literal(Literal(sample.sha256))}{graph}"

    def _several_makers(self, one: SourcedRecord, record: str, graph: str) -> Iterator[str]:
        """Yield the labels of each maker, if there are several."""
        for maker, labels in one.labellings.items():
            name = f"<{self._iris.record(one.sample)}#labels-{maker}>"
            yield f"{record} <{NS}labelling> {name}{graph}"
            made = f"<{PROV}wasAttributedTo> <{self._iris.maker(maker)}#agent>"
            yield from (f"{name} {pair}{graph}" for pair in (_a("Labelling"), made, *self._pairs(labels)))

    def _read(self, one: SourcedRecord) -> Iterator[str]:
        """Yield what the readings of a record state."""
        if not one.readings:
            return
        record, source = self._iris.record(one.sample), one.sample.source
        graphs = {kind: f"<{self._iris.graph(source, kind)}>" for kind in GRAPHS.values()}
        graphs[_RECORDS] = f"<{self._iris.source(source)}>"
        for place, reading in enumerate(one.readings):
            names = Names(record, self._labels, f"{reading.provenance}-" if place else "")
            tree = node(record, reading_pairs(reading.report, names))
            yield from self._trees.lines(tree, _RECORDS, graphs)
            made = f"<{PROV}wasGeneratedBy> <{self._iris.maker(reading.provenance)}>"
            for finding in reading.report.findings:
                graph = _PLACES[LINKS[finding_class(finding)]]
                name = f"<{names.part(finding.id)}>"
                yield f"{name} {made} {graphs[graph]} .\n"
                if graph == _FINDINGS:
                    classes = self._inferred(self._values(finding))
                    self.classes.update(classes)
                    yield from (f"{name} <{RDF_TYPE}> <{iri}> {graphs[graph]} .\n" for iri in classes)
            self._count(reading.report.findings)

    def _count(self, findings: Sequence[Finding]) -> None:
        kinds = Counter(map(finding_class, findings))
        self.findings += kinds["ns:Finding"]
        self.denied += kinds["ns:DeniedFinding"]
        self.mentioned += kinds["ns:MentionedFinding"]
        self.measurements += sum(len(finding.measurements) for finding in findings)

    def _values(self, finding: Finding) -> tuple[tuple[str, str], ...]:
        """Return the labels of a finding as pairs of property and value."""
        labels = self._labels.labels_of(finding)
        return tuple(
            (self._labels.properties[key], self._labels.iri(key, value))
            for key, values in labels.items()
            for value in values
        )

    def _infer(self, values: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        """Return the IRIs of the classes of a finding with these pairs of property and value, in the closed world."""
        by_property: dict[str, set[str]] = {}
        for path, value in values:
            by_property.setdefault(path, set()).add(value)
        thing = Thing("", _FINDING, {path: frozenset(found) for path, found in by_property.items()})
        misplaced = (NS + "MisplacedFinding",) if self._is_misplaced(thing.values) else ()
        return (*sorted(self._rules.classes_of(thing, closed_world=True) - self._always), *misplaced)

    def _is_misplaced(self, values: Mapping[str, frozenset[str]]) -> bool:
        """Check for an organ that is in none of the body systems that are stated."""
        outer, inner = (self._property_of[key] for key in self._nested)
        systems = values.get(outer, frozenset())
        return bool(systems) and any(
            organ in self._systems and systems.isdisjoint(self._systems[organ]) for organ in values.get(inner, ())
        )

    def _finding(self, one: SourcedRecord, description: Description) -> Iterator[str]:
        """Yield the finding of a record without a reading."""
        self.findings += 1
        self.classes.update(description.classes)
        record = self._iris.record(one.sample)
        graph = f" <{self._iris.graph(one.sample.source, _FINDINGS)}> .\n"
        yield f"<{record}> <{NS}hasFinding> <{record}#f1>{graph}"
        made = (f"<{PROV}wasGeneratedBy> <{self._iris.maker(maker)}>" for maker in one.makers)
        yield from (f"<{record}#f1> {pair}{graph}" for pair in (*(description.finding or ()), *made))

    def _denial(self, sample: SampleRow, denied: Pairs) -> Iterator[str]:
        own = {self._iri(dimension, label) for dimension, label in sample.labels.pairs()}
        if pairs := sorted(f"<{self._property(key)}> <{iri}>" for key, iri in denied if iri not in own):
            self.denied += 1
            record, graph = self._iris.record(sample), f" <{self._iris.graph(sample.source, _DENIED)}> .\n"
            yield f"<{record}> <{NS}deniesFinding> <{record}#denied>{graph}"
            all_pairs = (_a("DeniedFinding"), f"<{NS}hasCertainty> <{NS}Absent>", *pairs)
            yield from (f"<{record}#denied> {pair}{graph}" for pair in all_pairs)

    def _property(self, key: str) -> str:
        """Return the IRI of the property of a dimension; records may deny labels of one that the taxonomy lacks."""
        return self._property_of.get(key) or property_iri(key)

    def _describe(self, labels: LabelSet) -> Description:
        pairs = self._pairs(labels)
        if not self._is_one_finding(labels):
            return Description(pairs)
        values = tuple((self._properties[n], self._iri(n, label)) for n, label in labels.pairs())
        classes = self._inferred(values)
        types = [f"<{NS}concept> <{self._iri(n, label)}>" for n in self._types for label in labels.ids[n]]
        stated = (_a("Finding"), *(f"<{RDF_TYPE}> <{name}>" for name in classes))
        return Description(pairs, (*stated, _PRESENT, *types, *pairs), classes)

    def _is_one_finding(self, labels: LabelSet) -> bool:
        """Check whether all labels can belong to one finding."""
        return all(len(labels.ids[n]) <= 1 for n in self._single) and any(labels.ids[n] for n in self._descriptive)

    def _pairs(self, labels: LabelSet) -> tuple[str, ...]:
        return tuple(f"<{self._properties[n]}> <{self._iri(n, label)}>" for n, label in labels.pairs())

    def _iri(self, dimension: int, label: int) -> str:
        return self.vocabulary.dimensions[dimension].iris[label]


def _a(name: str, namespace: str = NS) -> str:
    return f"<{RDF_TYPE}> <{namespace}{name}>"
