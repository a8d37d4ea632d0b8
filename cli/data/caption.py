"""`udt data caption`: captions made from the labels of samples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.model_options import model_access, model_options, prices
from udt.cli.shared.options import db_option, json_option, taxonomy_option
from udt.cli.shared.progress import Ticker

if TYPE_CHECKING:
    from udt.records.captions.engines import CaptionEngine
    from udt.records.captions.run import CaptionOutcome
    from udt.records.extraction.completion import CachedCompletion
    from udt.records.extraction.costs import Prices, TokenUse
    from udt.taxonomy.model.taxonomy import Taxonomy

_MOST_SHOWN = 20


@click.command("caption", short_help="Make captions from the labels of samples.")
@db_option
@click.option(
    "--engine", type=click.Choice(["grammar", "llm"]), default="grammar", show_default=True,
    help="The grammar of the language, or a language model.",
)  # fmt: skip
@click.option(
    "--style", default="any", show_default=True, metavar="STYLE",
    help="Style of the captions: plain, report or brief; any chooses by the labels of each sample.",
)  # fmt: skip
@click.option("--language", default="en", show_default=True, metavar="TAG", help="Language: en or zh.")
@click.option("--source", metavar="NAME", help="Make captions for this data set alone.")
@click.option("--use", is_flag=True, help="Give samples without a caption the one that is made.")
@click.option("--overwrite", is_flag=True, help="Make captions again that were made before.")
@model_options
@json_option
@taxonomy_option
def caption(
    db: str,
    engine: str,
    style: str,
    language: str,
    source: str | None,
    use: bool,
    overwrite: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
    **options: Any,
) -> None:
    """Make a caption for each sample from its labels and nothing else, by a grammar or a language model.

    It names the place, then the finding with its attributes, then the rest; possible labels are worded as possible, and
    absent ones denied. A caption is accepted only if the normaliser reads exactly these labels in it, with the same
    certainties. The same labels always give the same caption. Captions that samples have stay as they are.

    The engine llm sends the labels of each sample, and no text, to the OpenAI-compatible endpoint that 'udt data
    extract' asks, and asks again with the reason if a caption is not accepted. The name of the model is the style.

    \b
    Examples:
      udt data caption --db records.db
      udt data caption --db records.db --language zh --style report
      udt data caption --db records.db --source masks --use
      udt data caption --db records.db --engine llm --model qwen3-32b
    """
    from udt.records.captions.run import CaptionRequest, caption_samples
    from udt.records.database.database import Database
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    with _opened(engine, taxonomy, language, style, extensions, options) as (opened, completion):
        model = completion.model if completion else None
        request = CaptionRequest(language, source, use, overwrite, model)
        with Database.open(db) as database, Ticker() as ticker:
            outcome = caption_samples(database, opened, request, taxonomy, ticker.tick)
        spent = completion.use if completion else None
    _print(outcome, spent, prices(**options), as_json)


@contextmanager
def _opened(
    engine: str, taxonomy: Taxonomy, language: str, style: str, extensions: Sequence[Path], options: Mapping[str, Any]
) -> Iterator[tuple[CaptionEngine, CachedCompletion | None]]:
    """Open the engine of a name, with the model that it asks."""
    from udt.records.captions.engines import ANY_STYLE, GrammarEngine
    from udt.records.captions.model_engine import CaptionModelEngine
    from udt.records.extraction.setup import open_completion

    if engine == "grammar":
        yield GrammarEngine(taxonomy, language, style, extensions), None
        return
    if style != ANY_STYLE:
        raise click.UsageError("--style is for the grammar; the style of a model is its name")
    with open_completion(model_access(**options)) as completion:
        yield (
            CaptionModelEngine(taxonomy, language, completion, completion.model, extensions=extensions),
            completion,
        )


def _print(outcome: CaptionOutcome, spent: TokenUse | None, given: Prices, as_json: bool) -> None:
    from udt.records.extraction.costs import use_rows, use_to_dict

    if as_json:
        use = {} if spent is None else {"use": use_to_dict(spent, given)}
        click.echo(json.dumps({**outcome.to_dict(), **use}, ensure_ascii=False))
        return
    _print_counts(outcome)
    for name, value in use_rows(spent, given) if spent is not None else ():
        click.echo(f"  {name:<15}{value:>12}")


def _print_counts(outcome: CaptionOutcome) -> None:
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
