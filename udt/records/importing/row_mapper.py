"""From a row of a data set to a sample, as a column mapping says."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import isfinite

from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.io.rows import Row, Skipped
from udt.records.database.concepts import Resolver
from udt.records.database.models import Split
from udt.records.importing.mapping import ColumnMapping, Pair
from udt.records.importing.sample import NewSample

_MOST_NAMES = 12
_SPLIT_NAMES = {"val": "valid", "validation": "valid", "dev": "valid", "training": "train", "testing": "test"}


@dataclass(frozen=True, slots=True)
class _Said:
    """What one cell says: its values, the (dimension index, label id) pairs that they mean, and those without one."""

    cells: tuple[str, ...]
    pairs: frozenset[tuple[int, int]]
    unmapped: tuple[Pair, ...]


class _FaultError(Exception):
    """What is wrong with a row."""

    def __init__(self, row: Row, reason: str) -> None:
        self.fault = Skipped(row.place, reason)
        super().__init__(str(self.fault))


def _sound(row: Row, text: str | Skipped) -> str:
    if isinstance(text, Skipped):
        raise _FaultError(row, text.reason)
    return text


class SampleReader:
    """Reads rows as samples.

    :param vocabulary: the labels that samples can have.
    :param resolver: finds the label that a cell names.
    :ivar seen: every column that some row has had.
    """

    def __init__(self, mapping: ColumnMapping, vocabulary: Vocabulary, resolver: Resolver) -> None:
        self._mapping = mapping
        self._vocabulary = vocabulary
        self._resolver = resolver
        self.seen: set[str] = set()
        self._keys = {key: i for i, key in enumerate(vocabulary.keys)}
        self._sets: dict[frozenset[tuple[int, int]], LabelSet] = {}
        self._said: dict[tuple[str, Hashable], _Said] = {}
        self._always = frozenset(map(self._id, mapping.always))
        template = mapping.template
        self._columns = dict.fromkeys((*mapping.dimensions, *mapping.cells, *(template.columns if template else ())))

    def read(self, row: Row) -> NewSample | Skipped:
        """The sample in `row`, or what is wrong with it."""
        self.seen.update(row.cells)
        try:
            return self._read(row)
        except _FaultError as error:
            return error.fault

    def _read(self, row: Row) -> NewSample:
        said = {column: self._say(column, row.cells[column]) for column in self._columns if column in row.cells}
        case, image, caption = self._name(row, "case"), self._path(row), self._caption(row, said)
        if case is None:
            raise _FaultError(
                row, f"has no case ({self._where('case', row)}); a sample needs one, splits keep it whole"
            )
        if image is None and caption is None:
            where = f"{self._where('image', row)}; {self._where('caption', row)}"
            raise _FaultError(row, f"has neither an image nor a caption ({where}); a sample needs one of them")
        return NewSample(case, image, caption, *self._labels(said), self._split(row), *self._frame(row))

    def _where(self, field: str, row: Row) -> str:
        column = self._mapping.fields.get(field)
        if column in row.cells:
            return f"'{column}' is empty"
        there = ", ".join(list(row.cells)[:_MOST_NAMES])
        return f"no column '{column or field}' among {there}: use --map COLUMN={field}"

    def _say(self, column: str, value: object) -> _Said:
        """What a cell says. There are many rows and few different cells, so that each is read once."""
        parts = value if isinstance(value, list) else [value]
        key = column, tuple(None if part is None else str(part) for part in parts)
        if key not in self._said:
            self._said[key] = self._read_cell(column, self._cells(value))
        return self._said[key]

    def _read_cell(self, column: str, cells: list[str]) -> _Said:
        meanings = [(cell, self._meaning(column, cell)) for cell in cells]
        place = self._mapping.dimensions.get(column, column)
        return _Said(
            tuple(cells),
            frozenset(pair for _, pairs in meanings for pair in pairs or ()),
            tuple((place, cell) for cell, pairs in meanings if pairs is None),
        )

    def _cells(self, value: object) -> list[str]:
        """The values in one cell that say something: of a list each, of a text its parts."""
        if isinstance(value, list):
            return [cell for part in value for cell in self._cells(part)]
        if value is None:
            return []
        text = str(value)
        parts = text.split(self._mapping.separator) if self._mapping.separator else [text]
        return [part.strip() for part in parts if not self._mapping.says_nothing(part)]

    def _cell(self, row: Row, field: str) -> object:
        """The cell that holds `field`, or None where there is none, or nothing in it."""
        value = row.cells.get(self._mapping.fields.get(field, ""))
        return None if value == "" else value

    def _name(self, row: Row, field: str) -> str | None:
        if self._cell(row, field) is None:
            return None
        return _sound(row, row.name(self._mapping.fields[field]))

    def _path(self, row: Row) -> str | None:
        name = self._name(row, "image")
        return name and name.replace("\\", "/")

    def _caption(self, row: Row, said: Mapping[str, _Said]) -> str | None:
        if self._cell(row, "caption") is not None:
            text = _sound(row, row.text(self._mapping.fields["caption"]))
            return text if text.strip() else None
        template = self._mapping.template
        return template.fill({name: cell.cells for name, cell in said.items()}) if template else None

    def _frame(self, row: Row) -> tuple[int, float | None]:
        index, time = self._cell(row, "frame_index"), self._cell(row, "frame_time")
        try:
            number, seconds = int(str(index or 0)), None if time is None else float(str(time))
        except ValueError:
            number, seconds = -1, None
        if number < 0 or (seconds is not None and not (isfinite(seconds) and seconds >= 0)):
            raise _FaultError(row, f"has the frame {index!r} at {time!r}; give a whole number and seconds, from 0")
        return number, seconds

    def _split(self, row: Row) -> Split | None:
        value = self._cell(row, "split")
        if value is None:
            return None
        name = str(value).strip().lower()
        name = _SPLIT_NAMES.get(name, name)
        if name not in set(Split):
            raise _FaultError(row, f"is in the split '{value}'; allowed: {', '.join(Split)}, or nothing")
        return Split(name)

    def _labels(self, said: Mapping[str, _Said]) -> tuple[LabelSet, LabelSet, tuple[Pair, ...]]:
        possible = self._mapping.possible
        sure = self._always.union(*(cell.pairs for column, cell in said.items() if column not in possible))
        hedged = frozenset[tuple[int, int]]().union(*(said[column].pairs for column in possible if column in said))
        unmapped = dict.fromkeys(pair for cell in said.values() for pair in cell.unmapped)
        return self._set(sure), self._set(hedged - sure), tuple(unmapped)

    def _meaning(self, column: str, cell: str) -> list[tuple[int, int]] | None:
        """What a cell of a column means, as (dimension index, label id); None where nobody says it."""
        if column in self._mapping.cells:
            pairs = self._mapping.cells[column].get(cell)
            return None if pairs is None else list(map(self._id, pairs))
        if column not in self._mapping.dimensions:
            return []
        key = self._mapping.dimensions[column]
        label = self._resolver.find(key, cell)
        return None if label is None else [(self._keys[key], label)]

    def _id(self, pair: Pair) -> tuple[int, int]:
        return self._keys[pair[0]], self._vocabulary[pair[0]].id(pair[1])

    def _set(self, pairs: frozenset[tuple[int, int]]) -> LabelSet:
        """Equal sets are one object: a corpus has far fewer of them than samples."""
        if pairs not in self._sets:
            size = range(len(self._vocabulary.dimensions))
            self._sets[pairs] = LabelSet(tuple(tuple(sorted(j for i, j in pairs if i == d)) for d in size))
        return self._sets[pairs]
