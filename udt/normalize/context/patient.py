"""The subject of the text: age, sex, and whether it is a patient at all."""

from __future__ import annotations

from dataclasses import dataclass

from udt.lexicon.build import PLURAL
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import Mention

# Age in years from which a patient is an adult.
_ADULT_AGE = 18.0
# Most words between `aged` and the unit (*aged 7 years*).
_AGE_REACH = 2
_SUBJECT_KINDS: frozenset[Kind] = frozenset({"age unit", "patient", "non patient"})
_NUMBER_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient as the text describes them.

    :ivar child: whether the patient is under 18 years by a stated age or by a word like *infant*.
    :ivar female: whether the text names a woman or girl, and no man or boy.
    :ivar non_patient: the mention that makes the text not about a patient (animal, fetus, phantom), or None.
    """

    child: bool = False
    female: bool = False
    non_patient: Mention | None = None


_UNDESCRIBED = Patient()


def read_patient(tokens: Tokens, mentions: list[Mention], kinds: list[Kind]) -> Patient:
    """Read age, sex and kind of the subject.

    :param kinds: the kind of each mention.
    """
    if _SUBJECT_KINDS.isdisjoint(kinds):
        return _UNDESCRIBED
    indices = [k for k, kind in enumerate(kinds) if kind in _SUBJECT_KINDS]
    ages: list[float] = []
    sexes: set[str] = set()
    child_word = False
    non_patient: Mention | None = None
    for k in indices:
        mention, kind = mentions[k], mentions[k].sense.kind
        if kind == "age unit":
            age = _age(tokens.words, mention, mentions[k - 1] if k else None)
            if age is not None:
                ages.append(age)
        elif kind == "patient":
            sexes.add(str(mention.sense.one("sex")))
            names_one_child = mention.sense.one("maximumAgeYears") is not None and not mention.flags & PLURAL
            child_word = child_word or names_one_child
        elif kind == "non patient" and mention.sense.role == "Document":
            non_patient = non_patient or mention
    child = min(ages) < _ADULT_AGE if ages else child_word
    return Patient(child, "ns:Female" in sexes and "ns:Male" not in sexes, non_patient)


def _age(words: list[str], unit: Mention, before: Mention | None) -> float | None:
    """Return the age in years before an age unit (`7 year old`, `12 days of age`, `aged 7 years`, `7 yo`), or None."""
    number = _number(words[unit.first - 1] if unit.first else "")
    if number is None:
        return None
    after = words[unit.end : unit.end + 2]
    introduced = before is not None and before.sense.role == "Age" and unit.first - before.end <= _AGE_REACH
    is_age = after[:1] == ["old"] or after == ["of", "age"] or introduced or bool(unit.sense.one("told"))
    return number * float(unit.sense.one("years")) if is_age else None


def _number(word: str) -> float | None:
    if word[:1].isdigit():
        try:
            return float(word.replace(",", ".").replace("·", "."))
        except ValueError:
            return None
    return float(_NUMBER_WORDS.index(word)) if word in _NUMBER_WORDS else None
