"""`udt data split`: division into train, valid and test."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.cluster import cluster_options, open_executor
from udt.cli.shared.options import db_option, distance_option, json_option
from udt.cli.shared.progress import Ticker

if TYPE_CHECKING:
    from udt.records.quality.leakage import Checked


def _ratios(ctx: click.Context, param: click.Parameter, text: str) -> tuple[float, ...]:
    try:
        ratios = tuple(float(part) for part in text.split(":"))
    except ValueError:
        ratios = ()
    if len(ratios) != 3 or min(ratios) < 0 or not 0 < sum(ratios) < math.inf:
        raise click.BadParameter(f"'{text}' is not three numbers of 0 or more, one of them above 0; give e.g. 6:2:2")
    return ratios


ratios_option = click.option(
    "--ratios", default="6:2:2", show_default=True, callback=_ratios, help="Shares of train, valid and test."
)


@click.command("split", short_help="Divide the samples into train, valid and test.")
@db_option
@ratios_option
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed of the division.")
@distance_option
@click.option(
    "--copies", "with_copies", is_flag=True,
    help="Keep rotated, mirrored and cropped copies together, too; reads all images.",
)  # fmt: skip
@click.option("--check", "only_check", is_flag=True, help="Only check whether the existing splits leak.")
@click.option(
    "--without-images", is_flag=True, help="Compare cases and image paths alone, for data without image files."
)
@cluster_options
@json_option
def split(
    db: str,
    ratios: tuple[float, ...],
    seed: int,
    distance: int,
    with_copies: bool,
    only_check: bool,
    without_images: bool,
    as_json: bool,
    **cluster: Any,
) -> None:
    """Divide the samples by case, stratified by source and organ; the same seed gives the same division.

    Cases with near-duplicate images stay together. No case, image file or group of near-duplicates may be in two
    splits; otherwise the command changes nothing, lists the leaks and exits with status 1.

    Only images that the import has read can be compared. The command reports how many there are; --check exits with
    status 1 if an image was never read, unless --without-images is given. With --copies, the workers of a cluster read
    the images, so all machines need their folders at the same path.

    \b
    Examples:
      udt data split --db records.db --seed 1
      udt data split --db records.db --copies
      udt data split --db records.db --check
    """
    from udt.core.tally import Tally
    from udt.records.database.database import Database
    from udt.records.quality.copies import find_copies
    from udt.records.quality.duplicates import find_groups, store_groups
    from udt.records.quality.leakage import count_checked, refuse_leaks, refuse_unchecked
    from udt.records.quality.splitting import count_parts, split_samples

    with Database.open(db) as database, open_executor(**cluster) as executor, Ticker() as ticker:
        copies = find_copies(database, Tally(), ticker.tick, distance, executor) if with_copies else ()
        similar = find_groups(database, distance, copies)
        with database.writing() as connection:
            store_groups(connection, similar)
            if not only_check:
                split_samples(connection, ratios, seed)
            refuse_leaks(connection, images=not without_images)
            if only_check:
                refuse_unchecked(connection, images=not without_images)
            parts, checked = count_parts(connection), count_checked(connection)
    if as_json:
        images = {**checked.images(), "compared": not without_images}
        document = {
            "samples": parts,
            "without_split": checked.unsplit,
            "near_duplicates": len(similar),
            "images": images,
        }
        click.echo(json.dumps(document))
        return
    click.echo(
        ", ".join(f"{name} {count:,}" for name, count in parts.items()) + f"; {_verdict(checked, without_images)}"
    )
    if checked.unsplit:
        click.echo(f"{checked.unsplit:,} samples have no split, and were not checked")
    if not without_images:
        click.echo(f"{len(similar):,} of {checked.read:,} images read have a near-duplicate")


def _verdict(checked: Checked, without_images: bool) -> str:
    if without_images:
        return "no case or image path is in two splits; the images were not compared"
    if checked.unread:
        return f"no case or image path is in two splits, but {checked.unread}"
    return "no leaks"
