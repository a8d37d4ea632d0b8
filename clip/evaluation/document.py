"""An evaluation as plain data, `udt-evaluation/2`.

```text
schema            "udt-evaluation/2"
model             name, kind, graph (source of the graphs of captions: text, labels or none)
data              bundle, split, samples, cases, without_image, without_caption, broken [...],
                    taxonomy {version, digest}
protocol          candidates ("all" labels, or those "present" in the samples), bins (of the calibration),
                    bootstrap {over "cases", replicates, seed, level}
references        {name: what it is}, and left_out [...]: the reasons for which others are missing
classification    untrained, unlabelled, without_labels [...]: tasks without score, which the bundle or the model alone
                    has, or no sample has a label of; degenerate [...]: tasks that are not in the means
                  tasks: {dimension: {samples, left_out, labels [...], support [...], random {SCORES},
                    model {SCORES, calibration {ece VALUE, confidence, bins [{samples, confidence, accuracy}]},
                    recall [... or null], confusion [[...]]}, and each reference {SCORES, calibration}}}
                  mean: {model {SCORES}, random, and each reference}, or null if all tasks are degenerate
retrieval         for each definition: {candidates, chance {"1", "5", "10", "50", median_rank},
                    model and each reference but majority: {image_to_text and text_to_image:
                    {"1", "5", "10", "50", median_rank: VALUE}}}
sparsity          [{tasks, samples, accuracy, random}]
projection        {dimension, names [...], text [[x, y]], graph [[x, y]] or null}, or {skipped: reason}
cost              {parameters: {part: count}, parameters_in_all, operations {...}, throughput {...}, batch_size,
                    device}
outcomes          of each sample, see `udt.clip.evaluation.outcomes`; evaluations are compared by them
versions          of udt-toolkit, torch and transformers
```

SCORES are accuracy and macro_recall: numbers for a random guess, and a VALUE each for the model and its references; the
majority has no calibration. A VALUE is {value, low, high} with the bounds of the interval, which are null with a
single case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from udt.clip.evaluation.bootstrap import LEVEL, BootstrapInterval, Resamples
from udt.clip.evaluation.calibration import BINS, Calibration
from udt.clip.evaluation.classification import Classification, TaskResult
from udt.clip.evaluation.evaluation import MODEL, ModelEvaluation
from udt.clip.evaluation.measure import median_rank_name, recall_name
from udt.clip.evaluation.outcomes import outcomes_to_dict
from udt.clip.evaluation.projection import Projection
from udt.clip.evaluation.references import Reference
from udt.clip.evaluation.resampled import ECE, MEANS, task_name
from udt.clip.evaluation.retrieval import CUTOFFS, DEFINITIONS, Definition
from udt.clip.evaluation.samples import Samples
from udt.core.version import __version__

SCHEMA = "udt-evaluation/2"

Intervals = Mapping[str, Mapping[str, BootstrapInterval]]
Json = dict[str, Any]


def to_dict(found: ModelEvaluation) -> Json:
    """Convert an evaluation to plain data for JSON."""
    measures, intervals = found.measures, found.intervals
    return {
        "schema": SCHEMA,
        "model": {"name": found.model, "kind": found.kind, "graph": measures.graph},
        "data": _samples(measures.samples, found.split, found.resamples.count),
        "protocol": _protocol(found.candidates, found.resamples),
        "references": {
            **{one.name: one.detail for one in found.references.found},
            "left_out": list(found.references.left_out),
        },
        "classification": {
            "untrained": list(measures.untrained),
            "unlabelled": list(measures.unlabelled),
            "without_labels": list(measures.without_labels),
            "degenerate": list(measures.classification.degenerate),
            "tasks": {task.key: _task(task, found.entries, intervals) for task in measures.classification.tasks},
            "mean": _mean(measures.classification, found.entries, intervals),
        },
        "retrieval": {name: _definition(name, found.entries, intervals) for name in DEFINITIONS},
        "sparsity": [asdict(level) for level in found.sparsity],
        "projection": _projection(found.projection),
        "cost": asdict(found.cost),
        "outcomes": outcomes_to_dict(measures.samples, found.entries),
        "versions": {"udt-toolkit": __version__, **{name: version(name) for name in ("torch", "transformers")}},
    }


def _samples(found: Samples, split: str, cases: int) -> Json:
    vocabulary = found.bundle.vocabulary
    return {
        "bundle": str(found.bundle.path),
        "split": split,
        "samples": len(found),
        "cases": cases,
        "without_image": found.without_image,
        "without_caption": found.without_caption,
        "broken": list(found.broken),
        "taxonomy": {"version": vocabulary.version, "digest": vocabulary.digest},
    }


def _protocol(candidates: str, resamples: Resamples) -> Json:
    bootstrap = {"over": "cases", "replicates": resamples.replicates, "seed": resamples.seed, "level": LEVEL}
    return {"candidates": candidates, "bins": BINS, "bootstrap": bootstrap}


def _task(task: TaskResult, entries: tuple[Reference, ...], intervals: Intervals) -> Json:
    found: Json = {
        "samples": task.samples,
        "left_out": task.left_out,
        "labels": list(task.labels),
        "support": task.support.tolist(),
        "random": asdict(task.random),
    }
    for entry in entries:
        own = _task_of(entry, task.key)
        scores = {kind: value(intervals[entry.name][task_name(task.key, kind)]) for kind in MEANS}
        found[entry.name] = scores
        if entry.calibrated:
            scores["calibration"] = _calibration(own, intervals[entry.name][task_name(task.key, ECE)])
    found[MODEL]["recall"] = [None if np.isnan(one) else one for one in task.recall.tolist()]
    found[MODEL]["confusion"] = task.confusion.tolist()
    return found


def _calibration(task: TaskResult, ece: BootstrapInterval) -> Json:
    found = Calibration.of_task(task)
    return {"ece": value(ece), "confidence": found.confidence, "bins": [asdict(one) for one in found.bins]}


def _task_of(entry: Reference, key: str) -> TaskResult:
    return next(task for task in entry.classification.tasks if task.key == key)


def _mean(found: Classification, entries: tuple[Reference, ...], intervals: Intervals) -> Json | None:
    random = found.random
    if random is None:
        return None
    scores = {
        entry.name: {kind: value(intervals[entry.name][name]) for kind, name in MEANS.items()} for entry in entries
    }
    return {**scores, "random": asdict(random)}


def _definition(name: Definition, entries: tuple[Reference, ...], intervals: Intervals) -> Json:
    ranked = {entry.name: entry.retrieval.ranks[name] for entry in entries if entry.retrieval is not None}
    first = ranked[MODEL]["image_to_text"]
    chance = {**{str(k): one for k, one in first.chance.items()}, "median_rank": first.chance_median_rank}
    found = {entry: {way: _direction(name, way, intervals[entry]) for way in ways} for entry, ways in ranked.items()}
    return {"candidates": first.candidates, "chance": chance, **found}


def _direction(definition: str, way: str, intervals: Mapping[str, BootstrapInterval]) -> Json:
    recall = {str(k): value(intervals[recall_name(definition, way, k)]) for k in CUTOFFS}
    return {**recall, "median_rank": value(intervals[median_rank_name(definition, way)])}


def value(found: BootstrapInterval) -> Json:
    """Return a value with the bounds of its interval."""
    return {name: None if np.isnan(one) else one for name, one in asdict(found).items()}


def _projection(found: Projection | str) -> Json:
    if isinstance(found, str):
        return {"skipped": found}
    graph = None if found.graph is None else found.graph.tolist()
    return {"dimension": found.dimension, "names": list(found.names), "text": found.text.tolist(), "graph": graph}
