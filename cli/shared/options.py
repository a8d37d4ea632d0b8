"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

taxonomy_option = click.option(
    "--taxonomy",
    "extensions",
    multiple=True,
    metavar="EXTRA.ttl",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Turtle file that extends the taxonomy; repeatable.",
)

db_option = click.option(
    "--db",
    required=True,
    metavar="FILE|URL",
    help="Database of records: an SQLite file, or postgresql://user@host/name.",
)

_ABOUT = (
    click.option("--source-version", "version", metavar="TEXT", help="Version of the data set."),
    click.option("--licence", metavar="TEXT", help="Licence of the data set."),
    click.option("--url", metavar="TEXT", help="Address of the data set."),
)


ABOUT = ("version", "licence", "url")
"""The names of the arguments of `about_options`."""


def about_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts about a data set among the arguments of a command, without those that were not given."""
    return {name: given[name] for name in ABOUT if given[name]}


def about_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for the facts about a data set to a command: `version`, `licence` and `url`."""
    for option in reversed(_ABOUT):
        command = option(command)
    return command


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")

csv_formulas_option = click.option(
    "--csv-formulas",
    type=click.Choice(["escape", "keep"]),
    default="escape",
    show_default=True,
    help="Whether cells of a table that a spreadsheet would run (=, +, -, @ …) get an apostrophe before them.",
)

overwrite_option = click.option("--overwrite", is_flag=True, help="Replace the output of an earlier run.")

distance_option = click.option(
    "--distance",
    type=click.IntRange(0, 15),
    default=4,  # udt.core.near_duplicates.DISTANCE, whose module loads NumPy
    show_default=True,
    metavar="BITS",
    help="Largest distance of the perceptual hashes of near-duplicate images.",
)
