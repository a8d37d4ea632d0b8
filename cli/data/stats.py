"""`udt data stats`: counts of the records, as tables and charts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import db_option, json_option

if TYPE_CHECKING:
    from rich.console import RenderableType

    from udt.records.quality.statistics import Statistics


@click.command("stats", short_help="Count the records and plot the counts.")
@db_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for charts (PNG) and index.html.")
@json_option
def stats(db: str, out: Path | None, as_json: bool) -> None:
    """Count samples by source, split, system and organ, frequent findings, and the length and words of captions.

    \b
    Example:
      udt data stats --db records.db --out stats
    """
    from udt.records.database.database import Database
    from udt.records.quality.statistics import statistics

    with Database.open(db) as database, database.reading() as connection:
        numbers = statistics(connection)
    if as_json:
        click.echo(json.dumps(numbers.to_dict(), ensure_ascii=False))
    else:
        _print(_tables(numbers))
    if out is not None:
        from udt.records.quality.plots import write_plots

        for path in write_plots(numbers, out):
            click.echo(f"wrote {path}", err=True)


def _print(parts: Iterable[RenderableType]) -> None:
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    click.echo(rendered(parts, get_terminal_size((120, 24)).columns if color else 120, color), nl=False)


def _tables(numbers: Statistics) -> Iterable[RenderableType]:
    yield _table("records", numbers.totals.items())
    for title in ("sources", "splits", "makers", "systems", "organs", "findings", "named_findings"):
        if rows := getattr(numbers, title):
            yield _table(title.replace("_", " "), rows)
    yield f"captions: {numbers.mean_length:.1f} words on average, {numbers.vocabulary:,} different words"


def _table(title: str, rows: Iterable[tuple[str, int]]) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left", show_edge=False)
    table.add_column(title)
    table.add_column("", justify="right")
    for name, count in rows:
        table.add_row(name, f"{count:,}")
    return table
