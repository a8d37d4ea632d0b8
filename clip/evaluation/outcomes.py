"""The outcomes of an encoder and its references for each sample, as plain data and back.

```text
rows, cases, captions          of the samples
truth                          {dimension: [[label ids]]}; of the labels that are candidates
model and each reference       guess {dimension: [[label ids]]}: as many labels as the sample has, of the largest scores
                               correct {dimension: [whether the label with the largest score is one of the sample]}
                               confidence {dimension: [probability of that label]}
                               ranks {definition: {direction: {closer [...], tied [...]}}}: see
                                 `udt.clip.evaluation.retrieval.Ranks`
                               closest {direction: [[indices of samples]]}: candidates, from the closest
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.clip.evaluation.classification import Classification, TaskResult
from udt.clip.evaluation.references import Reference
from udt.clip.evaluation.retrieval import DEFINITIONS, WAYS, Ranks, Retrieval, groups_of
from udt.clip.evaluation.samples import Samples

Json = dict[str, Any]

_DIGITS = 6
_PARTS = ("closer", "tied")


def outcomes_to_dict(samples: Samples, entries: Sequence[Reference]) -> Json:
    """Convert the outcomes of a model, the first of the entries, and its references to plain data."""
    tasks = entries[0].classification.tasks
    return {
        "rows": list(samples.rows),
        "cases": list(samples.cases),
        "captions": list(samples.captions),
        "truth": {task.key: _ids(task.truth) for task in tasks},
        **{entry.name: _outcome(entry) for entry in entries},
    }


def _outcome(entry: Reference) -> Json:
    tasks, retrieval = entry.classification.tasks, entry.retrieval
    found: Json = {
        "guess": {task.key: _ids(task.guess) for task in tasks},
        "correct": {task.key: task.correct.tolist() for task in tasks},
        "confidence": {task.key: np.round(task.confidence, _DIGITS).tolist() for task in tasks},
    }
    if retrieval is not None:
        found["ranks"] = {name: {way: _rank(retrieval.ranks[name][way]) for way in WAYS} for name in DEFINITIONS}
        found["closest"] = {way: retrieval.closest[way].tolist() for way in WAYS}
    return found


def _rank(found: Ranks) -> Json:
    return {"closer": found.closer.tolist(), "tied": found.tied.tolist()}


def _ids(chosen: NDArray[np.bool_]) -> list[list[int]]:
    return [np.flatnonzero(row).tolist() for row in chosen]


def entry_of(document: Mapping[str, Any], name: str) -> Reference:
    """Return one entry of the `udt-evaluation/2` object: the model, or a reference."""
    outcomes, labels = document["outcomes"], document["classification"]["tasks"]
    own = outcomes[name]
    tasks = tuple(
        TaskResult(
            key=key,
            labels=tuple(labels[key]["labels"]),
            truth=_chosen(ids, len(labels[key]["labels"])),
            guess=_chosen(own["guess"][key], len(labels[key]["labels"])),
            correct=np.array(own["correct"][key], dtype=bool),
            confidence=np.array(own["confidence"][key], dtype=np.float64),
        )
        for key, ids in outcomes["truth"].items()
    )
    detail = document["references"].get(name, document["model"]["name"])
    return Reference(name, detail, Classification(tasks), _retrieval(outcomes, own))


def _retrieval(outcomes: Mapping[str, Any], own: Mapping[str, Any]) -> Retrieval | None:
    if "ranks" not in own:
        return None
    groups = groups_of(outcomes["captions"], outcomes["cases"])
    ranks = {
        name: {
            way: Ranks(groups[name], *(np.array(own["ranks"][name][way][part], dtype=np.int64) for part in _PARTS))
            for way in WAYS
        }
        for name in DEFINITIONS
    }
    return Retrieval(ranks, {way: np.array(own["closest"][way], dtype=np.int64) for way in WAYS})


def _chosen(ids: Sequence[Sequence[int]], count: int) -> NDArray[np.bool_]:
    """Return whether each label is one of the ids, (N, count)."""
    found = np.zeros((len(ids), count), dtype=bool)
    for row, chosen in zip(found, ids, strict=True):
        row[list(chosen)] = True
    return found
