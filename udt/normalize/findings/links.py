"""Links of the impression to the body of a report: the finding that is taken up again is one lesion, not two."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from udt.core.report import Finding
from udt.lexicon.lexicon import Lexicon

_IMPRESSION = "impression"
_BOTH = 2
# Most findings of the body, the last ones, with which one of the impression is compared.
_MOST_COMPARED = 100
# Attributes that are another value for another lesion.
_TELLING = ("clock_position", "liver_segment", "pole", "breast_region", "node_level", "vessel_level")


def link_findings(findings: Sequence[Finding], lexicon: Lexicon) -> list[Finding]:
    """Set `same_as` of each finding of the impression that takes up one of the body."""
    if not any(finding.section == _IMPRESSION for finding in findings):
        return list(findings)
    body: deque[Finding] = deque(maxlen=_MOST_COMPARED)
    linked = []
    for finding in findings:
        if _may_be_taken_up(finding):
            if finding.section == _IMPRESSION:
                earlier = _taken_up(finding, body, lexicon)
                linked.append(replace(finding, same_as=earlier.id) if earlier is not None else finding)
                continue
            body.append(finding)
        linked.append(finding)
    return linked


def _may_be_taken_up(finding: Finding) -> bool:
    return finding.kind != "organ" and finding.certainty != "absent" and finding.time == "current"


def _taken_up(finding: Finding, body: Iterable[Finding], lexicon: Lexicon) -> Finding | None:
    """Return the finding of the body that agrees best with one of the impression, the first of several equal ones.

    A disease may also sum up the only abnormality of its organ, or the one at its site.
    """
    best: tuple[float, Finding] | None = None
    for earlier in body:
        agreement = _agreement(finding, earlier, lexicon)
        if agreement > 0 and (best is None or agreement > best[0]):
            best = agreement, earlier
    return best[1] if best is not None else _summed_up(finding, body)


def _summed_up(finding: Finding, body: Iterable[Finding]) -> Finding | None:
    """Return the abnormality of the body that a disease of the same organ and side explains, or None.

    A disease of the whole organ explains a state of it rather than a lesion in it, a lesion another lesion.
    """
    if finding.organ is None or finding.concept is None or _is_normal(finding):
        return None
    signs = [f for f in body if f.organ == finding.organ and not _is_normal(f) and _may_share_side(f, finding)]
    signs = [f for f in signs if f.kind == finding.kind] or signs
    sites = {site.concept for site in finding.sites}
    at_site = [f for f in signs if sites & {site.concept for site in f.sites}]
    if at_site:
        return at_site[0]
    return signs[0] if len(signs) == 1 else None


def _is_normal(finding: Finding) -> bool:
    return "normal appearance" in finding.labels.get("diagnosis", ())


def _may_share_side(finding: Finding, other: Finding) -> bool:
    sides = {finding.laterality, other.laterality} - {None}
    return len(sides) < _BOTH or "bilateral" in sides


def _agreement(finding: Finding, earlier: Finding, lexicon: Lexicon) -> float:
    """Return how well two findings agree; 0 if they cannot be one."""
    if not _may_share_side(finding, earlier):
        return 0
    if finding.organ is not None and earlier.organ is not None and finding.organ != earlier.organ:
        return 0
    agreement = _agreement_of_concepts(finding, earlier, lexicon)
    if agreement == 0:
        return 0
    for key in _TELLING:
        own, other = set(finding.attributes.get(key, ())), set(earlier.attributes.get(key, ()))
        if own and other:
            if own.isdisjoint(other):
                return 0
            agreement += 1
    agreement += 0.5 * bool({site.concept for site in finding.sites} & {site.concept for site in earlier.sites})
    agreement += 0.5 * (finding.laterality is not None and finding.laterality == earlier.laterality)
    agreement += 0.5 * (finding.organ is not None and finding.organ == earlier.organ)
    sizes = {m.canonical for m in finding.measurements} & {m.canonical for m in earlier.measurements}
    labels = finding.labels
    shared = sum(len(set(labels[key]) & set(values)) for key, values in earlier.labels.items() if key in labels)
    return agreement + bool(sizes) + 0.1 * shared


def _agreement_of_concepts(finding: Finding, earlier: Finding, lexicon: Lexicon) -> float:
    """Return 3 for the same concept, 2 if one is above the other, 1 for the same type of lesion, else 0."""
    own = {finding.concept.concept} if finding.concept is not None else set()
    offered = {i.concept.concept for i in earlier.interpretations}
    other = {earlier.concept.concept} if earlier.concept is not None else set()
    if own & other:
        return 3
    if own & offered:
        return 2.5
    if any(_is_above(a, b, lexicon) or _is_above(b, a, lexicon) for a in own for b in other | offered):
        return 2
    types = set(finding.labels.get("diagnosis", ())) & set(earlier.labels.get("diagnosis", ())) - {"normal appearance"}
    return 1 if types else 0


def _is_above(above: str, below: str, lexicon: Lexicon) -> bool:
    sense = lexicon.senses.get(below)
    return sense is not None and above in sense.attributes.get("above", ())
