"""The labels as plain data: nine dimensions, each with its ordered values, their IRIs and prompts.

Training reads the labels from here instead of the ontology. It is plain JSON and needs only the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from udt.core.errors import DataError, UnknownConceptError
from udt.core.texts import brief

SCHEMA = "udt-vocabulary/1"


@dataclass(frozen=True, slots=True)
class DimensionLabels:
    """One dimension.

    :ivar key: JSON field, e.g. `echogenicity`.
    :ivar task: number of the classification task, 1 to 9.
    :ivar labels: label strings; the index of a label is its label id.
    :ivar iris: IRI of each label's concept.
    :ivar prompts: zero-shot prompt of each label.
    :ivar parents: for organs, the label ids of their body systems; else empty.
    """

    key: str
    task: int
    us365k_field: str
    labels: tuple[str, ...]
    iris: tuple[str, ...]
    prompts: tuple[str, ...]
    parents: tuple[int, ...] = ()
    _ids: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {label: i for i, label in enumerate(self.labels)})

    def __len__(self) -> int:
        return len(self.labels)

    def id(self, label: str) -> int:
        """Return the label id of `label`.

        :raises UnknownConceptError: if the dimension has no such label.
        """
        try:
            return self._ids[label]
        except KeyError:
            allowed = ", ".join(self.labels)
            raise UnknownConceptError(label, f"{self.key} has no label '{brief(label)}'; allowed: {allowed}") from None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All nine dimensions in task order.

    :ivar version: version of the taxonomy.
    :ivar digest: SHA-256 of the files of the taxonomy.
    """

    dimensions: tuple[DimensionLabels, ...]
    version: str
    digest: str

    def __getitem__(self, key: str) -> DimensionLabels:
        """Return the dimension with this key.

        :raises UnknownConceptError: if there is none.
        """
        for dimension in self.dimensions:
            if dimension.key == key:
                return dimension
        raise UnknownConceptError(key, f"no dimension is called '{brief(key)}'; allowed: {', '.join(self.keys)}")

    @property
    def keys(self) -> tuple[str, ...]:
        """The nine keys in task order."""
        return tuple(dimension.key for dimension in self.dimensions)

    def to_json(self) -> dict[str, Any]:
        """Return the `udt-vocabulary/1` object."""
        fields = ("key", "task", "us365k_field", "labels", "iris", "prompts", "parents")
        return {
            "schema": SCHEMA,
            "version": self.version,
            "digest": self.digest,
            "dimensions": [{name: _plain(getattr(d, name)) for name in fields} for d in self.dimensions],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Vocabulary:
        """Build the vocabulary from a `udt-vocabulary/1` object.

        :raises DataError: if it has another schema.
        """
        if data.get("schema") != SCHEMA:
            raise DataError(f"a vocabulary has the schema '{SCHEMA}', but this one has '{data.get('schema')}'")
        return cls(tuple(_dimension(d) for d in data["dimensions"]), data["version"], data["digest"])


def _dimension(data: Mapping[str, Any]) -> DimensionLabels:
    return DimensionLabels(
        key=data["key"],
        task=data["task"],
        us365k_field=data["us365k_field"],
        labels=tuple(data["labels"]),
        iris=tuple(data["iris"]),
        prompts=tuple(data["prompts"]),
        parents=tuple(data["parents"]),
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
