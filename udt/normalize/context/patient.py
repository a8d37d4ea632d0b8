"""Who the text is about: age, sex, and whether it is a patient at all."""

from __future__ import annotations

from dataclasses import dataclass

from udt.lexicon.build import PLURAL
from udt.lexicon.senses import Kind
from udt.lexicon.tokens import Tokens
from udt.normalize.match.mentions import Mention

_ADULT_AGE = 18.0
_AGE_REACH = 2
_TELLING: frozenset[Kind] = frozenset({"age unit", "patient", "non patient"})


@dataclass(frozen=True, slots=True)
class Patient:
    """What the text says of the patient.

    :ivar child: under 18 years, said or implied.
    :ivar female: said to be a woman or girl, and not also a man.
    :ivar other: the mention that makes the whole text not about a patient (animal, fetus, phantom), or None.
    """

    child: bool = False
    female: bool = False
    other: Mention | None = None


def read_patient(tokens: Tokens, mentions: list[Mention]) -> Patient:
    """Age, sex and kind of who is imaged."""
    telling = [k for k, mention in enumerate(mentions) if mention.sense.kind in _TELLING]
    if not telling:
        return Patient()
    ages: list[float] = []
    sexes: set[str] = set()
    implied = False
    other: Mention | None = None
    for k in telling:
        mention, kind = mentions[k], mentions[k].sense.kind
        if kind == "age unit":
            age = _age(tokens.words, mention, mentions[k - 1] if k else None)
            if age is not None:
                ages.append(age)
        elif kind == "patient":
            sexes.add(str(mention.sense.one("sex")))
            implied = implied or (mention.sense.one("maximumAgeYears") is not None and not mention.flags & PLURAL)
        elif kind == "non patient" and mention.sense.role == "Document":
            other = other or mention
    child = min(ages) < _ADULT_AGE if ages else implied
    return Patient(child, "ns:Female" in sexes and "ns:Male" not in sexes, other)


def _age(words: list[str], unit: Mention, before: Mention | None) -> float | None:
    """The age in years that an age unit tells: `7 year old`, `12 days of age`, `aged 7 years`, `7 yo`."""
    number = _number(words[unit.first - 1] if unit.first else "")
    if number is None:
        return None
    after = words[unit.last : unit.last + 2]
    asked = before is not None and before.sense.role == "Age" and unit.first - before.last <= _AGE_REACH
    told = after[:1] == ["old"] or after == ["of", "age"] or asked or bool(unit.sense.one("told"))
    return number * float(unit.sense.one("years")) if told else None


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


def _number(word: str) -> float | None:
    if word[:1].isdigit():
        try:
            return float(word.replace(",", ".").replace("·", "."))
        except ValueError:
            return None
    return float(_NUMBER_WORDS.index(word)) if word in _NUMBER_WORDS else None
