"""Build captions from the cells of a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_PART = re.compile(r"\[([^\[\]]*)\]")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A text with `{column}` placeholders and `[optional parts]`, which are left out if a placeholder in them is empty.

    >>> Template("Breast:[ {Shape} lesion][ with {Margin} margins].").fill({"Shape": ["oval"]})
    'Breast: oval lesion.'

    :ivar words: column to the text for each of its cells; a cell without an entry is used as it is.
    """

    text: str
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its placeholders."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.text)))

    def fill(self, values: Mapping[str, Sequence[str]]) -> str:
        """Return the text for a row.

        :param values: column to its cells, without empty ones.
        """
        texts = {column: self._text_of(column, values.get(column, ())) for column in self.columns}
        # A cell may hold brackets and braces itself, so that nothing is filled twice.
        pieces = enumerate(_PART.split(self.text))
        return "".join(self._part(piece, texts) if odd % 2 else self._filled(piece, texts) for odd, piece in pieces)

    def _text_of(self, column: str, cells: Sequence[str]) -> str:
        words = self.words.get(column, {})
        parts = list(dict.fromkeys(word for cell in cells if (word := words.get(cell, cell))))
        return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))

    def _part(self, text: str, texts: Mapping[str, str]) -> str:
        return self._filled(text, texts) if all(texts[column] for column in _PLACEHOLDER.findall(text)) else ""

    def _filled(self, text: str, texts: Mapping[str, str]) -> str:
        return _PLACEHOLDER.sub(lambda placeholder: texts[placeholder[1]], text)
