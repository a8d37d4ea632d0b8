"""`udt data import`: import data sets into the database of records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.cluster import cluster_options, open_executor, paths_on_cluster
from udt.cli.shared.options import ABOUT, about_options, db_option, json_option, taxonomy_option
from udt.cli.shared.progress import Ticker
from udt.core.texts import brief

if TYPE_CHECKING:
    from udt.io.rows import Skipped
    from udt.records.importing.importer import ImportOutcome

_MOST_SHOWN = 20


@click.command("import", short_help="Read a data set into the database.")
@click.argument("place", type=click.Path(path_type=Path))
@db_option
@click.option("--source", metavar="NAME", help="Name of the data set. Default: the mapping's, else that of PLACE.")
@click.option(
    "--mapping", "mapping_name", metavar="NAME|FILE.toml", help="Mapping of the columns: brest, us365k, or a file."
)
@click.option(
    "--map", "columns", metavar="COLUMN=FIELD", multiple=True,
    help="Mapping of one column: case, image, caption, split, frame_index, frame_time, age, sex, side, concept, or a "
    "dimension; repeatable.",
)  # fmt: skip
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the image paths.",
)
@about_options
@click.option(
    "--on-unknown", type=click.Choice(["report", "stop"]), default="report", show_default=True,
    help="Labels outside the taxonomy: store them as unmapped and list them, or import nothing.",
)  # fmt: skip
@click.option(
    "--on-error", type=click.Choice(["stop", "skip"]), default="stop", show_default=True,
    help="Rows that cannot be read: stop, or skip and list them.",
)  # fmt: skip
@click.option(
    "--normalize", is_flag=True, help="Read the captions that no person or model labelled: their labels and findings."
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes for --normalize.")
@cluster_options
@json_option
@taxonomy_option
def import_(
    place: Path,
    db: str,
    source: str | None,
    mapping_name: str | None,
    columns: tuple[str, ...],
    images: Path | None,
    on_unknown: str,
    on_error: str,
    normalize: bool,
    workers: int,
    as_json: bool,
    extensions: tuple[Path, ...],
    **given: Any,
) -> None:
    """Import the data set at PLACE into the database, which is created if there is none.

    PLACE is a folder with the files of US-365K (full_data.json, train.jsonl …), a .csv, .tsv, .jsonl, .json or .parquet
    file, or a folder of images, which has the columns image, folder and name. A second import of the same data changes
    nothing, and an interrupted import is resumed. Labels outside the taxonomy are stored as unmapped and listed.

    Images are read only from the folder of the image paths, and count as read if they can be decoded in full. Exits
    with status 1 if no row could be read, or an image folder was given and no image in it could be read.

    On a cluster, the workers read the images, so all machines need their folder at the same path, and the captions.

    \b
    Examples:
      udt data import US-365K --db records.db
      udt data import brest.csv --db records.db --mapping brest --images images224
      udt data import labels.csv --db records.db --map file=image --map patient=case --map text=caption --normalize
    """
    from udt.io.readers import stop
    from udt.records.database.database import Database
    from udt.records.importing.importer import Request, run_import
    from udt.records.importing.importers.registry import find_importer
    from udt.records.importing.mapping import load_mapping
    from udt.taxonomy.model.taxonomy import Taxonomy

    extensions = paths_on_cluster(extensions, workers=workers, **given)
    pairs, skipped = _pairs(columns), list["Skipped"]()
    importer, taxonomy = find_importer(place), Taxonomy.load(*extensions)
    data_set = importer.open(place)
    mapping = load_mapping(mapping_name, taxonomy) if mapping_name else importer.mapping(taxonomy)
    mapping = mapping.with_columns(pairs, taxonomy.full_vocabulary.keys)
    request = Request(
        source=source or mapping.source.get("name") or place.resolve().stem,
        data_set=data_set,
        mapping=mapping,
        about={name: text for name in ABOUT if (text := given[name] or mapping.source.get(name))},
        images=images or (data_set.images if data_set.images and data_set.images.is_dir() else None),
        extensions=extensions,
        normalize=normalize,
        workers=workers,
        refuse_unknown=on_unknown == "stop",
    )
    with open_executor(**given) as executor, Database.open(db, create=True) as database, Ticker() as ticker:
        request = replace(request, executor=executor)
        outcome = run_import(database, request, taxonomy, skipped.append if on_error == "skip" else stop, ticker.tick)
    if not mapping_name:  # the columns of a default mapping are optional
        outcome.unseen = tuple(column for column in outcome.unseen if column in dict(pairs))
    _print(request.source, outcome, skipped, as_json)
    outcome.check()


def _pairs(columns: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in columns:
        column, sign, meaning = text.rpartition("=")
        if not sign or not column or not meaning:
            raise click.BadParameter(f"'{text}' is not COLUMN=FIELD, e.g. patient=case", param_hint="--map")
        pairs.append((column, meaning))
    return pairs


def _print(source: str, outcome: ImportOutcome, skipped: Sequence[Skipped], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_document(source, outcome, skipped), ensure_ascii=False))
        return
    click.echo(f"{source}: {outcome.added:,} new samples, {outcome.known:,} known")
    for name in outcome.unchanged:
        click.echo(f"  {name} had been imported before; nothing to do")
    counts = {
        "rows had been imported by an earlier run": outcome.resumed,
        "captions read by the normaliser": outcome.labelled,
        "earlier unmapped labels adopted": outcome.adopted,
        "rows skipped": len(skipped),
    }
    for noun, count in counts.items():
        if count:
            click.echo(f"  {count:,} {noun}")
    for fault in skipped[:_MOST_SHOWN]:
        click.echo(f"    {fault}")
    _print_files(outcome)
    for column in outcome.unseen:
        click.echo(f"  no row has a column '{column}'; check its name")
    if outcome.unknown:
        click.echo(f"  {len(outcome.unknown):,} labels are not in the taxonomy; they are stored as unmapped:")
    for (place, label), count in outcome.unknown.most_common(_MOST_SHOWN):
        click.echo(f"    {count:>8,} × {brief(label)} ({place})")
    if len(outcome.unknown) > _MOST_SHOWN:
        click.echo("    … the rest: udt data validate --json")


def _print_files(outcome: ImportOutcome) -> None:
    files, images = outcome.files, outcome.image_files
    if files.left_out:
        click.echo(f"  left out {files.left_out.total():,} of {files.found:,} files: {files.reasons}")
    if images.found:
        click.echo(f"  {images.read:,} of {images.found:,} images read")
    for reason, count in images.left_out.most_common():
        example = "".join(f", e.g. {one}" for one in images.examples[reason][:1])
        click.echo(f"    {count:>8,} × {reason}{example or '; give it with --images DIR'}")


def _document(source: str, outcome: ImportOutcome, skipped: Sequence[Skipped]) -> dict[str, Any]:
    unknown = [{"place": place, "label": label, "count": n} for (place, label), n in outcome.unknown.most_common()]
    names = ("added", "known", "resumed", "unchanged", "adopted", "images", "labelled", "unseen")
    counts = {name: getattr(outcome, name) for name in names}
    tallies = {name: getattr(outcome, name).to_dict() for name in ("rows", "files", "image_files")}
    return {"source": source, **counts, **tallies, "unknown": unknown, "skipped": [str(fault) for fault in skipped]}
