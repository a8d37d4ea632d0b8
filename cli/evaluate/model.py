"""`udt evaluate model`: zero-shot classification and retrieval scores of a dual encoder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.evaluate.protocol import evaluated, protocol_options
from udt.cli.shared.optional_dependencies import training_packages

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from udt.clip.evaluation.evaluation import ModelEvaluation
    from udt.clip.evaluation.load import Baseline
    from udt.clip.evaluation.tables import TextTable

_WIDTH = 144


@click.command("model", short_help="Score a model on the classification tasks and on retrieval.")
@click.argument("checkpoint")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, udt-evaluation/2.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for evaluation.html and .json.")
@click.option(
    "--baseline",
    type=click.Choice(["hf", "open_clip"]),
    help="Library of a baseline; by default transformers, and open_clip for hf-hub: names.",
)
@protocol_options
def model(
    checkpoint: str, bundle: Path, as_json: bool, out: Path | None, baseline: Baseline | None, **options: Any
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
    opened.split(options["split"])
    with training_packages():
        import udt.clip.evaluation.evaluation  # noqa: F401
    if out is not None:
        from udt.clip.evaluation.report import write_report
    found = evaluated(checkpoint, opened, baseline, **options)
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
