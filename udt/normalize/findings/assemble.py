"""Assembly of findings from groups of mentions: certainty, organ, side, labels and evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Final

from udt.core.construct import constructor
from udt.core.report import (
    CONCEPT,
    LATERALITY,
    SITE,
    Certainty,
    Evidence,
    Finding,
    Interpretation,
    Kind,
    Measurement,
    NamedConcept,
)
from udt.lexicon.lexicon import Lexicon
from udt.lexicon.senses import FULL, Place, Value
from udt.normalize.context.assertion import strongest
from udt.normalize.findings.details import change_of, count_of, location_of
from udt.normalize.findings.group import MentionGroup, place_by_definition
from udt.normalize.findings.naming import concept_of, is_counted, kind_of, offered_in
from udt.normalize.findings.organs import PlaceCandidate, Places
from udt.normalize.findings.sites import sites_of
from udt.normalize.match.measurements.quantity import quantity_for
from udt.normalize.match.mentions import Mention
from udt.normalize.match.passage import Passage

# Start, end, dimension and label of an `Evidence`; by their places, which takes half the time of their names.
_TEXT_ORDER: Final = itemgetter(3, 4, 0, 1)
_finding: Final = constructor(Finding)
_new: Final = tuple.__new__  # makes an `Evidence` of its fields in half the time of a call of the class


def assemble_finding(
    group: MentionGroup,
    number: int,
    passage: Passage,
    lexicon: Lexicon,
    given: set[Value],
    places_of_text: Places,
) -> Finding:
    """Assemble the finding of a group, with its evidence.

    :param number: number of the finding in the text, from 1.
    :param given: the labels of the text; mentions of less than full weight are evidence of these only.
    """
    certainty = _certainty(group)
    concept = concept_of(group, passage, lexicon)
    kind = kind_of(group, concept, lexicon)
    sites = sites_of(group, passage, lexicon)
    measurements = _measurements(group, concept, kind, lexicon) if group.measurements else ()
    evidence: list[Evidence] = []
    labelling = group.mentions if group.time == "current" else []
    for mention in labelling + group.attributes:
        if mention.values:
            _add_evidence(mention, passage, given, evidence)
    for candidate in group.places:
        _add_place_evidence(candidate.mention, candidate.place, passage, given, evidence)
    for mention in group.mentions:
        if mention.sense.places and mention.sense.kind == "finding":
            for place in mention.sense.places:
                _add_place_evidence(mention, places_of_text.place_in_patient(place, lexicon), passage, given, evidence)
    if not (evidence or sites or concept or group.side) and group.places:
        # A structure that only the words for its measurement name, without a label in this text, is a site.
        mention = group.places[0].mention
        sites = [(lexicon.named(mention.sense.curie), mention)]
    _add_fields(group, concept, sites, passage, evidence)
    implied = _implied_attributes(concept, group, lexicon) if concept is not None and certainty != "absent" else []
    if implied and concept is not None:
        _add_implied(implied, group.head or _naming(group, concept), concept, passage, evidence)
    places = _places(group)
    if group.places and group.head is not None and all(_is_region(place) for place in group.places):
        own = [places_of_text.place_in_patient(place, lexicon) for place in group.head.sense.places]
        places = own + places  # the organ of the name: *DVT of the right leg*
    if len(evidence) > 1:
        evidence.sort(key=_TEXT_ORDER)
    start, end = _extent(group, evidence, passage)
    values = _values(group, places, certainty, given)
    values.update(implied)
    labels, attributes = lexicon.labels_and_attributes(values)
    return _finding(
        f"f{number}",
        certainty,
        group.sentence.section,
        _organ_label(places or [*filter(None, [place_by_definition(group, lexicon)])], lexicon),
        group.laterality,
        labels,
        measurements,
        tuple(evidence),
        start,
        end,
        attributes,
        kind,
        concept,
        tuple(_interpretations(group, passage, lexicon)) if group.interpretations else (),
        "patient",
        group.time,
        tuple([site for site, _ in sites]),
        location_of(group, certainty, measurements, passage),
        count_of(group, kind, certainty, attributes, passage.tokens.words, lexicon.numerals),
        change_of(group, attributes, measurements),
    )


def _measurements(
    group: MentionGroup, concept: NamedConcept | None, kind: Kind, lexicon: Lexicon
) -> tuple[Measurement, ...]:
    """Return the measurements of a finding with the quantity that fits what they measure."""
    owners = [concept.concept] if concept is not None else []
    if kind != "lesion" and group.places:
        owners.append(group.places[0].mention.sense.curie)
    found = []
    for read in group.measurements:
        measurement = read.measurement
        quantity = quantity_for(measurement, kind, owners, lexicon, read.stated_quantity)
        found.append(measurement if quantity == measurement.quantity else measurement._replace(quantity=quantity))
    return tuple(found)


def _interpretations(group: MentionGroup, passage: Passage, lexicon: Lexicon) -> Iterator[Interpretation]:
    for mention in group.interpretations:
        start, end = passage.span(mention)
        concept = offered_in(mention, group, passage, lexicon)
        if concept is not None:
            text, certainty = passage.text[start:end], mention.certainty
            yield Interpretation(concept, certainty, _cue_text(mention, passage), start, end, text)


def _cue_text(mention: Mention, passage: Passage) -> str | None:
    return passage.text[slice(*passage.span(mention.cue))] if mention.cue is not None else None


def _add_fields(
    group: MentionGroup,
    concept: NamedConcept | None,
    sites: list[tuple[NamedConcept, Mention]],
    passage: Passage,
    evidence: list[Evidence],
) -> None:
    """Add the evidence of the concept, the sites and the side."""
    if concept is not None:
        named = group.head or _naming(group, concept)
        start, end = passage.span(named)
        text, cue, reason = passage.text[start:end], _cue_text(named, passage), _correction(named)
        curie, label, _ = concept
        evidence.append(_new(Evidence, (CONCEPT, label, curie, start, end, text, named.certainty, cue, reason)))
    for (curie, label, _), mention in sites:
        start, end = passage.span(mention)
        text = passage.text[start:end]
        evidence.append(_new(Evidence, (SITE, label, curie, start, end, text, "present", None, None)))
    if group.side is not None and group.laterality is not None:
        start, end = passage.span(group.side)
        text, curie = passage.text[start:end], group.side.sense.curie
        fields = (LATERALITY, group.laterality, curie, start, end, text, "present", None, None)
        evidence.append(_new(Evidence, fields))


def _implied_attributes(concept: NamedConcept, group: MentionGroup, lexicon: Lexicon) -> list[Value]:
    """Return the attributes that a concept means and no words state: hepatofugal flow is a direction of flow."""
    sense = lexicon.senses.get(concept.concept)
    if sense is None or sense.kind != "finding":
        return []
    stated = {value for mention in group.mentions + group.attributes for value in mention.values}
    implied = [v for v in sense.values if v.concept in lexicon.senses and v not in stated]
    return [v for v in implied if lexicon.senses[v.concept].kind == "attribute"]


def _add_implied(
    values: Sequence[Value], named: Mention, concept: NamedConcept, passage: Passage, evidence: list[Evidence]
) -> None:
    """Add the evidence of the attributes that a concept implies: the words that name it."""
    start, end = passage.span(named)
    text, cue, reason = passage.text[start:end], _cue_text(named, passage), f"implied by {concept.concept}"
    for v in values:
        fields = (v.key, v.label, v.concept, start, end, text, named.certainty, cue, reason)
        evidence.append(_new(Evidence, fields))


def _naming(group: MentionGroup, concept: NamedConcept) -> Mention:
    """Return the mention that names a finding without a head: a value, or a structure that is the finding itself."""
    structures = [candidate.mention for candidate in group.places]
    itself = [structure for structure in structures if structure.sense.curie == concept.concept]
    return (group.mentions or itself or group.attributes or structures)[0]


def _certainty(group: MentionGroup) -> Certainty:
    """Return the certainty of a head that is denied or hedged, else the strongest one of the head and the values.

    What the text offers for a finding makes it no less certain. A structure that is a finding itself has its own,
    which no denial after it changes: *no lymph nodes*, *a node without loss of the hilum*.
    """
    head = group.head
    if head is not None and head.certainty in {"absent", "possible"}:
        return head.certainty
    described = [m for m in group.mentions if m not in group.interpretations] or group.attributes
    if head is None and group.places and is_counted(group.places[0]):
        counted = group.places[0].mention
        if counted.certainty == "absent":
            return "absent"
        described = [m for m in described if m.cue is None or not counted.end <= m.cue.first < m.first]
    found = [mention.certainty for mention in described if mention.values or mention is head]
    return strongest(found)


def _add_evidence(mention: Mention, passage: Passage, given: set[Value], evidence: list[Evidence]) -> None:
    start, end = passage.span(mention)
    cue_text = _cue_text(mention, passage)
    text, certainty, reason = passage.text[start:end], mention.certainty, _reason(mention)
    full = mention.weight is FULL
    for v in mention.values:
        if not full and v not in given:
            continue
        evidence.append(_new(Evidence, (v.key, v.label, v.concept, start, end, text, certainty, cue_text, reason)))


def _correction(mention: Mention) -> str | None:
    """Return how a misspelt word was read, or None."""
    return mention.reason if mention.reason is not None and mention.sense.kind == "finding" else None


def _reason(mention: Mention) -> str | None:
    if mention.reason is not None:
        return mention.reason
    if mention.sense.kind == "finding":
        return f"implied by {mention.sense.curie}"
    return None


def _add_place_evidence(
    mention: Mention, place: Place, passage: Passage, given: set[Value], evidence: list[Evidence]
) -> None:
    if given.isdisjoint(place.values):
        return
    start, end = passage.span(mention)
    text, reason = passage.text[start:end], f"by {mention.sense.curie}"
    evidence += [
        _new(Evidence, (v.key, v.label, v.concept, start, end, text, "present", None, reason))
        for v in place.values
        if v in given
    ]


def _extent(group: MentionGroup, evidence: list[Evidence], passage: Passage) -> tuple[int, int]:
    """Return the start and exclusive end offset of the finding in the text.

    :param evidence: the evidence of the finding, in the order of the text.
    """
    if evidence:
        start, end = evidence[0][3], max([one[4] for one in evidence])
    else:
        start, end = passage.tokens.starts[group.anchor], passage.tokens.ends[group.anchor]
    for read in group.measurements:
        start, end = min(start, read.measurement.start), max(end, read.measurement.end)
    return start, end


def _organ_label(places: Sequence[Place], lexicon: Lexicon) -> str | None:
    """Return the label of the organ, else of the body system if no organ class covers the place, or None.

    A definite structure without a class comes before the organs behind it: the prostate that bulges into the bladder.
    """
    for place in places:
        if place.organ is not None:
            return place.organ.label
        if place.system is not None and lexicon.senses[place.concept].specificity == "Structure":
            break
    return next((place.system.label for place in places if place.system is not None), None)


def _places(group: MentionGroup) -> list[Place]:
    """Return the places of a finding: of the structures in its phrase, of those that it inherits, of its name.

    A part that many structures have (*fibres*) comes after the others.
    """
    structures = sorted(group.places, key=_is_general) if len(group.places) > 1 else group.places
    places = [candidate.place for candidate in structures]
    if group.implied_place is not None:
        places.append(group.implied_place)
    return places


def _is_region(structure: PlaceCandidate) -> bool:
    return structure.mention.sense.concept_kind == "Region"


def _is_general(structure: PlaceCandidate) -> bool:
    sense = structure.mention.sense
    return sense.specificity == "BodyRegion" and sense.concept_kind == "Component"


def _values(group: MentionGroup, places: Sequence[Place], certainty: Certainty, given: set[Value]) -> set[Value]:
    """Return the labels of the finding: affirmed or possible ones; for an absent finding, denied ones."""
    denied = certainty == "absent"
    found: set[Value] = set()
    for place in places:
        if place.values:
            found.update(given.intersection(place.values))
            break
    for mention in group.mentions if group.time == "current" else ():
        if mention.values and (mention.certainty == "absent") == denied:
            found.update(mention.values if mention.weight is FULL else given.intersection(mention.values))
    for attribute in group.attributes:
        if denied or attribute.certainty != "absent":
            found.update(attribute.values)
    return found
