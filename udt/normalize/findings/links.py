"""Links to earlier findings, above all of the impression to the body: what is taken up again is one lesion, not two.

Finding and earlier finding agree by concept first: the same one, one above the other, a disease and what shows it
(`ns:shownBy`), two kinds of one finding, one type of lesion. Then sites, side, organ, sizes and other attributes count.
Where none agrees, a disease takes up the sign or unnamed lesion of its organ that it explains best.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from udt.core.report import Finding, LabelSets
from udt.lexicon.lexicon import Lexicon

_IMPRESSION: Final = "impression"
# Sections that report no findings of this examination.
_ASIDE: Final = frozenset({"indication", "history", "family history", "comparison", "technique", "recommendation"})
_BOTH: Final = 2
# Most findings of the body, the last ones, with which one of the impression is compared.
_MOST_COMPARED: Final = 100
# Attributes that are another value for another lesion.
_TELLING: Final = ("clock_position", "liver_segment", "pole", "breast_region", "node_level", "vessel_level")
# Categories, of which a lesion has one.
_CATEGORIES: Final = (
    *("acr_ti_rads", "c_tirads", "eu_tirads", "k_tirads", "bi_rads", "o_rads_us", "us_li_rads", "ceus_li_rads"),
    *("pi_rads", "bosniak", "fibroid_figo"),
)
# Agreement of two findings of one concept, of a concept with one that is offered, with one above it, of a disease with
# what shows it by its own statement or that of a finding above it.
_SAME: Final = 3.0
_OFFERED: Final = 2.5
_ABOVE: Final = 2.0
_SHOWN: Final = 1.75
_SHOWN_BY_KIND: Final = 1.5
_OF_ONE_TYPE: Final = 1.0
# Largest difference of two sizes of one lesion, as a part of the larger one.
_ROUNDED: Final = 0.05
# Groups of the hierarchy: what is normal, what obstructs or is wide, and the words for any lesion.
_NORMAL: Final = "finding:normal-finding"
_OBSTRUCTION: Final = "finding:obstruction-dilatation"
_ANY_LESION: Final = "finding:descriptive-word"
_NORMAL_APPEARANCE: Final = "normal appearance"
_COLLECTED: Final = "fluid collection"
_SYSTEM: Final = "body_system"
_OF_PLACE: Final = frozenset({_SYSTEM, "organ"})


def link_findings(findings: Sequence[Finding], referents: Mapping[str, str], lexicon: Lexicon) -> list[Finding]:
    """Set `same_as` of each finding that takes up an earlier one: of the impression, or called *the nodule* again.

    In a report without an impression, a disease takes up what shows it.

    :param referents: the id of each finding to that of the earlier one to which its name refers.
    """
    if len(findings) < _BOTH:
        return list(findings)
    concluded = any(finding.section == _IMPRESSION for finding in findings)
    body: deque[Finding] = deque(maxlen=_MOST_COMPARED)
    taken: dict[str, str] = {}
    linked = []
    for finding in findings:
        found: Finding | None = None
        if not _is_seen(finding) and not _is_operation(finding, lexicon):
            pass
        elif finding.section == _IMPRESSION:
            found = _taken_up(finding, body, taken, lexicon) or _summed_up(finding, body, taken, lexicon)
            if found is not None and finding.concept is not None:
                taken.setdefault(found.id, finding.concept.concept)
        else:
            if finding.id in referents:
                meant = [one for one in body if one.id == referents[finding.id]]
                found = _taken_up(finding, meant, taken, lexicon)
            if found is None and not concluded:
                found = _diagnosed(finding, body, lexicon)
            if finding.section not in _ASIDE and not _is_bare(finding):
                body.append(finding)
        linked.append(replace(finding, same_as=found.id) if found is not None else finding)
    return linked


def _is_seen(finding: Finding) -> bool:
    return finding.kind != "organ" and finding.time == "current"


def _is_bare(finding: Finding) -> bool:
    """Return whether a finding is no more than the name of a structure, as in a title: *cervical lymph nodes*."""
    if finding.concept is None or not finding.concept.concept.startswith("uhat:"):
        return False
    return not (finding.measurements or finding.attributes or finding.laterality)


def _is_operation(finding: Finding, lexicon: Lexicon) -> bool:
    """Return whether a finding is an operation of the past, which the examination shows: an absent gallbladder."""
    return finding.time == "previous" and finding.certainty != "absent" and _is_flagged(finding, "treatment", lexicon)


def _taken_up(finding: Finding, body: Iterable[Finding], taken: Mapping[str, str], lexicon: Lexicon) -> Finding | None:
    """Return the finding of the body that agrees best with a later one, the first of several equal ones, or None.

    Another one comes before one that the impression took up already.

    :param taken: the ids of the findings that were taken up, with the concepts that did so.
    """
    best: tuple[float, Finding] | None = None
    for earlier in body:
        agreement = _agreement(finding, earlier, lexicon)
        if agreement > 0 and earlier.id in taken:
            agreement = max(agreement - 0.3, 0.1)
        if agreement > 0 and (best is None or agreement > best[0]):
            best = agreement, earlier
    return best[1] if best is not None else None


def _diagnosed(finding: Finding, body: Iterable[Finding], lexicon: Lexicon) -> Finding | None:
    """Return the first earlier finding by which a disease shows itself, or None."""
    if finding.certainty == "absent" or finding.concept is None:
        return None
    sense = lexicon.senses.get(finding.concept.concept)
    if sense is None or "shownBy" not in sense.attributes:
        return None
    fitting = (f for f in body if f.organ == finding.organ and _may_share_side(finding, f))
    return next((f for f in fitting if f.certainty != "absent" and _showing(finding, f, lexicon) == _SHOWN), None)


def _summed_up(finding: Finding, body: Iterable[Finding], taken: Mapping[str, str], lexicon: Lexicon) -> Finding | None:
    """Return the sign of the body that a disease of the same organ and side explains best, or None.

    A disease of the whole organ explains a state of it, a mass or cyst a lesion. Findings that have the name of another
    disease, and those that go along with any disease, are explained by none.
    """
    if finding.organ is None or finding.certainty == "absent" or finding.time != "current":
        return None
    if not _explains(finding, lexicon):
        return None
    organs = _organs_of_sites(finding, lexicon)
    signs = [f for f in body if f.organ == finding.organ and f.kind == finding.kind and _may_share_side(f, finding)]
    signs = [f for f in signs if f.certainty != "absent" and _is_sign(f, lexicon) and not _contradicts(finding, f)]
    if organs:
        signs = [f for f in signs if not (others := _organs_of_sites(f, lexicon)) or organs & others]
    explained = [(_explained(finding, sign, sign.id in taken, lexicon), sign) for sign in signs]
    best = max(explained, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] > 0 else None


def _explains(finding: Finding, lexicon: Lexicon) -> bool:
    """Return whether a finding may be what others are signs of: a disease, or an unnamed lesion."""
    if finding.concept is None or _NORMAL_APPEARANCE in _types(finding):
        return False
    if not finding.concept.concept.startswith("finding:"):
        return _COLLECTED not in _types(finding)
    return _is_flagged(finding, "explains", lexicon) or _group_of(finding, lexicon) == _ANY_LESION


def _is_sign(finding: Finding, lexicon: Lexicon) -> bool:
    """Return whether a finding names no disease: a sign, a state, an unnamed lesion in its organ but a collection."""
    if _is_flagged(finding, "accompanying", lexicon) or {_NORMAL_APPEARANCE, _COLLECTED} & _types(finding):
        return False
    return not _is_disease(finding, lexicon) and _group_of(finding, lexicon) not in {_NORMAL, _OBSTRUCTION}


def _is_disease(finding: Finding, lexicon: Lexicon) -> bool:
    """Return whether the concept of a finding is a disease, and no sign or type of lesion: *mass*, *thyroid nodule*."""
    return _is_flagged(finding, "explains", lexicon) and not _is_flagged(finding, "unnamed", lexicon)


def _is_flagged(finding: Finding, flag: str, lexicon: Lexicon) -> bool:
    """Return whether a property of the concept of a finding is true."""
    sense = lexicon.senses.get(finding.concept.concept) if finding.concept is not None else None
    return sense is not None and bool(sense.attributes.get(flag))


def _group_of(finding: Finding, lexicon: Lexicon) -> str | None:
    """Return the group at the top of the hierarchy above the concept of a finding, or None."""
    sense = lexicon.senses.get(finding.concept.concept) if finding.concept is not None else None
    above = sense.above if sense is not None else None
    return above[-1] if above else None


def _organs_of_sites(finding: Finding, lexicon: Lexicon) -> set[str]:
    """Return the organs of an adult in which the sites of a finding lie: those of one pediatric class are several."""
    senses = (lexicon.senses.get(site.concept) for site in finding.sites)
    return {place.organ.concept for sense in senses if sense for place in sense.places if place.organ}


def _explained(finding: Finding, sign: Finding, is_taken: bool, lexicon: Lexicon) -> float:
    """Return how well a disease explains a sign: by the structure in its name, site, shared labels and size."""
    sites = [site.concept for site in sign.sites]
    named = lexicon.structures.get(finding.concept.concept) if finding.concept is not None else None
    of_structure = named is not None and any(named in lexicon.senses[site].names for site in sites)
    explained = 1.0 + 2 * of_structure + _nearness(finding, sign, lexicon) + _shared(finding.labels, sign.labels)
    explained += _shared(finding.attributes, sign.attributes)
    explained += 0.5 * bool(sign.measurements) - (sign.concept is None) - 2 * is_taken
    return explained


def _shared(own: LabelSets, other: LabelSets) -> int:
    """Return how many labels but those of the place two findings share."""
    if not own or not other:
        return 0
    return sum(len(set(own[key]) & set(other[key])) for key in own.keys() & other.keys() - _OF_PLACE)


def _nearness(finding: Finding, other: Finding, lexicon: Lexicon) -> float:
    """Return 1 if two findings share a site, a half if a site of one is a part of that of the other, else 0."""
    own, others = {site.concept for site in finding.sites}, {site.concept for site in other.sites}
    if own & others:
        return 1
    return 0.5 if _are_parts(own, others, lexicon) or _are_parts(others, own, lexicon) else 0


def _are_parts(parts: Iterable[str], wholes: set[str], lexicon: Lexicon) -> bool:
    return any(part in lexicon.senses and not wholes.isdisjoint(lexicon.senses[part].names) for part in parts)


def _types(finding: Finding) -> set[str]:
    """Return the types of a finding: *mass*, *cyst*, *normal appearance*."""
    return set(finding.labels.get("diagnosis", ()))


def _may_share_side(finding: Finding, other: Finding) -> bool:
    own, others = finding.laterality, other.laterality
    return own is None or others is None or own == others or "bilateral" in {own, others}


def _may_share_organ(finding: Finding, other: Finding) -> bool:
    """Return whether two findings share an organ or site, or the system of one contains the organ of the other."""
    if finding.organ is None or other.organ is None or finding.organ == other.organ:
        return True
    if not {site.concept for site in finding.sites}.isdisjoint(site.concept for site in other.sites):
        return True
    return finding.organ in other.labels.get(_SYSTEM, ()) or other.organ in finding.labels.get(_SYSTEM, ())


def _is_named_in_part(finding: Finding, earlier: Finding, lexicon: Lexicon) -> bool:
    """Return whether a later finding has a name, which is more certain than its organ, and no site in another system.

    A vein in the arm is one of the vessels and of the soft tissues.
    """
    if finding.concept is None or not finding.concept.concept.startswith("finding:"):
        return False
    if _group_of(finding, lexicon) == _ANY_LESION:
        return False
    if not finding.sites and lexicon.senses[finding.concept.concept].places:
        return True
    return not _systems(finding, lexicon).isdisjoint(_systems(earlier, lexicon))


def _systems(finding: Finding, lexicon: Lexicon) -> set[str]:
    senses = (lexicon.senses.get(site.concept) for site in finding.sites)
    sited = {place.system.label for sense in senses if sense for place in sense.places if place.system}
    return sited.union(finding.labels.get(_SYSTEM, ()))


def _contradicts(finding: Finding, earlier: Finding) -> bool:
    """Return whether two findings are at different places of an organ."""
    own, other = finding.attributes, earlier.attributes
    if not own or not other:
        return False
    return any(set(own[key]).isdisjoint(other[key]) for key in _TELLING if own.get(key) and other.get(key))


def _agreement(finding: Finding, earlier: Finding, lexicon: Lexicon) -> float:
    """Return how well two findings agree; 0 if they cannot be one."""
    if not _may_share_side(finding, earlier):
        return 0
    denied = finding.certainty == "absent"
    if denied != (earlier.certainty == "absent") or _contradicts(finding, earlier):
        return 0
    agreement = agreement_of_concepts = _agreement_of_concepts(finding, earlier, lexicon)
    if agreement == 0 or (denied and agreement < _SAME):
        return 0
    in_organ = _may_share_organ(finding, earlier)
    if not in_organ and (agreement < _ABOVE or not _is_named_in_part(finding, earlier, lexicon)):
        return 0
    own, other = finding.attributes, earlier.attributes
    agreement -= 0.5 * (agreement < _SAME and earlier.count is not None and earlier.count != finding.count)
    agreement -= 2 * any(own.get(key) and other.get(key) and own[key] != other[key] for key in _CATEGORIES)
    agreement -= 2 * (earlier.time != "current")
    agreement += _shared(own, other)
    if agreement_of_concepts not in {_SHOWN, _SHOWN_BY_KIND}:
        agreement += 0.1 * _shared(finding.labels, earlier.labels)
    agreement += 0.5 * _nearness(finding, earlier, lexicon)
    agreement += 0.5 * (finding.laterality is not None and finding.laterality == earlier.laterality)
    agreement += 0.5 * (finding.organ is not None and finding.organ == earlier.organ)
    agreement += 0.5 * (finding.change is not None and finding.change == earlier.change)
    return max(agreement + _are_of_one_size(finding, earlier), 0.1)


def _are_of_one_size(finding: Finding, earlier: Finding) -> bool:
    """Return whether two findings have a value of one quantity in common, which one of them may round."""
    pairs = ((own, other) for own in finding.measurements for other in earlier.measurements)
    return any(
        own.canonical_unit == other.canonical_unit
        and abs(max(own.canonical) - max(other.canonical)) <= _ROUNDED * max(*own.canonical, *other.canonical)
        for own, other in pairs
    )


def _agreement_of_concepts(finding: Finding, earlier: Finding, lexicon: Lexicon) -> float:
    """Return how near the concepts of two findings are, 0 if they are no finding of one kind.

    Of one type are also findings under one narrow concept with an attribute or site in common: *partial rupture*,
    *tear*; a change without a name in the structure of an earlier finding is that finding.
    """
    own = {finding.concept.concept} if finding.concept is not None else set()
    offered = {i.concept.concept for i in earlier.interpretations}
    other = {earlier.concept.concept} if earlier.concept is not None else set()
    if own & other:
        return _SAME
    if own & offered or other & {i.concept.concept for i in finding.interpretations}:
        return _OFFERED
    if any(_is_above(a, b, lexicon) or _is_above(b, a, lexicon) for a in own for b in other | offered):
        return _ABOVE
    if _is_in_structure(finding, other, lexicon) or _is_in_structure(earlier, own, lexicon):
        return _ABOVE
    shown = _showing(finding, earlier, lexicon)
    if shown:
        return shown
    alike = _shared(finding.attributes, earlier.attributes)
    if not own:
        return _OF_ONE_TYPE if alike and other and _nearness(finding, earlier, lexicon) == 1 else 0
    in_place = not finding.sites or _nearness(finding, earlier, lexicon) == 1
    if _are_akin(own, other, lexicon) and (alike or in_place):
        return _OF_ONE_TYPE
    if _is_disease(finding, lexicon) and _is_disease(earlier, lexicon):
        return 0
    return _OF_ONE_TYPE if _types(finding) & _types(earlier) - {_NORMAL_APPEARANCE} else 0


def _showing(finding: Finding, earlier: Finding, lexicon: Lexicon) -> float:
    """Return how well a disease is shown by an earlier finding, 0 if it is not.

    What is stated for the disease itself is better than what is stated for the nearest kind of disease above it.
    """
    if finding.concept is None or earlier.concept is None:
        return 0
    sense, sign = lexicon.senses.get(finding.concept.concept), lexicon.senses.get(earlier.concept.concept)
    if sense is None or sign is None:
        return 0
    named = {sign.curie, *sign.above, *sign.names}
    if not named.isdisjoint(sense.attributes.get("shownBy", ())):
        return _SHOWN
    for above in sense.above:
        kind = lexicon.senses.get(above)
        if kind is not None and "shownBy" in kind.attributes:
            return _SHOWN_BY_KIND if not named.isdisjoint(kind.attributes["shownBy"]) else 0
    return 0


def _is_in_structure(finding: Finding, named: set[str], lexicon: Lexicon) -> bool:
    """Return whether a finding is in a structure that another one names: of *a node*, the node with a thick cortex."""
    structures = {curie for curie in named if curie in lexicon.senses and lexicon.senses[curie].names}
    sense = lexicon.senses.get(finding.concept.concept) if finding.concept is not None and structures else None
    implied = [place.concept for place in sense.places] if sense is not None and sense.kind == "finding" else []
    return bool(structures) and _are_parts([*(site.concept for site in finding.sites), *implied], structures, lexicon)


def _are_akin(own: set[str], other: set[str], lexicon: Lexicon) -> bool:
    """Return whether two concepts are below one that is no group of the hierarchy."""
    lines = [
        {above for above in lexicon.senses[one].above if above in lexicon.senses}
        for one in (*own, *other)
        if one in lexicon.senses
    ]
    return len(lines) == _BOTH and not lines[0].isdisjoint(lines[1])


def _is_above(above: str, below: str, lexicon: Lexicon) -> bool:
    """Return whether a concept is above another: a finding, or a structure that is named as one (*lymph node*)."""
    sense = lexicon.senses.get(below)
    return sense is not None and (above in sense.above or above in sense.names)
