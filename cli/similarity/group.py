"""The group of commands `udt similarity`: build, show, check and compare label similarity."""

from __future__ import annotations

import click

from udt.cli.shared.lazy_group import LazyGroup

_COMMANDS = {
    "build": "udt.cli.similarity.build:build",
    "check": "udt.cli.similarity.check:check",
    "compare": "udt.cli.similarity.compare:compare",
    "show": "udt.cli.similarity.show:show",
}


@click.group(cls=LazyGroup, commands=_COMMANDS, short_help="Build, show, check and compare label similarity.")
def similarity() -> None:
    """Build, show, check and compare the similarity of labels, from which training computes soft targets."""
