"""`udt taxonomy export`: the taxonomy in other formats."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from udt.cli.shared.options import csv_formulas_option, taxonomy_option

FORMATS = ("turtle", "rdfxml", "jsonld", "json", "obo", "obograph", "owl", "csv")


@click.command(short_help="Export the taxonomy to another format.")
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="Output format.")
@click.option(
    "--out", type=click.Path(path_type=Path, allow_dash=True), default="-", help="Output file; - for standard output."
)
@csv_formulas_option
@taxonomy_option
def export(form: str, out: Path, csv_formulas: str, extensions: tuple[Path, ...]) -> None:
    """Export the taxonomy as Turtle, RDF/XML, JSON-LD, JSON, OBO, OBO Graphs, OWL classes or CSV.

    turtle, rdfxml and jsonld contain the whole ontology, with concepts as individuals. owl, obo and obograph contain
    the same concepts as classes, for Protégé and OBO tools: is_a for kinds, part_of for anatomy. csv has one concept a
    row.

    \b
    Example:
      udt taxonomy export --format owl --out udt.owl
    """
    from udt.core.atomic import atomic_output
    from udt.taxonomy.export.formats import export as exported
    from udt.taxonomy.model.taxonomy import Taxonomy

    content = exported(Taxonomy.load(*extensions), form, formulas=csv_formulas == "keep").encode()
    if str(out) == "-":
        sys.stdout.buffer.write(content)
        return
    with atomic_output(out) as handle:
        handle.write(content)
