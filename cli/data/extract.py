"""`udt data extract`: labels from captions by rules, by a language model, or by both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.cluster import cluster_options, open_executor, paths_on_cluster
from udt.cli.shared.model_options import ENGINES, model_access, model_options, prices
from udt.cli.shared.options import db_option, json_option, taxonomy_option
from udt.cli.shared.progress import Ticker
from udt.cli.shared.tallies import print_left_out

if TYPE_CHECKING:
    from udt.records.extraction.costs import Prices
    from udt.records.extraction.run import ExtractionOutcome


@click.command("extract", short_help="Extract labels from captions, by rules or a language model.")
@db_option
@click.option(
    "--engine", type=click.Choice(ENGINES), default="rules", show_default=True,
    help="The normaliser, a language model, or the normaliser and a model for what it leaves open.",
)  # fmt: skip
@click.option("--source", metavar="NAME", help="The only source to read.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Most samples to read in this run.")
@model_options
@cluster_options
@json_option
@taxonomy_option
def extract(
    db: str,
    engine: str,
    source: str | None,
    limit: int | None,
    as_json: bool,
    extensions: tuple[Path, ...],
    **options: Any,
) -> None:
    """Extract the labels of the captions in a database. A run that was interrupted goes on where it stopped.

    The engines llm and hybrid send captions to the OpenAI-compatible endpoint at UDT_LLM_URL (key: UDT_LLM_KEY), or at
    OPENAI_BASE_URL (key: OPENAI_API_KEY); without an address they stop. Each label of a model needs a quote of the
    caption, and is checked by the rules. Answers are cached. Disagreements of hybrid are flagged for review.

    Samples that a person labelled, or a model outside of this command, are left out.

    On a cluster, the questions to a model are asked by the workers, to the endpoint that their environment names, and
    each machine has a cache of answers of its own.

    \b
    Examples:
      udt data extract --db records.db
      udt data extract --db records.db --engine hybrid --model qwen3-32b --price-in 0.4 --price-out 1.2
    """
    from udt.records.database.database import Database
    from udt.records.extraction.engines import EngineName
    from udt.records.extraction.run import ExtractionOutcome
    from udt.records.extraction.run import extract as run
    from udt.records.extraction.setup import EngineOpener, open_engine
    from udt.taxonomy.model.taxonomy import Taxonomy

    extensions = paths_on_cluster(extensions, **options)
    taxonomy, access, outcome = Taxonomy.load(*extensions), model_access(**options), ExtractionOutcome()
    name = EngineName(engine)
    with (
        Database.open(db) as database,
        open_engine(name, taxonomy, access, extensions) as opened,
        open_executor(**options) as executor,
    ):
        try:
            with Ticker() as ticker:
                run(
                    database, opened, taxonomy, outcome, source=source, limit=limit, on_progress=ticker.tick,
                    executor=executor, prepare=EngineOpener(name, access, extensions) if executor else None,
                )  # fmt: skip
        finally:
            _print(engine, outcome, prices(**options), as_json)
    outcome.check()


def _print(engine: str, outcome: ExtractionOutcome, given: Prices, as_json: bool) -> None:
    from udt.records.extraction.costs import use_rows

    if as_json:
        click.echo(json.dumps({"engine": engine, **outcome.to_dict(given)}, ensure_ascii=False))
        return
    captions = outcome.captions
    click.echo(f"{engine}: {captions.read:,} of {captions.found:,} captions read")
    print_left_out(captions, "  {:,} left out: {}", examples=False)
    if engine != "rules":
        click.echo(f"  {outcome.asked:,} given to the model, {outcome.labels:,} of its labels accepted")
    for reason, count in outcome.refused.most_common():
        click.echo(f"    {count:,} refused: {reason}")
    if outcome.flags:
        click.echo(f"  {outcome.flags:,} flagged for review")
    for name, value in use_rows(outcome.use, given) if engine != "rules" else ():
        click.echo(f"  {name:<15}{value:>12}")
