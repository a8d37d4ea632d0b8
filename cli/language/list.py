"""`udt language list`: the languages that reports are read in."""

from __future__ import annotations

import json
from pathlib import Path

import click

from udt.cli.shared.options import json_option, taxonomy_option
from udt.cli.taxonomy.tables import print_parts, table


@click.command("list", short_help="List the languages that reports are read in.")
@json_option
@taxonomy_option
def list_languages(as_json: bool, extensions: tuple[Path, ...]) -> None:
    """List the languages in which the taxonomy has labels, and how far each is read.

    A language with words of denial is read in full. Of one with names alone, nothing is affirmed or denied.

    \b
    Example:
      udt language list
    """
    from udt.normalize.normalizer import Normalizer
    from udt.scoring.languages.inventory import inventory, known_languages
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    support = Normalizer(extensions).languages
    found = [inventory(taxonomy, tag) for tag in known_languages(taxonomy)]
    if as_json:
        listed = [{**one.to_dict(), "support": support[one.tag]} for one in found]
        click.echo(json.dumps({"languages": listed}, ensure_ascii=False))
        return
    rows = [
        (
            one.tag,
            one.name,
            support[one.tag],
            f"{sum(count.labels for count in one.names):,}",
            f"{sum(count.words for count in one.words):,}",
        )
        for one in found
    ]
    print_parts([table(rows, "tag", "language", "support", "names", "words of grammar")])
