"""`udt transfer`: zero-shot, linear probe, few-shot and fine-tuning of an encoder on a data set of images."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.evaluate.model import text_table
from udt.cli.shared.optional_dependencies import training_packages
from udt.cli.shared.options import distance_option, json_option
from udt.cli.shared.progress import tracked

if TYPE_CHECKING:
    from rich.console import RenderableType

    from udt.clip.evaluation.load import Baseline
    from udt.clip.transfer.dataset import TransferChoices
    from udt.clip.transfer.transfer import Mode, TransferOptions, TransferResult

_WIDTH = 140


def _classes(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, tuple[str, ...]] | None:
    """Parse NAME=LABEL[,LABEL…]; None if there are none."""
    found: dict[str, tuple[str, ...]] = {}
    for text in values:
        name, equals, labels = text.partition("=")
        own = tuple(label.strip() for label in labels.split(","))
        if not name.strip() or not equals or not all(own):
            raise click.BadParameter(f"'{text}' is no class; write NAME=LABEL or NAME=LABEL,LABEL")
        found[name.strip()] = own
    return found or None


def _shots(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """Parse numbers separated by commas."""
    if value is None:
        return None
    try:
        found = sorted({int(part) for part in value.split(",")})
    except ValueError:
        found = []
    if not found or found[0] < 1:
        raise click.BadParameter(f"'{value}' is no list of whole numbers from 1; write e.g. 1,2,4,8,16")
    return tuple(found)


@click.command("transfer", short_help="Transfer a model to a data set of images with one class each.")
@click.argument("checkpoint")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option(
    "--mode", required=True, type=click.Choice(["zero-shot", "linear-probe", "few-shot", "fine-tune"]),
    help="Prompts alone; logistic regression on frozen features; the same on 1 to 16 images for each class; or the "
    "image tower trained with a linear head.",
)  # fmt: skip
@click.option(
    "--layout", metavar="NAME|FILE.toml",
    help="Layout of the data set: busi, breastmnist, breastmnist-png, bus-bra, gist514-db, folders, csv, or a file of "
    "your own. By default csv for a CSV file, otherwise folders, with a sub-folder for each class.",
)  # fmt: skip
@click.option(
    "--class", "classes", multiple=True, metavar="NAME=LABEL[,LABEL]", callback=_classes,
    help="A class, by the name that prompts get, and its labels (sub-folders, or texts of a column); repeatable. "
    "Images with other labels are left out.",
)  # fmt: skip
@click.option(
    "--prompt", "prompts", multiple=True, metavar="TEXT",
    help="Text of a class, with {class} for its name; the embeddings of several are averaged. Repeatable.",
)  # fmt: skip
@click.option("--image-column", metavar="COLUMN", help="Column of the paths of images, relative to the CSV file.")
@click.option("--label-column", metavar="COLUMN", help="Column of the labels.")
@click.option("--group-column", metavar="COLUMN", help="Column of the case, whose images stay together.")
@click.option(
    "--split-column", metavar="COLUMN",
    help="Column of the part: train, test, and valid, val or validation, if there is such a part.",
)  # fmt: skip
@click.option(
    "--split", default="", metavar="NAME",
    help="own, drawn by group and stratified by class; or an official split of the layout. By default that of the "
    "layout.",
)  # fmt: skip
@click.option(
    "--fold", default="", metavar="NAME", help="Fold to test, for a split with folds; by default all of them."
)
@click.option(
    "--duplicates", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE.csv",
    help="Pairs of near-duplicate images in its first two columns; they stay together, beside those that are found.",
)  # fmt: skip
@distance_option
@click.option("--no-hashes", is_flag=True, help="Do not look for near-duplicates.")
@click.option(
    "--max-broken", type=click.FloatRange(0, 1), default=0.05, show_default=True, metavar="SHARE",
    help="Share of the images that may be unreadable.",
)  # fmt: skip
@click.option(
    "--shots", callback=_shots, metavar="N,N,…",
    help="Images for each class in the mode few-shot; by default those of 1,2,4,8,16 that there are.",
)  # fmt: skip
@click.option(
    "--seeds", type=click.IntRange(min=1), metavar="N",
    help="Number of draws of the validation part or the shots, or of trainings; by default 5, and 3 for fine-tune.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True,
    help="The first seed, and that of the test part and the bootstrap.",
)  # fmt: skip
@click.option(
    "--features", type=click.Choice(["tower", "embedding"]),
    help="Features before or after the projection to the space of texts; by default before, and after for a baseline.",
)  # fmt: skip
@click.option(
    "--graph", type=click.Choice(["text", "none"]), default="text", show_default=True,
    help="Graphs of prompts, for a model with graphs: of the labels that they name, or none.",
)  # fmt: skip
@click.option(
    "--epochs", type=click.IntRange(min=1), default=30, show_default=True, help="Epochs of fine-tune at most."
)
@click.option(
    "--patience", type=click.IntRange(min=1), default=5, show_default=True,
    help="Epochs without a smaller validation loss after which fine-tune stops.",
)  # fmt: skip
@click.option(
    "--learning-rate", type=click.FloatRange(min=0, min_open=True), default=1e-4, show_default=True,
    help="Of the tower, in fine-tune.",
)  # fmt: skip
@click.option(
    "--head-learning-rate", type=click.FloatRange(min=0, min_open=True), default=1e-3, show_default=True,
    help="Of the linear head, in fine-tune.",
)  # fmt: skip
@click.option(
    "--weight-decay", type=click.FloatRange(min=0), default=0.05, show_default=True, help="Of AdamW, in fine-tune."
)
@click.option("--no-augmentation", is_flag=True, help="Do not change images at random in fine-tune.")
@click.option(
    "--probe", metavar="TOWER",
    help="Frozen pretrained image tower to compare with; by default efficientnet-lite0 if it is installed.",
)  # fmt: skip
@click.option("--no-references", is_flag=True, help="Leave out the classifiers beside the model.")
@click.option(
    "--resamples", type=click.IntRange(min=1), default=1000, show_default=True, help="Resamples of the bootstrap."
)
@click.option(
    "--batch-size", type=click.IntRange(min=1), default=32, show_default=True, help="Images or texts at a time."
)
@click.option("--workers", type=click.IntRange(min=0), default=0, show_default=True, help="Processes that read images.")
@click.option("--device", help="E.g. cpu or cuda:1; by default CUDA if available.")
@click.option(
    "--baseline", type=click.Choice(["hf", "open_clip"]),
    help="Library of a baseline; by default transformers, and open_clip for hf-hub: names.",
)  # fmt: skip
@json_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for transfer.html, transfer.json and the curve.",
)
def transfer(
    checkpoint: str,
    dataset: Path,
    mode: Mode,
    layout: str | None,
    device: str | None,
    baseline: Baseline | None,
    as_json: bool,
    out: Path | None,
    **options: Any,
) -> None:
    """Transfer CHECKPOINT to DATASET, a folder or file of images with one class each, and measure it on a test part:
    accuracy, balanced accuracy, macro F1 and AUC, with intervals over groups and the spread over seeds.

    Beside it are the most frequent class, and linear probes on 32 × 32 grey pixels and on a frozen pretrained tower.
    Images of one case and near-duplicates are a group, which only an official split may divide.

    CHECKPOINT is the folder of a run (its best model is taken), the folder of a model, the name of one on the hub as
    for udt evaluate model, or a pair of towers without training, IMAGE+TEXT.

    \b
    Examples:
      udt transfer runs/first BUSI --layout busi --mode linear-probe --out probe
      udt transfer runs/first images --mode zero-shot --prompt 'an ultrasound image showing {class}'
      udt transfer efficientnet-lite0+all-minilm-l6-v2 images.csv --label-column finding --mode few-shot --out curve
    """
    from udt.clip.transfer.layout import load_layout

    chosen = load_layout(layout or ("csv" if dataset.suffix.lower() == ".csv" else "folders"))
    with training_packages():
        import sklearn  # noqa: F401

        from udt.clip.transfer.dataset import read_transfer_set
        from udt.clip.transfer.encoder import load_transfer_encoder
        from udt.clip.transfer.transfer import evaluate_transfer
    if out is not None:
        from udt.clip.transfer.report import write_transfer_report
    data = read_transfer_set(dataset, chosen, _choices(**options), tracked)
    encoder = load_transfer_encoder(checkpoint, baseline, device)
    found = evaluate_transfer(encoder, data, mode, _options(**options), tracked)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo(_json(found) if as_json else _text(found, dataset), nl=as_json)
    if out is not None:
        for path in write_transfer_report(found, out):
            click.echo(f"wrote {path}", err=True)


def _choices(
    *,
    classes: dict[str, tuple[str, ...]] | None,
    prompts: tuple[str, ...],
    image_column: str | None,
    label_column: str | None,
    group_column: str | None,
    split_column: str | None,
    duplicates: Path | None,
    distance: int,
    no_hashes: bool,
    max_broken: float,
    **_: Any,
) -> TransferChoices:
    from udt.clip.transfer.dataset import TransferChoices

    def template(column: str | None) -> str:
        return f"{{{column}}}" if column else ""

    return TransferChoices(
        classes,
        prompts,
        image=template(image_column),
        label=template(label_column),
        group=template(group_column),
        part=template(split_column),
        duplicates=duplicates,
        distance=None if no_hashes else distance,
        max_broken=max_broken,
    )


def _options(
    *,
    epochs: int,
    patience: int,
    learning_rate: float,
    head_learning_rate: float,
    weight_decay: float,
    no_augmentation: bool,
    probe: str | None,
    no_references: bool,
    resamples: int,
    batch_size: int,
    **options: Any,
) -> TransferOptions:
    from udt.clip.evaluation.features import installed_probe
    from udt.clip.transfer.fine_tuning import FineTuning
    from udt.clip.transfer.transfer import TransferOptions

    names = ("split", "fold", "seeds", "seed", "features", "graph", "shots", "workers")
    return TransferOptions(
        **{name: options[name] for name in names},
        references=not no_references,
        probe=None if no_references else probe or installed_probe(),
        fine_tuning=FineTuning(
            epochs, learning_rate, head_learning_rate, weight_decay, batch_size, patience, not no_augmentation
        ),
        batch_size=batch_size,
        replicates=resamples,
    )


def _json(found: TransferResult) -> str:
    from udt.clip.transfer.document import transfer_to_dict

    return json.dumps(transfer_to_dict(found), ensure_ascii=False, allow_nan=False)


def _text(found: TransferResult, dataset: Path) -> str:
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    return rendered(_parts(found, dataset), get_terminal_size((_WIDTH, 24)).columns if color else _WIDTH, color)


def _parts(found: TransferResult, dataset: Path) -> Iterator[RenderableType]:
    from udt.clip.transfer.tables import class_table, difference_table, measure_table, transfer_notes

    yield f"{found.model}, graph: {found.graph}; {dataset}: {found.data.layout.title}"
    yield from transfer_notes(found)
    for table in (class_table(found), measure_table(found), difference_table(found)):
        if table.rows:
            yield ""
            yield text_table(table)
