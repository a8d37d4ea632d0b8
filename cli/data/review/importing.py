"""`udt data review import`: read decisions back into the database."""

from __future__ import annotations

import json
from pathlib import Path

import click

from udt.cli.shared.options import db_option, json_option, taxonomy_option


@click.command("import", short_help="Read files of decisions.")
@click.argument("decisions", nargs=-1, required=True, type=click.Path(path_type=Path))
@db_option
@json_option
@taxonomy_option
def import_(decisions: tuple[Path, ...], db: str, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Read DECISIONS, files that sheets gave or JSON exports of Label Studio, and update the state of the samples.

    All files are stored, or none. A file that was imported before changes nothing; another answer to a sample that was
    decided, or a sample of another reviewer, is refused.

    \b
    Example:
      udt data review import --db records.db decisions-*.json
    """
    from udt.records.database.database import Database
    from udt.records.review.decisions import decision_file, read_json
    from udt.records.review.label_studio import from_export
    from udt.records.review.specialties import specialties
    from udt.records.review.storing import store_decisions
    from udt.taxonomy.model.taxonomy import Taxonomy

    files = []
    for path in decisions:
        value = read_json(path)
        files += from_export(value, str(path)) if isinstance(value, list) else [decision_file(value, str(path))]
    with Database.open(db) as database:
        stored = store_decisions(database, files, specialties(Taxonomy.load(*extensions)))
    outcomes = {name.value: count for name, count in stored.outcomes.items()}
    if as_json:
        click.echo(json.dumps({"new": stored.new, "known": stored.known, "outcomes": outcomes}))
        return
    click.echo(f"{stored.new:,} new decisions, {stored.known:,} known")
    for name, count in outcomes.items():
        click.echo(f"  {count:>9,} samples {name}")
