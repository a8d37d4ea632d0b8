"""`udt data frames`: write the frames of media as images."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.cluster import cluster_options, open_executor
from udt.cli.shared.options import db_option, distance_option, json_option
from udt.cli.shared.progress import Ticker
from udt.cli.shared.tallies import print_left_out

if TYPE_CHECKING:
    from udt.records.media.frame_files import FrameOutcome


def _finite(ctx: click.Context, param: click.Parameter, value: float) -> float:
    if not math.isfinite(value):
        raise click.BadParameter(f"{value} is no number of seconds; give e.g. 0.5")
    return value


@click.command("frames", short_help="Write the frames of media as images.")
@db_option
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Folder of the images, which becomes the folder of the images of the source.",
)  # fmt: skip
@click.option(
    "--every", type=click.FloatRange(min=0.001), default=0.5, show_default=True, metavar="SECONDS", callback=_finite,
    help="Interval of the frames of a clip, by presentation time.",
)  # fmt: skip
@click.option("--source", metavar="NAME", help="Only the media of this data set.")
@distance_option
@cluster_options
@json_option
def frames(db: str, out: Path, every: float, source: str | None, distance: int, as_json: bool, **cluster: Any) -> None:
    """Write the frames of all media that were taken as PNG files, and add them to the database.

    Of a clip, the first frame at or after each multiple of the interval is taken, and left out if it looks the same as
    the last one taken. Pictures, and clips without times, are taken whole. Media whose frames were written before are
    not read again.

    On a cluster, the workers read the media and write the images, so all machines need both folders at the same path.

    \b
    Examples:
      udt data frames --db records.db --out frames
      udt data frames --db records.db --out frames --every 1 --distance 0
    """
    from udt.records.database.database import Database
    from udt.records.media.frame_files import FrameRequest, write_frames

    with Database.open(db) as database, open_executor(**cluster) as executor, Ticker() as ticker:
        outcome = write_frames(database, FrameRequest(out, every, distance, source), ticker.tick, executor)
    if as_json:
        click.echo(json.dumps(outcome.to_dict(), ensure_ascii=False))
    else:
        _print(out, outcome)


def _print(out: Path, outcome: FrameOutcome) -> None:
    media, written = outcome.media, outcome.frames
    click.echo(f"{out}: {written.read:,} images of {media.read - outcome.known:,} media written")
    if outcome.known:
        click.echo(f"  the frames of {outcome.known:,} media had been written before")
    print_left_out(written, "  {:>8,} frames × {}")
    print_left_out(media, "  {:>8,} media × {}")
