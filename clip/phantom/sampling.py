"""Label sets as they might be told of real pictures: what goes together, and not everything always said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from udt.clip.phantom.appearance import Appearance, built_in
from udt.clip.phantom.tables import iri_of, read_tables
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

_FILE = Path(__file__).with_name("sampling.toml")
_TABLES = frozenset({"kinds", "said", "several", "together", "weights", "unsaid"})
_PER_LESION = ("shape", "margins", "echogenicity", "posterior_acoustics", "vascularity")
_INSIDE = "internal_characteristics"

Weights = Mapping[str, float]
Chosen = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Habits:
    """How often what is drawn; labels by IRI.

    :ivar said: by dimension, how often it has a label.
    :ivar kinds: the weights of diagnoses.
    :ivar several: how often there are two `lesions`, and how often two things are `inside`.
    :ivar together: what may be inside beside a label.
    :ivar weights: by diagnosis, those of other labels; `unsaid` are those without a diagnosis.
    """

    said: Mapping[str, float]
    kinds: Weights
    several: Mapping[str, float]
    together: Mapping[str, Sequence[str]]
    weights: Mapping[str, Weights]
    unsaid: Weights


class _Draw:
    """One label set in the making."""

    def __init__(self, vocabulary: Vocabulary, looks: Appearance, rng: np.random.Generator) -> None:
        self._vocabulary = vocabulary
        self._looks = looks
        self._rng = rng
        self._habits = _habits()

    def labels(self) -> LabelSet:
        chosen = self._place()
        diagnosis = self._said("diagnosis", self._habits.kinds)
        chosen["diagnosis"] = diagnosis
        weights = self._weights(diagnosis)
        if diagnosis and not self._looks.diagnosis.of(self._vocabulary, diagnosis[0]).lesion:
            chosen["vascularity"] = self._said("vascularity", weights)
        else:
            chosen.update({key: self._said(key, weights) for key in _PER_LESION})
            chosen[_INSIDE] = self._inside(weights)
            if self._happens(self._habits.several["lesions"]):
                self._differ(chosen, weights)
        return LabelSet(tuple(chosen.get(key, ()) for key in self._vocabulary.keys))

    def _place(self) -> Chosen:
        organ = self._of(self._looks.organ.drawn(self._vocabulary), "organ", {})
        system = self._vocabulary["organ"].parents[organ]
        return {"body_system": (system,), "organ": (organ,) if self._happens(self._habits.said["organ"]) else ()}

    def _weights(self, diagnosis: tuple[int, ...]) -> Weights:
        if not diagnosis:
            return self._habits.unsaid
        return self._habits.weights.get(self._vocabulary["diagnosis"].iris[diagnosis[0]], {})

    def _said(self, key: str, weights: Weights) -> tuple[int, ...]:
        if not self._happens(self._habits.said[key]):
            return ()
        return (self._of(getattr(self._looks, key).drawn(self._vocabulary), key, weights),)

    def _inside(self, weights: Weights) -> tuple[int, ...]:
        found = self._said(_INSIDE, weights)
        names = self._vocabulary[_INSIDE]
        if found and self._happens(self._habits.several["inside"]):
            partners = self._habits.together.get(names.iris[found[0]], ())
            allowed = [names.iris.index(iri) for iri in partners if weights.get(iri, 1)]
            found += (self._of(allowed, _INSIDE, weights),) if allowed else ()
        return tuple(sorted(found))

    def _differ(self, chosen: Chosen, weights: Weights) -> None:
        """Give a second lesion a label of its own in one of the dimensions that have one."""
        keys = [key for key in _PER_LESION if chosen[key]]
        if not keys:
            return
        key = keys[int(self._rng.integers(len(keys)))]
        others = [one for one in getattr(self._looks, key).drawn(self._vocabulary) if one not in chosen[key]]
        chosen[key] = tuple(sorted({*chosen[key], self._of(others, key, weights)}))

    def _of(self, labels: Sequence[int], key: str, weights: Weights) -> int:
        iris = self._vocabulary[key].iris
        shares = np.array([weights.get(iris[label], 1) for label in labels], dtype=float)
        return int(labels[int(self._rng.choice(len(labels), p=shares / shares.sum()))])

    def _happens(self, often: float) -> bool:
        return bool(self._rng.random() < often)


def sample_phantom_labels(
    vocabulary: Vocabulary, rng: np.random.Generator, *, appearance: Appearance | None = None
) -> LabelSet:
    """Labels of a picture that might be, of those that a phantom can show; the body system is always among them.

    :param appearance: how labels look; without, `appearance.toml`.
    """
    return _Draw(vocabulary, appearance or built_in(), rng).labels()


@cache
def _habits() -> _Habits:
    table = read_tables(_FILE, _TABLES)

    def by_iri(values: Mapping[str, Any], inner: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
        return {iri_of(name, table, _FILE): inner(value) for name, value in values.items()}

    return _Habits(
        said=table["said"],
        kinds=by_iri(table["kinds"]),
        several=table["several"],
        together=by_iri(table["together"], lambda names: [iri_of(name, table, _FILE) for name in names]),
        weights=by_iri(table["weights"], by_iri),
        unsaid=by_iri(table["unsaid"]),
    )
