"""`udt data to-rdf`: the records of a database as an RDF store."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from udt.cli.shared.options import db_option, json_option, overwrite_option, taxonomy_option


@click.command("to-rdf", short_help="Write the records as an RDF store for SPARQL queries.")
@db_option
@click.option(
    "--store", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder that becomes the store."
)
@overwrite_option
@json_option
@taxonomy_option
def to_rdf(db: str, store: Path, overwrite: bool, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Write the records of a database as an RDF store for udt query --store.

    The store contains the taxonomy, the records of each source in a named graph, and their cases and findings with the
    classes that follow from the definitions of the ontology (simple cyst, suspicious breast mass …). A record gets a
    finding if all its labels can belong to one lesion. Samples that were rejected in review are left out.

    \b
    Examples:
      udt data to-rdf --db records.db --store records.rdf
      udt query --store records.rdf --preset findings-by-class
    """
    from udt.corpus.store import build_store
    from udt.records.database.database import Database

    with Database.open(db) as database, database.reading() as connection:
        made = build_store(connection, store, extensions, overwrite=overwrite)
    if as_json:
        click.echo(json.dumps(asdict(made)))
        return
    click.echo(
        f"{store}: {made.records:,} records of {made.cases:,} cases, {made.findings:,} findings, {made.quads:,} quads"
    )
    if made.rejected:
        click.echo(f"{made.rejected:,} rejected samples were left out")
    for name, count in made.classes.items():
        click.echo(f"  {count:>9,} {name}")
