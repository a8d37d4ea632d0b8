"""An evaluation as plain data, `udt-evaluation/1`.

```text
schema            "udt-evaluation/1"
model             name, kind, graph (source of the graphs of captions: text, labels or none)
data              bundle, split, samples, without_image, without_caption, broken [...], taxonomy {version, digest}
classification    untrained, unlabelled, without_labels [...]: tasks without score, which the bundle or the model alone
                    has, or no sample has a label of
                  tasks: {dimension: {samples, left_out, accuracy, macro_recall, random: {...}, majority: {...},
                    labels [...], support [...], recall [... or null], confusion [[...]]}}
                  mean, random, majority: {accuracy, macro_recall}
retrieval         candidates, duplicates, image_to_text and text_to_image:
                    {recall: {"1", "5", "10", "50"}, random: {...}, median_rank}
sparsity          [{tasks, samples, accuracy, random}]
projection        {dimension, names [...], text [[x, y]], graph [[x, y]] or null}, or {skipped: reason}
cost              {parameters: {part: count}, parameters_in_all, operations {...}, throughput {...}, batch_size,
                    device}
versions          of udt-toolkit, torch and transformers
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from udt.clip.evaluation.classification import Classification, TaskResult, TaskScore
from udt.clip.evaluation.evaluation import ModelEvaluation
from udt.clip.evaluation.projection import Projection
from udt.clip.evaluation.retrieval import Direction, Retrieval
from udt.clip.evaluation.samples import Samples
from udt.core.version import __version__

SCHEMA = "udt-evaluation/1"


def to_dict(found: ModelEvaluation) -> dict[str, Any]:
    """Convert an evaluation to plain data for JSON."""
    return {
        "schema": SCHEMA,
        "model": {"name": found.model, "kind": found.kind, "graph": found.measures.graph},
        "data": _samples(found.measures.samples, found.split),
        "classification": {
            "untrained": list(found.measures.untrained),
            "unlabelled": list(found.measures.unlabelled),
            "without_labels": list(found.measures.without_labels),
            **_classification(found.measures.classification),
        },
        "retrieval": _retrieval(found.measures.retrieval),
        "sparsity": [asdict(level) for level in found.sparsity],
        "projection": _projection(found.projection),
        "cost": asdict(found.cost),
        "versions": {"udt-toolkit": __version__, **{name: version(name) for name in ("torch", "transformers")}},
    }


def _samples(found: Samples, split: str) -> dict[str, Any]:
    vocabulary = found.bundle.vocabulary
    return {
        "bundle": str(found.bundle.path),
        "split": split,
        "samples": len(found),
        "without_image": found.without_image,
        "without_caption": found.without_caption,
        "broken": list(found.broken),
        "taxonomy": {"version": vocabulary.version, "digest": vocabulary.digest},
    }


def _classification(found: Classification) -> dict[str, Any]:
    scores: Mapping[str, TaskScore] = {"mean": found.mean, "random": found.random, "majority": found.majority}
    tasks = {task.key: _task(task) for task in found.tasks}
    return {"tasks": tasks, **{name: asdict(score) for name, score in scores.items()}}


def _task(task: TaskResult) -> dict[str, Any]:
    return {
        "samples": task.samples,
        "left_out": task.left_out,
        **asdict(task.score),
        "random": asdict(task.random),
        "majority": asdict(task.majority),
        "labels": list(task.labels),
        "support": task.support.tolist(),
        "recall": [None if np.isnan(value) else value for value in task.recall.tolist()],
        "confusion": task.confusion.tolist(),
    }


def _retrieval(found: Retrieval) -> dict[str, Any]:
    return {
        "candidates": found.candidates,
        "duplicates": found.duplicates,
        "image_to_text": _direction(found.image_to_text),
        "text_to_image": _direction(found.text_to_image),
    }


def _direction(found: Direction) -> dict[str, Any]:
    recall, random = ({str(k): value for k, value in part.items()} for part in (found.recall, found.random))
    return {"recall": recall, "random": random, "median_rank": found.median_rank}


def _projection(found: Projection | str) -> dict[str, Any]:
    if isinstance(found, str):
        return {"skipped": found}
    graph = None if found.graph is None else found.graph.tolist()
    return {"dimension": found.dimension, "names": list(found.names), "text": found.text.tolist(), "graph": graph}
