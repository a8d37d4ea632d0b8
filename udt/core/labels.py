"""The set of labels of one sample, as label ids by dimension."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from udt.core.vocabulary import Vocabulary

if TYPE_CHECKING:
    from udt.core.report import LabelSets


@dataclass(frozen=True, slots=True)
class LabelSet:
    """Label ids by dimension: sorted tuples without repetition, in the order of a vocabulary. Immutable and hashable.

    >>> LabelSet(((0,), (0,), (2,), (), (), (1,), (), (), ())).ids[5]
    (1,)
    """

    ids: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, labels: Mapping[str, Iterable[str]] | LabelSets, vocabulary: Vocabulary) -> LabelSet:
        """Convert `labels` (dimension key to label strings; missing keys are empty).

        :raises udt.core.errors.UnknownConceptError: if the vocabulary lacks a key or a label.
        """
        for key in labels:
            vocabulary[key]
        return cls(tuple(tuple(sorted({d.id(x) for x in labels.get(d.key, ())})) for d in vocabulary.dimensions))

    @classmethod
    def of_pairs(cls, pairs: Iterable[tuple[int, int]], dimensions: int) -> LabelSet:
        """Return the label set of (dimension index, label id) pairs, the reverse of `pairs`.

        >>> LabelSet.of_pairs([(2, 4), (0, 1), (2, 3)], dimensions=3).ids
        ((1,), (), (3, 4))

        :param dimensions: number of all dimensions.
        """
        ids: list[set[int]] = [set() for _ in range(dimensions)]
        for dimension, label in pairs:
            ids[dimension].add(label)
        return cls(tuple(tuple(sorted(labels)) for labels in ids))

    def named(self, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
        """Return the label strings by dimension key, all keys included."""
        pairs = zip(vocabulary.dimensions, self.ids, strict=True)
        return {d.key: tuple(d.labels[i] for i in ids) for d, ids in pairs}

    def arranged(self, positions: Sequence[int | None]) -> LabelSet:
        """Return the label set with other dimensions: for each of `positions` the one there, an empty one for None.

        >>> LabelSet(((0,), (2,))).arranged((1, None, 0)).ids
        ((2,), (), (0,))
        """
        return LabelSet(tuple(() if position is None else self.ids[position] for position in positions))

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the (dimension index, label id) pair of every label, in order."""
        for dimension, ids in enumerate(self.ids):
            for label in ids:
                yield dimension, label

    def __bool__(self) -> bool:
        return any(self.ids)

    def __or__(self, other: LabelSet) -> LabelSet:
        """Return the union of both sets."""
        joined = (tuple(sorted({*a, *b})) if b and a != b else a for a, b in zip(self.ids, other.ids, strict=True))
        return LabelSet(tuple(joined))


def positions_of(target: Vocabulary, source: Vocabulary) -> tuple[int | None, ...]:
    """Return the position in `source` of each dimension of `target`, for `LabelSet.arranged`; None if it has none."""
    places = {key: position for position, key in enumerate(source.keys)}
    return tuple(places.get(key) for key in target.keys)
