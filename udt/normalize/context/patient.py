"""The subject of the text: age, sex, and whether it is a patient at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from udt.lexicon.flags import PLURAL
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import Mention

Sex = Literal["female", "male"]

# Age in years from which a patient is an adult.
_ADULT_AGE: Final = 18.0
# Age units that are no longer than this, in years, may count the weeks of a pregnancy.
_LONGEST_PREGNANCY_UNIT: Final = 0.02
_SUBJECT_KINDS: Final[frozenset[Kind]] = frozenset({"age unit", "patient", "non patient"})
# Kinds of what has an age of its own, if the age comes before it.
_THINGS: Final[frozenset[Kind]] = frozenset({"instrument", "finding", "anatomy", "value", "head"})
_NOUN_ENDS: Final = frozenset({",", ".", ";", ":", "(", ")", "\n"})
_SEXES: Final[dict[str, Sex]] = {"ns:Female": "female", "ns:Male": "male"}


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient as the text describes them.

    :ivar child: whether the patient is under 18 years by a stated age or by a word like *infant*.
    :ivar non_patient: the mention that makes the text not about a patient (animal, fetus, phantom), or None.
    :ivar age_years: the first age of the patient that the text states, in years, or None.
    :ivar sex: the sex that the words for the patient imply, or None if none does or they contradict each other.
    """

    child: bool = False
    non_patient: Mention | None = None
    age_years: float | None = None
    sex: Sex | None = None


_UNDESCRIBED: Final = Patient()


def read_patient(tokens: Tokens, mentions: list[Mention], kinds: list[Kind], numerals: Mapping[str, int]) -> Patient:
    """Read age, sex and kind of the subject.

    An age is the patient's unless it describes a thing (*a 17-year-old scar*) or counts the weeks of a pregnancy.

    :param kinds: the kind of each mention.
    :param numerals: words for numbers.
    """
    if _SUBJECT_KINDS.isdisjoint(kinds):
        return _UNDESCRIBED
    words = tokens.words
    indices = [k for k, kind in enumerate(kinds) if kind in _SUBJECT_KINDS]
    ages: list[float] = []
    sexes: set[str] = set()
    child_word = False
    non_patient: Mention | None = None
    pregnant = any(mentions[k].sense.one("pregnancy") for k in indices)
    for k in indices:
        mention, kind = mentions[k], mentions[k].sense.kind
        if kind == "age unit":
            age = _age(words, mentions, k, pregnant, numerals)
            if age is not None:
                ages.append(age)
        elif kind == "patient":
            sexes.add(str(mention.sense.one("sex")))
            names_one_child = mention.sense.one("maximumAgeYears") is not None and not mention.flags & PLURAL
            child_word = child_word or (names_one_child and not _is_born(mentions, k))
        elif kind == "non patient" and mention.sense.role == "Document":
            non_patient = non_patient or mention
    child = min(ages) < _ADULT_AGE if ages else child_word
    named = [_SEXES[sex] for sex in sexes if sex in _SEXES]
    sex = named[0] if len(named) == 1 else None
    return Patient(child, non_patient, round(ages[0], 2) if ages else None, sex)


def _age(
    words: list[str], mentions: list[Mention], k: int, pregnant: bool, numerals: Mapping[str, int]
) -> float | None:
    """Return the age of the patient in years that an age unit states, or None.

    The number comes before it: `7 year old`, `12 days of age`, `aged 7 years`, `7 yo`.

    :param pregnant: whether the text speaks of a pregnancy, whose weeks are no age of the patient.
    """
    unit, before = mentions[k], mentions[k - 1] if k else None
    number = _number(words[unit.first - 1] if unit.first else "", numerals)
    if number is None:
        return None
    years = float(unit.sense.one("years"))
    after = words[unit.end : unit.end + 2]
    stated = after[:1] == ["old"] or after == ["of", "age"] or bool(unit.sense.one("told"))
    if stated:
        return None if _describes_thing(words, mentions, k) else number * years
    if before is None or before.sense.role != "Age" or unit.first - before.end > before.sense.reach:
        return None
    as_entry = (
        words[before.end : before.end + 1] == [":"] or before.end - before.first > 1 or words[before.first] == "aged"
    )
    counts_weeks = years < _LONGEST_PREGNANCY_UNIT and (pregnant or not as_entry)
    return None if counts_weeks else number * years


def _describes_thing(words: list[str], mentions: list[Mention], k: int) -> bool:
    """Return whether an age describes an instrument, a finding or a structure in its noun phrase."""
    end = mentions[k].end + (words[mentions[k].end : mentions[k].end + 1] == ["old"])
    names_thing = False
    for mention in mentions[k + 1 :]:
        between = words[end : mention.first]
        if (
            len(between) > mentions[k].sense.reach
            or not _NOUN_ENDS.isdisjoint(between)
            or mention.sense.kind == "patient"
        ):
            return names_thing and mention.sense.kind != "patient"
        if mention.sense.kind == "function":
            return names_thing
        names_thing = names_thing or mention.sense.kind in _THINGS
        end = mention.end
    return names_thing


def _is_born(mentions: list[Mention], k: int) -> bool:
    """Return whether a word for a child is the object of a birth: *delivery of an infant*, *mother of a child*."""
    for mention in reversed(mentions[:k]):
        if mention.sense.role == "Birth":
            return mentions[k].first - mention.end <= mention.sense.reach
        if mention.sense.kind not in {"function", "modifier", "value"}:
            return False
        if mention.sense.role not in {"", "Of", "To", "Article", "Definite"}:
            return False
    return False


def _number(word: str, numerals: Mapping[str, int]) -> float | None:
    if word[:1].isdigit():
        try:
            return float(word.replace(",", ".").replace("·", "."))
        except ValueError:
            return None
    return float(numerals[word]) if word in numerals else None
