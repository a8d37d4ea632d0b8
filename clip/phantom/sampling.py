"""Random label sets that resemble those of real images: plausible combinations, with dimensions left unlabelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from udt.clip.phantom.appearance import FLOW, INCLUSIONS, PER_LESION, Appearance, default_appearance
from udt.clip.phantom.tables import iri_of, read_tables
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

_FILE = Path(__file__).with_name("sampling.toml")
_TABLES = frozenset({"kinds", "said", "several", "together", "weights", "unsaid"})

Weights = Mapping[str, float]
Chosen = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Frequencies:
    """The frequencies of labels; labels are given by IRI.

    :ivar labelled: probability, by dimension, that it has a label.
    :ivar diagnoses: weights of the diagnoses.
    :ivar pairs: probability of two `lesions`, and of two inclusions (`inside`).
    :ivar partners: the inclusions that may occur together with an inclusion.
    :ivar by_diagnosis: weights of the other labels, by diagnosis.
    :ivar no_diagnosis: weights of the other labels without a diagnosis.
    """

    labelled: Mapping[str, float]
    diagnoses: Weights
    pairs: Mapping[str, float]
    partners: Mapping[str, Sequence[str]]
    by_diagnosis: Mapping[str, Weights]
    no_diagnosis: Weights


class _LabelSampler:
    """Draws a label set."""

    def __init__(self, vocabulary: Vocabulary, appearance: Appearance, rng: np.random.Generator) -> None:
        self._vocabulary = vocabulary
        self._appearance = appearance
        self._rng = rng
        self._frequencies = _frequencies()
        (self._kind,) = vocabulary.keys_of("diagnosis")

    def sample(self) -> LabelSet:
        chosen = self._system_and_organ()
        diagnosis = self._maybe_label(self._kind, self._frequencies.diagnoses)
        chosen[self._kind] = diagnosis
        weights = self._weights(diagnosis)
        if diagnosis and not self._appearance.diagnosis.of(self._vocabulary, diagnosis[0]).lesion:
            chosen[FLOW] = self._maybe_label(FLOW, weights)
        else:
            chosen.update({key: self._maybe_label(key, weights) for key in PER_LESION})
            chosen[INCLUSIONS] = self._inclusions(weights)
            if self._happens(self._frequencies.pairs["lesions"]):
                self._add_lesion(chosen, weights)
        return LabelSet(tuple(chosen.get(key, ()) for key in self._vocabulary.keys))

    def _system_and_organ(self) -> Chosen:
        outer, inner = self._vocabulary.nested_places
        organ = self._choose(self._appearance.organ.drawable(self._vocabulary), inner, {})
        has_organ = self._happens(self._frequencies.labelled[inner])
        return {outer: (self._vocabulary[inner].parents[organ],), inner: (organ,) if has_organ else ()}

    def _weights(self, diagnosis: tuple[int, ...]) -> Weights:
        if not diagnosis:
            return self._frequencies.no_diagnosis
        return self._frequencies.by_diagnosis.get(self._vocabulary[self._kind].iris[diagnosis[0]], {})

    def _maybe_label(self, key: str, weights: Weights) -> tuple[int, ...]:
        if not self._happens(self._frequencies.labelled[key]):
            return ()
        return (self._choose(getattr(self._appearance, key).drawable(self._vocabulary), key, weights),)

    def _inclusions(self, weights: Weights) -> tuple[int, ...]:
        found = self._maybe_label(INCLUSIONS, weights)
        names = self._vocabulary[INCLUSIONS]
        if found and self._happens(self._frequencies.pairs["inside"]):
            partners = self._frequencies.partners.get(names.iris[found[0]], ())
            allowed = [names.iris.index(iri) for iri in partners if weights.get(iri, 1)]
            found += (self._choose(allowed, INCLUSIONS, weights),) if allowed else ()
        return tuple(sorted(found))

    def _add_lesion(self, chosen: Chosen, weights: Weights) -> None:
        """Add a second label to one of the labelled dimensions, which gives a second lesion."""
        keys = [key for key in PER_LESION if chosen[key]]
        if not keys:
            return
        key = keys[int(self._rng.integers(len(keys)))]
        others = [one for one in getattr(self._appearance, key).drawable(self._vocabulary) if one not in chosen[key]]
        chosen[key] = tuple(sorted({*chosen[key], self._choose(others, key, weights)}))

    def _choose(self, labels: Sequence[int], key: str, weights: Weights) -> int:
        iris = self._vocabulary[key].iris
        shares = np.array([weights.get(iris[label], 1) for label in labels], dtype=float)
        return int(labels[int(self._rng.choice(len(labels), p=shares / shares.sum()))])

    def _happens(self, probability: float) -> bool:
        return bool(self._rng.random() < probability)


def sample_phantom_labels(
    vocabulary: Vocabulary, rng: np.random.Generator, *, appearance: Appearance | None = None
) -> LabelSet:
    """Draw a plausible label set from the labels that can be drawn; it always contains a body system.

    Dimensions that phantoms do not show, as those of an extension, have no label.

    :param appearance: appearance of the labels; default: the built-in `appearance.toml`.
    """
    return _LabelSampler(vocabulary, appearance or default_appearance(), rng).sample()


@cache
def _frequencies() -> _Frequencies:
    table = read_tables(_FILE, _TABLES)

    def by_iri(values: Mapping[str, Any], inner: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
        return {iri_of(name, table, _FILE): inner(value) for name, value in values.items()}

    return _Frequencies(
        labelled=table["said"],
        diagnoses=by_iri(table["kinds"]),
        pairs=table["several"],
        partners=by_iri(table["together"], lambda names: [iri_of(name, table, _FILE) for name in names]),
        by_diagnosis=by_iri(table["weights"], by_iri),
        no_diagnosis=by_iri(table["unsaid"]),
    )
