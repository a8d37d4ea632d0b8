"""`udt normalize`: read texts, write structured reports."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from udt.cli.shared.cluster import cluster_options, open_executor, paths_on_cluster
from udt.cli.shared.options import csv_formulas_option, taxonomy_option
from udt.cli.shared.registry_choice import RegistryChoice
from udt.core.texts import brief, printable
from udt.io.writers.registry import FORMATS, format_of, tables, writer

if TYPE_CHECKING:
    from udt.core.report import Report
    from udt.io.encodings import Detected
    from udt.io.folder import LeftOut
    from udt.io.readers import TextItem
    from udt.io.rows import Skipped
    from udt.io.writers.base import RowsOf, Settings

_MOST_NOTES = 5


def _encoding(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Check the name of an encoding."""
    from udt.io.encodings import EncodingError, known_encoding

    try:
        return None if value is None else known_encoding(value)
    except EncodingError as error:
        raise click.BadParameter(str(error), context, parameter) from error


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
@click.option(
    "--encoding", metavar="NAME", callback=_encoding, help="Encoding of the sources. Default: detected, with a note."
)
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
    "--json", "as_json", is_flag=True, help="Report counts, skipped texts and notes as JSON on standard error."
)
@click.option(
    "--rows",
    type=click.Choice(["reports", "findings"]),
    default="reports",
    show_default=True,
    help="CSV, XLSX and Parquet: content of a row.",
)
@click.option("--keep-columns", is_flag=True, help="CSV, XLSX and Parquet: write the columns of the input first.")
@click.option("--bom", is_flag=True, help="CSV: begin with a byte-order mark, by which Excel knows UTF-8.")
@click.option(
    "--base-iri",
    default="",
    metavar="IRI",
    callback=lambda context, option, value: _base_iri(value),
    help="ttl, jsonld: IRI that those of reports begin with. Default: a urn:uuid: of each report.",
)
@click.option(
    "--strict-language", is_flag=True, help="End at a text in a language whose words of denial are not known."
)
@csv_formulas_option
@cluster_options
@taxonomy_option
def normalize(
    sources: tuple[str, ...],
    format_name: str | None,
    out: Path | None,
    text_column: str | None,
    id_column: str | None,
    lines: bool,
    encoding: str | None,
    workers: int,
    on_error: str,
    explain: bool,
    private: bool,
    as_json: bool,
    rows: RowsOf,
    keep_columns: bool,
    bom: bool,
    base_iri: str,
    strict_language: bool,
    csv_formulas: str,
    extensions: tuple[Path, ...],
    **cluster: Any,
) -> None:
    """Read the texts in SOURCES and write their findings and labels, with evidence.

    A source is a document (.txt, .md, .html, .rtf, .docx, .pdf), a table (.csv, .tsv, .jsonl, .parquet), a file of
    messages (.hl7, FHIR in .json or .ndjson), a folder, or '-' for standard input.

    \b
    Examples:
      echo 'Liver: hypoechoic nodule, 2 cm. No ascites.' | udt normalize -
      udt normalize reports.csv --text-column findings --out reports.jsonl --workers 4
      udt normalize reports.parquet --out reports.jsonl --cluster ray --cluster-address 10.0.0.1:6379
      udt normalize report.pdf --explain
      udt normalize ward/ --on-error skip --out ward.jsonl
      udt normalize reports.csv --rows findings --keep-columns --out findings.xlsx
      udt normalize report.txt --explain
    """
    from udt.io.parallel import normalize_lines

    target = None if out is None or str(out) == "-" else out
    name = _format(format_name, target, explain)
    if private and FORMATS.load(name).shows_text:
        raise click.UsageError(f"the format {name} shows the text itself, so --private needs another one")
    _check_table(name, rows, keep_columns=keep_columns, bom=bom, private=private)
    extensions = paths_on_cluster(extensions, workers=workers, **cluster)
    formulas = csv_formulas == "keep"
    settings = _settings(target, extensions, private=private, formulas=formulas, rows=rows, bom=bom, base_iri=base_iri)
    report_writer = writer(name, settings)
    notes = _Notes(quiet=as_json)
    kept = notes.skipped if on_error == "skip" else None
    options = {
        "text_column": text_column,
        "id_column": id_column,
        "lines": lines,
        "encoding": encoding,
        "keep_columns": keep_columns,
    }
    items = _items(_sources(sources), options, kept, notes)
    cells: deque[Mapping[str, object]] = deque()
    with open_executor(**cluster) as executor, _output(target) as handle:
        texts = _pairs(items, cells) if keep_columns else items
        parts = normalize_lines(
            texts,
            workers=workers,
            extensions=extensions,
            encode=partial(_with_language, report_writer.encode),
            sourced=FORMATS.load(name).sourced,
            executor=executor,
        )
        parts = notes.read(parts, strict_language)
        if keep_columns and report_writer.keep is not None:
            parts = (report_writer.keep(part, cells.popleft()) for part in parts)
        count = report_writer.write(_with_progress(parts, target), handle)
        notes.report(count)


def _with_language(encode: Callable[..., Any], report: Report, *given: Any) -> tuple[Any, str, str | None]:
    """Encode a report; return it with its id and its language, or None if its words of denial are known."""
    language = None if report.language_support == "full" else report.language
    return encode(report, *given), report.id, language


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
    sources: Iterable[str], options: Mapping[str, Any], skipped: list[Skipped] | None, notes: _Notes
) -> Iterator[TextItem]:
    from udt.io.readers import read_texts, stop

    handler = stop if skipped is None else skipped.append
    for source in sources:
        yield from read_texts(
            source, **options, on_error=handler, on_left_out=notes.folders.append, on_detected=notes.detect
        )


def _pairs(items: Iterable[TextItem], cells: deque[Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    """Yield identifiers and texts, and append the cells of the row of each to `cells`."""
    from udt.io.readers import RowItem

    for item in items:
        cells.append(item.cells if isinstance(item, RowItem) else {})
        yield item.id, item.text


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


def _check_table(name: str, rows: RowsOf, *, keep_columns: bool, bom: bool, private: bool) -> None:
    """Refuse options of tables for other formats.

    :raises click.UsageError: if there is one.
    """
    if bom and name != "csv":
        raise click.UsageError(f"--bom is for csv, but the format is {name}; leave it out, or give --format csv")
    if keep_columns and private:
        raise click.UsageError("--keep-columns writes the text itself, so --private does not go with it")
    option = "--keep-columns" if keep_columns else "--rows findings" if rows == "findings" else None
    if option is not None and not FORMATS.load(name).tabular:
        raise click.UsageError(f"the format {name} has no columns; {option} needs one of {', '.join(tables())}")


def _settings(out: Path | None, extensions: tuple[Path, ...], **chosen: Any) -> Settings:
    from udt.io.writers.base import Settings

    terminal = out is None and sys.stdout.isatty()
    return Settings(
        extensions=extensions,
        color=terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        width=shutil.get_terminal_size((100, 24)).columns if terminal else 100,
        **chosen,
    )


def _output(out: Path | None) -> AbstractContextManager[BinaryIO]:
    from udt.core.atomic import atomic_output

    return nullcontext(sys.stdout.buffer) if out is None else atomic_output(out)


def _with_progress(parts: Iterable[Any], out: Path | None) -> Iterable[Any]:
    """Show a progress bar while `parts` pass through, unless they go to the terminal themselves."""
    from udt.cli.shared.progress import tracked

    return parts if out is None and sys.stdout.isatty() else tracked(parts, "texts")


@dataclass
class _Notes:
    """Remarks on the sources.

    :ivar quiet: whether they are reported as one JSON object at the end.
    """

    quiet: bool
    skipped: list[Skipped] = field(default_factory=list)
    folders: list[LeftOut] = field(default_factory=list)
    detected: list[Detected] = field(default_factory=list)
    languages: Counter[str] = field(default_factory=Counter)

    def detect(self, found: Detected) -> None:
        """Report the encoding of a file; of many files, the first ones."""
        self.detected.append(found)
        if not self.quiet and len(self.detected) <= _MOST_NOTES:
            click.echo(f"note: {found}", err=True)

    def read(self, parts: Iterable[tuple[Any, str, str | None]], strict: bool) -> Iterator[Any]:
        """Yield the encoded reports, and note their languages.

        :param strict: whether a language without known words of denial is an error.
        :raises DataError: if it is one.
        """
        from udt.core.errors import DataError

        for part, name, language in parts:
            if language is not None:
                if strict:
                    raise DataError(
                        f"text '{brief(name)}': its language is '{language}', of which the taxonomy has no words of "
                        "denial; leave out --strict-language to read its findings as unknown, or add such words by "
                        "--taxonomy"
                    )
                self.languages[language] += 1
            yield part

    def report(self, count: int) -> None:
        """Report everything that was skipped and left out.

        :param count: number of texts that were read.
        :raises DataError: if it is 0.
        """
        from udt.core.errors import DataError

        if self.quiet:
            click.echo(json.dumps(self._to_dict(count), ensure_ascii=False), err=True)
        else:
            self._print(count)
        if not count:
            raise DataError("no text could be read; fix the files listed above, or give another source")

    def _print(self, count: int) -> None:
        texts = "1 text" if count == 1 else f"{count:,} texts"
        if more := Counter(one.encoding for one in self.detected[_MOST_NOTES:]):
            listed = ", ".join(f"{number:,} {name}" for name, number in more.most_common())
            click.echo(f"note: {more.total():,} more files are not UTF-8: {listed}", err=True)
        if self.languages:
            listed = ", ".join(f"{number:,} in {language!r}" for language, number in self.languages.most_common())
            click.echo(
                f"warning: texts in languages of which the taxonomy has no words of denial: {listed}; their findings "
                "are neither present nor absent, but unknown",
                err=True,
            )
        if self.skipped:
            click.echo(f"normalised {texts}, skipped {len(self.skipped):,}:", err=True)
            for one in self.skipped:
                click.echo(f"  {one}", err=True)
        for folder in self.folders:
            if folder.total:
                click.echo(f"read {texts}; left out {folder}", err=True)

    def _to_dict(self, count: int) -> dict[str, Any]:
        return {
            "texts": count,
            "skipped": [{"place": printable(one.place), "reason": printable(one.reason)} for one in self.skipped],
            "folders": [one.to_dict() for one in self.folders],
            "languages": dict(self.languages),
            "encodings": [{"place": printable(one.place), "encoding": one.encoding} for one in self.detected],
        }
