"""The IRIs of dimensions and labels, for the formats that write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from udt.core.errors import DataError
from udt.core.texts import brief


@dataclass(frozen=True, slots=True)
class LabelIris:
    """IRIs by name.

    :ivar dimensions: key of a dimension to its IRI.
    :ivar labels: (key, label) to the IRI of the label's concept.
    """

    dimensions: Mapping[str, str]
    labels: Mapping[tuple[str, str], str]

    @classmethod
    def load(cls, extensions: Sequence[Path] = ()) -> LabelIris:
        """Load the IRIs of the taxonomy with `extensions`.

        :raises TaxonomyError: if an extension is faulty.
        """
        from udt.taxonomy.model.taxonomy import Taxonomy

        dimensions = Taxonomy.load(*extensions).dimensions
        return cls(
            {d.key: d.concept.iri for d in dimensions},
            {(d.key, value.label): value.iri for d in dimensions for value in d.values},
        )

    def iri(self, dimension: str, label: str) -> str:
        """Return the IRI of one label.

        :raises DataError: if the taxonomy has no such label, because the report was made with another one.
        """
        found = self.labels.get((dimension, label))
        if found is None:
            hint = "give the --taxonomy files that the report was made with"
            raise DataError(f"the taxonomy has no label '{brief(label)}' in dimension '{dimension}'; {hint}")
        return found

    def site(self, label: str) -> str:
        """Return the IRI of the organ of a finding, which may be a body system.

        :raises DataError: if it is neither.
        """
        return self.labels.get(("organ", label)) or self.iri("body_system", label)
