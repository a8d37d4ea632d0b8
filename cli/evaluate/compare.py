"""`udt evaluate compare`: several models in one table, with paired intervals of their differences."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.evaluate.protocol import evaluated, protocol_options
from udt.cli.shared.optional_dependencies import training_packages
from udt.cli.shared.options import json_option

if TYPE_CHECKING:
    from udt.clip.evaluation.comparison import Comparison

# Widths of the table without a terminal.
_NAME, _COLUMN = 50, 32

# Cutoffs of retrieval and kinds of scores on the terminal; the page and JSON have all.
_SHOWN = ("mean_accuracy", "mean_macro_recall", "_at_1", "_at_10", "_median_rank", ".accuracy", ".ece")


@click.command(short_help="Compare models, with intervals of their differences.")
@click.argument("models", nargs=-1, required=True, metavar="MODELS...")
@click.option("--data", "bundle", type=click.Path(path_type=Path), help="Bundle to evaluate checkpoints on.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for comparison.html.")
@json_option
@protocol_options
def compare(models: tuple[str, ...], bundle: Path | None, out: Path | None, as_json: bool, **options: Any) -> None:
    """Compare MODELS on the same samples, each with the first one. With one model, its references are compared with it.

    Each is a checkpoint or a name as in udt evaluate model, which is evaluated on --data, or an evaluation.json that
    udt evaluate model wrote. The intervals are of paired differences, over the same resampled cases. With --out, a page
    shows all measures, and a gallery of samples that the models find or miss.

    \b
    Examples:
      udt evaluate compare runs/plain runs/full --data bundle --out comparison
      udt evaluate compare first/evaluation.json second/evaluation.json
    """
    models = _distinct(models)
    documents = {model: Path(model) for model in models if Path(model).suffix == ".json"}
    if bundle is None and (len(documents) < len(models) or out is not None):
        raise click.UsageError("checkpoints, and the gallery of --out, need the bundle: --data BUNDLE")
    from udt.bundle.reader import Bundle

    opened = None if bundle is None else Bundle.open(bundle)
    with training_packages():
        from udt.clip.evaluation import comparison
        from udt.clip.evaluation.document import to_dict
    read = {
        model: comparison.read_document(documents[model])
        if model in documents or opened is None
        else to_dict(evaluated(model, opened, scores_alone=True, **options))
        for model in models
    }
    found = comparison.compare(read, options["resamples"], options["seed"])
    data = comparison.comparison_to_dict(found) if as_json else None
    click.echo(_text(found) if data is None else json.dumps(data, ensure_ascii=False), nl=as_json)
    if out is not None and opened is not None:
        from udt.clip.evaluation.comparison_report import write_comparison_report

        path = write_comparison_report(found, opened, out, options["image_root"], options["seed"])
        click.echo(f"wrote {path}", err=True)


def _distinct(models: Sequence[str]) -> tuple[str, ...]:
    """Return each model once; all paths of a file or folder are one model."""
    found: dict[Path, str] = {}
    for model in models:
        if (path := Path(model).resolve()) in found:
            click.echo(f"{model} is compared once: a model does not differ from itself", err=True)
        found.setdefault(path, model)
    return tuple(found.values())


def _text(found: Comparison) -> str:
    from udt.cli.evaluate.model import text_table
    from udt.clip.evaluation.comparison import header, rows, summary
    from udt.clip.evaluation.tables import TextTable
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    table = TextTable(header(found), tuple(rows(found, _shown(found.measures))))
    width = get_terminal_size().columns if color else _NAME + _COLUMN * len(found.columns)
    return rendered([*summary(found), "", text_table(table)], width, color)


def _shown(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.endswith(_SHOWN)]
