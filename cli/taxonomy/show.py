"""`udt taxonomy show`: the tree, or all facts about one concept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import json_option, taxonomy_option
from udt.cli.taxonomy.tables import print_parts, table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.tree import Tree

_MOST_MEMBERS = 20


@click.command(short_help="Show the tree, or one concept.")
@click.argument("concept", required=False)
@click.option("--depth", type=click.IntRange(min=0), default=2, show_default=True, help="Number of levels to show.")
@json_option
@taxonomy_option
def show(concept: str | None, depth: int, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Show the tree of systems, organs, dimensions and values, or all facts about one CONCEPT.

    CONCEPT is a CURIE, a notation, a label or a synonym in any language, the identifier of a mapped term of another
    vocabulary, or a class or property of the schema.

    \b
    Examples:
      udt taxonomy show --depth 1
      udt taxonomy show gallbladder
      udt taxonomy show UBERON:0002110
      udt taxonomy show "simple cyst"
      udt taxonomy show udaf:echogenicity.hypoechoic --json
    """
    from udt.taxonomy.model.describe import look_up, overview
    from udt.taxonomy.model.taxonomy import Taxonomy

    loaded = Taxonomy.load(*extensions)
    shown = overview(loaded, depth) if concept is None else look_up(loaded, concept, depth)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
    elif concept is None:
        print_parts(_overview(shown))
    elif "concepts" in shown:
        print_parts(_several(shown))
    else:
        print_parts(_card(shown) if "labels" in shown else _schema_card(shown))


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


def _several(shown: dict[str, Any]) -> Iterable[RenderableType]:
    """Yield the concepts that map to one term of another vocabulary."""
    yield f"{len(shown['concepts'])} concepts map to {shown['id']}"
    yield table((one["predicate"], one["curie"], one["kind"], one["label"]) for one in shown["concepts"])


def _schema_card(shown: dict[str, Any]) -> Iterable[RenderableType]:
    """Yield the facts about a class or property of the schema."""
    from rich.text import Text

    yield Text.assemble((shown["label"], "bold"), (f"  {shown['curie']}  {shown['kind']}", "cyan"))
    yield from (shown[part] for part in ("comment",) if part in shown)
    rows = [("IRI", shown["iri"])]
    rows += [(name, ", ".join(shown[name])) for name in ("parents", "children") if name in shown]
    rows += [("definition", shown["definition"])] if "definition" in shown else []
    members = shown.get("members", ())
    if members:
        first = ", ".join(one["label"] or one["curie"] for one in members[:_MOST_MEMBERS])
        rest = f" and {len(members) - _MOST_MEMBERS:,} more" if len(members) > _MOST_MEMBERS else ""
        rows.append((f"{len(members):,} members", first + rest))
    yield table(rows)


def _card(shown: dict[str, Any]) -> Iterable[RenderableType]:
    """Yield the facts about one concept, block by block."""
    from rich.text import Text
    from rich.tree import Tree

    head = "  ".join(("", shown["curie"], shown["kind"], shown.get("notation", ""))).rstrip()
    yield Text.assemble((shown["label"], "bold"), (head, "cyan"))
    if shown.get("deprecated"):
        use = " or ".join([*shown.get("replaced_by", ()), *map(str, shown.get("attributes", {}).get("consider", ()))])
        yield Text(f"deprecated; {f'use {use}' if use else 'it has no replacement'}", "yellow")
    yield from (shown[part] for part in ("definition", "scope_note") if part in shown)
    yield table(_facts(shown))
    if shown["children"]:
        tree = Tree("below it")
        _grow(tree, shown["children"])
        yield tree


def _facts(shown: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield pairs of a heading and its content."""
    if found := shown.get("found_by"):
        yield "found by", f"{found['id']} ({found['predicate']})"
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
    if "also" in shown:
        yield "same name", ", ".join(shown["also"])
    yield "file", shown["source"]
