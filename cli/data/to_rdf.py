"""`udt data to-rdf`: the records of a database as an RDF store, or as a file for other triple stores."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from udt.cli.shared.options import db_option, json_option, overwrite_option, taxonomy_option


@click.command("to-rdf", short_help="Write the records as RDF for SPARQL queries.")
@db_option
@click.option(
    "--store", type=click.Path(path_type=Path), metavar="DIR", help="Folder that becomes a store for udt query."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="File for other triple stores: .nq or .trig, or one of these with .gz.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["nq", "trig"]), help="N-Quads or TriG. Default: by the name of the file."
)
@click.option(
    "--base-iri", metavar="IRI",
    help="Begins the IRIs of records, cases, images and sources, e.g. https://example.org/us/. Default: urn:x-udt:",
)  # fmt: skip
@click.option(
    "--without-evidence", is_flag=True,
    help="Leave out the spans in the texts and the evidence for each statement, which are most of what was read.",
)  # fmt: skip
@overwrite_option
@json_option
@taxonomy_option
def to_rdf(
    db: str,
    store: Path | None,
    out: Path | None,
    form: str | None,
    base_iri: str | None,
    without_evidence: bool,
    overwrite: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Write the records of a database as RDF: a store for udt query --store, or a file that other triple stores load.

    It contains the taxonomy, and for each source in named graphs its records with case, split and image, their findings
    with sites, sizes, certainty and evidence, and their makers. Findings have the classes that follow from the
    definitions of the ontology (simple cyst, suspicious breast mass …). A record with labels alone has one finding if
    all of them can belong to one lesion. Samples that were rejected in review are left out.

    \b
    Examples:
      udt data to-rdf --db records.db --store records.rdf
      udt data to-rdf --db records.db --out records.nq.gz --base-iri https://example.org/us/
      udt query --store records.rdf --preset findings-by-class
    """
    from udt.corpus.dump import write_dump
    from udt.corpus.store import build_store
    from udt.records.database.database import Database

    place = store or out
    if place is None or (store is not None and out is not None):
        raise click.UsageError("give --store DIR or --out FILE, one of the two")
    if form is not None and out is None:
        raise click.UsageError("--format is only allowed with --out")
    options: dict[str, Any] = {"base_iri": base_iri, "evidence": not without_evidence, "overwrite": overwrite}
    with Database.open(db) as database, database.reading() as connection:
        if store is not None:
            made = build_store(connection, store, extensions, **options)
        else:
            made = write_dump(connection, place, form, extensions, **options)
    if as_json:
        click.echo(json.dumps(asdict(made)))
        return
    click.echo(
        f"{place}: {made.records:,} records of {made.cases:,} cases, {made.findings:,} findings, {made.quads:,} quads"
    )
    if made.denied or made.mentioned:
        click.echo(f"{made.denied:,} denied findings, {made.mentioned:,} only mentioned")
    if made.measurements:
        click.echo(f"{made.measurements:,} measurements")
    if made.rejected:
        click.echo(f"{made.rejected:,} rejected samples were left out")
    for name, count in made.classes.items():
        click.echo(f"  {count:>9,} {name}")
