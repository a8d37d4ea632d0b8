"""`udt ablate`: compare trainings with and without graph and semantic loss, or with several priors, on a bundle."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from udt.cli.shared.optional_dependencies import training_packages
from udt.cli.shared.progress import Ticker

if TYPE_CHECKING:
    from rich.table import Table

    from udt.clip.ablation.ablation import Ablation, OnStart, Plan
    from udt.clip.training.training import TrainingProgress, Watch

_INTERRUPTED = 130

# Metrics of the table on the terminal; the files contain all.
_SHOWN = (
    "mean_accuracy",
    "mean_macro_recall",
    "caption_image_to_text_recall_at_1",
    "caption_image_to_text_recall_at_10",
)


@click.command(short_help="Train and compare the variants of a model.")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for runs and result."
)
@click.option("--preset", help="Preset of the settings, e.g. tiny; by default udt.")
@click.option(
    "--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="TOML file instead of a preset."
)
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a setting; repeatable.")
@click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="Trainings of each variant.")
@click.option(
    "--prior", "priors", multiple=True, metavar="METHOD|FOLDER",
    help="Compare priors instead: a similarity method that needs no input, or matrices that were built; repeatable.",
)  # fmt: skip
@click.option("--split", default="test", show_default=True, help="Split to evaluate on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, udt-ablation/1.")
@click.pass_context
def ablate(
    context: click.Context,
    bundle: Path,
    out: Path,
    preset: str | None,
    config: Path | None,
    changes: tuple[str, ...],
    seeds: int,
    priors: tuple[str, ...],
    split: str,
    as_json: bool,
) -> None:
    """Train variants of a model on BUNDLE with several seeds each, and compare them on a split.

    The variants are the unchanged settings (full), without the graph of the captions (no-graph), without the semantic
    loss (no-semantic), and without both (plain). With --prior, they are the soft priors from several similarities of
    labels, and no-semantic, which uses none. Finished runs are not repeated.

    \b
    Example:
      udt ablate bundle --preset tiny --out ablation
      udt ablate bundle --preset tiny --prior taxonomy --prior lin --prior seen --out priors
    """
    if preset is not None and config is not None:
        raise click.UsageError("--preset and --config are alternatives; give one of them")
    with training_packages():
        from udt.clip.ablation import ablation
        from udt.clip.ablation import report as ablation_report
        from udt.clip.settings.settings import TrainSettings
    similarities = _similarities(priors, out)
    own = (f"data.bundle={json.dumps(str(bundle))}", f"run.out={json.dumps(str(out))}")
    settings = TrainSettings.load(config, preset=preset, changes=(*changes, *own))
    try:
        with Ticker() as ticker:
            variants = ablation.prior_variants(similarities) if similarities else None
            found = ablation.ablate(settings, seeds, out, split, _on_start(ticker), variants)
    except ablation.StoppedError as stopped:
        click.echo(stopped, err=True)
        context.exit(_INTERRUPTED)
    path = ablation_report.write_report(found, out)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        click.echo(_text(found), nl=False)
        click.echo(f"wrote {out / ablation.DATA}\nwrote {path}", err=True)


def _similarities(priors: Sequence[str], out: Path) -> dict[str, Path]:
    """Return the file of the matrices of each prior by name; those of methods are written to the folder `priors`.

    :raises UsageError: if a prior is neither a method nor a folder, or two have one name.
    """
    from udt.cli.similarity.sources import built_by, is_method

    found: dict[str, Path] = {}
    for source in priors:
        named = is_method(source)
        name = source if named else Path(source).resolve().name
        if name in found:
            raise click.UsageError(f"two priors are called '{name}'; rename a folder, or leave one out")
        if named:
            from udt.taxonomy.model.taxonomy import Taxonomy

            folder = out / "priors" / name
            folder.mkdir(parents=True, exist_ok=True)
            found[name] = built_by(name, Taxonomy.load()).save(folder).resolve()
        else:
            found[name] = Path(source).resolve()
    return found


def _on_start(ticker: Ticker) -> OnStart:
    def on_start(plan: Plan, number: int, count: int) -> Watch:
        name = f"steps of {plan.variant} with seed {plan.settings.run.seed} ({number} of {count})"

        def watch(progress: TrainingProgress) -> None:
            ticker.tick(name, progress.step)

        return watch

    return on_start


def _text(found: Ablation) -> str:
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    seeds = len({outcome.seed for outcome in found.outcomes})
    head = f"mean ± standard deviation, split '{found.split}', graph: {found.graph}, seeds: {seeds}"
    width = get_terminal_size((120, 24)).columns if color else 120
    return rendered([head, "", _table(found, _SHOWN)], width, color)


def _table(found: Ablation, names: Sequence[str]) -> Table:
    from rich.table import Table

    from udt.clip.ablation.ablation import rows

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("variant", no_wrap=True)
    for name in names:
        table.add_column(name.replace("_recall_at_", " R@").replace("_", " "), justify="right")
    for row in rows(found, names):
        table.add_row(*row)
    return table
