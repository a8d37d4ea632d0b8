"""Captions from the cells of a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_PART = re.compile(r"\[([^\[\]]*)\]")
_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with `{column}` places and `[optional parts]`, which are left out where one of their places is empty.

    >>> Template("Breast:[ {Shape} lesion][ with {Margin} margins].").fill({"Shape": ["oval"]})
    'Breast: oval lesion.'

    :ivar words: column to the words that stand for its cells in the text; a cell that is not in it stands for itself.
    """

    text: str
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it asks for."""
        return tuple(dict.fromkeys(_PLACE.findall(self.text)))

    def fill(self, values: Mapping[str, Sequence[str]]) -> str:
        """The text for a row.

        :param values: column to its cells, without those that say nothing.
        """
        said = {column: self._said(column, values.get(column, ())) for column in self.columns}
        return self._filled(_PART.sub(lambda part: self._part(part[1], said), self.text), said)

    def _said(self, column: str, cells: Sequence[str]) -> str:
        words = self.words.get(column, {})
        parts = list(dict.fromkeys(word for cell in cells if (word := words.get(cell, cell))))
        return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))

    def _part(self, text: str, said: Mapping[str, str]) -> str:
        return self._filled(text, said) if all(said[column] for column in _PLACE.findall(text)) else ""

    def _filled(self, text: str, said: Mapping[str, str]) -> str:
        return _PLACE.sub(lambda place: said[place[1]], text)
