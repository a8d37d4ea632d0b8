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

    from udt.clip.evaluation.evaluation import ModelEvaluation
    from udt.clip.evaluation.load import Baseline
    from udt.clip.evaluation.tables import TextTable

_WIDTH = 128


@click.command("model", short_help="Score a model on the classification tasks and on retrieval.")
@click.argument("checkpoint")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="Split of the bundle.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, udt-evaluation/2.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for evaluation.html and .json.")
@click.option("--no-graph", is_flag=True, help="Embed texts without graphs, even if the model has a graph encoder.")
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
@click.option("--present", is_flag=True, help="Only labels that the samples have are candidates in the classification.")
@click.option(
    "--fit-split", default="train", show_default=True, help="Split that the regressions beside the model are fitted to."
)
@click.option("--probe", metavar="TOWER", help="Frozen pretrained image tower beside the model: a name, or a folder.")
@click.option("--no-fit", is_flag=True, help="Leave out the regressions on pixels and on the probe.")
@click.option(
    "--resamples", type=click.IntRange(min=1), default=1000, show_default=True, help="Resamples of the bootstrap."
)
@click.option("--device", help="E.g. cpu or cuda:1; by default CUDA if available.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of bootstrap and t-SNE.")
def model(
    checkpoint: str,
    bundle: Path,
    split: str,
    as_json: bool,
    out: Path | None,
    no_graph: bool,
    baseline: Baseline | None,
    batch_size: int,
    workers: int,
    image_root: Path | None,
    present: bool,
    fit_split: str,
    probe: str | None,
    no_fit: bool,
    resamples: int,
    device: str | None,
    seed: int,
) -> None:
    """Score CHECKPOINT on one split of BUNDLE: zero-shot classification in each task, and retrieval.

    Beside it are a random guess, the most frequent labels, and regressions that are fitted to another split: on 32 × 32
    grey pixels, and with --probe on the features of a pretrained image tower.

    The tasks are those of the bundle that the model was trained on; for a model of others, all tasks of the bundle.

    CHECKPOINT is the folder of a run (its best model is taken), the folder of a model, or the name of one on the hub:
    any CLIP or SigLIP of transformers, or, as hf-hub:OWNER/NAME or ARCHITECTURE/WEIGHTS, a model of open_clip.

    \b
    Example:
      udt evaluate model runs/first bundle --out evaluation
      udt evaluate model runs/first bundle --present --probe google/vit-base-patch16-224
      udt evaluate model openai/clip-vit-base-patch16 bundle
    """
    from udt.bundle.reader import Bundle

    opened = Bundle.open(bundle)
    opened.split(split)
    with training_packages():
        from udt.clip.evaluation.evaluation import evaluate_model
        from udt.clip.evaluation.load import load_encoder
        from udt.clip.evaluation.measure import EvaluationOptions
        from udt.clip.evaluation.references import ReferenceOptions
    if out is not None:
        from udt.clip.evaluation.report import write_report
    encoder = load_encoder(checkpoint, baseline, device)
    options = EvaluationOptions(not no_graph, batch_size, workers, image_root, present)
    chosen = ReferenceOptions(None if no_fit else fit_split, None if no_fit else probe)
    found = evaluate_model(
        encoder, opened, split, options, chosen=chosen, replicates=resamples, seed=seed, progress=tracked
    )
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
    return rendered(_parts(found), get_terminal_size((_WIDTH, 24)).columns if color else _WIDTH, color)


def _parts(found: ModelEvaluation) -> Iterator[RenderableType]:
    from udt.clip.evaluation.measure import remarks
    from udt.clip.evaluation.tables import notes, retrieval_table, task_table

    measures = found.measures
    yield f"{found.model}, graph: {measures.graph}: {len(measures.samples):,} samples of the split '{found.split}'"
    yield from notes(found)
    for table in (task_table(found, "accuracy"), task_table(found, "macro_recall")):
        yield ""
        yield text_table(table)
    yield from remarks(measures)
    yield ""
    yield text_table(retrieval_table(found))
    if isinstance(found.projection, str) and found.projection:
        yield f"\nno t-SNE: {found.projection}"


def text_table(found: TextTable) -> Table:
    """Return a table for the terminal."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, name in enumerate(found.header):
        table.add_column(name, justify="right" if place else "left", no_wrap=place == 0)
    for row in found.rows:
        table.add_row(*row)
    return table
