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
"""Inches of a row, and of a letter of its label."""
_MOST_WITH_NUMBERS = 12
_DPI = 150
_DARK = 0.6
"""Above this value the numbers are white, since the cell is dark."""


def heat_map(similarity: SimilaritySet, key: str, path: Path, groups: tuple[int, ...] = ()) -> None:
    """Draw the matrix of the dimension `key` as PNG into `path`, with the values in the cells of a small matrix.

    :param groups: group number of each label; a line separates groups.
    :raises DataError: if matplotlib is not installed, or `path` cannot be written.
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
    image_file = BytesIO()
    figure.savefig(image_file, format="png")
    with atomic_output(path) as handle:
        handle.write(image_file.getvalue())


def _label(axes: Axes, labels: tuple[str, ...], groups: tuple[int, ...]) -> None:
    positions = range(len(labels))
    axes.set_xticks(positions, labels, rotation=90)
    axes.set_yticks(positions, labels)
    axes.tick_params(length=0)
    axes.set_xticks([p - 0.5 for p in positions[1:]], minor=True)
    axes.set_yticks([p - 0.5 for p in positions[1:]], minor=True)
    axes.grid(which="minor", color="white", linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    for position in positions[1:] if groups else ():
        if groups[position] != groups[position - 1]:
            axes.axhline(position - 0.5, color="black", linewidth=0.8)
            axes.axvline(position - 0.5, color="black", linewidth=0.8)


def _write_numbers(axes: Axes, matrix: Matrix) -> None:
    for (row, column), value in np.ndenumerate(matrix):
        color = "white" if value > _DARK else "black"
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", color=color, fontsize=9)
