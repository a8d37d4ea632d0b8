"""The group of commands `udt data review`: assignment, sheets, decisions and progress."""

from __future__ import annotations

import click

from udt.cli.shared.lazy_group import LazyGroup

_COMMANDS = {
    "assign": "udt.cli.data.review.assign:assign",
    "export": "udt.cli.data.review.export:export",
    "import": "udt.cli.data.review.importing:import_",
    "status": "udt.cli.data.review.status:status",
}


@click.group(cls=LazyGroup, commands=_COMMANDS, short_help="Assign samples to reviewers and collect their decisions.")
def review() -> None:
    """Assign samples to reviewers, write their sheets, and read their decisions back.

    \b
    Example:
      udt data review assign --db records.db --reviewer Ann --reviewer Bo --reviewer Cy --sample 500
      udt data review export --db records.db --reviewer Ann --out ann.html
      udt data review import --db records.db decisions-*.json
      udt data review status --db records.db
    """
