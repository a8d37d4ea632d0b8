"""`udt data deidentify`: write a folder of media and texts without identifiers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import json_option
from udt.cli.shared.progress import Ticker
from udt.cli.shared.tallies import print_left_out

if TYPE_CHECKING:
    from udt.records.deidentify.folders import DeidentifyOutcome

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("deidentify", short_help="Write media and texts without identifiers.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", required=True, type=_FOLDER, metavar="DIR", help="Folder of the new files.")
@click.option(
    "--report", type=_FOLDER, metavar="DIR", help="Folder for report.json and pictures of what was masked (masks/)."
)
@click.option(
    "--key", "key", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Secret key of the pseudonyms, created if there is none; keep it apart from the output. Default: a new key, "
    "which is forgotten.",
)  # fmt: skip
@click.option(
    "--shift-dates", is_flag=True, help="Move the dates of DICOM, by the same days for all files of a patient."
)
@json_option
def deidentify(
    folder: Path, out: Path, report: Path | None, key: Path | None, shift_dates: bool, as_json: bool
) -> None:
    """Write the media, texts and tables in DIR without identifiers. The files in DIR do not change.

    Of DICOM, only the attributes of an allow-list are kept, and UIDs are replaced consistently. Pixels outside the
    ultrasound regions or the field of view, and lines of letters, are blanked. Pictures and videos are encoded anew,
    without EXIF and comments. In texts (.txt, .csv, .tsv, .jsonl), dates, names and numbers of persons become
    placeholders. Files and folders get pseudonyms as names. With the same --key, an interrupted run is resumed.

    Rules do not find everything: look at the pictures of --report before you pass the files on.

    \b
    Example:
      udt data deidentify export --out clean --report masked --key ~/pseudonyms.key
    """
    from udt.records.deidentify.folders import DeidentifyRequest, deidentify_folder
    from udt.records.deidentify.pseudonyms import Pseudonyms

    if key is not None and key.resolve().is_relative_to(out.resolve()):
        raise click.BadParameter("the key must not lie in the output; give another place", param_hint="--key")
    pseudonyms = Pseudonyms.new() if key is None else Pseudonyms.of_file(key)
    request = DeidentifyRequest(folder, out, pseudonyms, report, shift_dates)
    with Ticker() as ticker:
        outcome = deidentify_folder(request, ticker.tick)
    if as_json:
        click.echo(json.dumps(outcome.to_dict(), ensure_ascii=False))
    else:
        _print(out, outcome)


def _print(out: Path, outcome: DeidentifyOutcome) -> None:
    files = outcome.files
    click.echo(f"{out}: {files.found:,} files found, {files.read:,} read, {files.left_out.total():,} left out")
    if outcome.known:
        click.echo(f"  {outcome.known:,} had been written by an earlier run")
    masked, look = sum(bool(one.boxes) for one in outcome.reports), sum(one.look for one in outcome.reports)
    click.echo(f"  pixels were blanked in {masked:,} files")
    if look:
        click.echo(f"  {look:,} have no field of view that was found: look at them")
    print_left_out(files, examples=False)
