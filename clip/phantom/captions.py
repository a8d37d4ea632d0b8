"""Captions that say what a picture shows, in many ways, and nothing else: `udt.Normalizer` reads its labels back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from udt.clip.phantom.appearance import Appearance, built_in
from udt.clip.phantom.findings import PhantomContent, PhantomFinding, read
from udt.clip.phantom.tables import iri_of, read_tables, to_dataclass
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

T = TypeVar("T")

_FILE = Path(__file__).with_name("wording.toml")

_TRAITS = ("shape", "margins", "echogenicity")
_PLACES = ("Ultrasound of the {place}", "{place} ultrasound", "B-mode image of the {place}", "Scan of the {place}")
_NO_PLACE = ("Ultrasound", "Sonography", "B-mode image")
_SHOWS = ("shows", "demonstrates", "reveals")
_DOPPLER = ("Colour Doppler shows {}", "On colour Doppler there is {}", "Doppler: {}", "Doppler imaging shows {}")
_BEHIND = ("There is {}", "Behind it there is {}", "It shows {}")


@dataclass(frozen=True, slots=True)
class Words:
    """The ways in which a label is said.

    :ivar adjective: before a noun or after "is"; `noun` after "with"; `sentence` on its own, with `{place}`.
    """

    adjective: tuple[str, ...] = ()
    noun: tuple[str, ...] = ()
    sentence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """What a finding is said to be, in words.

    :ivar traits: before the noun; `parts` after "with".
    """

    noun: str
    traits: list[str]
    parts: list[str]
    behind: str | None
    flow: str | None


class _Writer:
    """One caption in the making."""

    def __init__(self, vocabulary: Vocabulary, rng: np.random.Generator) -> None:
        self._vocabulary = vocabulary
        self._rng = rng

    def write(self, picture: PhantomContent) -> str:
        place = self._place(picture)
        sentences = [self._sentence("diagnosis", one, place) for one in picture.normal]
        said = [self._said(finding) for finding in picture.findings]
        if said:
            style = self._pick((self._prose, self._report, self._plain))
            further = [sentence for one in said[1:] for sentence in self._further(one)]
            sentences = [*style(said[0], place), *further, *sentences]
        elif not sentences:
            sentences = [self._view(place)]
        sentences += [self._pick(_DOPPLER).format(self._noun("vascularity", one)) for one in picture.flow]
        return " ".join(f"{_capital(sentence)}." for sentence in sentences)

    def _place(self, picture: PhantomContent) -> str | None:
        if picture.organ is not None:
            return self._noun("organ", picture.organ)
        return None if picture.system is None else self._noun("body_system", picture.system)

    def _view(self, place: str | None) -> str:
        return self._pick(_NO_PLACE) if place is None else self._pick(_PLACES).format(place=place)

    def _prose(self, one: _Said, place: str | None) -> list[str]:
        """Ultrasound of the liver shows a round, hypoechoic nodule with smooth borders. There is …"""
        return [f"{self._view(place)} {self._pick(_SHOWS)} {self._phrase(one)}", *self._rest(one)]

    def _report(self, one: _Said, place: str | None) -> list[str]:
        """Liver: nodule, hypoechoic, round, smooth borders, posterior shadowing. Doppler: no flow."""
        told = ", ".join([one.noun, *one.traits, *one.parts, *([one.behind] if one.behind else [])])
        return [told if place is None else f"{place}: {told}", *self._flow(one)]

    def _plain(self, one: _Said, place: str | None) -> list[str]:
        """There is a nodule in the liver. It is round and hypoechoic, with smooth borders. …"""
        where = "" if place is None else f" in the {place}"
        sentences = [f"there is {_article(one.noun)}{where}"]
        if one.traits:
            sentences.append(f"it is {_listed(one.traits)}")
        if one.parts:
            sentences.append(f"it has {_listed(one.parts)}")
        return [*sentences, *self._rest(one)]

    def _further(self, one: _Said) -> list[str]:
        return [f"there is also {self._phrase(one)}", *self._rest(one)]

    def _phrase(self, one: _Said) -> str:
        """A round, hypoechoic nodule with smooth borders and calcifications."""
        noun = _article(f"{', '.join(one.traits)} {one.noun}".strip())
        return f"{noun} with {_listed(one.parts)}" if one.parts else noun

    def _rest(self, one: _Said) -> list[str]:
        behind = [self._pick(_BEHIND).format(one.behind)] if one.behind else []
        return behind + self._flow(one)

    def _flow(self, one: _Said) -> list[str]:
        return [self._pick(_DOPPLER).format(one.flow)] if one.flow else []

    def _said(self, finding: PhantomFinding) -> _Said:
        named = [(key, getattr(finding, key)) for key in _TRAITS]
        named = [(key, label) for key, label in named if label is not None]
        named += [("internal_characteristics", label) for label in finding.inside]
        traits: list[str] = []
        parts: list[str] = []
        for key, label in (named[i] for i in self._rng.permutation(len(named))):
            words = self._words(key, label)
            as_trait = words.adjective and (not words.noun or self._rng.random() < 0.5)
            (traits if as_trait else parts).append(self._pick(words.adjective if as_trait else words.noun))
        behind, flow = finding.posterior_acoustics, finding.vascularity
        return _Said(
            noun="lesion" if finding.diagnosis is None else self._noun("diagnosis", finding.diagnosis),
            traits=traits,
            parts=parts,
            behind=None if behind is None else self._noun("posterior_acoustics", behind),
            flow=None if flow is None else self._noun("vascularity", flow),
        )

    def _noun(self, key: str, label: int) -> str:
        return self._pick(self._words(key, label).noun)

    def _sentence(self, key: str, label: int, place: str | None) -> str:
        words = self._words(key, label)
        name = self._vocabulary[key].labels[label]
        if place is None or not words.sentence:
            return name if place is None else f"{place}: {name}"
        return self._pick(words.sentence).format(place=place)

    def _words(self, key: str, label: int) -> Words:
        """Those of the file, or else the label itself."""
        names = self._vocabulary[key]
        own = (_uncapital(names.labels[label]),)
        return _wording().get(names.iris[label]) or (Words(adjective=own) if key in _TRAITS else Words(noun=own))

    def _pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._rng.integers(len(choices)))]


def phantom_caption(
    labels: LabelSet, vocabulary: Vocabulary, rng: np.random.Generator, *, appearance: Appearance | None = None
) -> str:
    """English text that says all of `labels`, and nothing of the other labels.

    A label that `wording.toml` does not know is said by its own name. Where English cannot say one label without
    another, the other is said too: a mixed cystic and solid lesion is a mass.

    :raises udt.core.errors.DataError: where `labels` cannot be drawn, as `draw`.
    """
    return _Writer(vocabulary, rng).write(read(labels, vocabulary, appearance or built_in()))


@cache
def _wording() -> Mapping[str, Words]:
    table = read_tables(_FILE, {"words"})
    return {
        iri_of(name, table, _FILE): to_dataclass(Words, values, f"{_FILE}: words.{name}")
        for name, values in table["words"].items()
    }


def _article(phrase: str) -> str:
    return f"an {phrase}" if phrase[0] in "aeiou" else f"a {phrase}"


def _listed(phrases: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join(part for part in (", ".join(phrases[:-1]), phrases[-1]) if part)


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _uncapital(label: str) -> str:
    """`Liver` as it stands within a sentence."""
    return label[0].lower() + label[1:]
