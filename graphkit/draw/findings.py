"""Diagrams of a report and of one finding: body system, organ, finding, diagnoses and attributes, from the top down.

A finding that takes up an earlier one again, as impressions do, is a mention below that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, product

from udt.core.errors import UnknownConceptError
from udt.core.report import Certainty, Evidence, Finding, LabelSets, NamedConcept, Report
from udt.core.texts import brief
from udt.core.vocabulary import Vocabulary
from udt.graphkit.draw.diagram import Diagram, Item, ItemGroup, Kind, Link
from udt.reporting.console import printable
from udt.reporting.findings import measurement, name, place
from udt.taxonomy.model.namespaces import expand

TAKEN_UP = "taken up again"
"""Relation of a finding to its later mention."""
_WEAKER: tuple[Certainty, ...] = ("present", "possible", "unknown", "absent")
"""Certainties, each weaker than the one before."""
_LONG = 8
"""A page of more findings than these shows normal states and measured structures only on demand."""


def report_diagram(report: Report, vocabulary: Vocabulary) -> Diagram:
    """Build the diagram of all findings with more than a place, each below its organ.

    :param vocabulary: of all dimensions, also those without a task.
    :raises udt.core.errors.UnknownConceptError: if the report has a label that the vocabulary does not have.
    """
    _check_dimensions(report.labels, report.attributes, vocabulary)
    places = _Places(vocabulary)
    findings = findings_with_labels(report, vocabulary)
    parts = {finding.id: _finding_group(finding, vocabulary, places, report.text) for finding in findings}
    earlier = _earlier(findings)
    mentions: dict[str, list[ItemGroup]] = {}
    for later, first in earlier.items():
        mentions.setdefault(first, []).append(_mention(parts[later]))
    found: dict[str | None, dict[str | None, list[ItemGroup]]] = {}
    for system, organ in places.named(report.labels):
        found.setdefault(system, {}).setdefault(organ, [])
    for finding in findings:
        if finding.id not in earlier:
            system, organ = places.of(finding)
            group = _folded(finding, parts[finding.id], mentions.get(finding.id, ()), len(findings) > _LONG)
            found.setdefault(system, {}).setdefault(organ, []).append(group)
    evidence = places.evidence(report.findings)
    groups = tuple(chain.from_iterable(_system_groups(s, organs, places, evidence) for s, organs in found.items()))
    links = [_link(places.system_id(s), places.organ_id(o)) for s, organs in found.items() for o in organs if s and o]
    for finding in findings:
        links += _above(finding, places, earlier.get(finding.id))
        links += _finding_links(finding, parts[finding.id])
    return Diagram("report", legible(report.id) or "report", groups, tuple(links), across=True)


def finding_diagram(finding: Finding, vocabulary: Vocabulary, text: str = "") -> Diagram:
    """Build the diagram of one finding.

    :param text: text of the report, which the evidence of sizes quotes.
    :raises udt.core.errors.UnknownConceptError: if it has a label that the vocabulary does not have.
    """
    _check_dimensions(finding.labels, finding.attributes, vocabulary)
    places = _Places(vocabulary)
    group = _finding_group(finding, vocabulary, places, text)
    system, organ = places.of(finding)
    groups = tuple(_system_groups(system, {organ: [group]}, places, places.evidence([finding])))
    links = [_link(places.system_id(system), places.organ_id(organ))] if system and organ else []
    links += [*_above(finding, places), *_finding_links(finding, group)]
    title = " · ".join(filter(None, (finding.id, legible(name(finding)), finding.organ, finding.laterality)))
    return Diagram(finding.id, title, groups, tuple(links))


def legible(name: str) -> str:
    """Remove characters from a name that a terminal, file or font cannot show."""
    return printable(name.encode("utf-8", "replace").decode())


def findings_with_labels(report: Report, vocabulary: Vocabulary) -> list[Finding]:
    """Return the findings that have more than a place: a concept, a label, a size or an interpretation."""
    places = _Places(vocabulary)
    return [one for one in report.findings if _is_described(one) or places.others(one.label_evidence)]


def _is_described(finding: Finding) -> bool:
    return bool(finding.concept or finding.measurements or finding.interpretations)


def _earlier(findings: Sequence[Finding]) -> dict[str, str]:
    """Return, by the id of each finding that takes up an earlier one of `findings`, the id of the first of these."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for finding in findings:
        if finding.same_as in seen and finding.id not in seen:
            found[finding.id] = found.get(finding.same_as, finding.same_as)
        seen.add(finding.id)
    return found


def find(report: Report, id: str) -> Finding:
    """Return the finding with an id.

    :raises udt.core.errors.UnknownConceptError: listing the existing ids.
    """
    for finding in report.findings:
        if finding.id == id:
            return finding
    ids = ", ".join(brief(finding.id) for finding in report.findings) or "none; the text gave no finding"
    raise UnknownConceptError(id, f"the report '{brief(report.id)}' has no finding '{brief(id)}'; it has: {ids}")


def _check_dimensions(labels: LabelSets, attributes: LabelSets, vocabulary: Vocabulary) -> None:
    """Check that all dimensions with labels can be drawn.

    :raises udt.core.errors.UnknownConceptError: naming the first that the vocabulary does not have.
    """
    for key, found in (*labels.items(), *attributes.items()):
        if found and key not in vocabulary.keys:
            hint = "give the file that adds it: --taxonomy EXTRA.ttl"
            raise UnknownConceptError(key, f"the taxonomy has no dimension '{brief(key)}', which has labels; {hint}")


class _Places:
    """Body systems and organs by label.

    :ivar keys: of both dimensions.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.keys = self._system, self._organ = vocabulary.nested_places
        systems, organs = (vocabulary[key] for key in self.keys)
        self._system_of = {o: systems.labels[p] for o, p in zip(organs.labels, organs.parents, strict=True)}
        self._systems = frozenset(systems.labels)

    def of(self, finding: Finding) -> tuple[str | None, str | None]:
        """Return body system and organ of a finding, if they are known."""
        if finding.organ in self._systems:
            return finding.organ, None
        if finding.organ is not None:
            return self.system(finding.organ), finding.organ
        stated = finding.labels.get(self._system, ())
        return (stated[0] if len(stated) == 1 else None), None

    def named(self, labels: LabelSets) -> Iterator[tuple[str | None, str | None]]:
        """Yield system and organ of every place in some labels: organs in their order, then other systems."""
        covered = {organ: self.system(organ) for organ in labels.get(self._organ, ())}
        yield from ((system, organ) for organ, system in covered.items())
        yield from ((system, None) for system in labels.get(self._system, ()) if system not in covered.values())

    def system(self, organ: str) -> str:
        """Return the body system of an organ.

        :raises udt.core.errors.UnknownConceptError: if there is no such organ.
        """
        self._vocabulary[self._organ].id(organ)
        return self._system_of[organ]

    def system_id(self, label: str | None) -> str:
        """Return the id of the item of a body system."""
        return f"{self._system}:{label}"

    def organ_id(self, label: str | None) -> str:
        """Return the id of the item of an organ."""
        return f"{self._organ}:{label}"

    def evidence(self, findings: Iterable[Finding]) -> _ByLabel:
        """Return the evidence of the places of some findings."""
        return _by_label(e for finding in findings for e in finding.evidence if e.dimension in self.keys)

    def others(self, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """Return the evidence of all but places."""
        return tuple(one for one in evidence if one.dimension not in self.keys)

    def system_group(self, label: str, below: Iterable[ItemGroup], evidence: _ByLabel) -> ItemGroup:
        """Return the group of a body system with the groups below it."""
        return self._group("body system", self._system, label, below, evidence)

    def organ_group(self, label: str, below: Iterable[ItemGroup], evidence: _ByLabel) -> ItemGroup:
        """Return the group of an organ with the groups below it."""
        return self._group("organ", self._organ, label, below, evidence)

    def _group(
        self, kind: Kind, dimension: str, label: str, below: Iterable[ItemGroup], evidence: _ByLabel
    ) -> ItemGroup:
        iri = _iri(self._vocabulary, dimension, label)
        own = evidence.get((dimension, label), ())
        item = Item(f"{dimension}:{label}", kind, label, dimension, iri, evidence=tuple(dict.fromkeys(own)))
        return ItemGroup((item,), tuple(below))


_ByLabel = Mapping[tuple[str, str], Sequence[Evidence]]


def _system_groups(
    system: str | None, organs: Mapping[str | None, Sequence[ItemGroup]], places: _Places, evidence: _ByLabel
) -> Iterator[ItemGroup]:
    """Return the group of a system with its organs, or the groups of the organs if the system is unknown."""
    below = [
        group
        for organ, findings in organs.items()
        for group in ([places.organ_group(organ, findings, evidence)] if organ else findings)
    ]
    yield from [places.system_group(system, below, evidence)] if system else below


def _finding_group(finding: Finding, vocabulary: Vocabulary, places: _Places, text: str) -> ItemGroup:
    items = list(_label_items(finding, vocabulary, places))
    below: tuple[ItemGroup, ...] = ()
    for kind in "attribute", "diagnosis":
        members = tuple(item for item in items if item.kind == kind)
        below = (ItemGroup(members, below),) if members else below
    offered = tuple(_interpretations(finding))
    below = (*below, *([ItemGroup(offered)] if offered else []))
    section = finding.section if finding.section != "findings" else None
    head = Item(
        finding.id,
        "finding",
        legible(name(finding)),
        iri=expand(finding.concept.concept) if finding.concept else None,
        certainty=finding.certainty,
        notes=tuple(_notes(finding)),
        evidence=(*places.others(finding.evidence), *_sizes(finding, text)),
        caption=" · ".join(filter(None, (finding.kind, finding.id, section))),
        section=finding.section,
        codes=finding.concept.codes if finding.concept else (),
    )
    return ItemGroup((head,), below)


def _notes(finding: Finding) -> Iterator[str]:
    """Yield where the finding is, how many there are, its sizes, its change, and its time unless it is current."""
    where = place(replace(finding, organ=None, sites=_narrowest(finding)))
    if where:
        yield where
    if finding.count is not None:
        yield f"count: {finding.count}"
    yield from (words for words in map(measurement, finding.measurements) if words not in where)
    if finding.change is not None:
        yield f"change: {finding.change}"
    if finding.time != "current":
        yield f"time: {finding.time}"
    if finding.experiencer != "patient":
        yield "of another person"


def _narrowest(finding: Finding) -> tuple[NamedConcept, ...]:
    """Return the sites whose names are not part of the name of the finding or of another site."""
    named = finding.concept.label.casefold() if finding.concept is not None else ""
    sites = {site.label.casefold(): site for site in finding.sites}
    return tuple(site for key, site in sites.items() if key not in named and sum(key in one for one in sites) == 1)


def _sizes(finding: Finding, text: str) -> Iterator[Evidence]:
    """Yield the spans of the measurements as evidence of the finding."""
    for one in finding.measurements:
        quote = text[one.start : one.end]
        yield Evidence(one.quantity, measurement(one), "", one.start, one.end, quote, finding.certainty)


def _interpretations(finding: Finding) -> Iterator[Item]:
    for number, one in enumerate(finding.interpretations, 1):
        label = legible(one.concept.label)
        quote = Evidence(
            "interpretation", label, one.concept.concept, one.start, one.end, one.text, one.certainty, one.cue
        )
        yield Item(
            f"{finding.id}:interpretation:{number}",
            "interpretation",
            label,
            iri=expand(one.concept.concept),
            certainty=one.certainty,
            evidence=(quote,),
            codes=one.concept.codes,
        )


def _mention(group: ItemGroup) -> ItemGroup:
    """Return the group of a finding that takes up an earlier one."""
    (head,) = group.items
    return replace(group, items=(replace(head, kind="mention"),))


def _folded(finding: Finding, group: ItemGroup, mentions: Sequence[ItemGroup], long: bool) -> ItemGroup:
    """Return the group of a finding with its mentions.

    In a long report, the normal states and measured structures are quiet, and so are the details of all but present or
    possible lesions.
    """
    if not long:
        return replace(group, below=(*group.below, *mentions))
    is_open = finding.kind == "lesion" and finding.certainty != "absent"
    details = [replace(one, quiet=not is_open) for one in group.below]
    later = [replace(one, below=tuple(replace(part, quiet=True) for part in one.below)) for one in mentions]
    return replace(group, below=(*details, *later), quiet=_is_quiet(finding) and not mentions)


def _is_quiet(finding: Finding) -> bool:
    """Return whether a finding is a structure only measured, a normal state or a denied one."""
    normal = finding.labels.get("diagnosis") == ("normal appearance",)
    return finding.kind == "organ" or (finding.kind == "state" and (normal or finding.certainty == "absent"))


def _label_items(finding: Finding, vocabulary: Vocabulary, places: _Places) -> Iterator[Item]:
    """Yield the diagnoses and attributes of a finding, with those that only its evidence has.

    These are denied ones, and those of an earlier finding, which are not among its labels.
    """
    mentions = _by_label(finding.label_evidence)
    labels = finding.all_labels
    for dimension in vocabulary.dimensions:
        if dimension.key in places.keys:
            continue
        stated = labels.get(dimension.key, ())
        others = dict.fromkeys(label for key, label in mentions if key == dimension.key and label not in stated)
        for label in (*stated, *others):
            evidence = tuple(mentions.get((dimension.key, label), ()))
            yield Item(
                f"{finding.id}:{dimension.key}:{label}",
                "diagnosis" if dimension.role == "diagnosis" else "attribute",
                label,
                dimension.key,
                _iri(vocabulary, dimension.key, label),
                _weakest(evidence) if label in others else _certainty(finding, evidence),
                evidence=evidence,
            )


def _certainty(finding: Finding, evidence: Sequence[Evidence]) -> Certainty:
    """Return the certainty of a label of the finding: possible if every mention of it is hedged."""
    if finding.certainty == "present" and evidence and all(e.certainty == "possible" for e in evidence):
        return "possible"
    return finding.certainty


def _above(finding: Finding, places: _Places, earlier: str | None = None) -> Iterator[Link]:
    """Yield the link to the finding from the one that it takes up again, else from its place."""
    system, organ = places.of(finding)
    if earlier is not None:
        yield Link(earlier, finding.id, TAKEN_UP, finding.certainty, note=TAKEN_UP)
    elif organ or system:
        above = places.organ_id(organ) if organ else places.system_id(system)
        yield _link(above, finding.id, "shows", finding.certainty)


def _weakest(evidence: Iterable[Evidence]) -> Certainty:
    return max((one.certainty for one in evidence), key=_WEAKER.index)


def _finding_links(finding: Finding, group: ItemGroup) -> Iterator[Link]:
    """Yield links from the finding to its diagnoses and interpretations, and from diagnoses to every attribute."""
    diagnoses = [item for item in group if item.kind == "diagnosis"]
    attributes = [item for item in group if item.kind == "attribute"]
    for item in diagnoses:
        yield _link(finding.id, item.id, "is", item.certainty)
    for item in group:
        if item.kind == "interpretation":
            yield _link(finding.id, item.id, "interpreted as", item.certainty)
    active = [item for item in diagnoses if item.certainty != "absent" or finding.certainty == "absent"]
    for source, item in product(active or group.items, attributes):
        yield _link(source.id, item.id, "has", _weaker(source.certainty, item.certainty))


def _weaker(one: Certainty, other: Certainty) -> Certainty:
    return max(one, other, key=_WEAKER.index)


def _link(source: str, target: str, relation: str = "contains", certainty: Certainty = "present") -> Link:
    return Link(source, target, relation, certainty)


def _by_label(evidence: Iterable[Evidence]) -> dict[tuple[str, str], list[Evidence]]:
    found: dict[tuple[str, str], list[Evidence]] = {}
    for one in evidence:
        found.setdefault((one.dimension, one.label), []).append(one)
    return found


def _iri(vocabulary: Vocabulary, dimension: str, label: str) -> str:
    labels = vocabulary[dimension]
    return labels.iris[labels.id(label)]
