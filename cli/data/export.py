"""`udt data export`: chosen samples as a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.data.filters import filter_options
from udt.cli.shared.options import csv_formulas_option, db_option, json_option, taxonomy_option

if TYPE_CHECKING:
    from udt.records.browsing.selection import SampleFilter


@click.command("export", short_help="Write samples as CSV, JSON Lines or Parquet.")
@db_option
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The file: .csv, .jsonl or .parquet.",
)  # fmt: skip
@filter_options
@csv_formulas_option
@json_option
@taxonomy_option
def export(
    db: str, out: Path, chosen: SampleFilter, csv_formulas: str, as_json: bool, extensions: tuple[Path, ...]
) -> None:
    """Write the samples that all of the conditions hold for: their columns, and one for the labels of each dimension.

    \b
    Examples:
      udt data export --db records.db --out samples.parquet
      udt data export --db records.db --out cysts.csv --label 'diagnosis: cyst'
    """
    from udt.records.browsing.selection import list_samples
    from udt.records.browsing.tables import write_table
    from udt.records.database.database import Database
    from udt.taxonomy.model.taxonomy import Taxonomy

    keys = Taxonomy.load(*extensions).vocabulary.keys
    with Database.open(db) as database, database.reading() as connection:
        count = write_table(out, list_samples(connection, chosen), keys, formulas=csv_formulas == "keep")
    click.echo(json.dumps({"out": str(out), "samples": count}) if as_json else f"{out}: {count:,} samples")
