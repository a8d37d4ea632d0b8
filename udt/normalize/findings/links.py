"""Links to earlier findings, above all of the impression to the body: what is taken up again is one lesion, not two."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from udt.core.report import Finding, LabelSets
from udt.lexicon.lexicon import Lexicon

_IMPRESSION: Final = "impression"
_BOTH: Final = 2
# Most findings of the body, the last ones, with which one of the impression is compared.
_MOST_COMPARED: Final = 100
# Attributes that are another value for another lesion.
_TELLING: Final = ("clock_position", "liver_segment", "pole", "breast_region", "node_level", "vessel_level")
# Agreement of two findings of one concept.
_SAME: Final = 3
# Groups of the hierarchy: what is normal, and what obstructs or is wide, which is a sign beside other signs.
_NORMAL: Final = "finding:normal-finding"
_OBSTRUCTION: Final = "finding:obstruction-dilatation"
_SYSTEM: Final = "body_system"
_OF_PLACE: Final = frozenset({_SYSTEM, "organ"})


def link_findings(findings: Sequence[Finding], referents: Mapping[str, str], lexicon: Lexicon) -> list[Finding]:
    """Set `same_as` of each finding that takes up an earlier one: of the impression, or called *the nodule* again.

    :param referents: the id of each finding to that of the earlier one to which its name refers.
    """
    if not referents and not any(finding.section == _IMPRESSION for finding in findings):
        return list(findings)
    body: deque[Finding] = deque(maxlen=_MOST_COMPARED)
    linked = []
    for finding in findings:
        if _may_be_taken_up(finding):
            meant = [earlier for earlier in body if earlier.id == referents.get(finding.id)]
            if finding.section == _IMPRESSION:
                found = _taken_up(finding, body, lexicon) or _summed_up(finding, body, lexicon)
            else:
                found = _taken_up(finding, meant, lexicon)
                body.append(finding)
            finding = replace(finding, same_as=found.id) if found is not None else finding
        linked.append(finding)
    return linked


def _may_be_taken_up(finding: Finding) -> bool:
    return finding.kind != "organ" and finding.certainty != "absent" and finding.time == "current"


def _taken_up(finding: Finding, body: Iterable[Finding], lexicon: Lexicon) -> Finding | None:
    """Return the finding of the body that agrees best with a later one, the first of several equal ones, or None."""
    best: tuple[float, Finding] | None = None
    for earlier in body:
        agreement = _agreement(finding, earlier, lexicon)
        if agreement > 0 and (best is None or agreement > best[0]):
            best = agreement, earlier
    return best[1] if best is not None else None


def _summed_up(finding: Finding, body: Iterable[Finding], lexicon: Lexicon) -> Finding | None:
    """Return the sign of the body that a disease of the same organ and side explains best, or None.

    A disease of the whole organ explains a state of it rather than a lesion in it, a mass or cyst only a lesion.
    Obstruction and dilatation are signs beside others.
    """
    group = _group_of(finding, lexicon)
    if finding.organ is None or finding.concept is None or _is_normal(finding, lexicon) or group == _OBSTRUCTION:
        return None
    organs = _organs_of_sites(finding, lexicon)
    signs = [f for f in body if f.organ == finding.organ and not _is_normal(f, lexicon) and _may_share_side(f, finding)]
    if finding.labels.get("diagnosis"):
        signs = [f for f in signs if f.kind == finding.kind]
    if organs:
        signs = [f for f in signs if not (others := _organs_of_sites(f, lexicon)) or organs & others]
    return max(signs, key=lambda sign: _explained(finding, sign, lexicon), default=None)


def _group_of(finding: Finding, lexicon: Lexicon) -> str | None:
    """Return the group at the top of the hierarchy above the concept of a finding, or None."""
    sense = lexicon.senses.get(finding.concept.concept) if finding.concept is not None else None
    above = sense.above if sense is not None else None
    return above[-1] if above else None


def _organs_of_sites(finding: Finding, lexicon: Lexicon) -> set[str]:
    """Return the organs of an adult in which the sites of a finding lie: those of one pediatric class are several."""
    senses = (lexicon.senses.get(site.concept) for site in finding.sites)
    return {place.organ.concept for sense in senses if sense for place in sense.places if place.organ}


def _explained(finding: Finding, sign: Finding, lexicon: Lexicon) -> int:
    """Return how well a disease explains a sign: by the structure in its name, site, shared labels and kind."""
    sites = [site.concept for site in sign.sites]
    named = lexicon.structures.get(finding.concept.concept) if finding.concept is not None else None
    of_structure = named is not None and any(named in lexicon.senses[site].names for site in sites)
    at_site = not {site.concept for site in finding.sites}.isdisjoint(sites)
    return 2 * of_structure + at_site + _shared(finding.labels, sign.labels) + (finding.kind == sign.kind)


def _shared(own: LabelSets, other: LabelSets) -> int:
    """Return how many labels but those of the place two findings share."""
    return sum(len(set(own[key]) & set(other[key])) for key in own.keys() & other.keys() - _OF_PLACE)


def _is_normal(finding: Finding, lexicon: Lexicon) -> bool:
    return "normal appearance" in finding.labels.get("diagnosis", ()) or _group_of(finding, lexicon) == _NORMAL


def _may_share_side(finding: Finding, other: Finding) -> bool:
    sides = {finding.laterality, other.laterality} - {None}
    return len(sides) < _BOTH or "bilateral" in sides


def _may_share_organ(finding: Finding, other: Finding) -> bool:
    """Return whether two findings may lie in one organ: the same one, or the system of one contains the other's."""
    if finding.organ is None or other.organ is None or finding.organ == other.organ:
        return True
    return finding.organ in other.labels.get(_SYSTEM, ()) or other.organ in finding.labels.get(_SYSTEM, ())


def _agreement(finding: Finding, earlier: Finding, lexicon: Lexicon) -> float:
    """Return how well two findings agree; 0 if they cannot be one."""
    if not _may_share_side(finding, earlier) or not _may_share_organ(finding, earlier):
        return 0
    agreement = _agreement_of_concepts(finding, earlier, lexicon)
    own, other = finding.attributes, earlier.attributes
    if agreement == 0 or any(
        set(own[key]).isdisjoint(other[key]) for key in _TELLING if own.get(key) and other.get(key)
    ):
        return 0
    agreement -= 0.5 * (agreement < _SAME and earlier.count is not None and earlier.count != finding.count)
    agreement += _shared(own, other) + 0.1 * _shared(finding.labels, earlier.labels)
    agreement += 0.5 * bool({site.concept for site in finding.sites} & {site.concept for site in earlier.sites})
    agreement += 0.5 * (finding.laterality is not None and finding.laterality == earlier.laterality)
    agreement += 0.5 * (finding.organ is not None and finding.organ == earlier.organ)
    agreement += 0.5 * (finding.change is not None and finding.change == earlier.change)
    return agreement + bool({m.canonical for m in finding.measurements} & {m.canonical for m in earlier.measurements})


def _agreement_of_concepts(finding: Finding, earlier: Finding, lexicon: Lexicon) -> float:
    """Return 3 for the same concept, 2 if one is above the other, 1 for the same type of lesion, else 0.

    Of one type are also findings under one narrow concept with an attribute in common: *partial rupture*, *tear*.
    """
    own = {finding.concept.concept} if finding.concept is not None else set()
    offered = {i.concept.concept for i in earlier.interpretations}
    other = {earlier.concept.concept} if earlier.concept is not None else set()
    if own & other:
        return _SAME
    if own & offered or other & {i.concept.concept for i in finding.interpretations}:
        return 2.5
    if any(_is_above(a, b, lexicon) or _is_above(b, a, lexicon) for a in own for b in other | offered):
        return 2
    if _are_akin(own, other, lexicon) and _shared(finding.attributes, earlier.attributes):
        return 1
    types = set(finding.labels.get("diagnosis", ())) & set(earlier.labels.get("diagnosis", ())) - {"normal appearance"}
    return 1 if types else 0


def _are_akin(own: set[str], other: set[str], lexicon: Lexicon) -> bool:
    """Return whether two concepts are below one that is no group at the top of the hierarchy."""
    lines = [lexicon.senses[one].above[:-1] for one in (*own, *other) if one in lexicon.senses]
    return len(lines) == _BOTH and not set(lines[0]).isdisjoint(lines[1])


def _is_above(above: str, below: str, lexicon: Lexicon) -> bool:
    sense = lexicon.senses.get(below)
    return sense is not None and above in sense.above
