"""`udt data pair`: division of composite figures into their panels and sub-captions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import db_option, json_option, taxonomy_option
from udt.cli.shared.tallies import print_left_out

if TYPE_CHECKING:
    from udt.records.pairing.run import PairingOutcome


@click.command("pair", short_help="Divide composite figures into panels and sub-captions.")
@db_option
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Folder for the images of panels, in the image folder of the data set.",
)  # fmt: skip
@click.option("--source", metavar="NAME", help="Divide the figures of this data set alone.")
@click.option(
    "--images", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
    help="Image folder of a data set that was imported without one.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only count; write neither images nor records.")
@json_option
@taxonomy_option
def pair(
    db: str,
    out: Path | None,
    source: str | None,
    images: Path | None,
    dry_run: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Divide each sample that is a composite figure into one sample for each panel, with its part of the caption.

    Panels are found by the gutters between them, parts of the caption by indicators such as (A), a–c, Fig. 1b, left
    image or top. If they disagree, the sample stays whole and is flagged for review. Text that all panels share goes to
    each. The captions of the parts are read by the normaliser if the sample had labels of it; a label of the data set
    goes to the parts whose caption names it.

    The parts keep case and split, and take the place of the figure in data split, stats, bundle and to-rdf. A run that
    was interrupted is resumed by the next one.

    \b
    Examples:
      udt data pair --db records.db --dry-run
      udt data pair --db records.db --out images/panels
    """
    from udt.cli.shared.progress import Ticker
    from udt.records.database.database import Database
    from udt.records.pairing.run import PairingRequest, pair_samples
    from udt.taxonomy.model.taxonomy import Taxonomy

    if out is None and not dry_run:
        raise click.UsageError("give --out DIR for the images of panels, or --dry-run")
    request = PairingRequest(None if dry_run else out, source, images, extensions)
    with Database.open(db) as database, Ticker() as ticker:
        outcome = pair_samples(database, request, Taxonomy.load(*extensions), ticker.tick)
    if as_json:
        click.echo(json.dumps(outcome.to_dict(), ensure_ascii=False))
    else:
        _print(outcome, dry_run)


def _print(outcome: PairingOutcome, dry_run: bool) -> None:
    samples, would = outcome.samples, "would be " if dry_run else ""
    click.echo(f"{samples.read:,} of {samples.found:,} samples with image and caption examined")
    click.echo(f"{outcome.paired:>8,} {would}divided into {outcome.parts:,} parts")
    click.echo(f"{outcome.whole:>8,} no composite figure")
    if outcome.known:
        click.echo(f"{outcome.known:>8,} had been divided before")
    if outcome.flagged:
        click.echo(f"{outcome.flagged.total():>8,} {would}left whole and flagged for review:")
    for doubt, count in outcome.flagged.most_common():
        click.echo(f"{count:>12,} × {doubt}")
    print_left_out(samples, "{:>8,} × left out: {}")
