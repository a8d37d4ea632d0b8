"""The group of commands `udt data`: records in a database, from import to bundle."""

from __future__ import annotations

import click

from udt.cli.shared.lazy_group import LazyGroup

_COMMANDS = {
    "backup": "udt.cli.data.backup:backup",
    "bundle": "udt.cli.data.bundle:bundle",
    "caption": "udt.cli.data.caption:caption",
    "deidentify": "udt.cli.data.deidentify:deidentify",
    "duplicates": "udt.cli.data.duplicates:duplicates",
    "export": "udt.cli.data.export:export",
    "extract": "udt.cli.data.extract:extract",
    "frames": "udt.cli.data.frames:frames",
    "import": "udt.cli.data.importing:import_",
    "import-media": "udt.cli.data.import_media:import_media_",
    "list": "udt.cli.data.list:list_",
    "media": "udt.cli.data.media:media",
    "pair": "udt.cli.data.pair:pair",
    "phantoms": "udt.cli.data.phantoms:phantoms",
    "release": "udt.cli.data.release:release",
    "restore": "udt.cli.data.backup:restore",
    "review": "udt.cli.data.review.group:review",
    "shards": "udt.cli.data.shards:shards",
    "sheet": "udt.cli.data.sheet:sheet",
    "show": "udt.cli.data.show:show",
    "split": "udt.cli.data.split:split",
    "stats": "udt.cli.data.stats:stats",
    "texts": "udt.cli.data.texts:texts",
    "to-rdf": "udt.cli.data.to_rdf:to_rdf",
    "validate": "udt.cli.data.validate:validate",
}


@click.group(cls=LazyGroup, commands=_COMMANDS, short_help="Import, validate, split, count and export records.")
def data() -> None:
    """Import, validate, split, count and export labelled images and captions in a database.

    \b
    Example:
      udt data import brest.csv --db records.db --mapping brest --images images
      udt data split --db records.db
    """
