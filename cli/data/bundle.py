"""`udt data bundle`: the samples of a database as a bundle for training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import db_option, json_option, overwrite_option, taxonomy_option

if TYPE_CHECKING:
    from udt.bundle.reader import ImageKind


@click.command("bundle", short_help="Write the samples as a bundle for training.")
@db_option
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder that becomes the bundle."
)
@click.option(
    "--similarity", type=click.Path(path_type=Path, exists=True), metavar="DIR|FILE",
    help="Label similarity from udt similarity build. Default: computed with the method taxonomy.",
)  # fmt: skip
@click.option(
    "--images", type=click.Choice(["path", "bytes"]), default="path", show_default=True,
    help="Store the path of each image, or the image itself, so that the bundle can be moved to another machine.",
)  # fmt: skip
@click.option(
    "--on-error", type=click.Choice(["stop", "skip"]), default="stop", show_default=True,
    help="Samples whose image cannot be decoded: stop, or leave them out and list the reasons.",
)  # fmt: skip
@click.option(
    "--tasks", default="all", show_default=True, metavar="all|paper|KEY,…",
    help="Classification tasks to write: all, those of a profile, e.g. paper, or keys of dimensions.",
)  # fmt: skip
@overwrite_option
@json_option
@taxonomy_option
def bundle(
    db: str,
    out: Path,
    tasks: str,
    similarity: Path | None,
    images: ImageKind,
    on_error: str,
    overwrite: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Write samples, labels and label similarity as a bundle: a folder of Parquet, JSON and safetensors files.

    The normaliser reads the captions: beside the labels of a sample, the bundle has those that its caption names.

    Images enter only from the image folder of their data set, and only if they were decoded in full. If the folder is
    not known, relative paths are written, and the command reports how many.

    \b
    Examples:
      udt data bundle --db records.db --out bundle
      udt data bundle --db records.db --out bundle --images bytes --similarity similarity/
      udt data bundle --db records.db --out bundle --taxonomy mobility.ttl --tasks organ,diagnosis,mobility
    """
    from udt.bundle.from_database import write_bundle
    from udt.normalize.normalizer import Normalizer
    from udt.records.database.database import Database
    from udt.similarity.matrices import SimilaritySet
    from udt.similarity.methods.taxonomy import taxonomy_similarity
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    keys = taxonomy.vocabulary.chosen(tasks)
    matrices = taxonomy_similarity(taxonomy) if similarity is None else SimilaritySet.load(similarity)
    with Database.open(db) as database, database.reading() as connection:
        made = write_bundle(
            connection, out, taxonomy.vocabulary, matrices, normalizer=Normalizer(extensions), tasks=keys,
            images=images, skip=on_error == "skip", overwrite=overwrite,
        )  # fmt: skip
    left_out = sum(made["left_out"].values())
    if as_json:
        counts = {"found": made["samples"] + left_out, "read": made["samples"]}
        click.echo(json.dumps({**made, **counts}, ensure_ascii=False))
        return
    parts = ", ".join(f"{name} {count:,}" for name, count in made["splits"].items()) or "not split yet"
    click.echo(f"{out}: {made['samples']:,} samples of {made['cases']:,} cases ({parts})")
    click.echo(
        f"{made['captions']:,} captions, {made['images']['count']:,} images, {made['unlabelled']:,} without labels"
    )
    if fewer := made["caption_labels"]["captions_with_fewer"]:
        click.echo(f"{fewer:,} captions name fewer labels than their samples have")
    if made["rejected"]:
        click.echo(f"{made['rejected']:,} rejected samples were left out")
    for source, count in made["unread_images"].items():
        click.echo(
            f"{count:,} images were not read: the image folder of '{source}' is not known; their paths are relative"
        )
    if left_out:
        click.echo(f"{left_out:,} samples were left out:")
    for reason, count in made["left_out"].items():
        click.echo(f"{count:>8,} × {reason}, e.g. {made['examples'][reason][0]}")
