"""The report of an evaluation: a self-contained HTML page (needs matplotlib)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from udt.clip.evaluation.calibration import BINS, Calibration
from udt.clip.evaluation.classification import Classification, TaskResult
from udt.clip.evaluation.cost import Cost
from udt.clip.evaluation.document import to_dict
from udt.clip.evaluation.evaluation import ModelEvaluation
from udt.clip.evaluation.measure import remarks
from udt.clip.evaluation.projection import NONE, SEVERAL, Projection
from udt.clip.evaluation.resampled import ECE, task_name
from udt.clip.evaluation.sparsity import by_sparsity
from udt.clip.evaluation.tables import TextTable, notes, retrieval_table, task_table, unbroken
from udt.core.atomic import atomic_output
from udt.reporting import charts
from udt.reporting.html import details, heading, page, paragraph, picture, table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REPORT, DATA = "evaluation.html", "evaluation.json"

_SIDE = 4.0
_PANEL, _COLUMNS = 2.6, 3


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
    yield from _overview(found)
    yield from _tasks(found)
    yield from _calibration(found)
    yield from _retrieval(found)
    yield from _sparsity(found)
    yield from _confusions(found.measures.classification)
    yield from _projection(found.projection)
    yield from _cost(found.cost)


def _overview(found: ModelEvaluation) -> Iterator[str]:
    samples = found.measures.samples
    yield paragraph(
        f"{len(samples):,} samples of the split '{found.split}' of {samples.bundle.path}; graph: "
        f"{found.measures.graph} ({found.kind})."
    )
    for note in notes(found):
        yield paragraph(_sentence(note))
    if samples.broken:
        yield details(f"images that cannot be read: {len(samples.broken):,}", table([name] for name in samples.broken))


def _tasks(found: ModelEvaluation) -> Iterator[str]:
    classification = found.measures.classification
    yield heading("Zero-shot classification")
    yield paragraph(
        "Accuracy: the closest prompt is a label of the sample. Macro recall: mean over labels of how many of their "
        "samples have them among as many closest prompts as the sample has labels. Means are over tasks of which no "
        "label is right for all samples. Beside the model are the expected scores of a random guess, and those of the "
        "references."
    )
    yield _text_table(task_table(found, "accuracy"))
    yield _text_table(task_table(found, "macro_recall"))
    for remark in remarks(found.measures):
        yield paragraph(_sentence(remark))
    for title, of in (("Accuracy", "accuracy"), ("Macro recall", "macro_recall")):
        rows = [(task.key, float(getattr(task.score, of))) for task in classification.tasks]
        chance = [float(getattr(task.random, of)) for task in classification.tasks]
        yield picture(charts.bars(f"{title}, with random guess as tick", rows, ".2f", chance), f"{title} by dimension")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _text_table(found: TextTable) -> str:
    return table(unbroken(found.rows), found.header)


def _calibration(found: ModelEvaluation) -> Iterator[str]:
    yield heading("Calibration")
    yield paragraph(
        "Confidence is the probability of the closest prompt, by the softmax over the scaled cosines with all prompts "
        f"of the task. Samples are put into {BINS} bins of equal width by it. The expected calibration error (ECE) is "
        "the mean over samples of the distance between accuracy and mean confidence of their bin. A point is a bin, "
        "its size the number of samples; on the line, confidence is right."
    )
    entries = [one for one in found.entries if one.calibrated]
    tasks = zip(*(one.classification.tasks for one in entries), strict=True)
    calibrations = {own[0].key: [Calibration.of_task(task) for task in own] for own in tasks}
    rows = (
        (key, *(str(found.intervals[one.name][task_name(key, ECE)]) for one in entries), f"{own[0].confidence:.3f}")
        for key, own in calibrations.items()
    )
    names = [one.name for one in entries]
    yield table(unbroken(rows), (f"ECE, graph: {found.measures.graph}", *names, "mean confidence of the model"))
    yield picture(reliability({key: own[0] for key, own in calibrations.items()}), "Reliability of each task")


def reliability(found: Mapping[str, Calibration]) -> bytes:
    """Draw accuracy over confidence for each task."""
    from matplotlib.figure import Figure

    rows = -(-len(found) // _COLUMNS)
    figure = Figure(figsize=(_PANEL * _COLUMNS, (_PANEL + 0.3) * rows), layout="constrained")
    panels = figure.subplots(rows, _COLUMNS, squeeze=False, sharex=True, sharey=True).flat
    for axes, (key, one) in zip(panels, found.items(), strict=False):
        axes.plot([0, 1], [0, 1], color=charts.GRID, linewidth=1.4)
        places, shares = ([getattr(part, name) for part in one.bins] for name in ("confidence", "accuracy"))
        sizes = [8 + 120 * part.samples / one.samples for part in one.bins]
        axes.plot(places, shares, color=charts.FILL, linewidth=1)
        axes.scatter(places, shares, s=sizes, color=charts.FILL, linewidths=0)
        charts.style_axes(axes, "")
        axes.set_title(f"{key}, ECE {one.ece:.3f}", loc="left", color=charts.INK, fontsize=9)
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.03, 1.03)
    for axes in list(figure.axes)[len(found) :]:
        axes.set_visible(False)
    figure.supxlabel("confidence", color=charts.MUTED, fontsize=9)
    figure.supylabel("accuracy", color=charts.MUTED, fontsize=9)
    return charts.png(figure)


def _retrieval(found: ModelEvaluation) -> Iterator[str]:
    yield heading("Retrieval")
    yield paragraph(
        "Candidates are groups of samples, each once: those with the same caption, each sample alone (its exact "
        "partner), or those of the same case. Every group counts the same, ties are broken by chance, and an encoder "
        "that distinguishes nothing has the scores of the line 'chance'."
    )
    yield _text_table(retrieval_table(found))


def _sparsity(found: ModelEvaluation) -> Iterator[str]:
    yield heading("Accuracy by number of labelled dimensions")
    others = [by_sparsity(one.classification) for one in found.references.found]
    beside = zip(*others, strict=True)
    yield table(
        (
            (level.tasks, level.samples, level.accuracy, level.random, *(one.accuracy for one in some))
            for level, some in zip(found.sparsity, beside, strict=True)
        ),
        (
            f"dimensions with labels, graph: {found.measures.graph}",
            "samples",
            "accuracy",
            "random",
            *(one.name for one in found.references.found),
        ),
    )
    rows = [(f"{level.tasks} labelled", level.accuracy) for level in found.sparsity]
    chance = [level.random for level in found.sparsity]
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
