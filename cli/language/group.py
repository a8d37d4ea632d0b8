"""The group of commands `udt language`: the languages that reports are read in."""

from __future__ import annotations

import click

from udt.cli.shared.lazy_group import LazyGroup

_COMMANDS = {
    "check": "udt.cli.language.check:check",
    "list": "udt.cli.language.list:list_languages",
}


@click.group(cls=LazyGroup, commands=_COMMANDS, short_help="List and check the languages that reports are read in.")
def language() -> None:
    """List the languages that reports are read in, and check how far one of them is read.

    \b
    Example:
      udt language list
      udt language check zh reports.txt
    """
