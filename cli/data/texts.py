"""`udt data texts`: pair the frames of media with their texts."""

from __future__ import annotations

import json
from pathlib import Path

import click

from udt.cli.shared.options import db_option, json_option
from udt.cli.shared.tallies import print_left_out


@click.command("texts", short_help="Pair the frames of media with their texts.")
@click.argument("table", type=click.Path(path_type=Path, exists=True))
@db_option
@click.option("--source", required=True, metavar="NAME", help="The data set of the media.")
@click.option("--media", default="media", show_default=True, metavar="COLUMN", help="Column with the media file.")
@click.option("--text", default="text", show_default=True, metavar="COLUMN", help="Column with the text.")
@json_option
def texts(table: Path, db: str, source: str, media: str, text: str, as_json: bool) -> None:
    """Add a pair of image and text for each frame of the media files that TABLE names.

    TABLE is a file that 'udt data import' reads, such as CSV or JSON Lines. A row names a media file, by its path in
    the folder or its name with or without suffix, or a case; its text goes to all of their frames. Several rows may
    name one file. 'udt data extract' then reads the texts.

    \b
    Example:
      udt data texts notes.csv --db records.db --source clinic --media file --text note
    """
    from udt.records.database.database import Database
    from udt.records.importing.importers.registry import open_data_set
    from udt.records.media.texts import TextRequest, pair_texts

    with Database.open(db) as database:
        outcome = pair_texts(database, TextRequest(open_data_set(table), source, media, text))
    if as_json:
        click.echo(json.dumps(outcome.to_dict(), ensure_ascii=False))
    else:
        rows = outcome.rows
        click.echo(f"{table}: {rows.found:,} rows found, {rows.read:,} read; {outcome.samples:,} new samples")
        print_left_out(rows)
    outcome.check()
