"""A similarity matrix as a labelled heat map. Needs matplotlib."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from udt.core.atomic import atomic_output
from udt.core.errors import DataError
from udt.similarity.matrices import Matrix, SimilaritySet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CELL, _LETTER = 0.3, 0.085
"""Inches of a row, and of a letter beside it."""
_MOST_WITH_NUMBERS = 12
_DPI = 150
_DARK = 0.6
"""From this value on, the colour of a cell asks for white numbers."""


def heat_map(similarity: SimilaritySet, key: str, path: Path, groups: tuple[int, ...] = ()) -> None:
    """Draw the matrix of the dimension `key` as PNG into `path`; small ones with their numbers in the cells.

    :param groups: a number for each label; a line is drawn wherever it changes.
    :raises DataError: where matplotlib is not installed, or `path` cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise DataError(
            "a heat map needs matplotlib, which is not installed: pip install 'udt-toolkit[plot]'"
        ) from error
    matrix, labels = similarity[key], similarity.labels[key]
    small = len(labels) <= _MOST_WITH_NUMBERS
    cells = len(labels) * _CELL * (2 if small else 1)
    words = max(map(len, labels), default=0) * _LETTER
    figure = Figure(figsize=(cells + words + 1.2, cells + words + 0.8), dpi=_DPI, layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(matrix, vmin=0, vmax=1, cmap="YlGnBu")
    figure.colorbar(image, ax=axes, label="similarity", shrink=0.6, aspect=30)
    title = f"{key.replace('_', ' ')}: similarity by {similarity.provenance.method}"
    axes.set_title(title, fontsize=10 + 0.15 * len(labels))
    _label(axes, labels, groups)
    if small:
        _write_numbers(axes, matrix)
    picture = BytesIO()
    figure.savefig(picture, format="png")
    with atomic_output(path) as handle:
        handle.write(picture.getvalue())


def _label(axes: Axes, labels: tuple[str, ...], groups: tuple[int, ...]) -> None:
    places = range(len(labels))
    axes.set_xticks(places, labels, rotation=90)
    axes.set_yticks(places, labels)
    axes.tick_params(length=0)
    axes.set_xticks([p - 0.5 for p in places[1:]], minor=True)
    axes.set_yticks([p - 0.5 for p in places[1:]], minor=True)
    axes.grid(which="minor", color="white", linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    for place in places[1:] if groups else ():
        if groups[place] != groups[place - 1]:
            axes.axhline(place - 0.5, color="black", linewidth=0.8)
            axes.axvline(place - 0.5, color="black", linewidth=0.8)


def _write_numbers(axes: Axes, matrix: Matrix) -> None:
    for (row, column), value in np.ndenumerate(matrix):
        color = "white" if value > _DARK else "black"
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=color, fontsize=9)
