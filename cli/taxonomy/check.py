"""`udt taxonomy check`: quality and logic of the taxonomy."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.shared.options import json_option, taxonomy_option
from udt.cli.taxonomy.tables import change_table, print_parts, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from udt.taxonomy.quality.audit import Audit


@click.command(short_help="Check the quality and the logic of the taxonomy.")
@click.option("--no-reasoner", is_flag=True, help="Do not run the HermiT reasoner, which needs Java.")
@json_option
@taxonomy_option
def check(no_reasoner: bool, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Run the quality checks, the SHACL shapes, and the HermiT reasoner for logical consistency.

    Lists the statements of earlier files that extensions override, retract or deprecate. Exits with status 1 if there
    is an ERROR; a WARN is only reported. Without Java or owlready2, HermiT is not run, and the output mentions it.

    \b
    Example:
      udt taxonomy check --taxonomy extra.ttl
    """
    from udt.taxonomy.model.taxonomy import Taxonomy
    from udt.taxonomy.quality.audit import audit

    loaded = Taxonomy.load(*extensions)
    result = audit(loaded, reasoner=not no_reasoner)
    if as_json:
        changes = [change.to_dict() for change in loaded.changes]
        click.echo(json.dumps({**result.to_dict(), "changes": changes}, ensure_ascii=False))
    else:
        print_parts([change_table(loaded.changes)] if loaded.changes else [])
        print_parts(_findings(result))
    if result.errors:
        raise click.exceptions.Exit(1)


def _findings(result: Audit) -> Iterable[RenderableType]:
    """Yield the problems as a table, and a line for each kind of check."""
    if result.problems:
        yield table(((p.level, p.check, p.term, p.detail) for p in result.problems), "level", "check", "term", "detail")
    yield from result.summary
