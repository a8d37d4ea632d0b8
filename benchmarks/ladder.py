"""What each step from CLIP to the full objective adds, on frozen pretrained towers and phantoms.

Run it as `python benchmarks/ladder.py --work FOLDER`; README.md in this folder says what it does. The towers encode all
once; each training then fits projections and graph to cached features, with the model, the collator, the objective and
the optimiser of `udt train`.
"""

from __future__ import annotations

import json
import math
import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

os.environ["OMP_NUM_THREADS"] = "1"  # read on import

import click
import numpy as np
import torch
from bundles import Change, phantoms, rewritten
from paired import paired_interval
from rich.console import Console
from rich.table import Table
from rounds import surroundings
from torch.optim.lr_scheduler import LambdaLR

from udt.bundle.reader import Bundle
from udt.bundle.writer import BundleSample
from udt.clip.data.collator import Collator
from udt.clip.data.dataset import LoadedSample
from udt.clip.data.features import FrozenFeatures
from udt.clip.data.rows import UsableRows
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.measure import EvaluationOptions, measure
from udt.clip.phantom.captions import phantom_caption
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.model_factory import build
from udt.clip.training.optimizer import parameter_groups
from udt.clip.training.training import batch_loss, hard_negatives
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.label_counts import LabelledRow
from udt.similarity.methods.graph_based import graph_similarity
from udt.similarity.methods.lin import lin
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "ladder.json"
_SIZE = 96
# Samples of US-365K by the number of their labelled tasks, from 1 (arXiv 2604.01749, table 9).
_TABLE_9 = (10, 25_972, 26_094, 13_145, 5_872, 1_485, 225, 6, 2)
_WRONG = 0.2
_LIN = "lin"
# The first conditions, under which the options are trained, too.
_FOR_OPTIONS = 3
# Draws of hard negatives, which the epochs take in turn.
_DRAWS = 4
_WARMUP, _LR, _BATCH = 0.05, 1e-3, 128
_METRICS = (
    "mean_accuracy",
    "mean_macro_recall",
    "caption_image_to_text_recall_at_10",
    "partner_text_to_image_recall_at_10",
)

_TOWERS = (
    'model.image="efficientnet-lite0"',
    'model.text="all-minilm-l6-v2"',
    'model.freeze="both"',
    "model.projection_dim=256",
    "model.graph_dim=64",
    "data.augment=false",
    'run.out="none"',
)
_PLAIN, _UDT, _TEXT_ALONE = "CLIP", "udt", "udt without graph"
_NO_PRIOR = "objective.semantic_weight=0"
_NO_GRAPH = 'model.graph="none"'
# Name to the changes of the preset `udt`.
RUNGS: Mapping[str, Sequence[str]] = {
    _PLAIN: (_NO_GRAPH, _NO_PRIOR, "objective.duplicates=false"),
    "+ equal captions match": (_NO_GRAPH, _NO_PRIOR),
    "+ prior as published": (_NO_GRAPH, 'objective.missing="zero"', "objective.match_prior=false"),
    "+ prior, masked": (_NO_GRAPH, "objective.match_prior=false"),
    _TEXT_ALONE: (_NO_GRAPH,),
    "udt without prior": (_NO_PRIOR,),
    _UDT: (),
}
# Settings that are off in `udt`, each added to it without graph.
OPTIONS: Mapping[str, Sequence[str]] = {
    "semantic weight 1": (_NO_GRAPH, "objective.semantic_weight=1"),
    "semantic weight 1, negatives only": (_NO_GRAPH, "objective.semantic_weight=1", "objective.negatives_only=true"),
    "soft targets instead": (_NO_GRAPH, _NO_PRIOR, "objective.soft_label_share=0.5"),
    "sigmoid loss, soft targets instead": (
        _NO_GRAPH, _NO_PRIOR, "objective.contrastive_weight=0", "objective.terms={ sigmoid = 1 }",
        "objective.soft_label_share=0.5", "model.logit_bias=-5",
    ),
    "hard negatives": (_NO_GRAPH, "objective.hard_negatives=2"),
    "Lin similarity": (_NO_GRAPH, "objective.similarity="),
}  # fmt: skip
# The part of the graph: with it, and without.
_PARTS = {"graph alone": ("udt without prior", "+ equal captions match"), "graph in udt": (_UDT, _TEXT_ALONE)}

Relabelled = Callable[[int, LabelSet, str, Vocabulary], tuple[LabelSet, str]]


@click.command()
@click.option("--seeds", default=10, show_default=True, type=click.IntRange(min=2), help="Trainings of each rung.")
@click.option("--count", default=2000, show_default=True, type=click.IntRange(min=500), help="Phantoms.")
@click.option("--epochs", default=40, show_default=True, type=click.IntRange(min=1))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(min=1), help="Trainings at a time.")
@click.option("--work", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the bundles.")
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
def main(seeds: int, count: int, epochs: int, workers: int, work: Path, out: Path) -> None:
    """Train every rung under every condition, and compare with CLIP seed by seed."""
    conditions = made(work, count)
    for condition in conditions:
        frozen_features(condition.folder)  # cached on disk before the processes start
    pairs = [*product(conditions, RUNGS), *product(conditions[:_FOR_OPTIONS], OPTIONS)]
    jobs = [Job(one, name, seed, epochs) for (one, name), seed in product(pairs, range(seeds))]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        scores: dict[str, dict[str, list[dict[str, float]]]] = {}
        for number, (job, found) in enumerate(zip(jobs, pool.map(fitted, jobs), strict=True), 1):
            scores.setdefault(job.condition.name, {}).setdefault(job.variant, []).append(found)
            click.echo(f"\r{number} of {len(jobs)} trainings", nl=number == len(jobs), err=True)
    result = {
        **surroundings(("udt-toolkit", "numpy", "torch", "transformers")),
        "phantoms": count,
        "epochs": epochs,
        "seeds": seeds,
        "train_samples": {one.name: one.samples for one in conditions},
        "scores": scores,
        "minus_clip": {
            name: {rung: paired(found[rung], found[_PLAIN]) for rung in found if rung != _PLAIN}
            for name, found in scores.items()
        },
        "options_minus_udt_without_graph": {
            name: {option: paired(found[option], found[_TEXT_ALONE]) for option in OPTIONS if option in found}
            for name, found in scores.items()
        },
        "parts": {
            name: {part: paired(found[one], found[other]) for part, (one, other) in _PARTS.items()}
            for name, found in scores.items()
        },
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(result)


@dataclass(frozen=True, slots=True)
class Condition:
    """Training data: a bundle, and how many samples of its training split are used."""

    name: str
    folder: Path
    samples: int


@dataclass(frozen=True, slots=True)
class Job:
    """One training."""

    condition: Condition
    variant: str
    seed: int
    epochs: int


def made(work: Path, count: int) -> list[Condition]:
    """The conditions: all labels with four sizes of the training split, sparse labels, and wrong labels."""
    full = phantoms(work / "full", count, _SIZE, images="path")
    samples = len(full.split("train"))
    if not (work / _LIN).is_dir():
        (work / _LIN).mkdir()
        rows = [LabelledRow(full.label_set(int(row)), None) for row in full.split("train")]
        graph_similarity(Taxonomy.load(), "lin", lin, samples=rows).save(work / _LIN)
    others = {"labels as sparse as in US-365K": sparse, f"{_WRONG:.0%} wrong labels": wrong}
    bundles = {
        name: rewritten(full, work / change.__name__, training_changed(change, full.vocabulary))
        for name, change in others.items()
    }
    return [
        Condition("all labels", full.path, samples),
        *(Condition(name, bundle.path, samples) for name, bundle in bundles.items()),
        *(Condition(f"{samples // part} samples", full.path, samples // part) for part in (2, 4, 8)),
    ]


def training_changed(change: Relabelled, vocabulary: Vocabulary) -> Change:
    """Change the training split alone."""

    def of(row: int, sample: BundleSample) -> BundleSample:
        if sample.split != "train":
            return sample
        labels, caption = change(row, sample.labels, sample.caption or "", vocabulary)
        return replace(sample, labels=labels, caption=caption)

    return of


def sparse(row: int, labels: LabelSet, _: str, vocabulary: Vocabulary) -> tuple[LabelSet, str]:
    """Keep the labels of as many tasks as a sample of US-365K has, drawn at random, and write a caption of these."""
    rng = np.random.default_rng([9, row])
    shares = np.array(_TABLE_9) / sum(_TABLE_9)
    labelled = [task for task, ids in enumerate(labels.ids) if ids]
    kept = set(rng.permutation(labelled)[: 1 + rng.choice(len(shares), p=shares)].tolist())
    fewer = LabelSet(tuple(ids if task in kept else () for task, ids in enumerate(labels.ids)))
    return fewer, phantom_caption(fewer, vocabulary, rng)


def wrong(row: int, labels: LabelSet, caption: str, vocabulary: Vocabulary) -> tuple[LabelSet, str]:
    """Replace a share of the labels by others of their task; the caption stays true."""
    rng = np.random.default_rng([20, row])

    def drawn(label: int, count: int) -> int:
        return (label + int(rng.integers(1, count))) % count if rng.random() < _WRONG else label

    tasks = zip(labels.ids, vocabulary.dimensions, strict=True)
    return LabelSet(tuple(tuple(sorted({drawn(one, len(task)) for one in ids})) for ids, task in tasks)), caption


def settings(folder: Path, variant: str) -> TrainSettings:
    lin_file = json.dumps(str(folder.parent / _LIN))
    changes = [one + lin_file if one.endswith("similarity=") else one for one in {**RUNGS, **OPTIONS}[variant]]
    return TrainSettings.load(changes=(*_TOWERS, f"data.bundle={json.dumps(str(folder))}", *changes))


@cache
def frozen_features(folder: Path) -> FrozenFeatures:
    bundle = Bundle.open(folder)
    model, processor = build(settings(folder, _PLAIN).model, bundle.vocabulary, ())
    return FrozenFeatures.of(model, processor, bundle, batch_size=16)


def fitted(job: Job) -> dict[str, float]:
    """Train one model; return its scores on the test split."""
    chosen, bundle = settings(job.condition.folder, job.variant), Bundle.open(job.condition.folder)
    frozen = frozen_features(job.condition.folder)
    images = cast(torch.Tensor, frozen.images)
    torch.manual_seed(job.seed)
    model, processor = build(chosen.model, bundle.vocabulary, ())
    rows = UsableRows.of(bundle, bundle.split("train")).rows[: job.condition.samples]
    objective, negatives = batch_loss(chosen, bundle, torch.device("cpu")), hard_negatives(chosen, bundle)
    collator = Collator(processor, bundle, graph=chosen.model.graph, features=frozen.texts, negatives=negatives)
    batches = len(rows) // min(_BATCH, len(rows))
    optimizer, schedule = optimization(model, steps=batches * job.epochs)

    @cache
    def whole(draw: int) -> dict[str, torch.Tensor]:
        return collator([LoadedSample(int(row), images[int(row)], draw) for row in rows])

    model.train()
    for epoch in range(job.epochs):
        everything = whole(epoch % _DRAWS if negatives else 0)
        for chunk in torch.randperm(len(rows)).split(_BATCH)[:batches]:
            # Of hard negatives, the texts of all samples are followed by the first ones of all, and so on.
            inputs = {
                name: part.unflatten(0, (-1, len(rows)))[:, chunk].flatten(0, 1) for name, part in everything.items()
            }
            known = [inputs.pop(name, None) for name in ("labels", "groups", "prompt_labels", "has_negative")]
            optimizer.zero_grad()
            objective(model(**inputs), *known).total.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), chosen.optimization.clip_norm)
            optimizer.step()
            schedule.step()
    model.eval()
    encoder = UltrasoundEncoder(model, processor, features=frozen.texts)
    options = EvaluationOptions(chosen.model.graph, batch_size=256, features=images)
    found = measure(encoder, bundle, bundle.split("test"), options).headline()
    return {name: found[name] for name in _METRICS}


def optimization(model: torch.nn.Module, steps: int) -> tuple[torch.optim.Optimizer, LambdaLR]:
    """AdamW with warm-up and cosine decay."""
    optimizer = torch.optim.AdamW(parameter_groups(model, _LR, weight_decay=0.05))
    warmup = max(1.0, _WARMUP * steps)
    return optimizer, LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warmup) * (1 + math.cos(math.pi * step / steps)) / 2
    )


def paired(ours: Sequence[Mapping[str, float]], theirs: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Mean difference with the same seed, and its interval, of each metric."""
    pairs = list(zip(ours, theirs, strict=True))
    return {name: paired_interval([one[name] - other[name] for one, other in pairs]) for name in _METRICS}


def show(result: Mapping[str, Any]) -> None:
    console = Console(width=200)
    scores, minus = result["scores"], result["minus_clip"]
    table = Table("accuracy, mean ± standard deviation", *scores)
    for rung in (*RUNGS, *OPTIONS):
        table.add_row(rung, *(spread(found[rung]) if rung in found else "" for found in scores.values()))
    console.print(table)
    gaps = Table("accuracy minus that of CLIP with the same seed, 95% interval", *scores)
    for rung in (*RUNGS, *OPTIONS):
        if rung != _PLAIN:
            gaps.add_row(rung, *(interval(found[rung]) if rung in found else "" for found in minus.values()))
    for part in _PARTS:
        gaps.add_row(part, *(interval(found[part]) for found in result["parts"].values()))
    console.print(gaps)


def spread(scores: Sequence[Mapping[str, float]]) -> str:
    values = [one[_METRICS[0]] for one in scores]
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


def interval(gaps: Mapping[str, Mapping[str, float]]) -> str:
    gap = gaps[_METRICS[0]]
    return f"{gap['mean']:+.3f} ({gap['low']:+.3f} to {gap['high']:+.3f})"


if __name__ == "__main__":
    main()
