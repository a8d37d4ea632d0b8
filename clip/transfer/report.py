"""The report of a transfer: a self-contained HTML page, and the few-shot curve as PNG and SVG (needs matplotlib)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from udt.clip.evaluation.references import MAJORITY
from udt.clip.evaluation.tables import TextTable, unbroken
from udt.clip.transfer.document import transfer_to_dict
from udt.clip.transfer.tables import (
    TITLES,
    class_table,
    difference_table,
    entry_name,
    measure_table,
    transfer_notes,
)
from udt.clip.transfer.transfer import TransferResult
from udt.core.atomic import atomic_output
from udt.reporting import charts
from udt.reporting.html import details, heading, page, paragraph, picture, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REPORT, DATA, CURVE = "transfer.html", "transfer.json", "few-shot"

_DRAWN = ("balanced_accuracy", "auc")
_HEIGHT = 3.6


def write_transfer_report(found: TransferResult, folder: Path) -> list[Path]:
    """Write the page, the JSON object and, in the mode `few-shot`, the curve to a folder; return the paths.

    The folder is created if it is missing.

    :raises udt.core.errors.DataError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        REPORT: page(f"Transfer of {found.model} to {found.data.layout.title}", _parts(found)).encode(),
        DATA: (json.dumps(transfer_to_dict(found), ensure_ascii=False, allow_nan=False) + "\n").encode(),
    }
    if found.mode == "few-shot":
        figure = few_shot_figure(found)
        contents |= {f"{CURVE}.png": charts.png(figure), f"{CURVE}.svg": _svg(figure)}
    for name, content in contents.items():
        with atomic_output(folder / name) as handle:
            handle.write(content)
    return [folder / name for name in contents]


def _parts(found: TransferResult) -> Iterator[str]:
    yield paragraph(
        f"Mode {found.mode} on {found.data.folder}, layout {found.data.layout.name}, split {found.plan.name}; prompts: "
        f"{'; '.join(found.data.layout.prompts)}; graphs of prompts: {found.graph}."
    )
    for sentence in (*found.warnings, *transfer_notes(found)):
        yield paragraph(f"{sentence[0].upper()}{sentence[1:]}.")
    yield _text_table(measure_table(found))
    if difference_table(found).rows:
        yield heading("Differences")
        yield paragraph("Of the model to each classifier, with intervals of the paired differences over resamples.")
        yield _text_table(difference_table(found))
    if found.mode == "few-shot":
        yield heading("Few-shot curve")
        yield paragraph(
            "Mean over seeds; the band is the standard deviation over seeds. The point at 0 is zero-shot, the dashed "
            "line the most frequent class."
        )
        yield picture(charts.png(few_shot_figure(found)), "Measures by the number of images for each class")
    yield heading("Confusion")
    last = found.own[-1]
    shares = last.confusion / np.maximum(last.confusion.sum(axis=1, keepdims=True), 1)
    yield paragraph("The share of the images of each class (row) with each prediction (column), the mean over seeds.")
    title = entry_name(last)
    yield picture(charts.heat_map(title, shares, found.data.classes, found.data.classes), f"Confusion of {title}")
    yield heading("Data")
    yield _text_table(class_table(found))
    if found.data.broken:
        names = table([name] for name in found.data.broken)
        yield details(f"images that cannot be read: {len(found.data.broken):,}", names)


def _text_table(found: TextTable) -> str:
    # A page is too narrow for four intervals with their spread in one line each.
    rows = (tuple(cell.replace("\N{NO-BREAK SPACE}±", " ±") for cell in row) for row in unbroken(found.rows))
    return table(rows, found.header)


def few_shot_figure(found: TransferResult) -> charts.Figure:
    """Draw balanced accuracy and AUC over the number of images for each class, of the model and the references."""
    figure = charts.Figure(figsize=(charts.WIDTH, _HEIGHT), layout="constrained")
    for axes, measure in zip(figure.subplots(1, len(_DRAWN), squeeze=False).flat, _DRAWN, strict=True):
        _draw(axes, found, measure)
    return figure


def _draw(axes: Axes, found: TransferResult, measure: str) -> None:
    shots = sorted({one.shots for one in found.entries if one.shots is not None})
    place = {count: number for number, count in enumerate(shots)}
    names = dict.fromkeys(one.name for one in found.entries)
    for name, color in zip(names, charts.PALETTE, strict=False):
        entries = [one for one in found.entries if one.name == name]
        values = [one.measures[measure] for one in entries]
        if name == MAJORITY:
            axes.axhline(values[0].interval.value, color=charts.MUTED, linewidth=1.2, linestyle="--", label=name)
            continue
        few = [(place[one.shots], own) for one, own in zip(entries, values, strict=True) if one.shots]
        axes.plot([x for x, _ in few], [own.interval.value for _, own in few], color=color, marker="o", label=name)
        if all(len(own.seeds) > 1 for _, own in few):
            low, high = ([own.interval.value + sign * own.spread for _, own in few] for sign in (-1, 1))
            axes.fill_between([x for x, _ in few], low, high, color=color, alpha=0.15, linewidth=0)
        for one, own in zip(entries, values, strict=True):
            if one.shots == 0:
                axes.plot(
                    [place[0]],
                    [own.interval.value],
                    color=color,
                    marker="*",
                    markersize=11,
                    linestyle="none",
                    label=f"{name}, zero-shot",
                )
    axes.set_xticks(range(len(shots)), [str(count) for count in shots])
    axes.set_xlabel("images for each class", color=charts.MUTED)
    axes.grid(axis="y", color=charts.GRID)
    axes.legend(frameon=False, fontsize=8)
    charts.style_axes(axes, TITLES[measure])


def _svg(figure: charts.Figure) -> bytes:
    target = io.BytesIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()
