"""The concept of a finding: the most specific one that its name and its structures mean together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from udt.core.report import Kind, NamedConcept
from udt.lexicon.flags import ADJECTIVE
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import Sense
from udt.normalize.findings.group import NORMAL, MentionGroup, is_normal
from udt.normalize.findings.organs import Definiteness, PlaceCandidate
from udt.normalize.findings.structures import is_sided
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage

_IMAGE_QUALITY: Final = "image_quality"
_PARTS: Final = "internal_characteristics"
# Specificity of structures that are general: a vein, the abdominal wall.
_GENERAL: Final = "BodyRegion"
_VESSEL: Final = "lex:vessel"
_SYSTEMIC: Final = "finding:systemic-disease"


def concept_of(group: MentionGroup, passage: Passage, lexicon: Lexicon) -> NamedConcept | None:
    """Return the concept of a finding, or None for bare attributes and structures."""
    if group.head is None:
        named = _of_values(group, lexicon) or _of_part(group, passage, lexicon)
        normal = named is None and any(is_normal(mention) for mention in group.mentions)
        return lexicon.named(NORMAL) if normal else named
    head = group.head
    overlapping = [a for a in group.attributes if a.overlaps(head)]
    places = [place for place in group.places if not is_elsewhere(place, group, lexicon)]
    concept = named_in(head, passage, places, lexicon, qualified=bool(overlapping), described=group.attributes)
    if concept is None:
        return _of_part(group, passage, lexicon)
    narrower = _with_attribute(head, group, passage, lexicon)
    if narrower is not None and concept.concept == head.sense.curie:
        return narrower
    return _with_adjectives(concept, head, group, passage)


def _with_attribute(head: Mention, group: MentionGroup, passage: Passage, lexicon: Lexicon) -> NamedConcept | None:
    """Return the finding whose name is an attribute of a finding and its name: *acute, uncomplicated appendicitis*."""
    words = passage.tokens.words
    for attribute in group.attributes:
        if attribute.end <= head.first:
            name = (*words[attribute.first : attribute.end], *words[head.first : head.end])
            for sense, _, _ in lexicon.entries_of(name):
                if head.sense.curie in sense.above:
                    return lexicon.named(sense.curie)
    return None


def _with_adjectives(concept: NamedConcept, head: Mention, group: MentionGroup, passage: Passage) -> NamedConcept:
    """Return a concept called with the adjectives before its name that no attribute has: *thrombosed aneurysm*."""
    for adjective in reversed([m for m in group.mentions if m.flags & ADJECTIVE and m.end <= head.first]):
        start, end = passage.span(adjective)
        words = passage.text[start:end].lower()
        between = [m for m in group.sentence.mentions if adjective.end <= m.first and m.end <= head.first]
        apart = any(m.sense.kind == "function" for m in between)
        taken = any(a.overlaps(adjective) for a in group.attributes)
        if not (apart or taken):
            concept = NamedConcept(concept.concept, f"{words} {concept.label}", concept.codes)
    return concept


def named_in(
    head: Mention,
    passage: Passage,
    places: Sequence[PlaceCandidate],
    lexicon: Lexicon,
    *,
    qualified: bool = False,
    described: Sequence[Mention] = (),
) -> NamedConcept | None:
    """Return the finding that a name means in structures: *stone* in the gallbladder, *cyst* of the kidney.

    If the taxonomy has none of both, it is the finding of the name, called by both (*renal cyst*).

    :param qualified: whether an attribute of the finding keeps the rest of its name (*fat-containing*).
    :param described: the attributes of the finding, whose words its name does not repeat (*unilocular*).
    """
    base = _base(head)
    if base is None:
        return None
    general = _is_general(head)
    # A denial holds for the qualified finding alone: no mural thrombus is not the absence of any thrombus.
    full = _named_in_full(head, passage, places, lexicon)
    if full is not None:
        return full
    wider = head.certainty != "absent" and (general or (head.sense.specificity == _GENERAL and qualified))
    parts = lexicon.parts_of_compounds(base, head.sense) if wider else [base]
    for part in parts:
        compound = in_structures(lexicon.compounds.get(part, {}), places, lexicon)
        if compound is not None:
            return _compound(*compound, part, lexicon)
    usual = head.sense.one("usualFinding") if not places else None
    concept = lexicon.named(usual or base)
    if base == NORMAL or not general or not places:
        return concept
    qualifier = "" if " " in concept.label else _qualifier(head, passage, lexicon)
    if any(passage.tokens.words[one.first] == qualifier for one in described):
        qualifier = ""
    return _called_by_both(concept, concept, qualifier, places[0].mention.sense, lexicon)


def is_elsewhere(place: PlaceCandidate, group: MentionGroup, lexicon: Lexicon) -> bool:
    """Return whether a structure of the text before is none of a finding that has another by its definition.

    A hydrocele after the epididymis lies in the tunica vaginalis.
    """
    own = lexicon.structures.get(group.head.sense.curie) if group.head is not None else None
    sense = place.mention.sense
    if own is None or place.sentence is group.sentence or sense.concept_kind != "Component":
        return False
    whole = lexicon.wholes.get(own, own)
    return whole not in sense.names and lexicon.wholes.get(sense.curie) != whole


def _named_in_full(
    head: Mention, passage: Passage, places: Sequence[PlaceCandidate], lexicon: Lexicon
) -> NamedConcept | None:
    """Return the finding whose name is that of a structure and all words of a name: *colloid cyst* of the thyroid.

    The structure may be a word without a meaning of its own before an abbreviation: *iliofemoral DVT*.
    """
    words, before = passage.tokens.words, head.first - 1
    if places:
        structure = str(places[0].mention.sense.attributes["attributive"]).lower().split()
        name = [*structure, *words[max(before, 0) : head.end]]
    elif before >= 0 and not lexicon.entries(words[before]) and words[before] not in lexicon.attribute_words:
        name = [words[before], *lexicon.named(head.sense.curie).label.lower().split()]
    else:
        return None
    named = (sense for sense, _, _ in lexicon.entries_of(name) if sense.kind == "finding")
    found = next(named, None)
    kinds = found.above if found is not None else ()
    if found is None or (head.sense.kind == "finding" and head.sense.curie not in kinds):
        return None
    return lexicon.named(found.curie)


def offered_in(offered: Mention, group: MentionGroup, passage: Passage, lexicon: Lexicon) -> NamedConcept | None:
    """Return the concept that the text offers for a finding; an adjective qualifies its name: *likely haemorrhagic*."""
    head = group.head
    if head is not None and offered.flags & ADJECTIVE:
        words = passage.tokens.words
        name = [*words[offered.first : offered.end], words[head.end - 1]]
        entries = lexicon.entries_of(name)
        if entries:
            concept = lexicon.named(entries[0][0].curie)
            return NamedConcept(concept.concept, " ".join(name), concept.codes)
    return named_in(offered, passage, group.places, lexicon)


def _base(head: Mention) -> str | None:
    """Return the finding that a mention names, or the type of lesion among its values."""
    if head.sense.kind == "finding":
        return head.sense.curie
    diagnoses = [value.concept for value in head.values if value.role == "diagnosis"]
    return diagnoses[0] if diagnoses else None


def _is_general(head: Mention) -> bool:
    """Return whether a name states the type of a finding, but not its organ; that of an operation has its own."""
    return head.sense.kind != "finding" or not (head.sense.places or head.sense.attributes.get("treatment"))


def in_structures(
    compounds: dict[str, str], places: Sequence[PlaceCandidate], lexicon: Lexicon
) -> tuple[str, str, Sense] | None:
    """Return the compound in a structure of a finding, or in one above it, that structure, and the one that has it.

    The nearest structure comes first.
    """
    if not compounds:
        return None
    for place in places:
        for sense, names in _with_whole(place, lexicon):
            structure = next((curie for curie in names if curie in compounds), None)
            if structure is not None:
                return compounds[structure], structure, sense
    return None


def _with_whole(place: PlaceCandidate, lexicon: Lexicon) -> Iterator[tuple[Sense, tuple[str, ...]]]:
    """Yield the structures that a place means, each with the names that count: itself, what it is a part of.

    A part that any structure of a kind has (*fibres*) is the whole that the text means before it is one of its kind.
    The space from which an organ was removed is no part of that.
    """
    own = place.mention.sense
    if own.attributes.get("bed"):
        yield own, own.names[:1]
        return
    outermost = lexicon.wholes.get(own.curie, "")
    whole = lexicon.senses.get(place.whole or outermost)
    if whole is not None and place.whole not in {None, *own.line}:
        yield own, own.names[:1]
        yield whole, whole.names
    yield own, own.names
    if whole is not None:
        yield own, (outermost,)
        yield whole, whole.names


def _compound(finding: str, structure: str, sense: Sense, part: str, lexicon: Lexicon) -> NamedConcept:
    """Return a compound; one of a kind of structures is called by the structure itself (*supraspinatus tear*)."""
    concept, base = lexicon.named(finding), lexicon.named(part)
    if structure not in sense.attributes["generic"] or " " in base.label:
        return concept
    return _called_by_both(concept, base, "", sense, lexicon)


def _of_values(group: MentionGroup, lexicon: Lexicon) -> NamedConcept | None:
    """Return the finding that attributes alone mean in a structure: *heterogeneous* and *prostate*.

    Some mean one in any structure (*antegrade*). A structure that is counted is a finding itself (*two lymph nodes*).
    """
    counted = next((place.mention.sense for place in group.places if is_counted(place)), None)
    if counted is not None:
        return _counted(counted, lexicon)
    for mention in [*group.mentions, *group.attributes]:
        for value in mention.values:
            compound = in_structures(lexicon.compounds.get(value.concept, {}), group.places, lexicon)
            if compound is not None:
                return lexicon.named(compound[0])
    for attribute in group.attributes:
        for value in attribute.values:
            if attribute.certainty != "absent" and value.concept in lexicon.findings_of_values:
                return lexicon.named(lexicon.findings_of_values[value.concept])
    return None


def _counted(sense: Sense, lexicon: Lexicon) -> NamedConcept:
    """Return a structure that is a finding itself: the concept of its kind (*lymph node*), called by its own name."""
    kind = kind_of_counted(sense, lexicon)
    concept = lexicon.named(kind.curie)
    label = lexicon.named(sense.curie).label if sense is not kind else kind.one("genericName") or concept.label
    return NamedConcept(concept.concept, label, concept.codes)


def kind_of_counted(sense: Sense, lexicon: Lexicon) -> Sense:
    """Return what a structure that is a finding itself is one of, or the structure: *lymph node* of *axillary node*."""
    above = (lexicon.senses[name] for name in sense.names)
    return next((one for one in above if one.counted and one.one("genericName")), sense)


def _of_part(group: MentionGroup, passage: Passage, lexicon: Lexicon) -> NamedConcept | None:
    """Return the part of a lesion that the text names with a size of its own, called by its words: *mural nodule*."""
    for mention in group.mentions:
        if is_part_of_lesion(mention):
            start, end = passage.span(mention)
            concept = lexicon.named(mention.values[0].concept)
            return NamedConcept(concept.concept, " ".join(passage.text[start:end].lower().split()), concept.codes)
    return None


def is_counted(place: PlaceCandidate) -> bool:
    """Return whether a structure is a finding itself if the text speaks of it: a lymph node."""
    return place.mention.sense.counted and place.definiteness is not Definiteness.UNSEEN


def _called_by_both(
    concept: NamedConcept, base: NamedConcept, qualifier: str, sense: Sense, lexicon: Lexicon
) -> NamedConcept:
    """Return a concept called by a base and the structure that has it: *renal cyst*, *simple renal cyst*.

    A structure whose name is one word (*myometrial*), or ends with its kind (*splenic vein*), is called by it, another
    by what it is a part of, and a mass or cyst in a region by its organ (*soft tissue mass* of the back).
    """
    if is_sided(sense):
        sense = lexicon.senses[sense.attributes["line"][1]]
    organ = sense.places[0].organ if sense.concept_kind == "Region" else None
    if organ is not None and lexicon.senses[base.concept].kind == "value":
        sense = lexicon.senses[organ.concept]
    elif " " in sense.attributes["label"] and not (sense.attributes["generic"] or sense.attributes.get("bed")):
        sense = lexicon.senses.get(lexicon.wholes.get(sense.curie, sense.curie), sense)
    name = _lower(str(sense.attributes["attributive"]))
    long = " and " in name or (sense.concept_kind == "Region" and " " in name)
    if long or _has_own_structure(base, lexicon):
        name = ""  # a tear of the distal thigh is called a tear, patent vessels in the groin are patent vessels
    return NamedConcept(concept.concept, " ".join(filter(None, (qualifier, name, base.label))), concept.codes)


def _has_own_structure(base: NamedConcept, lexicon: Lexicon) -> bool:
    """Return whether a name is that of a disease of the whole body, or of a structure in a state: *patent vessel*."""
    if _SYSTEMIC in lexicon.senses[base.concept].above:
        return True
    last = base.label.rpartition(" ")[2]
    structures = (sense for sense, _, _ in lexicon.entries(last) if sense.curie == _VESSEL)
    return next(structures, None) is not None


def _qualifier(head: Mention, passage: Passage, lexicon: Lexicon) -> str:
    """Return the words before the last word of a name that together are still a name of the same concept.

    It may be apart from that word by structures and sides: *complex* of *complex left ovarian cyst*.
    """
    words = passage.tokens.words
    before, last = words[head.first : head.end - 1], words[head.end - 1]
    if len(before) > 1:
        return ""
    if not before:
        first = head.first
        while first > 0 and _is_place_word(words[first - 1], lexicon):
            first -= 1
        before = words[max(first - 1, 0) : first] if first < head.first else []
    node = lexicon.root
    for word in (*before, last):
        if word not in node.following:
            return ""
        node = node.child(word)
    same = any(sense.curie == head.sense.curie for sense, _, _ in node.entries)
    alone = any(sense.curie == head.sense.curie for sense, _, _ in lexicon.entries(last))
    return " ".join(before) if same and alone else ""


def _is_place_word(word: str, lexicon: Lexicon) -> bool:
    return word in lexicon.side_words or any(sense.kind == "anatomy" for sense, _, _ in lexicon.entries(word))


def _lower(name: str) -> str:
    """Return a name with a small first letter, unless it is an abbreviation or a proper name in two words."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def kind_of(group: MentionGroup, concept: NamedConcept | None, lexicon: Lexicon) -> Kind:
    """Return the kind of a finding: a lesion is something focal, anything else a state."""
    if concept is None and not group.mentions and all(_is_of_image(one) for one in group.attributes):
        return "organ"
    sense = lexicon.senses.get(concept.concept) if concept is not None else None
    if sense is not None:
        if sense.kind == "finding":
            if sense.attributes.get("observation"):
                return "organ"
            return "lesion" if sense.focal else "state"
        if sense.kind == "anatomy":
            return "lesion"
    if group.head is not None and is_part_of_lesion(group.head):
        return "lesion"
    diagnoses = [value.concept for mention in group.mentions for value in mention.values if value.role == "diagnosis"]
    return "lesion" if diagnoses and diagnoses != [NORMAL] else "state"


def is_part_of_lesion(mention: Mention) -> bool:
    """Return whether a mention names a part of a lesion: *mural nodule*, *calcification*."""
    return any(value.key == _PARTS for value in mention.values) and not mention.diagnoses


def _is_of_image(attribute: Mention) -> bool:
    """Return whether an attribute describes the image of a structure instead of the structure (*not visualised*)."""
    return all(value.key == _IMAGE_QUALITY for value in attribute.values)
