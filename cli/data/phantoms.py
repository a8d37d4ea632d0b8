"""`udt data phantoms`: a bundle of synthetic images with captions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import json_option, overwrite_option, taxonomy_option

if TYPE_CHECKING:
    from udt.bundle.reader import ImageKind


@click.command("phantoms", short_help="Draw synthetic images of labels and write them as a bundle.")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder that becomes the bundle."
)
@click.option(
    "--count", type=click.IntRange(min=1), default=600, show_default=True, metavar="N", help="Number of images."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="S",
    help="Seed; the same seed gives the same images.",
)
@click.option(
    "--size",
    type=click.IntRange(32, 2048),
    default=224,
    show_default=True,
    metavar="PX",
    help="Side of an image, in pixels.",
)
@click.option(
    "--views", type=click.IntRange(min=1), default=2, show_default=True, metavar="N",
    help="Number of images of a case, all with the same labels.",
)  # fmt: skip
@click.option(
    "--images", type=click.Choice(["bytes", "path"]), default="bytes", show_default=True,
    help="Store the images in the bundle (bytes), so that it can be moved, or as files in its folder images (path).",
)  # fmt: skip
@click.option(
    "--appearance", "appearances", multiple=True, metavar="EXTRA.toml",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="TOML file with the appearance of further labels, or another appearance of labels; repeatable.",
)  # fmt: skip
@overwrite_option
@json_option
@taxonomy_option
def phantoms(
    out: Path,
    count: int,
    seed: int,
    size: int,
    views: int,
    images: ImageKind,
    appearances: tuple[Path, ...],
    overwrite: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Draw B-mode phantoms with captions from random label sets, and write them as a bundle, split by case.

    Use phantoms to try, train or evaluate if there are no data. They illustrate labels, not patients.

    \b
    Examples:
      udt data phantoms --out phantoms --count 600 --size 96
      udt data phantoms --out phantoms --count 60000 --seed 7 --images path
    """
    from udt.cli.shared.progress import tracked
    from udt.clip.phantom.appearance import Appearance
    from udt.clip.phantom.writing import write_phantoms
    from udt.normalize.normalizer import Normalizer
    from udt.similarity.methods.taxonomy import taxonomy_similarity
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    made = write_phantoms(
        out, taxonomy.vocabulary, taxonomy_similarity(taxonomy), count=count, seed=seed, size=size, views=views,
        images=images, normalizer=Normalizer(extensions), appearance=Appearance.load(*appearances), overwrite=overwrite,
        tracked=lambda samples: tracked(samples, "phantoms"),
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False))
        return
    parts = ", ".join(f"{name} {number:,}" for name, number in made["splits"].items())
    click.echo(f"{out}: {made['samples']:,} phantoms of {made['cases']:,} cases ({parts})")
