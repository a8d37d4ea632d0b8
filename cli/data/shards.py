"""`udt data shards`: the samples of a bundle as WebDataset shards for training."""

from __future__ import annotations

import json
from pathlib import Path

import click

from udt.cli.shared.options import json_option, overwrite_option

_MIB = 2**20


@click.command("shards", short_help="Write a bundle as WebDataset shards for training from network storage.")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder that becomes the bundle of shards.",
)
@click.option(
    "--samples", type=click.IntRange(min=1), default=1000, show_default=True, metavar="N",
    help="Maximum number of samples of a shard.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, metavar="S",
    help="Seed of the order of the samples of each split.",
)  # fmt: skip
@click.option(
    "--image-root", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
    help="Folder that relative paths of images start from.",
)  # fmt: skip
@click.option(
    "--on-error", type=click.Choice(["stop", "skip"]), default="stop", show_default=True,
    help="Samples whose image cannot be decoded: stop, or leave them out and list the reasons.",
)  # fmt: skip
@overwrite_option
@json_option
def shards(
    bundle: Path,
    out: Path,
    samples: int,
    seed: int,
    image_root: Path | None,
    on_error: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write the samples of BUNDLE as shards: tar files in the format of WebDataset, for sequential reading.

    Each shard has the samples of one split in an order that is drawn once, an image and a JSON file each. The folder is
    a bundle, too, which udt train, udt evaluate and others take: shards of images are streamed in training. Samples
    without image or split are left out.

    \b
    Examples:
      udt data shards bundle --out shards
      udt data shards bundle --out shards --samples 5000 --image-root images
      udt train --data shards --out runs/first
    """
    from udt.bundle.reader import Bundle
    from udt.bundle.sharding import write_shards
    from udt.cli.shared.progress import tracked

    made = write_shards(
        Bundle.open(bundle), out, samples=samples, seed=seed, image_root=image_root, skip=on_error == "skip",
        overwrite=overwrite, tracked=lambda rows: tracked(rows, "images"),
    )  # fmt: skip
    left_out = sum(made["shards"]["left_out"].values())
    if as_json:
        counts = {"found": made["samples"] + left_out, "read": made["samples"]}
        click.echo(json.dumps({**made, **counts}, ensure_ascii=False))
        return
    files = made["shards"]["files"]
    parts = ", ".join(f"{name} {count:,}" for name, count in made["splits"].items())
    size = sum(made["files"][one["name"]]["bytes"] for one in files)
    click.echo(
        f"{out}: {made['samples']:,} samples of {made['cases']:,} cases ({parts}) in {len(files):,} shards, "
        f"{size / _MIB:,.1f} MiB"
    )
    if left_out:
        click.echo(f"{left_out:,} samples were left out:")
    for reason, count in made["shards"]["left_out"].items():
        example = "".join(f", e.g. {one}" for one in made["shards"]["examples"][reason][:1])
        click.echo(f"{count:>8,} × {reason}{example}")
