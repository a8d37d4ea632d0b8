"""The group of commands `udt taxonomy`: look-up, search, checks, comparison and exports."""

from __future__ import annotations

import click

from udt.cli.shared.lazy_group import LazyGroup

_COMMANDS = {
    "check": "udt.cli.taxonomy.check:check",
    "diff": "udt.cli.taxonomy.diff:diff",
    "export": "udt.cli.taxonomy.export:export",
    "new": "udt.cli.taxonomy.new:new",
    "search": "udt.cli.taxonomy.search:search",
    "show": "udt.cli.taxonomy.show:show",
}


@click.group(cls=LazyGroup, commands=_COMMANDS, short_help="Show, search, check, compare and export the taxonomy.")
def taxonomy() -> None:
    """Show, search, check, compare, extend and export the taxonomy: anatomy, dimensions, values, findings and cues.

    \b
    Example:
      udt taxonomy show gallbladder
      udt taxonomy check --taxonomy extra.ttl
    """
