"""`udt data caption`: captions made from the labels of samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import db_option, json_option, taxonomy_option

if TYPE_CHECKING:
    from udt.records.captions.run import CaptionOutcome

_MOST_SHOWN = 20


@click.command("caption", short_help="Make captions from the labels of samples.")
@db_option
@click.option(
    "--style", default="any", show_default=True, metavar="STYLE",
    help="Style of the captions: plain, report or brief; any chooses by the labels of each sample.",
)  # fmt: skip
@click.option("--language", default="en", show_default=True, metavar="TAG", help="Language: en or zh.")
@click.option("--source", metavar="NAME", help="Make captions for this data set alone.")
@click.option("--use", is_flag=True, help="Give samples without a caption the one that is made.")
@click.option("--overwrite", is_flag=True, help="Make captions again that were made before.")
@json_option
@taxonomy_option
def caption(
    db: str,
    style: str,
    language: str,
    source: str | None,
    use: bool,
    overwrite: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Make a caption for each sample from its labels and nothing else, by a grammar.

    It names the place, then the finding with its attributes, then the rest; possible labels are worded as possible, and
    absent ones denied. A caption is accepted only if the normaliser reads exactly these labels in it, with the same
    certainties. The same labels always give the same caption. Captions that samples have stay as they are.

    \b
    Examples:
      udt data caption --db records.db
      udt data caption --db records.db --language zh --style report
      udt data caption --db records.db --source masks --use
    """
    from udt.cli.shared.progress import Ticker
    from udt.records.captions.engines import GrammarEngine
    from udt.records.captions.run import CaptionRequest, caption_samples
    from udt.records.database.database import Database
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    engine = GrammarEngine(taxonomy, language, style, extensions)
    request = CaptionRequest(language, source, use, overwrite)
    with Database.open(db) as database, Ticker() as ticker:
        outcome = caption_samples(database, engine, request, taxonomy, ticker.tick)
    if as_json:
        click.echo(json.dumps(outcome.to_dict(), ensure_ascii=False))
    else:
        _print(outcome)


def _print(outcome: CaptionOutcome) -> None:
    samples = outcome.samples
    click.echo(f"{samples.read:,} captions made for {samples.found:,} samples")
    if outcome.used:
        click.echo(f"{outcome.used:>8,} samples had no caption, and have this one now")
    if samples.left_out:
        click.echo(f"{samples.left_out.total():>8,} captions were not accepted:")
    for reason, count in samples.left_out.most_common(_MOST_SHOWN):
        click.echo(f"{count:>12,} × {reason}, e.g. {samples.examples[reason][0]}")
    if len(samples.left_out) > _MOST_SHOWN:
        click.echo("             … the rest: --json")
