"""Diagrams of a report and of one finding: body system, organ, finding, diagnoses and attributes, from the top down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, product

from udt.core.errors import UnknownConceptError
from udt.core.report import Certainty, Evidence, Finding, Measurement, Report
from udt.core.texts import brief
from udt.core.vocabulary import Vocabulary
from udt.graphkit.draw.diagram import Diagram, Item, ItemGroup, Kind, Link
from udt.graphkit.nodes import CONTEXT, DIAGNOSIS
from udt.reporting.console import printable

_SYSTEM, _ORGAN = CONTEXT


def report_diagram(report: Report, vocabulary: Vocabulary) -> Diagram:
    """Build the diagram of all findings with labels, each below its organ; organs that are only named have no finding.

    :raises udt.core.errors.UnknownConceptError: if the report has a label that the vocabulary does not have.
    """
    places = _Places(vocabulary)
    findings = findings_with_labels(report)
    parts = {finding.id: _finding_group(finding, vocabulary) for finding in findings}
    found: dict[str | None, dict[str | None, list[ItemGroup]]] = {}
    for system, organ in _named(report, places):
        found.setdefault(system, {}).setdefault(organ, [])
    for finding in findings:
        system, organ = places.of(finding)
        found.setdefault(system, {}).setdefault(organ, []).append(parts[finding.id])
    evidence = _place_evidence(report.findings)
    groups = tuple(chain.from_iterable(_system_groups(s, organs, places, evidence) for s, organs in found.items()))
    links = [
        _link(places.id(_SYSTEM, s), places.id(_ORGAN, o)) for s, organs in found.items() for o in organs if s and o
    ]
    links += [link for finding in findings for link in _finding_links(finding, parts[finding.id], places.of(finding))]
    return Diagram("report", legible(report.id) or "report", groups, tuple(links), across=True)


def finding_diagram(finding: Finding, vocabulary: Vocabulary) -> Diagram:
    """Build the diagram of one finding.

    :raises udt.core.errors.UnknownConceptError: if it has a label that the vocabulary does not have.
    """
    places, group = _Places(vocabulary), _finding_group(finding, vocabulary)
    system, organ = places.of(finding)
    evidence = _place_evidence([finding])
    groups = tuple(_system_groups(system, {organ: [group]}, places, evidence))
    links = [_link(places.id(_SYSTEM, system), places.id(_ORGAN, organ))] if system and organ else []
    links += _finding_links(finding, group, (system, organ))
    title = " · ".join(filter(None, (finding.id, finding.organ, finding.laterality)))
    return Diagram(finding.id, title, groups, tuple(links))


def legible(name: str) -> str:
    """Remove characters from a name that a terminal, file or font cannot show."""
    return printable(name.encode("utf-8", "replace").decode())


def findings_with_labels(report: Report) -> list[Finding]:
    """Return the findings that have more than a place."""
    return [finding for finding in report.findings if _has_labels(finding)]


def find(report: Report, id: str) -> Finding:
    """Return the finding with an id.

    :raises udt.core.errors.UnknownConceptError: listing the existing ids.
    """
    for finding in report.findings:
        if finding.id == id:
            return finding
    ids = ", ".join(brief(finding.id) for finding in report.findings) or "none; the text gave no finding"
    raise UnknownConceptError(id, f"the report '{brief(report.id)}' has no finding '{brief(id)}'; it has: {ids}")


class _Places:
    """Body systems and organs by label."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        systems, organs = (vocabulary[key] for key in CONTEXT)
        self._system_of = {o: systems.labels[p] for o, p in zip(organs.labels, organs.parents, strict=True)}
        self._systems = frozenset(systems.labels)

    def of(self, finding: Finding) -> tuple[str | None, str | None]:
        """Return body system and organ of a finding, if they are known."""
        if finding.organ in self._systems:
            return finding.organ, None
        if finding.organ is not None:
            return self.system(finding.organ), finding.organ
        stated = finding.labels[_SYSTEM]
        return (stated[0] if len(stated) == 1 else None), None

    def system(self, organ: str) -> str:
        """Return the body system of an organ.

        :raises udt.core.errors.UnknownConceptError: if there is no such organ.
        """
        self._vocabulary[_ORGAN].id(organ)
        return self._system_of[organ]

    def id(self, dimension: str, label: str | None) -> str:
        """Return the id of the item of a place."""
        return f"{dimension}:{label}"

    def group(self, dimension: str, label: str, below: Iterable[ItemGroup], evidence: _ByLabel) -> ItemGroup:
        """Return the group of a place with the groups below it."""
        iri = _iri(self._vocabulary, dimension, label)
        kind: Kind = "body system" if dimension == _SYSTEM else "organ"
        own = evidence.get((dimension, label), ())
        item = Item(self.id(dimension, label), kind, label, dimension, iri, evidence=tuple(dict.fromkeys(own)))
        return ItemGroup((item,), tuple(below))


_ByLabel = Mapping[tuple[str, str], Sequence[Evidence]]


def _named(report: Report, places: _Places) -> Iterator[tuple[str | None, str | None]]:
    """Yield system and organ of every place in the report's labels: organs in their order, then other systems."""
    organs = report.labels[_ORGAN]
    covered = {organ: places.system(organ) for organ in organs}
    yield from ((system, organ) for organ, system in covered.items())
    yield from ((system, None) for system in report.labels[_SYSTEM] if system not in covered.values())


def _system_groups(
    system: str | None, organs: Mapping[str | None, Sequence[ItemGroup]], places: _Places, evidence: _ByLabel
) -> Iterator[ItemGroup]:
    """Return the group of a system with its organs, or the groups of the organs if the system is unknown."""
    below = [
        group
        for organ, findings in organs.items()
        for group in ([places.group(_ORGAN, organ, findings, evidence)] if organ else findings)
    ]
    yield from [places.group(_SYSTEM, system, below, evidence)] if system else below


def _has_labels(finding: Finding) -> bool:
    """Return whether a finding has more than a place."""
    return bool(finding.measurements) or any(e.dimension not in CONTEXT for e in finding.evidence)


def _finding_group(finding: Finding, vocabulary: Vocabulary) -> ItemGroup:
    items = list(_label_items(finding, vocabulary))
    below: tuple[ItemGroup, ...] = ()
    for kind in "attribute", "diagnosis":
        members = tuple(item for item in items if item.kind == kind)
        below = (ItemGroup(members, below),) if members else below
    notes = (*filter(None, [finding.laterality]), *map(_size, finding.measurements))
    evidence = tuple(e for e in finding.evidence if e.dimension not in CONTEXT)
    head = Item(finding.id, "finding", finding.id, certainty=finding.certainty, notes=notes, evidence=evidence)
    return ItemGroup((head,), below)


def _label_items(finding: Finding, vocabulary: Vocabulary) -> Iterator[Item]:
    """Yield the diagnoses and attributes of a finding, denied ones included."""
    mentions = _by_label(finding.evidence)
    for dimension in vocabulary.dimensions:
        if dimension.key in CONTEXT:
            continue
        stated = finding.labels[dimension.key]
        denied = dict.fromkeys(label for key, label in mentions if key == dimension.key and label not in stated)
        for label in (*stated, *denied):
            evidence = tuple(mentions.get((dimension.key, label), ()))
            yield Item(
                f"{finding.id}:{dimension.key}:{label}",
                "diagnosis" if dimension.key == DIAGNOSIS else "attribute",
                label,
                dimension.key,
                _iri(vocabulary, dimension.key, label),
                "absent" if label in denied else _certainty(finding, evidence),
                evidence=evidence,
            )


def _certainty(finding: Finding, evidence: Sequence[Evidence]) -> Certainty:
    """Return the certainty of a label of the finding: possible if every mention of it is hedged."""
    if finding.certainty == "present" and evidence and all(e.certainty == "possible" for e in evidence):
        return "possible"
    return finding.certainty


def _finding_links(finding: Finding, group: ItemGroup, place: tuple[str | None, str | None]) -> Iterator[Link]:
    """Yield links from the place to the finding, to its diagnoses, and from each of these to every attribute."""
    system, organ = place
    if organ or system:
        above = f"{_ORGAN}:{organ}" if organ else f"{_SYSTEM}:{system}"
        yield _link(above, finding.id, "shows", finding.certainty)
    diagnoses = [item for item in group if item.kind == "diagnosis"]
    attributes = [item for item in group if item.kind == "attribute"]
    for item in diagnoses:
        yield _link(finding.id, item.id, "is", item.certainty)
    active = [item for item in diagnoses if item.certainty != "absent" or finding.certainty == "absent"]
    for source, item in product(active or group.items, attributes):
        yield _link(source.id, item.id, "has", _weaker(source.certainty, item.certainty))


def _weaker(one: Certainty, other: Certainty) -> Certainty:
    order: tuple[Certainty, ...] = ("present", "possible", "absent")
    return max(one, other, key=order.index)


def _link(source: str, target: str, relation: str = "contains", certainty: Certainty = "present") -> Link:
    return Link(source, target, relation, certainty)


def _place_evidence(findings: Iterable[Finding]) -> _ByLabel:
    return _by_label(e for finding in findings for e in finding.evidence if e.dimension in CONTEXT)


def _by_label(evidence: Iterable[Evidence]) -> dict[tuple[str, str], list[Evidence]]:
    found: dict[tuple[str, str], list[Evidence]] = {}
    for one in evidence:
        found.setdefault((one.dimension, one.label), []).append(one)
    return found


def _iri(vocabulary: Vocabulary, dimension: str, label: str) -> str:
    labels = vocabulary[dimension]
    return labels.iris[labels.id(label)]


def _size(measurement: Measurement) -> str:
    return " × ".join(f"{length:.4g}" for length in measurement.values_mm) + " mm"
