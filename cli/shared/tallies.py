"""Counts of things that a command left out, as lines of its output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from udt.core.tally import Tally


def print_left_out(tally: Tally, line: str = "  {:>8,} × {}", *, examples: bool = True) -> None:
    """Print each reason for which things were left out, the most frequent first, with an example.

    :param line: with places for the number and the reason.
    :param examples: False if an example may identify a patient.
    """
    for reason, count in tally.left_out.most_common():
        example = "".join(f", e.g. {one}" for one in tally.examples.get(reason, ())[:1] if examples)
        click.echo(line.format(count, reason) + example)
