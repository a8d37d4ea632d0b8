"""The nine tasks on real breast images with frozen pretrained towers, beside CLIP and all baselines.

Run it as `python benchmarks/breast.py --data FOLDER --work FOLDER`; README.md in this folder says what it does. With
256 images a single test split is too small, so that the folds of a cross-validation are pooled: each image is scored by
a model that has not seen it.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read on import

import click
import numpy as np
from bundles import rewritten
from rich.console import Console
from rich.table import Table
from rounds import surroundings

from udt.bundle.from_database import write_bundle
from udt.bundle.reader import Bundle
from udt.bundle.writer import BundleSample
from udt.clip.data.features import FrozenFeatures
from udt.clip.evaluation.bootstrap import BootstrapInterval, Resamples
from udt.clip.evaluation.classification import Classification, TaskResult
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.evaluation import MODEL, ModelEvaluation, evaluate_model
from udt.clip.evaluation.measure import EvaluationOptions
from udt.clip.evaluation.references import Reference, ReferenceOptions
from udt.clip.evaluation.resampled import resampled
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.run_folder import BEST
from udt.clip.training.training import train
from udt.io.readers import stop
from udt.records.database.database import Database
from udt.records.importing.importer import Request, run_import
from udt.records.importing.importers.registry import open_data_set
from udt.records.importing.mapping import load_mapping
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "breast.json"
_SEED = 2024
_TOWER = "efficientnet-lite0"
# Beside those of the preset `demo`.
_SETTINGS = (
    "optimization.batch_size=64",
    "optimization.epochs=60",
    "evaluation.every_steps=20",
    "run.save_every_steps=1000000",
)
_MODELS: Mapping[str, Sequence[str]] = {"udt": (), "clip": ('model.graph="none"', "objective.semantic_weight=0.0")}
# Measures of the table: the means, and the accuracy of each task.
_MEANS = ("mean_accuracy", "mean_macro_recall")


@click.command()
@click.option(
    "--data", required=True, metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The BrEaST data set: brest.csv, and the images in images224/.",
)  # fmt: skip
@click.option("--folds", default=5, show_default=True, type=click.IntRange(3, 20))
@click.option("--work", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the runs.")
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
def main(data: Path, folds: int, work: Path, out: Path) -> None:
    """Train and evaluate on each fold; pool the outcomes, with intervals over cases."""
    work.mkdir(parents=True, exist_ok=True)
    source = imported(data, work)
    entries: dict[str, list[Reference]] = defaultdict(list)
    cases: list[str] = []
    for fold in range(folds):
        bundle = divided(source, work / f"fold-{fold}", fold, folds)
        click.echo(f"fold {fold + 1} of {folds}", err=True)
        for model, changes in _MODELS.items():
            found = evaluated(trained(bundle, work / f"{model}-{fold}", changes), bundle, beside=model == "udt")
            for entry in found.entries:
                if entry.name == MODEL or model == "udt":
                    entries[model if entry.name == MODEL else entry.name].append(entry)
        cases += found.measures.samples.cases
    resamples = Resamples(cases)
    joint = {name: replace(parts[0], classification=pooled(parts), retrieval=None) for name, parts in entries.items()}
    values = {name: resampled(one, resamples) for name, one in joint.items()}
    tasks = joint["udt"].classification.tasks
    result = {
        **surroundings(("udt-toolkit", "numpy", "torch", "transformers")),
        "samples": len(cases),
        "folds": folds,
        "degenerate": [task.key for task in tasks if task.degenerate],
        "labels": {task.key: int((task.support > 0).sum()) for task in tasks},
        "labelled": {task.key: task.samples for task in tasks},
        "scores": {
            name: {key: plain(resamples.interval(one)) for key, one in found.items()} for name, found in values.items()
        },
        "udt_minus": {
            name: {key: plain(resamples.interval(values["udt"][key] - found[key])) for key in found}
            for name, found in values.items()
            if name != "udt"
        },
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(result)


def imported(data: Path, work: Path) -> Bundle:
    """The data set as a bundle, with captions made of its descriptors."""
    folder, taxonomy = work / "bundle", Taxonomy.load()
    if not folder.is_dir():
        images = data / "images224"
        mapping = load_mapping("brest", taxonomy)
        request = Request("BrEaST", open_data_set(data / "brest.csv"), mapping, images=images)
        with Database.open(work / "records.db", create=True) as database:
            run_import(database, request, taxonomy, stop, lambda *_: None)
            with database.reading() as connection:
                write_bundle(connection, folder, taxonomy.vocabulary, taxonomy_similarity(taxonomy))
    return Bundle.open(folder)


def divided(source: Bundle, folder: Path, fold: int, folds: int) -> Bundle:
    """Write the bundle with one fold of the cases for the test, the next for validation, and the others to train on."""
    order = np.random.default_rng(_SEED).permutation(sorted(set(source.column("case_id").to_pylist())))
    fold_of = {str(name): place % folds for place, name in enumerate(order)}
    splits = {fold: "test", (fold + 1) % folds: "valid"}

    def of(_: int, sample: BundleSample) -> BundleSample:
        return replace(sample, split=splits.get(fold_of[sample.case_id], "train"))

    return rewritten(source, folder, of)


def trained(bundle: Bundle, out: Path, changes: Sequence[str]) -> Path:
    """Train a model, unless an earlier call has; return its folder."""
    if not out.is_dir():
        places = (f"data.bundle={json.dumps(str(bundle.path))}", f"run.out={json.dumps(str(out))}")
        train(TrainSettings.load(preset="demo", changes=(*_SETTINGS, *places, *changes)))
    return out


def evaluated(run: Path, bundle: Bundle, *, beside: bool) -> ModelEvaluation:
    """Evaluate the best model of a run on the test split, with the baselines beside it if they are wanted."""
    model = UltrasoundClipModel.from_pretrained(run / BEST).eval()
    model.freeze(("image", "text"))
    processor = UltrasoundClipProcessor.from_pretrained(run / BEST)
    frozen = FrozenFeatures.of(model, processor, bundle, batch_size=16)
    return evaluate_model(
        UltrasoundEncoder(model, processor, features=frozen.texts),
        bundle,
        "test",
        EvaluationOptions(model.config.graph_source, batch_size=16, features=frozen.images, present=True),
        chosen=ReferenceOptions(probe=_TOWER) if beside else ReferenceOptions(split=None),
        replicates=1,
        projected=0,
        seconds=0.0,
    )


def pooled(parts: Sequence[Reference]) -> Classification:
    """Join the outcomes of all folds, which have no sample in common."""
    found: dict[str, list[TaskResult]] = defaultdict(list)
    sizes = [len(part.classification.tasks[0].truth) for part in parts]
    for fold, part in enumerate(parts):
        for task in part.classification.tasks:
            found[task.key].append(task)
            if len(found[task.key]) != fold + 1:
                raise SystemExit(f"'{task.key}' has no label in a fold; take fewer folds")
    joined = (joined_task(tasks) for tasks in found.values() if len(tasks) == len(sizes))
    return Classification(tuple(joined))


def joined_task(parts: Sequence[TaskResult]) -> TaskResult:
    """Join the outcomes of one task; the candidates of a fold are the labels that occur in it."""
    labels = tuple(dict.fromkeys(label for part in parts for label in part.labels))

    def wide(part: TaskResult, name: str) -> np.ndarray:
        found = np.zeros((len(part.truth), len(labels)), dtype=bool)
        found[:, [labels.index(label) for label in part.labels]] = getattr(part, name)
        return found

    return TaskResult(
        key=parts[0].key,
        labels=labels,
        truth=np.concatenate([wide(part, "truth") for part in parts]),
        guess=np.concatenate([wide(part, "guess") for part in parts]),
        correct=np.concatenate([part.correct for part in parts]),
        confidence=np.concatenate([part.confidence for part in parts]),
    )


def plain(found: BootstrapInterval) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}


def show(result: Mapping[str, Any]) -> None:
    shown = (*_MEANS, *(f"{key}.accuracy" for key in result["labels"] if key not in result["degenerate"]))
    table = Table("measure", *result["scores"], title=f"BrEaST, {result['samples']} images, {result['folds']} folds")
    for measure in shown:
        table.add_row(measure, *(_interval(found[measure]) for found in result["scores"].values()))
    console = Console(width=180)
    console.print(table)
    gaps = Table("udt minus", *_MEANS)
    for name, found in result["udt_minus"].items():
        gaps.add_row(name, *(_interval(found[measure], "+") for measure in _MEANS))
    console.print(gaps)


def _interval(value: Mapping[str, Any], sign: str = "") -> str:
    return f"{value['value']:{sign}.3f} [{value['low']:{sign}.3f}, {value['high']:{sign}.3f}]"


if __name__ == "__main__":
    main()
