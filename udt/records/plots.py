"""The numbers of a corpus as drawings: one PNG each, and one HTML page that holds them all with their tables."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from udt.errors import DataError
from udt.files import atomic_output
from udt.records.statistics import Statistics

_INK, _MUTED, _GRID, _FILL, _ACCENT = "#1b2733", "#5b6875", "#e3e8ed", "#2f6f9f", "#c4572e"
_DPI = 150
_WIDTH = 8.0
_ROW = 0.27
_MOST_BINS = 40

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b2733; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } img { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } details { margin: .5rem 0; }
td, th { padding: .15rem 1rem .15rem 0; text-align: left; border-bottom: 1px solid #e3e8ed; }
td:last-child { text-align: right; }
"""


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing and the table that it is made from.

    :ivar name: of its file, without suffix.
    :ivar png: the image.
    """

    name: str
    title: str
    png: bytes
    rows: Sequence[tuple[str, int]]


def write_plots(numbers: Statistics, folder: Path) -> list[Path]:
    """Write the PNG files and `index.html`, which needs no other file, to `folder`; returns their paths.

    :raises DataError: where there are no samples, or `folder` is a file.
    """
    if not numbers.totals["samples"]:
        raise DataError("there are no samples to draw; fill the database with 'udt data import'")
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: is a file; give a folder")
    folder.mkdir(parents=True, exist_ok=True)
    plots = list(draw(numbers))
    files = {f"{plot.name}.png": plot.png for plot in plots} | {"index.html": page(numbers, plots).encode()}
    for name, content in files.items():
        with atomic_output(folder / name) as handle:
            handle.write(content)
    return [folder / name for name in files]


def draw(numbers: Statistics) -> Iterator[Plot]:
    """Every drawing for which there are numbers."""
    bars = {
        "systems": ("Samples by body system", numbers.systems),
        "organs": ("Samples by organ", numbers.organs),
        "findings": (f"The {len(numbers.findings)} most frequent findings", _spoken(numbers.findings)),
        "words": (f"The {len(numbers.words)} most frequent words of {numbers.vocabulary:,}", numbers.words),
        "splits": ("Samples by split", numbers.splits),
        "sources": ("Samples by source", numbers.sources),
    }
    for name, (title, rows) in bars.items():
        if rows:
            yield Plot(name, title, _bars(title, rows), rows)
    if numbers.lengths:
        rows = [(str(length), count) for length, count in numbers.lengths]
        yield Plot("caption-lengths", "Words in a caption", _histogram(numbers), rows)


def _spoken(rows: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Keys of dimensions as words."""
    return [(name.replace("_", " "), count) for name, count in rows]


def _bars(title: str, rows: Sequence[tuple[str, int]]) -> bytes:
    """Horizontal bars, the longest on top, each with its number."""
    figure = Figure(figsize=(_WIDTH, 0.9 + _ROW * max(len(rows), 3)), layout="constrained")
    axes = figure.subplots()
    places = range(len(rows))
    drawn = axes.barh(places, [count for _, count in rows], color=_FILL, height=0.72)
    axes.set_yticks(places, [name for name, _ in rows])
    axes.invert_yaxis()
    axes.set_ylim(max(len(rows), 3) - 0.5, -0.5)
    axes.bar_label(drawn, [f"{count:,}" for _, count in rows], padding=4, color=_MUTED, fontsize=8)
    axes.margins(x=0.12)
    axes.xaxis.set_visible(False)
    _dress(axes, title)
    axes.spines["bottom"].set_visible(False)
    return _png(figure)


def _histogram(numbers: Statistics) -> bytes:
    lengths, counts = zip(*numbers.lengths, strict=True)
    figure = Figure(figsize=(_WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    width = max(1, -(-(max(lengths) - min(lengths) + 1) // _MOST_BINS))
    edges = [edge - 0.5 for edge in range(min(lengths), max(lengths) + width + 1, width)]
    axes.hist(lengths, bins=edges, weights=counts, color=_FILL, rwidth=0.9)
    axes.axvline(numbers.mean_length, color=_ACCENT, linewidth=1.5)
    axes.annotate(
        f"mean {numbers.mean_length:.1f}", (numbers.mean_length, 1), xycoords=("data", "axes fraction"),
        xytext=(5, -10), textcoords="offset points", color=_ACCENT, fontsize=9,
    )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("words", color=_MUTED)
    axes.set_ylabel("samples", color=_MUTED)
    axes.grid(axis="y", color=_GRID)
    axes.set_axisbelow(True)
    _dress(axes, "Words in a caption")
    return _png(figure)


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", color=_INK, fontsize=12, fontweight="bold")
    axes.tick_params(colors=_INK, labelsize=9, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_GRID)


def _png(figure: Figure) -> bytes:
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=_DPI, metadata={"Software": None})
    return target.getvalue()


def page(numbers: Statistics, plots: Sequence[Plot]) -> str:
    """One HTML page with all drawings and tables in it."""
    parts = [f"<h2>{html.escape(plot.title)}</h2>{_figure(plot)}" for plot in plots]
    totals = _table([*numbers.totals.items(), ("different words", numbers.vocabulary)])
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>Records</title>"
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head>\n"
        f"<body><h1>Records</h1>\n{totals}\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _figure(plot: Plot) -> str:
    data = base64.b64encode(plot.png).decode()
    image = f"<img alt='{html.escape(plot.title, quote=True)}' src='data:image/png;base64,{data}'>"
    return f"{image}<details><summary>Numbers</summary>{_table(plot.rows)}</details>"


def _table(rows: Sequence[tuple[str, int]]) -> str:
    cells = "".join(f"<tr><td>{html.escape(name)}</td><td>{count:,}</td></tr>" for name, count in rows)
    return f"<table>{cells}</table>"
