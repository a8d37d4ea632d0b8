"""Text files and tables without identifiers: TXT, CSV, TSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from udt.core.errors import DataError
from udt.core.strict_json import parse_json
from udt.core.texts import LONGEST_TEXT
from udt.records.deidentify.free_text import TextCleaner
from udt.records.deidentify.pseudonyms import Pseudonyms

TEXT_SUFFIXES = (".txt", ".csv", ".tsv", ".jsonl")
_REMOVED = "[REMOVED]"


@dataclass(slots=True)
class TableCleaner:
    """Cleans texts and tables, and counts the replacements.

    :ivar renamed: path of a media file of the folder to its path in the output; cells that name one are replaced.
    """

    pseudonyms: Pseudonyms
    renamed: Mapping[str, str] = field(default_factory=dict)
    replaced: Counter[str] = field(default_factory=Counter)

    def clean(self, content: bytes, suffix: str) -> bytes:
        """Return a file without identifiers; `replaced` counts those of the last one.

        :param suffix: one of `TEXT_SUFFIXES`.
        :raises DataError: if it is not UTF-8, or not JSON Lines; the message holds none of its text.
        """
        self.replaced = Counter()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataError("is not UTF-8; save it as UTF-8") from error
        kinds = {".csv": lambda: self._table(text, ","), ".tsv": lambda: self._table(text, "\t")}
        kinds |= {".jsonl": lambda: self._lines(text), ".txt": lambda: self._text(text)}
        try:
            return kinds[suffix]().encode()
        except csv.Error as error:
            raise DataError("is not a table that can be read; check its quotes") from error

    def _text(self, text: str) -> str:
        cleaned = TextCleaner.load().clean(text)
        self.replaced.update(cleaned.replaced)
        return cleaned.text

    def _table(self, text: str, separator: str) -> str:
        csv.field_size_limit(LONGEST_TEXT)  # a report may be longer than the 128 KiB that the csv module allows
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        columns = next(rows, [])
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=separator, lineterminator="\n")
        writer.writerow([self._text(column) for column in columns])
        for row in rows:
            names = [*columns, *([""] * (len(row) - len(columns)))]
            writer.writerow([self._cell(name, cell) for name, cell in zip(names, row, strict=False)])
        return out.getvalue()

    def _lines(self, text: str) -> str:
        lines = []
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            try:
                value = parse_json(line)
            except ValueError as error:
                raise DataError(f"line {number} is not JSON; correct it") from error
            lines.append(json.dumps(self._value("", value), ensure_ascii=False) + "\n")
        return "".join(lines)

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._text(key): self._value(key, one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._value(name, one) for one in value]
        listed = _plain(name) in (TextCleaner.load().pseudonym_columns | TextCleaner.load().removed_columns)
        if isinstance(value, str) or (listed and isinstance(value, (int, float)) and not isinstance(value, bool)):
            return self._cell(name, str(value))
        return value

    def _cell(self, column: str, cell: str) -> str:
        """Return a cell without identifiers, by the name of its column and its content."""
        rules = TextCleaner.load()
        if not cell:
            return cell
        if cell in self.renamed:
            return self.renamed[cell]
        if _plain(column) in rules.removed_columns:
            self.replaced[_REMOVED] += 1
            return _REMOVED
        if _plain(column) in rules.pseudonym_columns:
            self.replaced["pseudonym"] += 1
            return self.pseudonyms.name("patient", cell)
        return self._text(cell)


def _plain(column: str) -> str:
    return column.strip().lower()
