"""The dimensions of the taxonomy, and the IRIs of their labels, for the formats that write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from udt.core.errors import DataError
from udt.core.report import Finding, LabelSets
from udt.core.texts import brief

if TYPE_CHECKING:
    from udt.taxonomy.model.taxonomy import Taxonomy

_HINT = "give the --taxonomy files that the report was made with"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DimensionKeys:
    """The keys of all dimensions of a taxonomy, in its order.

    :ivar tasks: those with a classification task, which are the keys of every label set of a report.
    :ivar places: those of places, an outer one before an inner one.
    :ivar attributes: those of attributes of a finding, with a task or without.
    """

    all: tuple[str, ...]
    tasks: tuple[str, ...]
    places: tuple[str, ...]
    attributes: tuple[str, ...]

    @classmethod
    def load(cls, extensions: Sequence[Path] = ()) -> DimensionKeys:
        """Load the keys of the taxonomy with `extensions`, from the lexicon, which whoever reads texts has loaded.

        :raises TaxonomyError: if an extension is faulty.
        """
        return _dimension_keys(tuple(extensions))


@cache
def _dimension_keys(extensions: tuple[Path, ...]) -> DimensionKeys:
    from udt.lexicon.lexicon import Lexicon

    found = Lexicon.load(extensions).all_dimensions
    return DimensionKeys(
        tuple(d.key for d in found),
        tuple(d.key for d in found if d.task is not None),
        tuple(d.key for d in found if d.role == "place"),
        tuple(d.key for d in found if d.role == "attribute"),
    )


def of_one_taxonomy(rows: Iterable[tuple[tuple[str, ...], T]]) -> Iterator[tuple[tuple[str, ...], T]]:
    """Yield rows with the keys of their label sets, which have to be the same, since they are columns.

    :raises DataError: if a row has other keys than the first one.
    """
    first: tuple[str, ...] | None = None
    for number, (keys, row) in enumerate(rows, 1):
        first = first or keys
        if keys != first:
            got, expected = (", ".join(map(brief, one)) for one in (keys, first))
            raise DataError(
                f"report {number} has the dimensions {got}, but the first one has {expected}; write reports that were "
                "made with different taxonomies to different files"
            )
        yield keys, row


@dataclass(frozen=True, slots=True)
class LabelIris:
    """IRIs by name.

    :ivar places: keys of the dimensions of places, an inner one before an outer one.
    :ivar dimensions: key of a dimension to its IRI.
    :ivar properties: key of a dimension to the IRI of the property of its labels.
    :ivar labels: (key, label) to the IRI of the label's concept.
    :ivar names: CURIE of a concept to its preferred label.
    """

    places: tuple[str, ...]
    dimensions: Mapping[str, str]
    properties: Mapping[str, str]
    labels: Mapping[tuple[str, str], str]
    names: Mapping[str, str]

    @classmethod
    def load(cls, extensions: Sequence[Path] = ()) -> LabelIris:
        """Load the IRIs of the taxonomy with `extensions`.

        :raises TaxonomyError: if an extension is faulty.
        """
        from udt.taxonomy.model.taxonomy import Taxonomy

        return cls.of(Taxonomy.load(*extensions))

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> LabelIris:
        """Return the IRIs of a taxonomy."""
        dimensions = taxonomy.dimensions
        return cls(
            tuple(d.key for d in reversed(dimensions) if d.role == "place"),
            {d.key: d.concept.iri for d in dimensions},
            {d.key: d.label_property for d in dimensions},
            {(d.key, value.label): value.iri for d in dimensions for value in d.values},
            {concept.curie: concept.label for concept in taxonomy},
        )

    def dimension(self, key: str) -> str:
        """Return the IRI of a dimension.

        :raises DataError: if the taxonomy has no such dimension, because the report was made with another one.
        """
        if key not in self.dimensions:
            raise DataError(f"the taxonomy has no dimension '{brief(key)}'; {_HINT}")
        return self.dimensions[key]

    def iri(self, dimension: str, label: str) -> str:
        """Return the IRI of one label.

        :raises DataError: if the taxonomy has no such label, because the report was made with another one.
        """
        found = self.labels.get((dimension, label))
        if found is None:
            raise DataError(f"the taxonomy has no label '{brief(label)}' in dimension '{brief(dimension)}'; {_HINT}")
        return found

    def site(self, label: str) -> str:
        """Return the IRI of the place of a finding: an organ, or the body system if no organ class covers it.

        :raises DataError: if the taxonomy has no such place, because the report was made with another one.
        """
        return self.iri(self.place(label), label)

    def place(self, label: str) -> str:
        """Return the key of the innermost dimension of places that has a label; the outermost one if none has."""
        return next((key for key in self.places if (key, label) in self.labels), self.places[-1])

    def labels_of(self, finding: Finding) -> LabelSets:
        """Return all labels of a finding, with its organ even if they lack it."""
        labels = finding.all_labels
        organ = finding.organ
        if organ is None or any(organ in labels.get(key, ()) for key in self.places):
            return labels
        key = self.place(organ)
        return {**labels, key: (*labels.get(key, ()), organ)}
