"""Output of the taxonomy commands on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

    from udt.taxonomy.model.amendments import Change


def print_parts(parts: Iterable[RenderableType]) -> None:
    """Print parts below one another, in colour on a terminal."""
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    click.echo(rendered(parts, get_terminal_size((120, 24)).columns if color else 120, color), nl=False)


def table(rows: Iterable[tuple[str, ...]], *columns: str) -> RenderableType:
    """Return a table without lines; without `columns` it has no header."""
    from rich.table import Table

    made = Table(box=None, show_header=bool(columns), pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def change_table(changes: Iterable[Change]) -> RenderableType:
    """Return a table of the changes that extensions make to earlier statements."""
    rows = ((c.file, c.action, c.subject, c.property, ", ".join(c.old), ", ".join(c.new)) for c in changes)
    return table(rows, "file", "change", "concept", "property", "old", "new")
