"""`udt data split`: train, valid and test."""

from __future__ import annotations

import json

import click

from udt.cli.shared.options import db_option, json_option


def _ratios(ctx: click.Context, param: click.Parameter, text: str) -> tuple[float, ...]:
    try:
        ratios = tuple(float(part) for part in text.split(":"))
    except ValueError:
        ratios = ()
    if len(ratios) != 3:
        raise click.BadParameter(f"'{text}' is not three numbers, as 6:2:2")
    return ratios


@click.command("split", short_help="Divide the samples into train, valid and test.")
@db_option
@click.option("--ratios", default="6:2:2", show_default=True, callback=_ratios, help="Shares of train, valid and test.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed gives another division.")
@click.option(
    "--distance", type=click.IntRange(0, 15), default=4, show_default=True, metavar="BITS",
    help="Images whose perceptual hashes differ in at most so many bits look the same.",
)  # fmt: skip
@click.option("--check", "only_check", is_flag=True, help="Divide nothing; only look whether the present parts leak.")
@json_option
def split(db: str, ratios: tuple[float, ...], seed: int, distance: int, only_check: bool, as_json: bool) -> None:
    """Divide the samples by case, spread evenly over sources and organs; the same seed gives the same division.

    Cases with images that look the same stay together. At the end nothing may stand in two parts: no case, no image
    file, no group of near-duplicates; else the command changes nothing, lists what leaks and ends with status 1.

    \b
    Examples:
      udt data split --db records.db --seed 1
      udt data split --db records.db --check
    """
    from udt.records.database.database import Database
    from udt.records.quality.duplicates import group_duplicates
    from udt.records.quality.leakage import refuse_leaks
    from udt.records.quality.splitting import count_parts, split_samples

    with Database.open(db) as database:
        similar = group_duplicates(database, distance)
        with database.writing() as connection:
            if not only_check:
                split_samples(connection, ratios, seed)
            refuse_leaks(connection)
            parts = count_parts(connection)
    if as_json:
        click.echo(json.dumps({"samples": parts, "near_duplicates": similar}))
    else:
        click.echo(", ".join(f"{name} {count:,}" for name, count in parts.items()) + "; nothing leaks")
        click.echo(f"{similar:,} images look like another one")
