"""MkDocs hook: writes the help of every command into the page `reference/command-line.md`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from udt.cli.main import main

MARK = "<!-- commands -->"
_WIDTH = 100


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the mark in a page with the help of all commands."""
    if MARK not in markdown:
        return markdown
    context = click.Context(main, info_name="udt", **main.context_settings)
    return markdown.replace(MARK, "\n\n".join(_sections(context)))


def _sections(context: click.Context) -> Iterator[str]:
    """Yield a section for the command of `context` and for each command below it."""
    command = context.command
    context.terminal_width = context.max_content_width = _WIDTH
    yield f"## `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _sections(click.Context(child, parent=context, info_name=name))
