"""Diagrams as PNG and SVG, by Matplotlib."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Literal

from matplotlib import font_manager, rc_context
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from udt.graphkit.draw.diagram import Diagram, Drawing
from udt.graphkit.draw.layout import (
    LABEL_SIZE,
    LABEL_STEP,
    SMALL_SIZE,
    SMALL_STEP,
    TITLE_SIZE,
    Box,
    Curve,
    Layout,
    Point,
    lay_out,
)
from udt.graphkit.draw.theme import style
from udt.reporting.certainty import CERTAINTY
from udt.reporting.fonts import FONTS

_PIXELS_PER_INCH = 96
_SHARPNESS = 2
_MOST_PIXELS = 60_000
_NO_GLYPH = "Glyph .* missing from (current )?font"
_BEZIER = (Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4)


def to_png(drawing: Drawing) -> bytes:
    """Draw the first diagram as PNG; the same bytes for the same diagram."""
    return _drawn(drawing.diagram, "png")


def to_svg(drawing: Drawing) -> bytes:
    """Draw the first diagram as SVG; the same bytes for the same diagram."""
    return _drawn(drawing.diagram, "svg")


def _drawn(diagram: Diagram, format: Literal["png", "svg"]) -> bytes:
    layout = lay_out(diagram)
    fonts = set(font_manager.get_font_names())
    settings: dict[Any, Any] = {
        "font.family": [name for name in FONTS if name in fonts] or ["sans-serif"],
        "svg.fonttype": "none",
        "svg.hashsalt": "udt",
    }
    sharpness = min(_SHARPNESS, _MOST_PIXELS / max(layout.width, layout.height))
    metadata = {"Date": None} if format == "svg" else {"Software": None}
    target = BytesIO()
    with rc_context(settings), warnings.catch_warnings(record=True) as caught:
        warnings.filterwarnings("always", _NO_GLYPH)
        _figure(layout).savefig(target, format=format, dpi=sharpness * _PIXELS_PER_INCH, metadata=metadata)
    _warn(caught, format)
    return target.getvalue()


def _warn(caught: Sequence[warnings.WarningMessage], format: str) -> None:
    """Warn once of all missing glyphs, and not for SVG, whose viewer chooses the font."""
    missing = [one for one in caught if re.match(_NO_GLYPH, str(one.message))]
    for one in caught:
        if one not in missing:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if missing and format == "png":
        hint = "install one that does, such as Noto Sans CJK, or write .svg or .html"
        warnings.warn(f"no font here has all letters of this drawing, so some are boxes; {hint}", stacklevel=3)


def _figure(layout: Layout) -> Figure:
    figure = Figure((layout.width / _PIXELS_PER_INCH, layout.height / _PIXELS_PER_INCH), facecolor="white")
    canvas = _Canvas(figure, layout)
    canvas.text(layout.diagram.title, Point(24, 30), TITLE_SIZE, "#1b2330", bold=True, align="left")
    for curve in layout.curves:
        canvas.curve(curve)
    for box in (*layout.boxes, *layout.legend):
        canvas.box(box)
    return figure


class _Canvas:
    """Axes in pixels, with the origin at the top left."""

    def __init__(self, figure: Figure, layout: Layout) -> None:
        self._axes = figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, layout.width)
        self._axes.set_ylim(layout.height, 0)
        self._axes.set_axis_off()

    def text(
        self, text: str, place: Point, size: float, color: str, *, bold: bool = False, align: str = "center"
    ) -> None:
        """Draw one line of text, vertically centred at `place`."""
        points = size * 72 / _PIXELS_PER_INCH
        weight = "bold" if bold else "normal"
        self._axes.text(
            *place, text, fontsize=points, color=color, weight=weight, ha=align, va="center_baseline", parse_math=False
        )

    def curve(self, curve: Curve) -> None:
        """Draw a link, with its note on white."""
        certainty = curve.link.certainty
        width = curve.thickness * 72 / _PIXELS_PER_INCH
        dashes = (0, CERTAINTY[certainty].dashes) if CERTAINTY[certainty].dashes else "solid"
        path = Path(curve.points, _BEZIER)
        alpha = 1.0 if curve.link.weight is None else 0.6
        self._axes.add_patch(
            PathPatch(path, fill=False, edgecolor=curve.color, linewidth=width, linestyle=dashes, alpha=alpha, zorder=1)
        )
        if curve.link.note:
            self._axes.text(
                *curve.mark, curve.link.note, fontsize=SMALL_SIZE * 72 / _PIXELS_PER_INCH, color="#1b2330", ha="center",
                va="center", parse_math=False, zorder=2, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
            )  # fmt: skip

    def box(self, box: Box) -> None:
        """Draw an item with its lines of text."""
        look = style(box.item)
        dashes = (0, look.dashes) if look.dashes else "solid"
        self._axes.add_patch(
            FancyBboxPatch(
                (box.x, box.y), box.width, box.height, boxstyle="round,pad=0,rounding_size=6", facecolor=look.fill,
                edgecolor=look.line, linewidth=1, linestyle=dashes, zorder=3,
            )
        )  # fmt: skip
        x = box.x + box.width / 2
        y = box.y + (box.height - SMALL_STEP * (1 + len(box.notes)) - LABEL_STEP * len(box.label)) / 2
        self.text(box.caption, Point(x, y + SMALL_STEP / 2), SMALL_SIZE, look.faint)
        y += SMALL_STEP
        for line in box.label:
            self.text(line, Point(x, y + LABEL_STEP / 2), LABEL_SIZE, look.text, bold=True)
            y += LABEL_STEP
        for line in box.notes:
            self.text(line, Point(x, y + SMALL_STEP / 2), SMALL_SIZE, look.faint)
            y += SMALL_STEP
