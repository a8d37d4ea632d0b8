"""`udt data release`: a data set for others, with checks, card and checksums."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.data.split import ratios_option
from udt.cli.shared.options import db_option, distance_option, json_option, overwrite_option, taxonomy_option
from udt.cli.shared.progress import Ticker
from udt.cli.shared.tallies import print_left_out

if TYPE_CHECKING:
    from udt.records.release.writer import Layout, Released

_LAYOUTS = ("us365k", "huggingface", "bundle")
_ALLOWANCES = ("open-reviews", "flags", "doubtful-media", "unmapped-labels", "no-licence")


@click.command("release", short_help="Write a data set for others, once nothing is open.")
@db_option
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="New folder of the release.")
@click.option("--name", metavar="TEXT", help="Name of the data set in its card. Default: the name of the folder.")
@click.option(
    "--format", "forms", type=click.Choice(_LAYOUTS), multiple=True, default=("us365k",), show_default=True,
    help="Layout, a folder in DIR; repeatable.",
)  # fmt: skip
@ratios_option
@click.option("--seed", type=int, default=0, show_default=True, help="Random seed of the division.")
@distance_option
@click.option(
    "--allow", "allowed", type=click.Choice(_ALLOWANCES), multiple=True,
    help="A reason against the release to allow, which the card then names; repeatable.",
)  # fmt: skip
@overwrite_option
@json_option
@taxonomy_option
def release(
    db: str,
    out: Path,
    name: str | None,
    forms: tuple[str, ...],
    ratios: tuple[float, ...],
    seed: int,
    distance: int,
    allowed: tuple[str, ...],
    overwrite: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Write the samples with image and caption as a release: layouts, statistics, data card and checksums.

    Samples are divided by case if none has a split. Images are read from the folders that the import was given, and
    compared with their rotated, mirrored and cropped copies. The command lists all reasons against a release, and
    writes no folder if there is one: leaks between splits, images that are missing or changed, open reviews and
    adjudications, flags that nobody has resolved, doubtful media, labels outside the taxonomy, sources without a
    licence.

    \b
    Examples:
      udt data release --db records.db --out my-set --format us365k --format huggingface
      udt data release --db records.db --out my-set --allow open-reviews
    """
    from udt.records.database.database import Database
    from udt.records.release.gate import Allowance
    from udt.records.release.writer import ReleaseRequest, huggingface, us365k, write_release
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    layouts: dict[str, Layout] = {"us365k": us365k, "huggingface": huggingface, "bundle": _bundle(extensions)}
    request = ReleaseRequest(
        name=name or out.resolve().name,
        layouts={form: layouts[form] for form in forms},
        ratios=ratios,
        seed=seed,
        distance=distance,
        allowed={Allowance(one) for one in allowed},
        overwrite=overwrite,
    )
    with Database.open(db) as database, Ticker() as ticker:
        done = write_release(database, out, taxonomy.vocabulary, request, ticker.tick)
    _print(out, done, as_json)


def _bundle(extensions: tuple[Path, ...]) -> Layout:
    """Return the writer of the layout `bundle`."""
    from udt.bundle.from_database import write_bundle
    from udt.normalize.normalizer import Normalizer
    from udt.similarity.methods.taxonomy import taxonomy_similarity
    from udt.taxonomy.model.taxonomy import Taxonomy

    def write(folder: Path, connection: object, vocabulary: object, on_progress: object) -> None:
        taxonomy = Taxonomy.load(*extensions)
        write_bundle(
            connection,  # type: ignore[arg-type]
            folder, taxonomy.vocabulary, taxonomy_similarity(taxonomy), normalizer=Normalizer(extensions),
            images="bytes",
        )  # fmt: skip

    return write


def _print(out: Path, done: Released, as_json: bool) -> None:
    if as_json:
        splits = {name: {"cases": cases, "samples": samples} for name, (cases, samples) in done.splits.items()}
        document = {
            "samples": done.samples.to_dict(),
            "images_compared": done.images.to_dict(),
            "copies": done.copies,
            "splits": splits,
            "allowed": [one.fact for one in done.allowed],
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    parts = ", ".join(f"{name} {samples:,} of {cases:,} cases" for name, (cases, samples) in done.splits.items())
    click.echo(f"{out}: {done.samples.read:,} of {done.samples.found:,} samples ({parts})")
    print_left_out(done.samples, "  {:>9,} left out: {}")
    click.echo(f"{done.images.read:,} images compared; {done.copies:,} rotated, mirrored or cropped copies")
    for one in done.allowed:
        click.echo(f"allowed: {one.fact}")
