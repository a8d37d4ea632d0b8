"""The labels as plain data: dimensions with their ordered values, IRIs and prompts.

Training reads the labels from here instead of the ontology. It is plain JSON and needs only the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from udt.core.errors import DataError, UnknownConceptError
from udt.core.texts import brief

SCHEMA = "udt-vocabulary/1"

DimensionRole = Literal["place", "diagnosis", "attribute"]

# Vocabularies that were written before dimensions had roles contain these dimensions alone beside attributes.
_FIRST_ROLES: Mapping[str, DimensionRole] = {"body_system": "place", "organ": "place", "diagnosis": "diagnosis"}


@dataclass(frozen=True, slots=True)
class DimensionLabels:
    """One dimension.

    :ivar key: JSON field, e.g. `echogenicity`.
    :ivar task: number of the classification task, from 1; None for a dimension of reports alone.
    :ivar labels: label strings; the index of a label is its label id.
    :ivar iris: IRI of each label's concept.
    :ivar prompts: zero-shot prompt of each label.
    :ivar parents: for places within others, the label ids of these, e.g. of the body system of each organ; else empty.
    :ivar role: whether its labels are places, types of finding, or attributes of a finding.
    """

    key: str
    task: int | None
    us365k_field: str
    labels: tuple[str, ...]
    iris: tuple[str, ...]
    prompts: tuple[str, ...]
    parents: tuple[int, ...] = ()
    role: DimensionRole = "attribute"
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
    """Dimensions, those with a classification task first and in task order.

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
        """The keys, in order."""
        return tuple(dimension.key for dimension in self.dimensions)

    def keys_of(self, role: DimensionRole) -> tuple[str, ...]:
        """Return the keys of the dimensions with this role, in order."""
        return tuple(dimension.key for dimension in self.dimensions if dimension.role == role)

    def to_json(self) -> dict[str, Any]:
        """Return the `udt-vocabulary/1` object."""
        fields = ("key", "task", "role", "us365k_field", "labels", "iris", "prompts", "parents")
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
        role=data["role"] if "role" in data else _FIRST_ROLES.get(data["key"], "attribute"),
        us365k_field=data["us365k_field"],
        labels=tuple(data["labels"]),
        iris=tuple(data["iris"]),
        prompts=tuple(data["prompts"]),
        parents=tuple(data["parents"]),
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
