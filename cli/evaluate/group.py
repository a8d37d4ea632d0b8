"""The group of commands `udt evaluate`: agreement of predictions with gold labels."""

from __future__ import annotations

import click

from udt.cli.shared.lazy_group import LazyGroup

_COMMANDS = {
    "compare": "udt.cli.evaluate.compare:compare",
    "extraction": "udt.cli.evaluate.extraction:extraction",
    "findings": "udt.cli.evaluate.findings:findings",
    "model": "udt.cli.evaluate.model:model",
    "text": "udt.cli.evaluate.text:text",
}


@click.group(cls=LazyGroup, commands=_COMMANDS, short_help="Score the normaliser, or a model.")
def evaluate() -> None:
    """Score the normaliser against gold records, or a model on a bundle."""
