"""`udt data duplicates`: pairs of images that look the same, or are copies of each other."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from udt.cli.shared.cluster import cluster_options, open_executor
from udt.cli.shared.options import db_option, distance_option, json_option
from udt.cli.shared.progress import Ticker
from udt.cli.shared.tallies import print_left_out

_MOST_SHOWN = 20
_LEFT_OUT = "  {:>9,} left out: {}"


@click.command("duplicates", short_help="List near-duplicate images, or show them side by side.")
@db_option
@distance_option
@click.option(
    "--copies", "with_copies", is_flag=True, help="Find rotated, mirrored and cropped copies, too; reads all images."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Show the pairs side by side: .png, or .html for a page that needs no other file.",
)  # fmt: skip
@click.option(
    "--limit",
    type=click.IntRange(1, 200),
    default=50,
    show_default=True,
    metavar="N",
    help="The first N pairs in FILE.",
)
@cluster_options
@json_option
def duplicates(
    db: str, distance: int, with_copies: bool, out: Path | None, limit: int, as_json: bool, **cluster: Any
) -> None:
    """List the pairs of images whose perceptual hashes differ in few bits, the most different ones first.

    Nothing is changed: udt data split keeps such images in one split. With --copies, the workers of a cluster read the
    images, so all machines need their folders at the same path.

    \b
    Examples:
      udt data duplicates --db records.db
      udt data duplicates --db records.db --copies --out pairs.html
    """
    from udt.core.tally import Tally
    from udt.records.browsing.pictures import check_tile_file, pair_tiles, write_tiles
    from udt.records.database.database import Database
    from udt.records.quality.copies import find_copies, same_looks

    compared, shown = Tally(), Tally()
    if out is not None:
        check_tile_file(out)
    with Database.open(db) as database, open_executor(**cluster) as executor, Ticker() as ticker:
        pairs = same_looks(database, distance)
        if with_copies:
            pairs += find_copies(database, compared, ticker.tick, distance, executor)
        pairs.sort(key=lambda one: (-one.distance, one))
        if out is not None and pairs:
            with database.reading() as connection:
                write_tiles(out, "Near-duplicates", pair_tiles(connection, pairs[:limit], shown), 2)
    if as_json:
        images = compared.to_dict() if with_copies else None
        click.echo(json.dumps({"pairs": [asdict(one) for one in pairs], "images_compared": images}, ensure_ascii=False))
        return
    click.echo(f"{len(pairs):,} pairs")
    print_left_out(compared, _LEFT_OUT)
    for one in pairs[:_MOST_SHOWN]:
        click.echo(f"  image {one.image} and {one.copy}: {one.kind}, {one.distance} bits")
    if len(pairs) > _MOST_SHOWN:
        click.echo(f"  … and {len(pairs) - _MOST_SHOWN:,} more (--json, --out)")
    if out is not None and pairs:
        click.echo(f"{out}: {shown.read // 2:,} pairs")
        print_left_out(shown, _LEFT_OUT)
