"""`udt evaluate extraction`: engines of extraction on texts with gold labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.model_options import ENGINES, model_access, model_options, prices
from udt.cli.shared.options import json_option, taxonomy_option

if TYPE_CHECKING:
    from rich.table import Table

    from udt.records.extraction.comparison import EngineScore
    from udt.records.extraction.costs import Prices

_WIDTH = 120


@click.command("extraction", short_help="Compare engines of extraction on gold texts.")
@click.argument("gold", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--engine", "engines", type=click.Choice(ENGINES), multiple=True, default=("rules",), show_default=True,
    help="Engine to score; repeatable.",
)  # fmt: skip
@click.option(
    "--bootstrap", type=click.IntRange(min=0), default=1000, show_default=True,
    help="Number of bootstrap resamples for the 95 % intervals; 0 for no intervals.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the resampling.")
@model_options
@json_option
@taxonomy_option
def extraction(
    gold: Path,
    engines: tuple[str, ...],
    bootstrap: int,
    seed: int,
    as_json: bool,
    extensions: tuple[Path, ...],
    **options: Any,
) -> None:
    """Score engines on GOLD, a JSON Lines file with labels as in udt evaluate text, in one table.

    Counts, tokens, cost and seconds are beside the scores. Models are asked as by udt data extract; with --offline,
    answers come from the cache alone.

    \b
    Example:
      udt evaluate extraction gold.jsonl --engine rules --engine hybrid --model qwen3-32b
    """
    from udt.records.extraction.comparison import score_engine
    from udt.records.extraction.engines import EngineName
    from udt.records.extraction.setup import open_engine
    from udt.scoring.gold import read_gold
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy, access = Taxonomy.load(*extensions), model_access(**options)
    read = read_gold(gold, taxonomy.tasks)
    scores = []
    for name in dict.fromkeys(engines):
        with open_engine(EngineName(name), taxonomy, access, extensions) as engine:
            scores.append(
                score_engine(engine, read.records, taxonomy.vocabulary.keys, bootstrap=bootstrap, seed=seed)
            )  # fmt: skip
    if as_json:
        found = [score.to_dict(prices(**options)) for score in scores]
        click.echo(json.dumps({"skipped": read.skipped, "engines": found}, ensure_ascii=False))
    else:
        click.echo(_text(scores, read.skipped, prices(**options)), nl=False)


def _text(scores: Sequence[EngineScore], skipped: int, given: Prices) -> str:
    from udt.reporting.console import rendered

    records = f"{scores[0].labels.n:,} records, {skipped:,} skipped"
    return rendered([records, "", _score_table(scores), "", _count_table(scores, given)], _WIDTH, False)


def _table(first: str, others: Sequence[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _score_table(scores: Sequence[EngineScore]) -> Table:
    from udt.records.extraction.comparison import score_rows

    columns = [name for score in scores for name in (f"{score.engine}: P", "R", "F1")]
    table = _table("dimension", ["support", *columns])
    for row in score_rows(scores):
        table.add_row(*row)
    return table


def _count_table(scores: Sequence[EngineScore], given: Prices) -> Table:
    from udt.records.extraction.comparison import count_rows

    table = _table("", [score.engine for score in scores])
    for row in count_rows(scores, given):
        table.add_row(*row)
    return table
