"""Plot the statistics of a corpus: PNG files, and one HTML page with all plots and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from udt.core.atomic import atomic_output
from udt.core.errors import DataError
from udt.records.quality.statistics import Statistics
from udt.reporting.charts import ACCENT, FILL, GRID, MUTED, WIDTH, Figure, bars, png, style_axes
from udt.reporting.html import details, heading, page, picture, table

_MOST_BINS = 40


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot and its table.

    :ivar name: file name without suffix.
    :ivar png: content of the PNG file.
    """

    name: str
    title: str
    png: bytes
    rows: Sequence[tuple[str, int]]


def write_plots(numbers: Statistics, folder: Path) -> list[Path]:
    """Write the PNG files and a self-contained `index.html` to `folder`, and return their paths.

    :raises DataError: if there are no samples, or `folder` is a file.
    """
    if not numbers.totals["samples"]:
        raise DataError("there are no samples to plot; fill the database with 'udt data import'")
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: is a file; give a folder")
    folder.mkdir(parents=True, exist_ok=True)
    plots = list(draw(numbers))
    files = {f"{plot.name}.png": plot.png for plot in plots} | {"index.html": _page(numbers, plots).encode()}
    for name, content in files.items():
        with atomic_output(folder / name) as handle:
            handle.write(content)
    return [folder / name for name in files]


def draw(numbers: Statistics) -> Iterator[Plot]:
    """Yield the plots, without those that have no numbers."""
    counts = {
        "systems": ("Samples by body system", numbers.systems),
        "organs": ("Samples by organ", numbers.organs),
        "findings": (f"The {len(numbers.findings)} most frequent findings", _readable(numbers.findings)),
        "words": (f"The {len(numbers.words)} most frequent words of {numbers.vocabulary:,}", numbers.words),
        "splits": ("Samples by split", numbers.splits),
        "sources": ("Samples by source", numbers.sources),
    }
    for name, (title, rows) in counts.items():
        if rows:
            yield Plot(name, title, bars(title, rows), rows)
    if numbers.lengths:
        rows = [(str(length), count) for length, count in numbers.lengths]
        yield Plot("caption-lengths", "Words in a caption", _histogram(numbers), rows)


def _readable(rows: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Replace underscores in dimension keys by spaces."""
    return [(name.replace("_", " "), count) for name, count in rows]


def _histogram(numbers: Statistics) -> bytes:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    lengths, counts = zip(*numbers.lengths, strict=True)
    figure = Figure(figsize=(WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    width = max(1, -(-(max(lengths) - min(lengths) + 1) // _MOST_BINS))
    edges = [edge - 0.5 for edge in range(min(lengths), max(lengths) + width + 1, width)]
    axes.hist(lengths, bins=edges, weights=counts, color=FILL, rwidth=0.9)
    axes.axvline(numbers.mean_length, color=ACCENT, linewidth=1.5)
    axes.annotate(
        f"mean {numbers.mean_length:.1f}", (numbers.mean_length, 1), xycoords=("data", "axes fraction"),
        xytext=(5, -10), textcoords="offset points", color=ACCENT, fontsize=9,
    )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("words", color=MUTED)
    axes.set_ylabel("samples", color=MUTED)
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    style_axes(axes, "Words in a caption")
    return png(figure)


def _page(numbers: Statistics, plots: Sequence[Plot]) -> str:
    """Build the HTML page with all plots and tables."""
    totals = table([*numbers.totals.items(), ("different words", numbers.vocabulary)])
    parts = [heading(p.title) + picture(p.png, p.title) + details("Numbers", table(p.rows)) for p in plots]
    return page("Records", [totals, *parts])
