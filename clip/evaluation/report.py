"""The report of an evaluation: a self-contained HTML page (needs matplotlib)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from udt.clip.evaluation.classification import Classification, TaskResult
from udt.clip.evaluation.cost import Cost
from udt.clip.evaluation.document import to_dict
from udt.clip.evaluation.evaluation import ModelEvaluation
from udt.clip.evaluation.measure import Measures, remarks
from udt.clip.evaluation.projection import NONE, SEVERAL, Projection
from udt.clip.evaluation.retrieval import Retrieval
from udt.clip.evaluation.samples import Samples
from udt.clip.evaluation.sparsity import Level
from udt.core.atomic import atomic_output
from udt.reporting import charts
from udt.reporting.html import details, heading, page, paragraph, picture, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REPORT, DATA = "evaluation.html", "evaluation.json"

_SIDE = 4.0


def write_report(found: ModelEvaluation, folder: Path) -> tuple[Path, Path]:
    """Write the page and the JSON object to a folder, which is created if it is missing; return both paths.

    :raises udt.core.errors.DataError: if they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {REPORT: html(found), DATA: json.dumps(to_dict(found), ensure_ascii=False) + "\n"}
    for name, text in texts.items():
        with atomic_output(folder / name) as handle:
            handle.write(text.encode())
    return folder / REPORT, folder / DATA


def html(found: ModelEvaluation) -> str:
    """Render the page."""
    return page(f"Evaluation of {found.model}", _parts(found))


def _parts(found: ModelEvaluation) -> Iterator[str]:
    measures = found.measures
    yield from _overview(found, measures.samples)
    yield from _tasks(measures)
    yield from _retrieval(measures.retrieval)
    yield from _sparsity(found.sparsity)
    yield from _confusions(measures.classification)
    yield from _projection(found.projection)
    yield from _cost(found.cost)


def _overview(found: ModelEvaluation, samples: Samples) -> Iterator[str]:
    yield paragraph(
        f"{len(samples):,} samples of the split '{found.split}' of {samples.bundle.path}; {found.kind}, "
        f"graph: {found.measures.graph}."
    )
    if samples.without_image or samples.without_caption:
        yield paragraph(
            f"Left out: {samples.without_image:,} without image, {samples.without_caption:,} without caption."
        )
    if samples.broken:
        yield details(f"images that cannot be read: {len(samples.broken):,}", table([name] for name in samples.broken))


def _tasks(measures: Measures) -> Iterator[str]:
    found = measures.classification
    yield heading("Zero-shot classification")
    yield paragraph(
        "Accuracy: the closest prompt is a label of the sample. Macro recall: mean over labels of how many of their "
        "samples have them among as many closest prompts as the sample has labels. Beside them are the expected "
        "scores of a random guess, and those of always predicting the most frequent labels of these samples."
    )
    header = ("", "samples", "accuracy", "random", "majority", "macro recall", "random", "majority")
    yield table([*map(_task_row, found.tasks), _mean_row(found)], header)
    for remark in remarks(measures):
        yield paragraph(f"{remark[0].upper()}{remark[1:]}.")
    for title, of in (("Accuracy", "accuracy"), ("Macro recall", "macro_recall")):
        rows = [(task.key, float(getattr(task.score, of))) for task in found.tasks]
        chance = [float(getattr(task.random, of)) for task in found.tasks]
        yield picture(charts.bars(f"{title}, with random guess as tick", rows, ".2f", chance), f"{title} by dimension")


def _task_row(task: TaskResult) -> tuple[object, ...]:
    scores = (task.score, task.random, task.majority)
    return (task.key, task.samples, *(s.accuracy for s in scores), *(s.macro_recall for s in scores))


def _mean_row(found: Classification) -> tuple[object, ...]:
    scores = (found.mean, found.random, found.majority)
    return ("mean", "", *(s.accuracy for s in scores), *(s.macro_recall for s in scores))


def _retrieval(found: Retrieval) -> Iterator[str]:
    yield heading("Retrieval")
    yield paragraph(
        f"Among {found.candidates:,} candidates; {found.duplicates:,} samples share caption or image with another, and "
        "any of these counts as found. Ties are counted against the model."
    )
    directions = {"image to text": found.image_to_text, "text to image": found.text_to_image}
    rows = [(name, *scores.recall.values(), scores.median_rank) for name, scores in directions.items()]
    rows.append(("random order", *found.image_to_text.random.values(), ""))
    yield table(rows, ("", *(f"recall@{k}" for k in found.image_to_text.recall), "median rank"))


def _sparsity(levels: tuple[Level, ...]) -> Iterator[str]:
    yield heading("Accuracy by number of labelled dimensions")
    yield table(
        ((level.tasks, level.samples, level.accuracy, level.random) for level in levels),
        ("dimensions with labels", "samples", "accuracy", "random"),
    )
    rows = [(f"{level.tasks} labelled", level.accuracy) for level in levels]
    chance = [level.random for level in levels]
    yield picture(charts.bars("Accuracy, with random guess as tick", rows, ".2f", chance), "Accuracy by sparsity")


def _confusions(found: Classification) -> Iterator[str]:
    yield heading("Confusion")
    yield paragraph("Rows are the labels of samples, columns what was predicted; each row adds up to 1.")
    for task in found.tasks:
        yield details(task.key, picture(_confusion(task), f"Confusion of {task.key}") + _recalls(task))


def _confusion(task: TaskResult) -> bytes:
    present = np.flatnonzero(task.support)
    shares = task.confusion[present] / task.support[present, None]
    predicted = np.flatnonzero(shares.any(axis=0) | (task.support > 0))
    rows, columns = ([task.labels[i] for i in part] for part in (present, predicted))
    return charts.heat_map(task.key, shares[:, predicted], rows, columns)


def _recalls(task: TaskResult) -> str:
    present = np.flatnonzero(task.support)
    rows = ((task.labels[i], int(task.support[i]), float(task.recall[i])) for i in present)
    return table(rows, ("label", "samples", "recall"))


def _projection(found: Projection | str) -> Iterator[str]:
    yield heading("Captions in the plane")
    if isinstance(found, str):
        yield paragraph(f"Left out: {found}.")
        return
    yield paragraph(f"t-SNE of {len(found.names):,} captions, colour by {found.dimension}.")
    yield picture(scatter(found), "Captions in the plane, by t-SNE")


def scatter(found: Projection) -> bytes:
    """Draw the captions in the plane, without and with their graphs side by side."""
    from matplotlib.figure import Figure

    planes: Mapping[str, NDArray[np.float32] | None] = {"text alone": found.text, "text with graph": found.graph}
    drawn = {title: plane for title, plane in planes.items() if plane is not None}
    figure = Figure(figsize=(_SIDE * len(drawn), _SIDE + 0.4), layout="constrained")
    for axes, (title, plane) in zip(figure.subplots(1, len(drawn), squeeze=False)[0], drawn.items(), strict=True):
        _points(axes, plane, found.names)
        charts.style_axes(axes, title)
        axes.spines["bottom"].set_visible(False)
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    return charts.png(figure)


def _points(axes: Axes, plane: NDArray[np.float32], names: tuple[str, ...]) -> None:
    labels = sorted(set(names) - {SEVERAL, NONE})
    colors = dict(zip(labels, charts.PALETTE * len(labels), strict=False)) | {SEVERAL: charts.INK, NONE: charts.GRID}
    for name in (NONE, SEVERAL, *labels):
        chosen = [place for place, one in enumerate(names) if one == name]
        if chosen:
            axes.scatter(plane[chosen, 0], plane[chosen, 1], s=9, color=colors[name], label=name, linewidths=0)
    axes.set_xticks([])
    axes.set_yticks([])


def _cost(found: Cost) -> Iterator[str]:
    yield heading("Cost")
    rows = [*found.parameters.items(), ("in all", found.parameters_in_all)]
    yield table(rows, ("", "parameters"))
    yield table(
        ((name, f"{found.operations[name] / 1e9:.4g}", round(found.throughput[name])) for name in found.operations),
        ("", "GFLOPs each", f"a second, {found.batch_size} at a time on {found.device}"),
    )
