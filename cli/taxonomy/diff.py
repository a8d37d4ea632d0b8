"""`udt taxonomy diff`: the differences between two states of the taxonomy."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import json_option
from udt.cli.taxonomy.tables import print_parts

if TYPE_CHECKING:
    from rich.console import RenderableType

    from udt.taxonomy.comparison.diff import Difference
    from udt.taxonomy.comparison.snapshot import Snapshot
    from udt.taxonomy.model.concept import Concept


@click.command(short_help="Compare two states of the taxonomy.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@json_option
def diff(old: str, new: str, as_json: bool) -> None:
    """List the concepts, labels, parents, mappings and other facts that differ from OLD to NEW.

    OLD and NEW are each `built-in`, an extension in Turtle (applied to the built-in taxonomy), a folder of Turtle
    files, or an export as turtle, rdfxml, jsonld or json.

    \b
    Examples:
      udt taxonomy diff built-in extra.ttl
      udt taxonomy diff udt-0.1.0.ttl built-in --json
    """
    from udt.taxonomy.comparison.diff import difference
    from udt.taxonomy.comparison.snapshot import snapshot

    found = difference(snapshot(old), snapshot(new))
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False))
    else:
        print_parts(_parts(found))


def _parts(found: Difference) -> Iterable[RenderableType]:
    from rich.text import Text

    yield f"{_source(found.old)} → {_source(found.new)}"
    yield ", ".join(f"{count:,} {name}" for name, count in found.counts.items())
    for name, concepts in ("added", found.added), ("removed", found.removed), ("deprecated", found.deprecated):
        if concepts:
            yield Text(f"\n{name}", "bold")
            yield from (f"  {_named(concept)}{_replacement(concept)}" for concept in concepts)
    if found.changed:
        yield Text("\nchanged", "bold")
    for one in found.changed:
        yield f"  {_named(one.concept)}"
        for edit in one.edits:
            yield from (Text(f"    - {edit.property}: {value}", "red") for value in edit.removed)
            yield from (Text(f"    + {edit.property}: {value}", "green") for value in edit.added)


def _source(snapshot: Snapshot) -> str:
    version = f"{snapshot.version}, " if snapshot.version else ""
    return f"{snapshot.name} ({version}{len(snapshot.concepts):,} concepts, sha256 {snapshot.digest[:16]})"


def _named(concept: Concept) -> str:
    return f"{concept.curie}  {concept.kind}  {concept.label}"


def _replacement(concept: Concept) -> str:
    return f"  → {', '.join(concept.replaced_by)}" if concept.replaced_by else ""
