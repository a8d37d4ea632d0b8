"""`udt taxonomy`: display, checks and export of the taxonomy."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import csv_formulas_option, json_option, taxonomy_option

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.tree import Tree

    from udt.taxonomy.quality.audit import Audit

_FORMATS = ("turtle", "rdfxml", "jsonld", "json", "obo", "csv")


@click.group(short_help="Show, check and export the taxonomy.")
def taxonomy() -> None:
    """Show, check and export the taxonomy: body systems, organs, dimensions, values, findings and cues."""


@taxonomy.command(short_help="Show the tree, or one concept.")
@click.argument("concept", required=False)
@click.option("--depth", type=click.IntRange(min=0), default=2, show_default=True, help="Number of levels to show.")
@json_option
@taxonomy_option
def show(concept: str | None, depth: int, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Show the tree of systems, organs, dimensions and values, or all facts about one CONCEPT.

    CONCEPT is a CURIE, a notation, a label or a synonym in any language.

    \b
    Examples:
      udt taxonomy show --depth 1
      udt taxonomy show gallbladder
      udt taxonomy show udaf:echogenicity.hypoechoic --json
    """
    from udt.taxonomy.model.describe import describe, find, overview
    from udt.taxonomy.model.taxonomy import Taxonomy

    loaded = Taxonomy.load(*extensions)
    shown = overview(loaded, depth) if concept is None else describe(loaded, find(loaded, concept), depth)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        _print(_overview(shown) if concept is None else _card(shown))


@taxonomy.command(short_help="Check the quality and the logic of the taxonomy.")
@click.option("--no-reasoner", is_flag=True, help="Do not run the HermiT reasoner, which needs Java.")
@json_option
@taxonomy_option
def check(no_reasoner: bool, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Run the quality checks, the SHACL shapes, and the HermiT reasoner for logical consistency.

    Exits with status 1 if there is an ERROR; a WARN is only reported. Without Java or owlready2, HermiT is not run, and
    the output mentions it.

    \b
    Example:
      udt taxonomy check --taxonomy extra.ttl
    """
    from udt.taxonomy.model.taxonomy import Taxonomy
    from udt.taxonomy.quality.audit import audit

    result = audit(Taxonomy.load(*extensions), reasoner=not no_reasoner)
    if as_json:
        click.echo(json.dumps(result.to_dict(), ensure_ascii=False))
    else:
        _print(_findings(result))
    if result.errors:
        raise click.exceptions.Exit(1)


@taxonomy.command(short_help="Export the taxonomy to another format.")
@click.option("--format", "form", type=click.Choice(_FORMATS), required=True, help="Output format.")
@click.option(
    "--out", type=click.Path(path_type=Path, allow_dash=True), default="-", help="Output file; - for standard output."
)
@csv_formulas_option
@taxonomy_option
def export(form: str, out: Path, csv_formulas: str, extensions: tuple[Path, ...]) -> None:
    """Export the taxonomy as Turtle, RDF/XML, JSON-LD, JSON, OBO or CSV.

    The RDF formats contain the whole ontology with its OWL axioms, OBO the terms, CSV one concept a row.

    \b
    Example:
      udt taxonomy export --format obo --out udt.obo
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


def _print(parts: Iterable[RenderableType]) -> None:
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    click.echo(rendered(parts, get_terminal_size((120, 24)).columns if color else 120, color), nl=False)


def _overview(shown: dict[str, Any]) -> Iterable[RenderableType]:
    from rich.tree import Tree

    for name, nodes in shown.items():
        tree = Tree(name)
        _grow(tree, nodes)
        yield tree


def _grow(tree: Tree, nodes: Iterable[dict[str, Any]]) -> None:
    from rich.text import Text

    for node in nodes:
        notation = f"  {node['notation']}" if "notation" in node else ""
        line = Text.assemble(node["label"], (notation, "cyan"), (f"  {node['curie']}", "dim"))
        _grow(tree.add(line), node.get("children", ()))


def _card(shown: dict[str, Any]) -> Iterable[RenderableType]:
    """Yield the facts about one concept, block by block."""
    from rich.text import Text
    from rich.tree import Tree

    head = "  ".join(("", shown["curie"], shown["kind"], shown.get("notation", ""))).rstrip()
    yield Text.assemble((shown["label"], "bold"), (head, "cyan"))
    yield from (shown[part] for part in ("definition", "scope_note") if part in shown)
    yield _table(_facts(shown))
    if shown["children"]:
        tree = Tree("below it")
        _grow(tree, shown["children"])
        yield tree


def _facts(shown: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield pairs of a heading and its content."""
    yield "path", " › ".join(step["label"] for step in shown["path"])
    for dimension, labels in shown["implies"].items():
        yield f"labels {dimension}", ", ".join(labels)
    groups: dict[str, list[str]] = {}
    for label in shown.get("labels", ()):
        groups.setdefault(f"{label['role']} {label['language']}", []).append(label["text"])
    yield from ((name, ", ".join(texts)) for name, texts in groups.items())
    for predicate, targets in shown.get("mappings", {}).items():
        yield predicate, ", ".join(targets)
    for name, values in shown.get("attributes", {}).items():
        yield name, ", ".join(map(str, values))
    for part in shown.get("compositions", ()):
        yield "composition", " + ".join(filter(None, ("no" if part["negated"] else "", part["modifier"], part["head"])))
    for rule in shown.get("compartment_rules", ()):
        yield "within", f"{rule['within']} → {rule['resolves_to']}"
    yield "file", shown["source"]


def _findings(result: Audit) -> Iterable[RenderableType]:
    """Yield the problems as a table, and a line for each kind of check."""
    if result.problems:
        yield _table(
            ((p.level, p.check, p.term, p.detail) for p in result.problems), "level", "check", "term", "detail"
        )
    yield from result.summary


def _table(rows: Iterable[tuple[str, ...]], *columns: str) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, show_header=bool(columns), pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
