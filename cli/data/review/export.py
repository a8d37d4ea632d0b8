"""`udt data review export`: the open reviews of one person as a sheet, or as tasks of Label Studio."""

from __future__ import annotations

import json
from pathlib import Path

import click

from udt.cli.shared.options import db_option, json_option, taxonomy_option
from udt.cli.shared.tallies import print_left_out


@click.command("export", short_help="Write the review sheet of a reviewer.")
@db_option
@click.option("--reviewer", required=True, metavar="NAME", help="The reviewer, or the adjudicator.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="The file.")
@click.option(
    "--format", "form", type=click.Choice(["html", "label-studio"]), default="html", show_default=True,
    help="A page for any browser; or tasks of Label Studio (.json), with the configuration of the project (.xml).",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 500), metavar="N", help="Take the first open reviews alone, 1 to 500.")
@click.option(
    "--side", type=click.IntRange(64, 4096), default=800, show_default=True, metavar="PIXELS",
    help="Longer side of the images in the sheet; larger ones are reduced.",
)  # fmt: skip
@json_option
@taxonomy_option
def export(
    db: str,
    reviewer: str,
    out: Path,
    form: str,
    limit: int | None,
    side: int,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Write the open reviews of a person as one HTML page, which needs no network and is used by the keyboard.

    The page keeps the answers in the browser and gives a file of decisions. It shows image, caption and labels with
    their definitions, but no votes of others, no sources, and not who or what made the labels.

    \b
    Examples:
      udt data review export --db records.db --reviewer Ann --out ann.html
      udt data review export --db records.db --reviewer Ann --out ann.json --format label-studio
    """
    from udt.core.atomic import atomic_output
    from udt.records.database.database import Database
    from udt.records.review.label_studio import labelling_config, tasks
    from udt.records.review.sheet import sheet_page
    from udt.records.review.sheet_data import read_sheet
    from udt.taxonomy.model.taxonomy import Taxonomy

    if form == "label-studio" and out.suffix != ".json":
        raise click.BadParameter(f"'{out}' has to end in .json for Label Studio", param_hint="--out")
    with Database.open(db) as database, database.reading() as connection:
        sheet = read_sheet(connection, reviewer, Taxonomy.load(*extensions), limit=limit, side=side)
    if form == "html":
        contents = {out: sheet_page(sheet)}
    else:
        contents = {out: json.dumps(tasks(sheet), ensure_ascii=False), out.with_suffix(".xml"): labelling_config(sheet)}
    for path, content in contents.items():
        with atomic_output(path) as handle:
            handle.write(content.encode())
    if as_json:
        facts = {"sheet": sheet.id, "role": sheet.role.value, "samples": sheet.tally.to_dict()}
        click.echo(json.dumps({**facts, "files": [str(path) for path in contents]}, ensure_ascii=False))
        return
    size = sum(path.stat().st_size for path in contents) / 2**20
    noun = "adjudications" if sheet.role.value == "adjudication" else "reviews"
    click.echo(f"{out}: {sheet.tally.read:,} of {sheet.tally.found:,} open {noun} of {reviewer} ({size:.1f} MiB)")
    print_left_out(sheet.tally, "  {:>9,} {}")
