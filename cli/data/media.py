"""`udt data media`: list media files and decide about those in doubt."""

from __future__ import annotations

import json

import click

from udt.cli.shared.options import db_option, json_option

_STATES = ("doubtful", "left-out", "taken")
_ids = click.argument("ids", metavar="ID…", type=click.IntRange(1, 2**31 - 1), nargs=-1, required=True)


@click.group(short_help="List media files, and decide about those in doubt.")
def media() -> None:
    """List the media files of a database, and decide about those of which the filter is not sure.

    \b
    Example:
      udt data media list --db records.db
      udt data media accept 3 7 --db records.db
    """


@media.command("list", short_help="List media files in a state.")
@db_option
@click.option("--state", type=click.Choice(_STATES), default="doubtful", show_default=True, help="State of the files.")
@json_option
def list_(db: str, state: str, as_json: bool) -> None:
    """List media files with their scores, from 0 (not ultrasound) to 1, and the reasons.

    \b
    Example:
      udt data media list --db records.db --state left-out
    """
    from udt.core.texts import brief_path
    from udt.records.database.curation_models import MediaState
    from udt.records.database.database import Database
    from udt.records.media.decisions import media_rows

    with Database.open(db) as database, database.reading() as connection:
        rows = list(media_rows(connection, MediaState(state)))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        score = "" if row["score"] is None else f"  {row['score']:.2f}"
        click.echo(f"{row['id']:>8}  {row['source']}/{brief_path(row['path'])}{score}  {row['reason'] or ''}".rstrip())
    click.echo(f"{len(rows):,} media files are {state}")


@media.command("accept", short_help="Take media files as ultrasound.")
@_ids
@db_option
def accept(ids: tuple[int, ...], db: str) -> None:
    """Take media files as ultrasound, by their ids in the list.

    \b
    Example:
      udt data media accept 3 7 --db records.db
    """
    from udt.records.database.database import Database
    from udt.records.media.decisions import accept_media

    with Database.open(db) as database:
        count = database.transact(lambda connection: accept_media(connection, ids))
    click.echo(f"{count:,} media files taken")


@media.command("reject", short_help="Leave media files out.")
@_ids
@db_option
def reject(ids: tuple[int, ...], db: str) -> None:
    """Leave media files out, by their ids in the list.

    \b
    Example:
      udt data media reject 5 --db records.db
    """
    from udt.records.database.database import Database
    from udt.records.media.decisions import reject_media

    with Database.open(db) as database:
        count = database.transact(lambda connection: reject_media(connection, ids))
    click.echo(f"{count:,} media files left out")
