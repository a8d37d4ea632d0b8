"""Convert rows of a data set to samples by a column mapping."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import cast, get_args

from udt.core.labels import LabelSet
from udt.core.report import NOT_STATED, Laterality, NamedConcept, PatientInfo, Sex
from udt.core.texts import fault_of_name, fault_of_text
from udt.core.vocabulary import Vocabulary
from udt.io.rows import Row, Skipped, listed
from udt.records.database.concepts import Resolver
from udt.records.database.models import Split
from udt.records.importing.mapping import ColumnMapping, Pair
from udt.records.importing.sample import NewSample, RowLesion

_MOST_FRAMES = 2**31
"""Frames of one video; PostgreSQL keeps their numbers in 32 bits."""

_DIGITS = 10
_OLDEST = 150
"""Years that a patient can be old."""
_OF_LESIONS = ("concept", "side")
"""Fields of a row that describes one lesion."""
_OF_PATIENTS = ("age", "sex")
_OTHER_WORDS = {
    "side": {"l": "left", "r": "right", "both": "bilateral", "b": "bilateral"},
    "sex": {"f": "female", "m": "male"},
    "split": {"val": "valid", "validation": "valid", "dev": "valid", "training": "train", "testing": "test"},
}
"""Field to other words for its values."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of a row, parsed.

    :ivar values: the values in it that are not empty.
    :ivar pairs: (dimension index, label id) pairs of their labels.
    :ivar unmapped: (dimension or column, value) pairs of the values without a label in the taxonomy.
    :ivar concepts: findings that they name.
    """

    values: tuple[str, ...]
    pairs: frozenset[tuple[int, int]]
    unmapped: tuple[Pair, ...]
    concepts: tuple[NamedConcept, ...] = ()


class _FaultError(Exception):
    """A fault of a row."""

    def __init__(self, row: Row, reason: str) -> None:
        self.fault = Skipped(row.place, reason)
        super().__init__(str(self.fault))


def _valid(row: Row, text: str | Skipped) -> str:
    if isinstance(text, Skipped):
        raise _FaultError(row, text.reason)
    return text


class RowMapper:
    """Converts rows to samples.

    :param vocabulary: the labels that samples can have.
    :param resolver: finds the label for the value of a cell.
    :ivar seen: all columns of the rows so far.
    """

    def __init__(self, mapping: ColumnMapping, vocabulary: Vocabulary, resolver: Resolver) -> None:
        self._mapping = mapping
        self._vocabulary = vocabulary
        self._resolver = resolver
        self.seen: set[str] = set()
        self._keys = {key: i for i, key in enumerate(vocabulary.keys)}
        self._sets: dict[frozenset[tuple[int, int]], LabelSet] = {}
        self._parsed: dict[tuple[str, Hashable], _Cell] = {}
        self._always = frozenset(map(self._id, mapping.always))
        template = mapping.template
        self._concept_column = mapping.fields.get("concept")
        self._lesion_columns = {mapping.fields[field] for field in _OF_LESIONS if field in mapping.fields}
        own = (self._concept_column,) if self._concept_column else ()
        self._columns = dict.fromkeys(
            (*mapping.dimensions, *mapping.cells, *own, *(template.columns if template else ()))
        )

    def map(self, row: Row) -> NewSample | Skipped:
        """Return the sample of a row, or its fault."""
        self.seen.update(row.cells)
        try:
            return self._sample(row)
        except _FaultError as error:
            return error.fault

    def _sample(self, row: Row) -> NewSample:
        parsed = {column: self._parse(row, column) for column in self._columns if column in row.cells}
        case, image, caption = self._name(row, "case"), self._path(row), self._caption(row, parsed)
        if case is None:
            raise _FaultError(
                row, f"has no case ({self._missing('case', row)}); a sample needs one, since splits divide cases"
            )
        if image is None and caption is None:
            missing = f"{self._missing('image', row)}; {self._missing('caption', row)}"
            raise _FaultError(row, f"has neither an image nor a caption ({missing}); a sample needs one of them")
        is_lesion = self._mapping.concepts or not self._lesion_columns.isdisjoint(row.cells)
        lesion = self._lesion(row, parsed) if is_lesion else None
        return NewSample(
            case, image, caption, *self._labels(parsed), self._split(row), *self._frame(row), lesion, self._patient(row)
        )

    def _missing(self, field: str, row: Row) -> str:
        column = self._mapping.fields.get(field)
        if column in row.cells:
            return f"'{column}' is empty"
        return f"no column '{column or field}' among {listed(list(row.cells))}: use --map COLUMN={field}"

    def _parse(self, row: Row, column: str) -> _Cell:
        """Parse a cell. Results are cached, since many rows have few different cells."""
        value = row.cells[column]
        parts = value if isinstance(value, list) else [value]
        key = column, tuple(None if part is None else str(part) for part in parts)
        if key not in self._parsed:
            self._parsed[key] = self._parse_values(column, self._checked(row, column))
        return self._parsed[key]

    def _parse_values(self, column: str, values: list[str]) -> _Cell:
        if column == self._concept_column:
            return self._named(values)
        labels = [(value, self._labels_of(column, value)) for value in values]
        place = self._mapping.dimensions.get(column, column)
        concepts = self._mapping.concepts.get(column, {})
        return _Cell(
            tuple(values),
            frozenset(pair for _, pairs in labels for pair in pairs or ()),
            tuple((place, value) for value, pairs in labels if pairs is None),
            tuple(concept for value in values for concept in concepts.get(value, ())),
        )

    def _named(self, values: list[str]) -> _Cell:
        """Return a cell that names findings."""
        found = [(value, self._resolver.concept(value)) for value in values]
        unmapped = tuple(("concept", value) for value, concept in found if concept is None)
        return _Cell(tuple(values), frozenset(), unmapped, tuple(one for _, one in found if one is not None))

    def _checked(self, row: Row, column: str) -> list[str]:
        """Return the values of a cell, which have to be names if they are labels, and texts if they are not."""
        values = self._values(row.cells[column])
        mapping = self._mapping
        labels = column in mapping.dimensions or column in mapping.cells or column == self._concept_column
        for value in values:
            if fault := (fault_of_name if labels else fault_of_text)(value):
                raise _FaultError(row, f"a value of '{column}' {fault}")
        return values

    def _values(self, cell: object) -> list[str]:
        """Split a cell into its values that are not empty: the items of a list, the separated parts of a text."""
        if isinstance(cell, list):
            return [value for part in cell for value in self._values(part)]
        if cell is None:
            return []
        text = str(cell)
        parts = text.split(self._mapping.separator) if self._mapping.separator else [text]
        return [part.strip() for part in parts if not self._mapping.is_empty(part)]

    def _cell(self, row: Row, field: str) -> object:
        """Return the cell of a field; None if there is none, or it is empty."""
        value = row.cells.get(self._mapping.fields.get(field, ""))
        return None if value == "" else value

    def _name(self, row: Row, field: str) -> str | None:
        if self._cell(row, field) is None:
            return None
        return _valid(row, row.name(self._mapping.fields[field]))

    def _path(self, row: Row) -> str | None:
        name = self._name(row, "image")
        return name and name.replace("\\", "/")

    def _caption(self, row: Row, parsed: Mapping[str, _Cell]) -> str | None:
        if self._cell(row, "caption") is not None:
            text = _valid(row, row.text(self._mapping.fields["caption"]))
            return text if text.strip() else None
        template = self._mapping.template
        return template.fill({name: cell.values for name, cell in parsed.items()}) if template else None

    def _frame(self, row: Row) -> tuple[int, float | None]:
        index, time = _number(self._cell(row, "frame_index") or 0), self._cell(row, "frame_time")
        seconds = None if time is None else _decimal(time)
        if not 0 <= index < _MOST_FRAMES:
            allowed = f"a whole number from 0 to {_MOST_FRAMES - 1:,}"
            raise _FaultError(row, f"'{self._mapping.fields['frame_index']}' is no number of a frame; give {allowed}")
        if seconds is not None and not (isfinite(seconds) and seconds >= 0):
            raise _FaultError(row, f"'{self._mapping.fields['frame_time']}' is no time; give seconds from 0")
        return index, seconds

    def _split(self, row: Row) -> Split | None:
        value = self._cell(row, "split")
        return None if value is None else Split(self._one_of(row, "split", str(value).strip().lower(), tuple(Split)))

    def _lesion(self, row: Row, parsed: Mapping[str, _Cell]) -> RowLesion:
        possible = self._mapping.possible
        stated = [one for column, cell in parsed.items() if column not in possible for one in cell.concepts]
        offered = [one for column, cell in parsed.items() if column in possible for one in cell.concepts]
        return RowLesion(tuple(dict.fromkeys(stated)), tuple(dict.fromkeys(offered)), self._laterality(row))

    def _laterality(self, row: Row) -> str | None:
        return self._word(row, "side", get_args(Laterality))

    def _patient(self, row: Row) -> PatientInfo:
        if self._mapping.fields.keys().isdisjoint(_OF_PATIENTS):
            return NOT_STATED
        age = self._cell(row, "age")
        years = None if age is None or self._mapping.is_empty(str(age)) else _decimal(age)
        if years is not None and not 0 <= years <= _OLDEST:
            raise _FaultError(
                row,
                f"'{self._mapping.fields['age']}' is no age in years; give a number from 0 to {_OLDEST}, or nothing",
            )
        sex = self._word(row, "sex", get_args(Sex))
        return PatientInfo(years, cast("Sex | None", sex))

    def _word(self, row: Row, field: str, allowed: Sequence[str]) -> str | None:
        """Return the cell of a field that has one of a few words, or nothing."""
        cell = self._cell(row, field)
        word = "" if cell is None else str(cell).strip().casefold()
        if not word or self._mapping.is_empty(word):
            return None
        return self._one_of(row, field, word, allowed)

    def _one_of(self, row: Row, field: str, word: str, allowed: Sequence[str]) -> str:
        """Return a word or the one that it is short for, which has to be allowed."""
        word = _OTHER_WORDS[field].get(word, word)
        if word not in allowed:
            raise _FaultError(
                row, f"'{self._mapping.fields[field]}' is no {field}; allowed: {', '.join(allowed)}, or nothing"
            )
        return word

    def _labels(self, parsed: Mapping[str, _Cell]) -> tuple[LabelSet, LabelSet, tuple[Pair, ...]]:
        columns = self._mapping.possible
        present = self._always.union(*(cell.pairs for column, cell in parsed.items() if column not in columns))
        possible = frozenset[tuple[int, int]]().union(*(parsed[column].pairs for column in columns if column in parsed))
        unmapped = dict.fromkeys(pair for cell in parsed.values() for pair in cell.unmapped)
        return self._set(present), self._set(possible - present), tuple(unmapped)

    def _labels_of(self, column: str, value: str) -> list[tuple[int, int]] | None:
        """Return the (dimension index, label id) pairs of a value; None if it has no label in the taxonomy."""
        if column in self._mapping.cells:
            pairs = self._mapping.cells[column].get(value)
            return None if pairs is None else list(map(self._id, pairs))
        if column not in self._mapping.dimensions:
            return []
        key = self._mapping.dimensions[column]
        label = self._resolver.find(key, value)
        return None if label is None else [(self._keys[key], label)]

    def _id(self, pair: Pair) -> tuple[int, int]:
        return self._keys[pair[0]], self._vocabulary[pair[0]].id(pair[1])

    def _set(self, pairs: frozenset[tuple[int, int]]) -> LabelSet:
        """Return the label set of the pairs; equal sets share one object, since a corpus has few different ones."""
        if pairs not in self._sets:
            self._sets[pairs] = LabelSet.of_pairs(pairs, len(self._vocabulary.dimensions))
        return self._sets[pairs]


def _number(cell: object) -> int:
    """Return the whole number of a cell; -1 if it holds none."""
    text = str(cell)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else -1


def _decimal(cell: object) -> float:
    """Return the number of a cell; NaN if it holds none."""
    try:
        return float(str(cell))
    except ValueError:
        return float("nan")
