"""`udt data import-media`: read media files into the database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.cluster import cluster_options, open_executor
from udt.cli.shared.options import about_of, about_options, db_option, json_option
from udt.cli.shared.progress import Ticker
from udt.cli.shared.tallies import print_left_out

if TYPE_CHECKING:
    from udt.records.media.importing import MediaOutcome


@click.command("import-media", short_help="Read pictures, clips and DICOM files into the database.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@db_option
@click.option("--source", required=True, metavar="NAME", help="Name of the data set.")
@click.option(
    "--case-from", "rule", default="folder", show_default=True, metavar="folder|file|REGEX",
    help="The case of a file: its folder below DIR, the file itself, or what the first group of a regular expression "
    "finds in its path.",
)  # fmt: skip
@about_options
@cluster_options
@json_option
def import_media_(folder: Path, db: str, source: str, rule: str, as_json: bool, **given: Any) -> None:
    """Read the media files in DIR and its folders into the database, which is created if there is none.

    Reads JPEG, PNG, WebP, TIFF, GIF, MP4, MOV, AVI, MPEG and DICOM, and decodes every frame. Files that are not
    ultrasound are left out: by the modality and the SOP class of DICOM, else by a classifier of pictures. Those in
    doubt wait for a person (udt data media). A file that was read before is not read again, so an interrupted import
    is resumed.

    On a cluster, the workers read the files, so all machines need DIR at the same path.

    \b
    Examples:
      udt data import-media clips --db records.db --source clinic
      udt data import-media lung --db records.db --source lung --case-from 'pat(\\d+)' --licence CC-BY-4.0
    """
    from udt.records.database.database import Database
    from udt.records.media.case_names import case_rule
    from udt.records.media.importing import import_media

    case_of = case_rule(rule)
    with open_executor(**given) as executor, Database.open(db, create=True) as database, Ticker() as ticker:
        outcome = import_media(database, folder, source, case_of, ticker.tick, executor, about=about_of(given))
    if as_json:
        click.echo(json.dumps({"source": source, **outcome.to_dict()}, ensure_ascii=False))
    else:
        _print(source, outcome)


def _print(source: str, outcome: MediaOutcome) -> None:
    files = outcome.files
    click.echo(f"{source}: {files.found:,} files found, {files.read:,} read, {files.left_out.total():,} left out")
    if outcome.known:
        click.echo(f"  {outcome.known:,} had been read by an earlier import")
    if outcome.doubtful:
        click.echo(f"  {outcome.doubtful:,} wait for a decision: udt data media list --db …")
    print_left_out(files)
