"""The labels as plain data: dimensions with their ordered values, IRIs and prompts.

Training reads the labels from here instead of the ontology. It is plain JSON and needs only the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from udt.core.errors import DataError, UnknownConceptError
from udt.core.texts import brief

SCHEMA = "udt-vocabulary/1"

ALL_DIMENSIONS = "all"
PAPER = "paper"
"""The profile of the dimensions of the Ultrasound-CLIP paper."""

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
    :ivar profiles: names of the profiles that it belongs to, e.g. `paper`.
    """

    key: str
    task: int | None
    us365k_field: str
    labels: tuple[str, ...]
    iris: tuple[str, ...]
    prompts: tuple[str, ...]
    parents: tuple[int, ...] = ()
    role: DimensionRole = "attribute"
    profiles: tuple[str, ...] = ()
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

    @property
    def nested_places(self) -> tuple[str, str]:
        """The keys of the outer and the inner places, whose parents the outer ones are: `body_system` and `organ`.

        :raises DataError: if no dimension of places is within another.
        """
        places = [dimension for dimension in self.dimensions if dimension.role == "place"]
        outer = next((dimension.key for dimension in places if not dimension.parents), None)
        inner = next((dimension.key for dimension in places if dimension.parents), None)
        if outer is None or inner is None:
            got = ", ".join(dimension.key for dimension in places) or "none"
            raise DataError(f"no dimension of places is within another, as organs within body systems; places: {got}")
        return outer, inner

    @property
    def profiles(self) -> tuple[str, ...]:
        """The names of all profiles, sorted."""
        return tuple(sorted({name for dimension in self.dimensions for name in dimension.profiles}))

    def chosen(self, choice: str | Iterable[str]) -> tuple[str, ...]:
        """Return the keys of a choice of dimensions, in order.

        :param choice: names of dimensions: keys, profiles such as `paper`, or `all`; in a text separated by commas.
        :raises UnknownConceptError: if there is no such name, or none is given.
        """
        names = [name.strip() for name in choice.split(",")] if isinstance(choice, str) else list(choice)
        wanted = {key for name in names for key in self._named(name)}
        if not wanted:
            raise UnknownConceptError("", f"no dimension is chosen; {self._choices}")
        return tuple(key for key in self.keys if key in wanted)

    def _named(self, name: str) -> tuple[str, ...]:
        """Return the key `name`, or the keys of the profile of that name, or all keys for `all`."""
        if name in self.keys:
            return (name,)
        if name == ALL_DIMENSIONS:
            return self.keys
        found = tuple(dimension.key for dimension in self.dimensions if name in dimension.profiles)
        if not found:
            raise UnknownConceptError(name, f"no dimension or profile is called '{brief(name)}'; {self._choices}")
        return found

    @property
    def _choices(self) -> str:
        return f"allowed: {', '.join((ALL_DIMENSIONS, *self.profiles, *self.keys))}"

    def select(self, keys: Iterable[str]) -> Vocabulary:
        """Return the vocabulary of some dimensions, in the order of this one; itself for all of them.

        Places lose their parents unless all places are selected.

        :raises UnknownConceptError: if there is no such key, or no key is given.
        """
        wanted = {self[key].key for key in keys}
        chosen = self.chosen([key for key in self.keys if key in wanted])
        if chosen == self.keys:
            return self
        parents = set(self.keys_of("place")) <= set(chosen)
        found = (self[key] for key in chosen)
        return replace(self, dimensions=tuple(d if parents else replace(d, parents=()) for d in found))

    def to_json(self) -> dict[str, Any]:
        """Return the `udt-vocabulary/1` object."""
        fields = ("key", "task", "role", "profiles", "us365k_field", "labels", "iris", "prompts", "parents")
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
        profiles=tuple(data["profiles"]) if "profiles" in data else _first_profiles(data),
        us365k_field=data["us365k_field"],
        labels=tuple(data["labels"]),
        iris=tuple(data["iris"]),
        prompts=tuple(data["prompts"]),
        parents=tuple(data["parents"]),
    )


def _first_profiles(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the profiles of a dimension that was written before there were any: `paper` for a field of US-365K."""
    return (PAPER,) if data["us365k_field"] else ()


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
