"""Captions in varied English that mention all labels of an image and no others.

`udt.Normalizer` extracts the same labels from a caption.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from udt.clip.phantom.appearance import BEHIND, FLOW, INCLUSIONS, TRAITS, Appearance, default_appearance
from udt.clip.phantom.findings import PhantomContent, PhantomFinding, plan_content
from udt.clip.phantom.tables import iri_of, read_tables, to_dataclass
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

T = TypeVar("T")

_FILE = Path(__file__).with_name("wording.toml")

_PLACES = ("Ultrasound of the {place}", "{place} ultrasound", "B-mode image of the {place}", "Scan of the {place}")
_NO_PLACE = ("Ultrasound", "Sonography", "B-mode image")
_SHOWS = ("shows", "demonstrates", "reveals")
_DOPPLER = ("Colour Doppler shows {}", "On colour Doppler there is {}", "Doppler: {}", "Doppler imaging shows {}")
_POSTERIOR = ("There is {}", "Behind it there is {}", "It shows {}")


@dataclass(frozen=True, slots=True)
class Wording:
    """The phrases for a label.

    :ivar adjective: phrases before a noun or after "is".
    :ivar noun: phrases after "with".
    :ivar sentence: whole sentences with the placeholder `{place}`.
    """

    adjective: tuple[str, ...] = ()
    noun: tuple[str, ...] = ()
    sentence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The phrases that describe one finding.

    :ivar noun: the diagnosis, or "lesion".
    :ivar traits: adjectives before the noun.
    :ivar parts: noun phrases after "with".
    :ivar posterior: phrase for the posterior acoustics, or None.
    :ivar flow: phrase for the vascularity, or None.
    """

    noun: str
    traits: list[str]
    parts: list[str]
    posterior: str | None
    flow: str | None


class _Writer:
    """Writes a caption."""

    def __init__(self, vocabulary: Vocabulary, rng: np.random.Generator) -> None:
        self._vocabulary = vocabulary
        self._rng = rng
        self._outer, self._inner = vocabulary.nested_places
        (self._kind,) = vocabulary.keys_of("diagnosis")

    def write(self, content: PhantomContent) -> str:
        place = self._place(content)
        sentences = [self._sentence(self._kind, one, place) for one in content.normal]
        phrases = [self._phrases(finding) for finding in content.findings]
        if phrases:
            style = self._pick((self._prose, self._report, self._plain))
            further = [sentence for one in phrases[1:] for sentence in self._further(one)]
            sentences = [*style(phrases[0], place), *further, *sentences]
        elif not sentences:
            sentences = [self._view(place)]
        sentences += [self._pick(_DOPPLER).format(self._noun(FLOW, one)) for one in content.flow]
        return " ".join(f"{_capital(sentence)}." for sentence in sentences)

    def _place(self, content: PhantomContent) -> str | None:
        if content.organ is not None:
            return self._noun(self._inner, content.organ)
        return None if content.system is None else self._noun(self._outer, content.system)

    def _view(self, place: str | None) -> str:
        return self._pick(_NO_PLACE) if place is None else self._pick(_PLACES).format(place=place)

    def _prose(self, one: _Phrases, place: str | None) -> list[str]:
        """Write prose: "Ultrasound of the liver shows a round, hypoechoic nodule with smooth borders. There is …"."""
        return [f"{self._view(place)} {self._pick(_SHOWS)} {self._phrase(one)}", *self._rest(one)]

    def _report(self, one: _Phrases, place: str | None) -> list[str]:
        """Write a report: "Liver: nodule, hypoechoic, round, smooth borders, shadowing. Doppler: no flow."."""
        listed = ", ".join([one.noun, *one.traits, *one.parts, *([one.posterior] if one.posterior else [])])
        return [listed if place is None else f"{place}: {listed}", *self._flow(one)]

    def _plain(self, one: _Phrases, place: str | None) -> list[str]:
        """Write short sentences: "There is a nodule in the liver. It is round and hypoechoic. It has …"."""
        location = "" if place is None else f" in the {place}"
        sentences = [f"there is {_article(one.noun)}{location}"]
        if one.traits:
            sentences.append(f"it is {_listed(one.traits)}")
        if one.parts:
            sentences.append(f"it has {_listed(one.parts)}")
        return [*sentences, *self._rest(one)]

    def _further(self, one: _Phrases) -> list[str]:
        return [f"there is also {self._phrase(one)}", *self._rest(one)]

    def _phrase(self, one: _Phrases) -> str:
        """Return e.g. "a round, hypoechoic nodule with smooth borders and calcifications"."""
        noun = _article(f"{', '.join(one.traits)} {one.noun}".strip())
        return f"{noun} with {_listed(one.parts)}" if one.parts else noun

    def _rest(self, one: _Phrases) -> list[str]:
        posterior = [self._pick(_POSTERIOR).format(one.posterior)] if one.posterior else []
        return posterior + self._flow(one)

    def _flow(self, one: _Phrases) -> list[str]:
        return [self._pick(_DOPPLER).format(one.flow)] if one.flow else []

    def _phrases(self, finding: PhantomFinding) -> _Phrases:
        named = [(key, getattr(finding, key)) for key in TRAITS]
        named = [(key, label) for key, label in named if label is not None]
        named += [(INCLUSIONS, label) for label in finding.inclusions]
        traits: list[str] = []
        parts: list[str] = []
        for key, label in (named[i] for i in self._rng.permutation(len(named))):
            wording = self._wording(key, label)
            as_trait = wording.adjective and (not wording.noun or self._rng.random() < 0.5)
            (traits if as_trait else parts).append(self._pick(wording.adjective if as_trait else wording.noun))
        posterior, flow = finding.posterior_acoustics, finding.vascularity
        return _Phrases(
            noun="lesion" if finding.diagnosis is None else self._noun(self._kind, finding.diagnosis),
            traits=traits,
            parts=parts,
            posterior=None if posterior is None else self._noun(BEHIND, posterior),
            flow=None if flow is None else self._noun(FLOW, flow),
        )

    def _noun(self, key: str, label: int) -> str:
        return self._pick(self._wording(key, label).noun)

    def _sentence(self, key: str, label: int, place: str | None) -> str:
        wording = self._wording(key, label)
        name = self._vocabulary[key].labels[label]
        if place is None or not wording.sentence:
            return name if place is None else f"{place}: {name}"
        return self._pick(wording.sentence).format(place=place)

    def _wording(self, key: str, label: int) -> Wording:
        """Return the wording of a label from the file or, if it has none, the label itself."""
        names = self._vocabulary[key]
        own = (_uncapital(names.labels[label]),)
        return _wordings().get(names.iris[label]) or (Wording(adjective=own) if key in TRAITS else Wording(noun=own))

    def _pick(self, choices: Sequence[T]) -> T:
        return choices[int(self._rng.integers(len(choices)))]


def phantom_caption(
    labels: LabelSet, vocabulary: Vocabulary, rng: np.random.Generator, *, appearance: Appearance | None = None
) -> str:
    """Return an English caption that mentions all of `labels` and no other label.

    A label without an entry in `wording.toml` is mentioned by its own name. A phrase that implies a second label adds
    that label: a mixed cystic and solid lesion is a mass.

    :param appearance: appearance of the labels; default: the built-in `appearance.toml`.
    :raises udt.core.errors.DataError: if `labels` cannot be drawn, as in `draw_phantom`.
    """
    return _Writer(vocabulary, rng).write(plan_content(labels, vocabulary, appearance or default_appearance()))


@cache
def _wordings() -> Mapping[str, Wording]:
    table = read_tables(_FILE, {"words"})
    return {
        iri_of(name, table, _FILE): to_dataclass(Wording, values, f"{_FILE}: words.{name}")
        for name, values in table["words"].items()
    }


def _article(phrase: str) -> str:
    return f"an {phrase}" if phrase[0] in "aeiou" else f"a {phrase}"


def _listed(phrases: Sequence[str]) -> str:
    """Join phrases as in "one, two and three"."""
    return " and ".join(part for part in (", ".join(phrases[:-1]), phrases[-1]) if part)


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _uncapital(label: str) -> str:
    """Return a label as it is written within a sentence: `liver` for `Liver`."""
    return label[0].lower() + label[1:]
