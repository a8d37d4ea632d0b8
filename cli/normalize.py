"""`udt normalize`: read texts, write structured reports."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from udt.cli.shared.options import csv_formulas_option, taxonomy_option
from udt.cli.shared.registry_choice import RegistryChoice
from udt.io.writers.registry import FORMATS, format_of, writer

if TYPE_CHECKING:
    from udt.io.folder import LeftOut
    from udt.io.readers import TextItem
    from udt.io.rows import Skipped
    from udt.io.writers.base import Settings


@click.command(short_help="Read texts and write their findings and labels.")
@click.argument("sources", nargs=-1)
@click.option(
    "--format",
    "format_name",
    type=RegistryChoice(FORMATS),
    help="Output format. Default: by the suffix of --out; else a table on a terminal, JSON Lines otherwise.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, allow_dash=True),
    help="File to write, atomically.",
)
@click.option("--text-column", help="Column that holds the text. Default: text, report, caption or findings.")
@click.option("--id-column", help="Column that names the text. Default: id, case_id …; else the row's number.")
@click.option("--lines", is_flag=True, help="Take each line of a .txt file or of standard input as a text.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes to use.")
@click.option(
    "--on-error",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="Action if a text cannot be read; 'skip' lists it at the end.",
)
@click.option("--explain", is_flag=True, help="Mark and explain every span; short for --format explain.")
@click.option("--private", is_flag=True, help="Leave all words of the texts out of the output; ids and offsets stay.")
@click.option(
    "--base-iri",
    default="",
    metavar="IRI",
    callback=lambda context, option, value: _base_iri(value),
    help="ttl, jsonld: IRI that those of reports begin with. Default: a urn:uuid: of each report.",
)
@csv_formulas_option
@taxonomy_option
def normalize(
    sources: tuple[str, ...],
    format_name: str | None,
    out: Path | None,
    text_column: str | None,
    id_column: str | None,
    lines: bool,
    workers: int,
    on_error: str,
    explain: bool,
    private: bool,
    base_iri: str,
    csv_formulas: str,
    extensions: tuple[Path, ...],
) -> None:
    """Read the texts in SOURCES and write their findings and labels, with evidence.

    A source is a .txt file, a folder of them, a .csv, .tsv, .jsonl or .parquet file, or '-' for standard input.

    \b
    Examples:
      echo 'Liver: hypoechoic nodule, 2 cm. No ascites.' | udt normalize -
      udt normalize reports.csv --text-column findings --out reports.jsonl --workers 4
      udt normalize report.txt --explain
    """
    from udt.io.parallel import normalize_lines

    target = None if out is None or str(out) == "-" else out
    name = _format(format_name, target, explain)
    if private and FORMATS.load(name).shows_text:
        raise click.UsageError(f"the format {name} shows the text itself, so --private needs another one")
    settings = _settings(target, extensions, private=private, formulas=csv_formulas == "keep", base=base_iri)
    report_writer = writer(name, settings)
    skipped: list[Skipped] = []
    left_out: list[LeftOut] = []
    kept = skipped if on_error == "skip" else None
    items = _items(_sources(sources), (text_column, id_column), lines, kept, left_out)
    with _output(target) as handle:
        parts = normalize_lines(items, workers=workers, extensions=extensions, encode=report_writer.encode)
        count = report_writer.write(_with_progress(parts, target), handle)
        _report_skipped(skipped, count)
        _report_left_out(left_out, count)


def _base_iri(value: str) -> str:
    from udt.core.errors import DataError
    from udt.io.writers.rdf.iris import checked_base

    try:
        return checked_base(value) if value else value
    except DataError as error:
        raise click.BadParameter(str(error)) from None


def _sources(sources: Sequence[str]) -> Sequence[str]:
    if not sources and sys.stdin.isatty():
        raise click.UsageError("there is nothing to read; give a file or a folder, or pipe a text to 'udt normalize -'")
    return sources or ("-",)


def _items(
    sources: Iterable[str],
    columns: tuple[str | None, str | None],
    lines: bool,
    skipped: list[Skipped] | None,
    left_out: list[LeftOut],
) -> Iterator[TextItem]:
    from udt.io.readers import read_texts, stop

    text, name = columns
    handler = stop if skipped is None else skipped.append
    for source in sources:
        yield from read_texts(
            source, text_column=text, id_column=name, lines=lines, on_error=handler, on_left_out=left_out.append
        )


def _format(name: str | None, out: Path | None, explain: bool) -> str:
    if explain:
        if name is not None:
            raise click.UsageError(f"--explain is a format of its own; leave out --format {name}")
        name = "explain"
    if name is None and out is not None:
        name = format_of(out)
        if name is None:
            raise click.UsageError(f"the suffix of '{out.name}' belongs to no format; give one with --format")
    name = name or ("table" if sys.stdout.isatty() else "jsonl")
    if out is None and sys.stdout.isatty() and FORMATS.load(name).binary:
        raise click.UsageError(f"{name} is not for a terminal; give a file with --out, or pipe the output on")
    return name


def _settings(out: Path | None, extensions: tuple[Path, ...], *, private: bool, formulas: bool, base: str) -> Settings:
    from udt.io.writers.base import Settings

    terminal = out is None and sys.stdout.isatty()
    return Settings(
        extensions=extensions,
        color=terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        width=shutil.get_terminal_size((100, 24)).columns if terminal else 100,
        private=private,
        formulas=formulas,
        base_iri=base,
    )


def _output(out: Path | None) -> AbstractContextManager[BinaryIO]:
    from udt.core.atomic import atomic_output

    return nullcontext(sys.stdout.buffer) if out is None else atomic_output(out)


def _with_progress(parts: Iterable[Any], out: Path | None) -> Iterable[Any]:
    """Show a progress bar while `parts` pass through, unless they go to the terminal themselves."""
    from udt.cli.shared.progress import tracked

    return parts if out is None and sys.stdout.isatty() else tracked(parts, "texts")


def _report_skipped(skipped: Sequence[Skipped], count: int) -> None:
    from udt.core.errors import DataError

    if skipped:
        texts = "1 text" if count == 1 else f"{count:,} texts"
        click.echo(f"normalised {texts}, skipped {len(skipped):,}:", err=True)
        for one in skipped:
            click.echo(f"  {one}", err=True)
    if not count:
        raise DataError("no text could be read; fix the files listed above, or give another source")


def _report_left_out(left_out: Sequence[LeftOut], count: int) -> None:
    texts = "1 text" if count == 1 else f"{count:,} texts"
    for one in left_out:
        click.echo(f"read {texts}; left out {one}", err=True)
