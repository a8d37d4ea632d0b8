"""`udt data split`: division into train, valid and test."""

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
        raise click.BadParameter(f"'{text}' is not three numbers; give e.g. 6:2:2")
    return ratios


@click.command("split", short_help="Divide the samples into train, valid and test.")
@db_option
@click.option("--ratios", default="6:2:2", show_default=True, callback=_ratios, help="Shares of train, valid and test.")
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed of the division.")
@click.option(
    "--distance", type=click.IntRange(0, 15), default=4, show_default=True, metavar="BITS",
    help="Largest distance of the perceptual hashes of near-duplicate images.",
)  # fmt: skip
@click.option("--check", "only_check", is_flag=True, help="Only check whether the existing splits leak.")
@json_option
def split(db: str, ratios: tuple[float, ...], seed: int, distance: int, only_check: bool, as_json: bool) -> None:
    """Divide the samples by case, stratified by source and organ; the same seed gives the same division.

    Cases with near-duplicate images stay together. No case, image file or group of near-duplicates may be in two
    splits; otherwise the command changes nothing, lists the leaks and exits with status 1.

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
        click.echo(", ".join(f"{name} {count:,}" for name, count in parts.items()) + "; no leaks")
        click.echo(f"{similar:,} images have a near-duplicate")
