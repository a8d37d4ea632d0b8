"""`udt data to-rdf` and `udt data bundle`: what leaves the database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.options import db_option, taxonomy_option

if TYPE_CHECKING:
    from udt.bundle import ImageKind

_overwrite_option = click.option("--overwrite", is_flag=True, help="Replace what an earlier run wrote there.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command("to-rdf", short_help="Write the records as an RDF store to ask in SPARQL.")
@db_option
@click.option(
    "--store", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder that becomes the store."
)
@_overwrite_option
@_json_option
@taxonomy_option
def to_rdf(db: str, store: Path, overwrite: bool, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Write the records of a database as an RDF store, which udt query --store asks.

    It holds the taxonomy; the records of each source in a graph of its own; beside it their findings with the classes
    that follow from the ontology's definitions (simple cyst, suspicious breast mass …), and their cases. A record has a
    finding where its labels can all belong to one lesion. Samples that were rejected in review are left out.

    \b
    Examples:
      udt data to-rdf --db records.db --store records.rdf
      udt query --store records.rdf --preset findings-by-class
    """
    from udt.corpus.store import build_store
    from udt.records.database import Database

    with Database.open(db) as database, database.reading() as connection:
        made = build_store(connection, store, extensions, overwrite=overwrite)
    if as_json:
        from dataclasses import asdict

        click.echo(json.dumps(asdict(made)))
        return
    click.echo(
        f"{store}: {made.records:,} records of {made.cases:,} cases, {made.findings:,} findings, {made.quads:,} quads"
    )
    if made.rejected:
        click.echo(f"{made.rejected:,} rejected samples were left out")
    for name, count in made.classes.items():
        click.echo(f"  {count:>9,} {name}")


@click.command("bundle", short_help="Write the samples as a bundle, which training reads.")
@db_option
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder that becomes the bundle."
)
@click.option(
    "--similarity", type=click.Path(path_type=Path, exists=True), metavar="DIR|FILE",
    help="Label similarity that udt similarity build made. Default: built now by the method taxonomy.",
)  # fmt: skip
@click.option(
    "--images", type=click.Choice(["path", "bytes"]), default="path", show_default=True,
    help="Write where each image is, or the image itself, so that the bundle can be moved to another machine.",
)  # fmt: skip
@_overwrite_option
@_json_option
@taxonomy_option
def bundle(
    db: str,
    out: Path,
    similarity: Path | None,
    images: ImageKind,
    overwrite: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Write samples, labels and label similarity as a bundle: a folder of Parquet, JSON and safetensors with hashes.

    \b
    Examples:
      udt data bundle --db records.db --out bundle
      udt data bundle --db records.db --out bundle --images bytes --similarity similarity/
    """
    from udt.corpus.bundle import write_bundle
    from udt.records.database import Database
    from udt.similarity.matrices import SimilaritySet
    from udt.similarity.taxonomy import taxonomy_similarity
    from udt.taxonomy import Taxonomy
    from udt.vocabulary import Vocabulary

    taxonomy = Taxonomy.load(*extensions)
    matrices = taxonomy_similarity(taxonomy) if similarity is None else SimilaritySet.load(similarity)
    with Database.open(db) as database, database.reading() as connection:
        made = write_bundle(connection, out, Vocabulary.of(taxonomy), matrices, images=images, overwrite=overwrite)
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False))
        return
    parts = ", ".join(f"{name} {count:,}" for name, count in made["splits"].items()) or "not split yet"
    click.echo(f"{out}: {made['samples']:,} samples of {made['cases']:,} cases ({parts})")
    click.echo(
        f"{made['captions']:,} captions, {made['images']['count']:,} images, {made['unlabelled']:,} without labels"
    )
    if made["rejected"]:
        click.echo(f"{made['rejected']:,} rejected samples were left out")
