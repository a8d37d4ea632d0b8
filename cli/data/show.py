"""`udt data show`: everything about one sample."""

from __future__ import annotations

import json
from typing import Any

import click

from udt.cli.shared.options import db_option, json_option


@click.command("show", short_help="Show a sample with provenance and evidence.")
@click.argument("id", metavar="ID")
@db_option
@json_option
def show(id: str, db: str, as_json: bool) -> None:
    """Show everything about a sample: image and its origin, captions, labels with makers and evidence, flags, reviews.

    ID is the number of the sample, or the first characters of its digest.

    \b
    Example:
      udt data show 12 --db records.db
    """
    from udt.records.browsing.details import find_sample, sample_details
    from udt.records.database.database import Database

    with Database.open(db) as database, database.reading() as connection:
        found = sample_details(connection, find_sample(connection, id))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found.items():
        _print(name.replace("_", " "), value)


def _print(name: str, value: Any) -> None:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        click.echo(f"{name}:")
        for one in value:
            click.echo(f"  {_line(one)}")
    elif isinstance(value, dict):
        click.echo(f"{name}: {_line(value)}")
    else:
        click.echo(f"{name}: {_text(value)}")


def _line(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {_text(value)}" for name, value in facts.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return f"({_line(value)})"
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)
