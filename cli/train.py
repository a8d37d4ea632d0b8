"""`udt train`: train a model on a bundle."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.optional_dependencies import training_packages

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from udt.clip.settings.settings import TrainSettings
    from udt.clip.training.training import Trained, TrainingProgress

_INTERRUPTED = 130

# Metrics of the best model in the last line; the folder contains all.
_SHOWN = {
    "mean_accuracy": "mean accuracy",
    "mean_macro_recall": "mean macro recall",
    "caption_image_to_text_recall_at_1": "caption image to text R@1",
    "caption_text_to_image_recall_at_1": "text to image R@1",
}


@click.command(short_help="Train a model on a bundle.")
@click.argument("config", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--preset", metavar="NAME",
    help="Built-in settings: udt (the default), paper, reference, demo, tiny, no-graph, no-semantic or plain.",
)  # fmt: skip
@click.option("--data", metavar="BUNDLE", type=click.Path(path_type=Path), help="Folder of a bundle (data.bundle).")
@click.option("--out", metavar="FOLDER", type=click.Path(path_type=Path), help="Folder of the run (run.out).")
@click.option(
    "--graph", type=click.Choice(["text", "labels", "none"]),
    help="Graphs of captions: of the labels that they name, of those of their samples, or none (model.graph).",
)  # fmt: skip
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a setting; repeatable.")
@click.option("--resume", is_flag=True, help="Continue from the last checkpoint of the run in --out.")
@click.option("--overwrite", is_flag=True, help="Delete an existing run in --out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
@click.pass_context
def train(
    context: click.Context,
    config: Path | None,
    preset: str | None,
    data: Path | None,
    out: Path | None,
    graph: str | None,
    changes: tuple[str, ...],
    resume: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Train an image and a text tower on a bundle, with the settings of CONFIG (a TOML file) or a preset, else of udt.

    The folder of the run contains settings, metrics, checkpoints, the best and the last model, and report.html. After
    Ctrl-C the step is finished and saved; --resume continues from there, and ends with the same weights as an
    uninterrupted run. Several GPUs: torchrun --nproc-per-node 4 --no-python udt train …

    \b
    Examples:
      udt train --preset demo --data phantoms --out runs/demo
      udt train --data bundle --out runs/first
      udt train my.toml --set optimization.lr=3e-5 --set objective.soft_label_share=0.3
      udt train my.toml --data bundle --graph labels --set data.tasks=paper
      udt train --resume --out runs/demo
    """
    if config is None and preset is None and data is None and not changes and not resume:
        raise click.UsageError("give data: --data BUNDLE; or settings: the path of a TOML file, or --preset NAME")
    _check_usage(config, preset, out, resume, overwrite)
    with training_packages():
        from udt.clip.training.process_group import leave_process_group
        from udt.clip.training.training import train as run
    if graph is not None:
        changes = (*changes, f"model.graph={graph}")
    settings = _settings(config, preset, data, out, changes, resume)
    with _ProgressBar() as watch:
        trained = run(settings, resume=resume, overwrite=overwrite, watch=watch)
    leave_process_group()
    if int(os.environ.get("RANK", "0")) == 0:
        click.echo(_json(trained) if as_json else _text(trained))
    if not trained.finished:
        click.echo(f"stopped; continue with: udt train --resume --out {settings.run.out}", err=True)
        context.exit(_INTERRUPTED)


def _check_usage(config: Path | None, preset: str | None, out: Path | None, resume: bool, overwrite: bool) -> None:
    if config is not None and preset is not None:
        raise click.UsageError("CONFIG and --preset are alternatives; give one of them")
    if resume and overwrite:
        raise click.UsageError("--resume continues a run, --overwrite deletes it; give one of them")
    if resume and config is None and preset is None and out is None:
        raise click.UsageError("--resume needs the folder of the run: --out FOLDER")


def _settings(
    config: Path | None, preset: str | None, data: Path | None, out: Path | None, changes: tuple[str, ...], resume: bool
) -> TrainSettings:
    """Load the given settings; without any, those of the run to resume."""
    from udt.clip.settings.preset import PUBLISHED
    from udt.clip.settings.settings import TrainSettings
    from udt.clip.training.run_folder import CONFIG, Run

    own = [f"{key}={json.dumps(str(path))}" for key, path in (("data.bundle", data), ("run.out", out)) if path]
    if resume and config is None and preset is None and out is not None:
        return TrainSettings.load(Run.open(out).path / CONFIG, changes=(*changes, *own), base=PUBLISHED)
    return TrainSettings.load(config, preset=preset, changes=(*changes, *own))


def _json(trained: Trained) -> str:
    found = {"run": str(trained.run), "step": trained.step, "steps": trained.steps, "best": trained.best}
    return json.dumps({"schema": "udt-training/1", **found}, ensure_ascii=False)


def _text(trained: Trained) -> str:
    lines = [f"{trained.run}: {trained.step:,} of {trained.steps:,} steps"]
    if trained.best is not None:
        shown = ", ".join(f"{words} {trained.best[name]:.3f}" for name, words in _SHOWN.items() if name in trained.best)
        lines.append(f"best at step {trained.best['step']:,}: {shown}")
    return "\n".join(lines)


class _ProgressBar:
    """Shows every step if standard error is a terminal."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._bar: Bar | None = None

    def __call__(self, progress: TrainingProgress) -> None:
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = self._stack.enter_context(_bar())
        losses: dict[str, Any] = {"losses": text} if (text := _losses(progress)) else {}
        self._bar.update(self._bar.task_ids[0], completed=progress.step, total=progress.steps, **losses)

    def __enter__(self) -> _ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _losses(progress: TrainingProgress) -> str:
    """Format losses and throughput of a line of metrics of the training; empty without one."""
    line = progress.measured
    if line.get("kind") != "train":
        return ""
    terms = ", ".join(f"{name} {line[name]:.3f}" for name in progress.terms)
    return f"loss {line['loss']:.3f} ({terms}), {line.get('samples_per_second', 0):,.0f} samples/s"


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    losses = TextColumn("{task.fields[losses]}")
    bar = Progress(
        MofNCompleteColumn(), BarColumn(20), TimeRemainingColumn(), losses, console=Console(stderr=True), transient=True
    )
    bar.add_task("steps", total=None, losses="")
    return bar
