"""`udt evaluate model`: zero-shot classification and retrieval scores of a dual encoder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from udt.cli.shared.optional_dependencies import training_packages
from udt.cli.shared.progress import tracked

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from udt.clip.evaluation.classification import Classification, TaskScore
    from udt.clip.evaluation.evaluation import ModelEvaluation
    from udt.clip.evaluation.load import Baseline
    from udt.clip.evaluation.retrieval import Retrieval
    from udt.clip.model.config import GraphSource


@click.command("model", short_help="Score a model on the classification tasks and on retrieval.")
@click.argument("checkpoint")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="Split of the bundle.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, udt-evaluation/1.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for evaluation.html and .json.")
@click.option(
    "--graph", type=click.Choice(["text", "labels", "none"]), default="text", show_default=True,
    help="Graphs of captions: of the labels that they name, of those of their samples, which may go further, or none.",
)  # fmt: skip
@click.option(
    "--baseline",
    type=click.Choice(["hf", "open_clip"]),
    help="Library of a baseline; by default transformers, and open_clip for hf-hub: names.",
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=64, show_default=True, help="Images or texts at a time."
)
@click.option("--workers", type=click.IntRange(min=0), default=0, show_default=True, help="Processes that read images.")
@click.option(
    "--image-root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that relative paths of images start from.",
)
@click.option("--device", help="E.g. cpu or cuda:1; by default CUDA if available.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the t-SNE.")
def model(
    checkpoint: str,
    bundle: Path,
    split: str,
    as_json: bool,
    out: Path | None,
    graph: GraphSource,
    baseline: Baseline | None,
    batch_size: int,
    workers: int,
    image_root: Path | None,
    device: str | None,
    seed: int,
) -> None:
    """Score CHECKPOINT on one split of BUNDLE: zero-shot classification in each task, and retrieval.

    The tasks are those of the bundle that the model was trained on; for a model of others, all tasks of the bundle.

    CHECKPOINT is the folder of a run (its best model is taken), the folder of a model, or the name of one on the hub:
    any CLIP or SigLIP of transformers, or, as hf-hub:OWNER/NAME or ARCHITECTURE/WEIGHTS, a model of open_clip.

    \b
    Example:
      udt evaluate model runs/first bundle --out evaluation
      udt evaluate model openai/clip-vit-base-patch16 bundle
    """
    from udt.bundle.reader import Bundle

    opened = Bundle.open(bundle)
    opened.split(split)
    with training_packages():
        from udt.clip.evaluation.evaluation import evaluate_model
        from udt.clip.evaluation.load import load_encoder
        from udt.clip.evaluation.measure import EvaluationOptions
    if out is not None:
        from udt.clip.evaluation.report import write_report
    encoder = load_encoder(checkpoint, baseline, device)
    options = EvaluationOptions(graph, batch_size, workers, image_root)
    found = evaluate_model(encoder, opened, split, options, seed=seed, progress=tracked)
    click.echo(_json(found) if as_json else _text(found), nl=as_json)
    if out is not None:
        for path in write_report(found, out):
            click.echo(f"wrote {path}", err=True)


def _json(found: ModelEvaluation) -> str:
    from udt.clip.evaluation.document import to_dict

    return json.dumps(to_dict(found), ensure_ascii=False)


def _text(found: ModelEvaluation) -> str:
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    return rendered(_parts(found), get_terminal_size((100, 24)).columns if color else 100, color)


def _parts(found: ModelEvaluation) -> Iterator[RenderableType]:
    from udt.clip.evaluation.measure import remarks

    measures = found.measures
    samples = measures.samples
    yield f"{found.model}: {len(samples):,} samples of the split '{found.split}', graph: {measures.graph}"
    if samples.without_image or samples.without_caption:
        yield f"left out: {samples.without_image:,} without image, {samples.without_caption:,} without caption"
    yield ""
    yield _tasks(measures.classification)
    yield from remarks(measures)
    yield ""
    yield _retrieval(measures.retrieval)
    if isinstance(found.projection, str) and found.projection:
        yield f"\nno t-SNE: {found.projection}"


def _tasks(found: Classification) -> RenderableType:
    table = _table("zero-shot", "samples", "accuracy", "random", "majority", "macro recall", "random", "majority")
    for task in found.tasks:
        table.add_row(task.key, f"{task.samples:,}", *_scores(task.score, task.random, task.majority))
    table.add_row("mean", "", *_scores(found.mean, found.random, found.majority))
    return table


def _scores(*scores: TaskScore) -> Iterator[str]:
    yield from (f"{score.accuracy:.3f}" for score in scores)
    yield from (f"{score.macro_recall:.3f}" for score in scores)


def _retrieval(found: Retrieval) -> RenderableType:
    table = _table("retrieval", *(f"R@{k}" for k in found.image_to_text.recall), "median rank")
    for name, scores in (("image to text", found.image_to_text), ("text to image", found.text_to_image)):
        table.add_row(name, *(f"{value:.3f}" for value in scores.recall.values()), f"{scores.median_rank:,.0f}")
    random = found.image_to_text.random.values()
    table.add_row(f"random among {found.candidates:,}", *(f"{value:.3f}" for value in random), "")
    return table


def _table(first: str, *others: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table
