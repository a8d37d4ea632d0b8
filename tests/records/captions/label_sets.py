"""Random label sets of all dimensions, with organs in their systems."""

from __future__ import annotations

import random
from collections.abc import Iterator

from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.records.captions.phrases import Closures
from udt.records.captions.tagged import TaggedLabels

_LABELS, _WEIGHTS = (0, 1, 2, 3), (45, 40, 12, 3)
_PLACES, _PLACE_WEIGHTS = (0, 1, 2), (1, 8, 2)


def label_sets(vocabulary: Vocabulary, closures: Closures, seed: int) -> Iterator[LabelSet]:
    """Yield label sets: up to two organs, or one system; up to three labels of each other dimension."""
    draw = random.Random(seed)
    outer, inner = (vocabulary.keys.index(key) for key in vocabulary.nested_places)
    while True:
        organs = draw.choices(_PLACES, _PLACE_WEIGHTS)[0]
        pairs = [(inner, label) for label in draw.sample(range(len(vocabulary.dimensions[inner])), organs)]
        if not organs and draw.random() < 0.5:
            pairs.append((outer, draw.randrange(len(vocabulary.dimensions[outer]))))
        for number, dimension in enumerate(vocabulary.dimensions):
            if dimension.role != "place":
                count = min(len(dimension), draw.choices(_LABELS, _WEIGHTS)[0])
                pairs += [(number, label) for label in draw.sample(range(len(dimension)), count)]
        if pairs:
            yield closures.closed(LabelSet.of_pairs(pairs, len(vocabulary.dimensions)))


def tagged(labels: LabelSet, vocabulary: Vocabulary, closures: Closures, seed: int) -> TaggedLabels:
    """Give each label a certainty, most are present; places always are, and so is what a label implies."""
    draw = random.Random(seed)
    given: dict[str, list[tuple[int, int]]] = {"present": [], "possible": [], "absent": []}
    for pair in labels.pairs():
        place = vocabulary.dimensions[pair[0]].role == "place"
        certainty = "present" if place else draw.choices(list(given), (70, 15, 15))[0]
        given[certainty].append(pair)
    size = len(vocabulary.dimensions)
    present, possible = (set(closures.closed(LabelSet.of_pairs(given[key], size)).pairs()) for key in list(given)[:2])
    absent = set(given["absent"]) - present - possible
    return TaggedLabels(*(LabelSet.of_pairs(pairs, size) for pairs in (present, possible - present, absent)))
