"""`udt data sheet`: a contact sheet of chosen samples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.data.filters import filter_options
from udt.cli.shared.options import db_option, json_option
from udt.cli.shared.tallies import print_left_out

if TYPE_CHECKING:
    from udt.records.browsing.selection import SampleFilter


@click.command("sheet", short_help="Draw a contact sheet of samples.")
@db_option
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="The file: .png, or .html for a page that needs no other file.",
)  # fmt: skip
@filter_options
@click.option(
    "--limit", type=click.IntRange(1, 200), default=24, show_default=True, metavar="N", help="The first N samples."
)
@click.option("--columns", type=click.IntRange(1, 12), default=4, show_default=True, help="Images in a row of a PNG.")
@json_option
def sheet(db: str, out: Path, chosen: SampleFilter, limit: int, columns: int, as_json: bool) -> None:
    """Draw the images of samples with captions and labels.

    \b
    Examples:
      udt data sheet --db records.db --out sheet.html --split test
      udt data sheet --db records.db --out cysts.png --label 'diagnosis: cyst' --limit 12
    """
    from udt.core.tally import Tally
    from udt.records.browsing.pictures import sample_tiles, write_tiles
    from udt.records.browsing.selection import list_samples
    from udt.records.database.database import Database

    tally = Tally()
    with Database.open(db) as database, database.reading() as connection:
        tiles = sample_tiles(list_samples(connection, chosen, limit), tally)
    write_tiles(out, "Samples", tiles, columns)
    if as_json:
        click.echo(json.dumps({"out": str(out), "images": tally.to_dict()}, ensure_ascii=False))
        return
    click.echo(f"{out}: {tally.read:,} of {tally.found:,} samples")
    print_left_out(tally, "  {:>9,} left out: {}")
