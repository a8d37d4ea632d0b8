"""From a row of a data set to a sample, as a column mapping says."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import isfinite

from udt.labels import LabelSet
from udt.records.concepts import Resolver
from udt.records.incoming import NewSample
from udt.records.mapping import ColumnMapping, Pair
from udt.records.models import Split
from udt.rows import Row, Skipped
from udt.vocabulary import Vocabulary

_MOST_NAMES = 12
_SPLIT_NAMES = {"val": "valid", "validation": "valid", "dev": "valid", "training": "train", "testing": "test"}


@dataclass(frozen=True, slots=True)
class _Said:
    """What one cell says: its values, the (dimension index, label id) pairs that they mean, and those without one."""

    cells: tuple[str, ...]
    pairs: frozenset[tuple[int, int]]
    unmapped: tuple[Pair, ...]


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
        said = {column: self._say(column, row.cells[column]) for column in self._columns if column in row.cells}
        case, image = self._name(row, "case"), self._name(row, "image")
        caption, frame = self._caption(row, said), self._frame(row)
        split = self._split(row)
        for part in (case, image, caption, frame, split):
            if isinstance(part, Skipped):
                return part
        if case is None:
            return Skipped(
                row.place, f"has no case{self._where('case')}; a sample needs one, as splits keep cases whole"
            )
        if image is None and caption is None:
            return Skipped(row.place, "has neither an image nor a caption; a sample needs one of them")
        labels, possible, unmapped = self._labels(said)
        return NewSample(case, image, caption, labels, possible, unmapped, split, *frame)

    def _where(self, field: str, row: Row) -> str:
        column = self._mapping.fields.get(field)
        if column in row.cells:
            return f"'{column}' is empty"
        there = ", ".join(list(row.cells)[:_MOST_NAMES])
        return f"no column '{column or field}' among {there}: use --map COLUMN={field}"

    def _say(self, column: str, value: object) -> _Said:
        """What a cell says. There are many rows and few different cells, so that each is read once."""
        key = column, tuple(map(str, value)) if isinstance(value, list) else str(value)
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

    def _name(self, row: Row, field: str) -> str | Skipped | None:
        column = self._mapping.fields.get(field)
        value = row.cells.get(column) if column else None
        if value is None or value == "":
            return None
        name = row.name(column or "")
        return name.replace("\\", "/") if field == "image" and isinstance(name, str) else name

    def _caption(self, row: Row, said: Mapping[str, list[str]]) -> str | Skipped | None:
        column = self._mapping.fields.get("caption")
        if column and row.cells.get(column) is not None:
            text = row.text(column)
            return text if isinstance(text, Skipped) or text.strip() else None
        template = self._mapping.template
        return template.fill({name: cell.cells for name, cell in said.items()}) if template else None

    def _frame(self, row: Row) -> tuple[int, float | None] | Skipped:
        index, time = (row.cells.get(self._mapping.fields.get(name, "")) for name in ("frame_index", "frame_time"))
        try:
            number, seconds = int(str(index or 0)), None if time in (None, "") else float(str(time))
        except ValueError:
            number = -1
        if number < 0 or (seconds is not None and not (isfinite(seconds) and seconds >= 0)):
            return Skipped(row.place, f"has the frame {index!r} at {time!r}; give a whole number and seconds, from 0")
        return number, seconds

    def _split(self, row: Row) -> Split | Skipped | None:
        value = row.cells.get(self._mapping.fields.get("split", ""))
        if value is None or value == "":
            return None
        name = str(value).strip().lower()
        name = _SPLIT_NAMES.get(name, name)
        if name not in set(Split):
            return Skipped(row.place, f"is in the split '{value}'; allowed: {', '.join(Split)}, or nothing")
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
