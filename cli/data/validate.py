"""`udt data validate`: checks of the records."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import click

from udt.cli.shared.options import db_option, json_option, taxonomy_option

_MAX_EXAMPLES = 20


@click.command("validate", short_help="Check the records for errors.")
@db_option
@click.option(
    "--shacl", type=click.IntRange(min=0), default=200, show_default=True, metavar="N",
    help="Number of samples to check against the SHACL shapes.",
)  # fmt: skip
@json_option
@taxonomy_option
def validate(db: str, shacl: int, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Check for labels outside the taxonomy, organs without their system, missing files, empty captions and more.

    All samples are checked, N of them also against the SHACL shapes. Exits with status 1 if there is an ERROR; a WARN
    is only reported.

    \b
    Example:
      udt data validate --db records.db
    """
    from udt.records.database.database import Database
    from udt.records.quality.leakage import count_checked
    from udt.records.quality.validation import validate_records
    from udt.taxonomy.model.taxonomy import Taxonomy

    with Database.open(db) as database:
        problems = validate_records(database, Taxonomy.load(*extensions), shacl=shacl)
        with database.reading() as connection:
            counted = count_checked(connection)
    if as_json:
        document = {
            "problems": [dataclasses.asdict(one) for one in problems],
            "samples": counted.samples,
            "images": counted.images(),
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for one in problems:
            click.echo(f"{one.level:5} {one.count:>9,} × {one.check}: {one.detail}")
            for example in one.examples[:_MAX_EXAMPLES]:
                click.echo(f"        e.g. {example}")
        if not problems:
            click.echo(f"no problems found in {counted.samples:,} samples")
    errors = [f"{one.count:,} × {one.check}" for one in problems if one.level == "ERROR"]
    if errors:
        raise click.ClickException(
            f"the records have errors: {', '.join(errors)}; correct the data and import it again"
        )
