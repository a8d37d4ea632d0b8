"""`udt taxonomy new`: an extension in Turtle from a CSV template."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from udt.cli.shared.options import overwrite_option, taxonomy_option


@click.command(short_help="Write an extension from a CSV template.")
@click.argument("template", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path, allow_dash=True),
    default="-",
    help="Turtle file to write; - for standard output.",
)
@click.option("--example", is_flag=True, help="Print an example of a template, and write no extension.")
@overwrite_option
@taxonomy_option
def new(template: Path | None, out: Path, example: bool, overwrite: bool, extensions: tuple[Path, ...]) -> None:
    """Write an extension of the taxonomy from TEMPLATE, a table in CSV with one concept a row.

    The first row has the names of the columns, the second one template strings: ID, TYPE, LABEL, `AL property@language`
    for texts, `AI property` for concepts, `A property` and `AT property^^type` for other values, each with ` SPLIT=|`
    if a cell has several. A row with the ID of an existing concept adds to it. The extension is loaded before it is
    written; every fault is reported with its row and column, and then nothing is written.

    \b
    Examples:
      udt taxonomy new --example > template.csv
      udt taxonomy new template.csv --out extra.ttl
    """
    from udt.taxonomy.authoring.template import EXAMPLE, extension_from_template
    from udt.taxonomy.model.taxonomy import Taxonomy

    if example:
        click.echo(EXAMPLE, nl=False)
        return
    if template is None:
        raise click.UsageError("give a TEMPLATE, or --example to print one")
    to_file = str(out) != "-"
    if to_file and out.exists() and not overwrite:
        raise click.UsageError(f"{out} exists; give another --out, or --overwrite")
    content = _text(template)
    text = extension_from_template(content, template.name, Taxonomy.load(*extensions), extensions)
    if not to_file:
        sys.stdout.buffer.write(text.encode())
        return
    from udt.core.atomic import atomic_output

    with atomic_output(out) as handle:
        handle.write(text.encode())


def _text(path: Path) -> str:
    from udt.core.errors import DataError

    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}; save the table as CSV in UTF-8") from error
