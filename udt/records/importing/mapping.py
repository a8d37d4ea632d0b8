"""Column mappings: how the columns of a data set become fields and labels of samples.

A mapping is a TOML file: a built-in one in `ontology/mappings`, a file of the user, or a file of another package, which
names it as an entry point of a `pathlib.Path` or `importlib.resources` file:

```toml
[project.entry-points."udt.mappings"]
ward = "my_package.mappings:WARD"           # WARD = importlib.resources.files(__name__) / "ward.toml"
```
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from udt.core.errors import DataError
from udt.core.parsing import shown
from udt.core.registry import Registry
from udt.core.report import NamedConcept
from udt.core.toml_files import read_toml
from udt.io.rows import listed
from udt.records.database.concepts import FINDING_KINDS, named_concept
from udt.records.database.models import Maker
from udt.records.importing.template import Template
from udt.taxonomy.model.source import ontology_folder
from udt.taxonomy.model.taxonomy import Taxonomy

ADDED_MAPPINGS: Registry[Traversable] = Registry("mapping", "udt.mappings", {})
"""TOML files of other packages; the name of a built-in mapping always means the built-in one."""

_OF_SAMPLES = ("case", "image", "caption", "split", "frame_index", "frame_time")
FIELDS = (*_OF_SAMPLES, "age", "sex", "side", "concept")

_SOURCE_KEYS = ("name", "version", "licence", "url")
_KEYS = (*FIELDS, "maker", "separator", "nothing", "possible", "always")
_TABLES = ("source", "dimensions", "columns", "words", "template")
_NOTHING = ("",)
_BUILT_IN = ontology_folder() / "mappings"

Pair = tuple[str, str]
Cells = Mapping[str, Mapping[str, tuple[Pair, ...]]]
Concepts = Mapping[str, Mapping[str, tuple[NamedConcept, ...]]]


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A mapping of columns to fields and labels of samples.

    :ivar fields: field of a sample (one of `FIELDS`) to its column.
    :ivar dimensions: column to the dimension whose labels it holds.
    :ivar cells: column to the labels of each of its cells, as (dimension key, label) pairs.
    :ivar concepts: column to the findings that each of its cells names.
    :ivar possible: columns whose labels and findings are only possible.
    :ivar always: labels of every sample.
    :ivar separator: separator of several values in one cell, or None.
    :ivar nothing: cells that count as empty, in lower case.
    :ivar template: builds the caption from the row if no column holds one; None without template.
    :ivar maker: origin of the labels.
    :ivar source: name, version, licence and url of the data set, as far as known.
    """

    fields: Mapping[str, str]
    dimensions: Mapping[str, str] = field(default_factory=dict)
    cells: Cells = field(default_factory=dict)
    concepts: Concepts = field(default_factory=dict)
    possible: frozenset[str] = frozenset()
    always: tuple[Pair, ...] = ()
    separator: str | None = None
    nothing: frozenset[str] = frozenset(_NOTHING)
    template: Template | None = None
    maker: Maker = Maker.HUMAN
    source: Mapping[str, str] = field(default_factory=dict)

    def is_empty(self, cell: str) -> bool:
        """Check whether a cell counts as empty, such as "not known" or "no"."""
        return cell.strip().casefold() in self.nothing

    def fingerprint(self) -> str:
        """Return a text that is equal for equal mappings only."""
        return json.dumps(asdict(self), sort_keys=True, default=sorted)

    @property
    def columns(self) -> frozenset[str]:
        """All columns of fields and labels; columns used only in the caption template are left out."""
        return frozenset((*self.fields.values(), *self.dimensions, *self.cells))

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the dimensions in which it gives labels."""
        cells = (pair for cells in self.cells.values() for pairs in cells.values() for pair in pairs)
        return frozenset((*self.dimensions.values(), *(key for key, _ in (*cells, *self.always))))

    def with_columns(self, pairs: Iterable[Pair], keys: tuple[str, ...]) -> ColumnMapping:
        """Return this mapping with further (column, field or dimension) pairs, which replace its own.

        :param keys: the keys of all dimensions.
        :raises DataError: if a pair names neither a field nor a dimension, or two pairs name the same field.
        """
        fields: dict[str, str] = {}
        dimensions = dict(self.dimensions)
        for column, meaning in pairs:
            if meaning in keys:
                dimensions[column] = meaning
            elif meaning not in FIELDS:
                allowed = f"{', '.join(FIELDS)}, {listed(keys)}"
                raise DataError(
                    f"--map {column}={meaning}: '{meaning}' is neither a field nor a dimension; allowed: {allowed}"
                )
            elif fields.setdefault(meaning, column) != column:
                raise DataError(f"--map {column}={meaning}: '{meaning}' is already '{fields[meaning]}'; give it once")
        return replace(self, fields={**self.fields, **fields}, dimensions=dimensions)


def default_mapping(taxonomy: Taxonomy) -> ColumnMapping:
    """Return the mapping of columns that are named as fields of samples and as dimensions with a classification task.

    Other fields and dimensions have names such as `age` or `count`, which columns of another meaning have as well.
    """
    return ColumnMapping(
        fields={field: field for field in _OF_SAMPLES},
        dimensions={dimension.key: dimension.key for dimension in taxonomy.tasks},
    )


def mapping_names() -> tuple[str, ...]:
    """Return the names of the built-in mappings, then those of other packages."""
    built_in = sorted(path.stem for path in _BUILT_IN.glob("*.toml"))
    return tuple(dict.fromkeys((*built_in, *ADDED_MAPPINGS.names())))


def load_mapping(name: str, taxonomy: Taxonomy) -> ColumnMapping:
    """Load a mapping.

    :param name: path of a `.toml` file, or the name of a built-in mapping or one of another package.
    :raises DataError: if there is no such mapping, or listing all its faults.
    """
    path = _file(name)
    if path is None or not path.is_file():
        raise DataError(f"there is no mapping '{name}'; give a .toml file, or one of: {', '.join(mapping_names())}")
    return _Reader(path, taxonomy).read(read_toml(path))


def _file(name: str) -> Traversable | None:
    if name.endswith(".toml"):
        return Path(name)
    built_in = _BUILT_IN / f"{name}.toml"
    if built_in.is_file():
        return built_in
    return ADDED_MAPPINGS.load(name) if name in ADDED_MAPPINGS.names() else None


class _Reader:
    """Converts parsed TOML to a mapping and collects all faults."""

    def __init__(self, path: Traversable, taxonomy: Taxonomy) -> None:
        self._path = path
        self._values = {v.curie: (d.key, v.label) for d in taxonomy.dimensions for v in d.values}
        self._findings = {one.curie: named_concept(one) for one in taxonomy if one.kind in FINDING_KINDS}
        self._keys = tuple(dimension.key for dimension in taxonomy.dimensions)
        self._faults: list[str] = []

    def read(self, content: Mapping[str, Any]) -> ColumnMapping:
        """Return the mapping.

        :raises DataError: listing all faults.
        """
        self._known(content, (*_KEYS, *_TABLES), "the file")
        self._known(self._table(content, "source"), _SOURCE_KEYS, "[source]")
        columns = {c: dict(self._cells(c, self._table(content["columns"], c))) for c in self._table(content, "columns")}
        mapping = ColumnMapping(
            fields={name: self._text(content, name) for name in FIELDS if name in content},
            dimensions=self._dimensions(self._table(content, "dimensions")),
            cells={c: {cell: pairs for cell, (pairs, _) in cells.items()} for c, cells in columns.items()},
            concepts={
                column: named
                for column, cells in columns.items()
                if (named := {cell: concepts for cell, (_, concepts) in cells.items() if concepts})
            },
            possible=frozenset(self._texts(content, "possible")),
            always=tuple(self._pairs(self._texts(content, "always"), "always")),
            separator=self._text(content, "separator") if "separator" in content else None,
            nothing=frozenset(text.casefold() for text in (*_NOTHING, *self._texts(content, "nothing"))),
            template=self._template(content),
            maker=self._maker(content),
            source={name: self._text(content["source"], name) for name in self._table(content, "source")},
        )
        if self._faults:
            lines = "\n".join(f"  - {fault}" for fault in self._faults)
            raise DataError(f"{self._path}: the mapping cannot be used:\n{lines}")
        return mapping

    def _known(self, table: Mapping[str, Any], allowed: tuple[str, ...], place: str) -> None:
        for name in table:
            if name not in allowed:
                self._faults.append(f"{place} has the unknown key '{name}'; allowed: {', '.join(allowed)}")

    def _text(self, table: Mapping[str, Any], name: str) -> str:
        value = table[name]
        if not isinstance(value, str) or not value:
            self._faults.append(f"'{name}' has to be a text that is not empty")
            return ""
        return value

    def _texts(self, table: Mapping[str, Any], name: str) -> list[str]:
        value = table.get(name, [])
        if isinstance(value, list) and all(isinstance(text, str) for text in value):
            return value
        self._faults.append(f"'{name}' has to be a list of texts")
        return []

    def _table(self, table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = table.get(name, {})
        if isinstance(value, dict):
            return value
        self._faults.append(f"'{name}' has to be a table")
        return {}

    def _dimensions(self, table: Mapping[str, Any]) -> Mapping[str, str]:
        for column, key in table.items():
            if key not in self._keys:
                allowed = listed(self._keys)
                self._faults.append(f"[dimensions] '{column}' has the dimension {shown(key)}; allowed: {allowed}")
        return table

    def _cells(
        self, column: str, table: Mapping[str, Any]
    ) -> Iterator[tuple[str, tuple[tuple[Pair, ...], tuple[NamedConcept, ...]]]]:
        """Yield each cell of a column with its labels and the findings that it names."""
        for cell in table:
            curies = self._texts(table, cell)
            found = tuple(self._findings[curie] for curie in curies if curie in self._findings)
            labels = [curie for curie in curies if curie not in self._findings]
            yield cell, (tuple(self._pairs(labels, f"[columns] '{column}', '{cell}'")), found)

    def _pairs(self, curies: list[str], place: str) -> Iterator[Pair]:
        for curie in curies:
            if curie in self._values:
                yield self._values[curie]
            else:
                hint = "write a CURIE such as udaf:shape.oval or finding:lipoma; 'udt taxonomy show' lists them"
                self._faults.append(f"{place}: '{curie}' is neither a value nor a finding of the taxonomy; {hint}")

    def _template(self, content: Mapping[str, Any]) -> Template | None:
        table = self._table(content, "template")
        if not table:
            return None
        self._known(table, ("caption",), "[template]")
        words = {column: self._words(content["words"], column) for column in self._table(content, "words")}
        return Template(self._text(table, "caption") if "caption" in table else "", words)

    def _words(self, table: Mapping[str, Any], column: str) -> Mapping[str, str]:
        words = self._table(table, column)
        if not all(isinstance(text, str) for text in words.values()):
            self._faults.append(f"[words] '{column}' has to give a text for each cell")
            return {}
        return words

    def _maker(self, content: Mapping[str, Any]) -> Maker:
        name = content.get("maker", Maker.HUMAN)
        if isinstance(name, str) and name in set(Maker):
            return Maker(name)
        self._faults.append(f"'maker' is {shown(name)}; allowed: {', '.join(Maker)}")
        return Maker.HUMAN
