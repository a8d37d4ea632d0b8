"""All means and recalls of an evaluation, in each bootstrap resample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from udt.clip.evaluation.bootstrap import Floats, Resamples, mean_of_present
from udt.clip.evaluation.classification import Classification
from udt.clip.evaluation.measure import recall_name
from udt.clip.evaluation.retrieval import CUTOFFS, Retrieval, each

ACCURACY, MACRO_RECALL = "accuracy", "macro_recall"
MEANS = {kind: f"mean_{kind}" for kind in (ACCURACY, MACRO_RECALL)}


def task_name(key: str, kind: str) -> str:
    """Return the name of a score of one task.

    >>> task_name("organ", "accuracy")
    'organ.accuracy'
    """
    return f"{key}.{kind}"


def resampled(
    classification: Classification, retrieval: Retrieval | None, resamples: Resamples
) -> Mapping[str, Floats]:
    """Return every mean and recall by name, (B + 1,): of all samples, and of each resample.

    The names are those of `udt.clip.evaluation.measure.Measures.headline`, and `task_name` of each task. A label, or a
    task, that is not in a resample is left out of its means.
    """
    found: dict[str, Floats] = {}
    for task in classification.tasks:
        hits = task.truth & task.guess
        found[task_name(task.key, ACCURACY)] = resamples.ratios(task.correct, task.known)[:, 0]
        found[task_name(task.key, MACRO_RECALL)] = mean_of_present(resamples.ratios(hits, task.truth))
    for kind, name in MEANS.items():
        if tasks := [found[task_name(task.key, kind)] for task in classification.varied]:
            found[name] = mean_of_present(np.stack(tasks, axis=1))
    for definition, way, ranks in each(retrieval) if retrieval is not None else ():
        weights = ranks.weights
        hits = np.stack([weights * ranks.hits(k) for k in CUTOFFS], axis=1)
        ratios = resamples.ratios(hits, np.repeat(weights[:, None], len(CUTOFFS), axis=1))
        found |= {recall_name(definition, way, k): ratios[:, place] for place, k in enumerate(CUTOFFS)}
    return found
