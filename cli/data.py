"""`udt data`: records in a database, from import to bundle."""

from __future__ import annotations

from importlib import import_module

import click

# Module of `udt.cli` and name in it; imported when the command is used.
_COMMANDS = {
    "bundle": ("data_export", "bundle"),
    "import": ("data_import", "import_"),
    "phantoms": ("data_phantoms", "phantoms"),
    "split": ("data_split", "split"),
    "stats": ("data_stats", "stats"),
    "to-rdf": ("data_export", "to_rdf"),
    "validate": ("data_validate", "validate"),
}


class _Group(click.Group):
    """A group whose commands are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"udt.cli.{module}"), name)
        return command


@click.group(cls=_Group, short_help="Import, check, split and count records in a database.")
def data() -> None:
    """Keep labelled images and captions in a database: import, validate, split, count, export.

    \b
    Example:
      udt data import brest.csv --db records.db --mapping brest --images images
      udt data split --db records.db
    """
