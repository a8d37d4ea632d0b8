"""`udt data backup` and `udt data restore`: everything in a database as one file, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import db_option, json_option, overwrite_option

if TYPE_CHECKING:
    from udt.records.backup import Backup


@click.command("backup", short_help="Back up the database to one file, or check a backup.")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--db", metavar="FILE|URL", help="Database of records to back up.")
@click.option("--check", is_flag=True, help="Check the backup OUT instead: compare it with the hashes in it.")
@overwrite_option
@json_option
def backup(out: Path, db: str | None, check: bool, overwrite: bool, as_json: bool) -> None:
    """Write everything in the database to the file OUT, which udt data restore reads, for SQLite and PostgreSQL.

    It is a snapshot: an import may run at the same time. Only the owner of the file may read it.

    \b
    Examples:
      udt data backup --db records.db records.zip
      udt data backup --check records.zip
    """
    from udt.records.backup import check_backup, write_backup
    from udt.records.database.database import Database

    if (db is None) != check:
        raise click.UsageError("give either --db, to make a backup, or --check, to check one")
    if db is None:
        _print(f"{out}: is complete and unchanged", check_backup(out), as_json)
        return
    with Database.open(db) as database:
        made = write_backup(database, out, overwrite=overwrite)
    _print(f"{out}: backed up", made, as_json)


@click.command("restore", short_help="Restore a backup into an empty database.")
@click.argument("backup", type=click.Path(path_type=Path))
@db_option
@json_option
def restore(backup: Path, db: str, as_json: bool) -> None:
    """Restore BACKUP into a new SQLite file or an empty database; either all of it is restored, or nothing.

    The backup is checked first. One of an older udt is upgraded.

    \b
    Example:
      udt data restore records.zip --db postgresql://user@host/name
    """
    from udt.records.backup import restore_backup
    from udt.records.database.database import Database

    with Database.connect(db, create=True) as database:
        done = restore_backup(backup, database)
    _print(f"{backup}: restored", done, as_json)


def _print(title: str, backup: Backup, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"revision": backup.revision, "rows": backup.counts}))
        return
    click.echo(f"{title}; tables of version {backup.revision}")
    for table, count in backup.counts.items():
        click.echo(f"  {count:>9,} {table}")
