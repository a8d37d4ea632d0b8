"""All measures of an evaluation, in each bootstrap resample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from udt.clip.evaluation.bootstrap import Floats, Resamples, mean_of_present
from udt.clip.evaluation.calibration import resampled_ece
from udt.clip.evaluation.measure import median_rank_name, recall_name
from udt.clip.evaluation.references import Reference
from udt.clip.evaluation.retrieval import CUTOFFS, each

ACCURACY, MACRO_RECALL, ECE = "accuracy", "macro_recall", "ece"
MEANS = {kind: f"mean_{kind}" for kind in (ACCURACY, MACRO_RECALL)}


def task_name(key: str, kind: str) -> str:
    """Return the name of a score of one task.

    >>> task_name("organ", "accuracy")
    'organ.accuracy'
    """
    return f"{key}.{kind}"


def resampled(entry: Reference, resamples: Resamples) -> Mapping[str, Floats]:
    """Return every measure of a model or a reference by name, (B + 1,): of all samples, and of each resample.

    The names are those of `udt.clip.evaluation.measure.Measures.headline`, `median_rank_name` of each definition and
    direction, and `task_name` of each task. A label, or a task, that is not in a resample is left out of its means.
    """
    classification, retrieval = entry.classification, entry.retrieval
    found: dict[str, Floats] = {}
    for task in classification.tasks:
        hits = task.truth & task.guess
        found[task_name(task.key, ACCURACY)] = resamples.ratios(task.correct, task.known)[:, 0]
        found[task_name(task.key, MACRO_RECALL)] = mean_of_present(resamples.ratios(hits, task.truth))
        if entry.calibrated:
            found[task_name(task.key, ECE)] = resampled_ece(task, resamples)
    for kind, name in MEANS.items():
        if tasks := [found[task_name(task.key, kind)] for task in classification.varied]:
            found[name] = mean_of_present(np.stack(tasks, axis=1))
    for definition, way, ranks in each(retrieval) if retrieval is not None else ():
        weights = ranks.weights
        hits = np.stack([weights * ranks.hits(k) for k in CUTOFFS], axis=1)
        ratios = resamples.ratios(hits, np.repeat(weights[:, None], len(CUTOFFS), axis=1))
        found |= {recall_name(definition, way, k): ratios[:, place] for place, k in enumerate(CUTOFFS)}
        found[median_rank_name(definition, way)] = resamples.medians(ranks.expected, weights)
    return found
