"""The tables of an evaluation as text, for terminal and page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from udt.clip.evaluation.classification import TaskResult
from udt.clip.evaluation.evaluation import MODEL, ModelEvaluation
from udt.clip.evaluation.measure import median_rank_name, recall_name
from udt.clip.evaluation.resampled import ECE, MEANS, task_name
from udt.clip.evaluation.retrieval import CUTOFFS, DEFINITIONS, WAYS, Definition

Kind = Literal["accuracy", "macro_recall"]
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of text.

    :ivar header: the title of the table, and of each other column.
    """

    header: Row
    rows: tuple[Row, ...]


def unbroken(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows whose cells, except the first, are not broken into lines on a page."""
    for first, *others in rows:
        yield first, *(cell.replace(" ", "\N{NO-BREAK SPACE}") for cell in others)


def task_table(found: ModelEvaluation, kind: Kind) -> TextTable:
    """Return the scores of each task: of the model with its interval, a random guess and the references.

    Degenerate tasks are below the mean, of which they are not a part.
    """
    classification = found.measures.classification
    names = [one.name for one in found.references.found]
    title = f"{kind.replace('_', ' ')}, graph: {found.measures.graph}"
    calibrated = ("ECE",) if kind == "accuracy" else ()
    rows = [_task_row(found, task, kind) for task in classification.varied]
    if (random := classification.random) is not None:
        scores = (f"{found.intervals[name][MEANS[kind]].value:.3f}" for name in names)
        model = str(found.intervals[MODEL][MEANS[kind]])
        mean = (f"mean of {len(classification.varied)}", "", model, f"{getattr(random, kind):.3f}", *scores)
        rows.append((*mean, *("" for _ in calibrated)))
    if apart := [_task_row(found, task, kind) for task in classification.tasks if task.degenerate]:
        rows += [("one label for all:", *("" for _ in apart[0][1:])), *apart]
    return TextTable((title, "samples", "model", "random", *names, *calibrated), tuple(rows))


def _task_row(found: ModelEvaluation, task: TaskResult, kind: Kind) -> Row:
    name = task_name(task.key, kind)
    others = (f"{found.intervals[one.name][name].value:.3f}" for one in found.references.found)
    model = str(found.intervals[MODEL][name])
    row = (task.key, f"{task.samples:,}", model, f"{getattr(task.random, kind):.3f}", *others)
    return (*row, str(found.intervals[MODEL][task_name(task.key, ECE)])) if kind == "accuracy" else row


def retrieval_table(found: ModelEvaluation) -> TextTable:
    """Return R@k and median rank in each definition and direction, of the model, the references, and by chance."""
    rows = tuple(row for name in DEFINITIONS for row in _definition_rows(found, name))
    return TextTable((f"retrieval, graph: {found.measures.graph}", *(f"R@{k}" for k in CUTOFFS), "median rank"), rows)


def _definition_rows(found: ModelEvaluation, name: Definition) -> Iterator[Row]:
    first = found.measures.retrieval.ranks[name]["image_to_text"]
    yield (f"{name}: {first.candidates:,} candidates", *("" for _ in CUTOFFS), "")
    for entry in found.entries:
        if entry.retrieval is None:
            continue
        own = "" if entry.name == MODEL else f"{entry.name}, "
        for way in WAYS:
            intervals = (found.intervals[entry.name][recall_name(name, way, k)] for k in CUTOFFS)
            cells = (str(one) if entry.name == MODEL else f"{one.value:.3f}" for one in intervals)
            median = found.intervals[entry.name][median_rank_name(name, way)]
            rank = f"{median:,.1f}" if entry.name == MODEL else f"{median.value:,.1f}"
            yield (f"  {own}{way.replace('_', ' ')}", *cells, rank)
    chance = (f"{value:.3f}" for value in first.chance.values())
    yield ("  chance", *chance, f"{first.chance_median_rank:,.1f}")


def notes(found: ModelEvaluation) -> list[str]:
    """Return sentences on the samples, the protocol and the references."""
    samples, resamples = found.measures.samples, found.resamples
    dropped = f"left out: {samples.without_image:,} without image, {samples.without_caption:,} without caption"
    intervals = f"intervals: 95%, bootstrap over {resamples.count:,} cases, {resamples.replicates:,} resamples"
    candidates = "labels that these samples have" if found.candidates == "present" else "all labels"
    return [
        *([dropped] if samples.without_image or samples.without_caption else []),
        f"candidates: {candidates}; {intervals}",
        *(f"{one.name}: {one.detail}" for one in found.references.found),
        *found.references.left_out,
    ]
