"""`udt data list`: chosen samples as rows."""

from __future__ import annotations

import json
import sys
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from udt.cli.data.filters import filter_options
from udt.cli.shared.options import csv_formulas_option, db_option, json_option

if TYPE_CHECKING:
    from udt.records.browsing.selection import ListedSample, SampleFilter

_COLUMNS = ("id", "source", "case", "image", "frame", "split", "review", "flags", "labels", "caption", "digest")
_DEFAULT = "id,source,case,image,split,review,labels"


def _columns(ctx: click.Context, param: click.Parameter, text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in _COLUMNS]
    if unknown:
        raise click.BadParameter(f"there is no column '{unknown[0]}'; allowed: {', '.join(_COLUMNS)}")
    return names


@click.command("list", short_help="List samples by source, split, review and labels.")
@db_option
@filter_options
@click.option(
    "--columns", default=_DEFAULT, show_default=True, callback=_columns, metavar="NAME,…",
    help=f"Columns to print, of: {', '.join(_COLUMNS)}.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="At most N samples. Default: 50; with --csv: all."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with a header.")
@csv_formulas_option
@json_option
def list_(
    db: str,
    chosen: SampleFilter,
    columns: tuple[str, ...],
    limit: int | None,
    as_csv: bool,
    csv_formulas: str,
    as_json: bool,
) -> None:
    """List the samples that all of the conditions hold for, by id.

    \b
    Examples:
      udt data list --db records.db --split test --label oval
      udt data list --db records.db --review rejected --columns id,caption --csv
    """
    from udt.core.spreadsheets import csv_line
    from udt.records.browsing.selection import count_samples, list_samples
    from udt.records.database.database import Database

    if as_csv and as_json:
        raise click.UsageError("give --csv or --json, one of the two")
    most = limit if limit or as_csv else 50
    with Database.open(db) as database, database.reading() as connection:
        found, rows = count_samples(connection, chosen), list_samples(connection, chosen, most)
        if as_csv:
            click.echo(csv_line(columns), nl=False)
            for row in rows:
                click.echo(csv_line(_cells(row, columns), formulas=csv_formulas == "keep"), nl=False)
            return
        samples = list(rows)
    if as_json:
        document = {"found": found, "samples": [one.to_dict(columns) for one in samples]}
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    _print(samples, columns)
    click.echo(f"{len(samples):,} of {found:,} samples")


def _cells(row: ListedSample, columns: tuple[str, ...]) -> list[str]:
    values = row.to_dict(columns) | ({"labels": row.label_text} if "labels" in columns else {})
    return ["" if value is None else str(value) for value in values.values()]


def _print(samples: list[ListedSample], columns: tuple[str, ...]) -> None:
    from rich.table import Table

    from udt.reporting.console import rendered

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in samples:
        table.add_row(*_cells(row, columns))
    color = sys.stdout.isatty()
    click.echo(rendered([table], get_terminal_size((120, 24)).columns if color else 120, color), nl=False)
