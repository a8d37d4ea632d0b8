"""Charts in one style, as PNG (needs matplotlib)."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.core.errors import DataError

try:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ImportError as error:
    raise DataError(
        f"drawings need {error.name}, which is not installed; install it with: pip install 'udt-toolkit[plot]'"
    ) from error

__all__ = ["Figure", "bars", "heat_map", "lines", "png", "style_axes"]

INK, MUTED, GRID, FILL, ACCENT = "#1b2733", "#5b6875", "#e3e8ed", "#2f6f9f", "#c4572e"
PALETTE = (FILL, ACCENT, "#3d8b5f", "#8a5fa8", "#b08a2e", "#6b7680")

_DPI = 150
WIDTH = 8.0
_ROW, _CELL = 0.27, 0.34
_MOST_WITH_NUMBERS = 12
_DARK = 0.55

Line = tuple[Sequence[float], Sequence[float]]
"""Places along x, and the values there."""


def bars(title: str, rows: Sequence[tuple[str, float]], form: str = ",", marks: Sequence[float] = ()) -> bytes:
    """Draw horizontal bars from the top, each with its number.

    :param form: format specification of the numbers.
    :param marks: a value for each row to compare with, drawn as a tick across the bar.
    """
    figure = Figure(figsize=(WIDTH, 0.9 + _ROW * max(len(rows), 3)), layout="constrained")
    axes = figure.subplots()
    places = range(len(rows))
    drawn = axes.barh(places, [value for _, value in rows], color=FILL, height=0.72)
    axes.set_yticks(places, [name for name, _ in rows])
    axes.set_ylim(max(len(rows), 3) - 0.5, -0.5)
    axes.bar_label(drawn, [format(value, form) for _, value in rows], padding=4, color=MUTED, fontsize=8)
    for place, mark in enumerate(marks):
        axes.plot([mark, mark], [place - 0.42, place + 0.42], color=ACCENT, linewidth=2)
    axes.margins(x=0.12)
    axes.xaxis.set_visible(False)
    style_axes(axes, title)
    axes.spines["bottom"].set_visible(False)
    return png(figure)


def lines(title: str, curves: Mapping[str, Line], x: str, y: str = "") -> bytes:
    """Draw curves over one axis, each with its name.

    :param x: label of the horizontal axis; `y` of the vertical one.
    """
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    for (name, (places, values)), color in zip(curves.items(), PALETTE * len(curves), strict=False):
        axes.plot(places, values, color=color, linewidth=1.6, label=name, marker="o" if len(places) < 2 else None)
    axes.set_xlabel(x, color=MUTED)
    axes.set_ylabel(y, color=MUTED)
    axes.grid(axis="y", color=GRID)
    if len(curves) > 1:
        axes.legend(frameon=False, fontsize=8)
    style_axes(axes, title)
    return png(figure)


def heat_map(title: str, values: NDArray[Any], rows: Sequence[str], columns: Sequence[str], form: str = ".2f") -> bytes:
    """Draw a matrix of values in [0, 1] with the names of its rows and columns, and with numbers if they fit.

    :param values: (rows, columns).
    """
    width, height = 3.2 + _CELL * max(len(columns), 4), 2.2 + _CELL * max(len(rows), 3)
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.imshow(values, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    if max(len(rows), len(columns)) <= _MOST_WITH_NUMBERS:
        for (row, column), value in np.ndenumerate(values):
            color = "white" if value > _DARK else INK
            axes.annotate(format(value, form), (column, row), ha="center", va="center", fontsize=7, color=color)
    style_axes(axes, title)
    return png(figure)


def style_axes(axes: Axes, title: str) -> None:
    """Set title, ticks and frame in the common style."""
    axes.set_title(title, loc="left", color=INK, fontsize=12, fontweight="bold")
    axes.tick_params(colors=INK, labelsize=9, length=0)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)


def png(figure: Figure) -> bytes:
    """Return a figure as PNG; the same figure gives the same bytes."""
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=_DPI, metadata={"Software": None})
    return target.getvalue()
