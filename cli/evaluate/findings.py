"""`udt evaluate findings`: scores of the findings of reports against gold findings."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from udt.cli.evaluate.limits import Limit, limit_option, missed_limits
from udt.cli.shared.options import taxonomy_option

if TYPE_CHECKING:
    from rich.table import Table

    from udt.scoring.findings.documents import Document
    from udt.scoring.findings.evaluation import FindingEvaluation
    from udt.scoring.findings.figures import Figure
    from udt.scoring.findings.gold import GoldReport
    from udt.scoring.findings.tally import FindingDifference

_WIDTH = 100
_LONGEST = 160


@click.command("findings", short_help="Score findings, one by one, on gold reports.")
@click.argument("gold", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--predictions",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Documents to score, JSON Lines; by default the texts of GOLD are normalised.",
)
@click.option("--ids", default="", metavar="ID,ID,…", help="Score these reports alone.")
@click.option("--errors", is_flag=True, help="List every difference, with its words.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File for figures, counts and differences; - prints them in place of the table.",
)
@limit_option("min", "minima", "Lowest value of a figure that passes; repeatable.")
@limit_option("max", "maxima", "Highest value of a figure that passes; repeatable.")
@taxonomy_option
def findings(
    gold: Path,
    predictions: Path | None,
    ids: str,
    errors: bool,
    json_file: Path | None,
    minima: tuple[Limit, ...],
    maxima: tuple[Limit, ...],
    extensions: tuple[Path, ...],
) -> None:
    """Compare the findings of reports with those of GOLD, a JSON Lines file with findings.

    Documents are udt-report/1 or udt-report/2. Names of concepts are compared by the English labels of the taxonomy.
    Records with "skip": true, or without findings, are left out. The exit status is 1 if a figure misses its --min or
    --max.

    \b
    Example:
      udt evaluate findings gold.jsonl --errors
      udt evaluate findings gold.jsonl --min detection_f1=0.9 --max denied_as_present=0
    """
    from udt.scoring.findings.documents import read_documents
    from udt.scoring.findings.evaluation import evaluate_findings
    from udt.scoring.findings.gold import read_gold_reports
    from udt.scoring.findings.terms import Terms
    from udt.taxonomy.model.taxonomy import Taxonomy

    terms = Terms.of(Taxonomy.load(*extensions))
    read = read_gold_reports(gold, terms, [name.strip() for name in ids.split(",") if name.strip()])
    if predictions is None:
        documents = _normalized(read.reports, extensions)
    else:
        documents = read_documents(predictions, [report.id for report in read.reports])
    result = evaluate_findings(read.reports, documents, terms)
    if str(json_file) != "-":
        click.echo(_text(result, read.skipped, errors), nl=False)
    if json_file is not None:
        _write_json(result, read.skipped, json_file)
    if missed := list(missed_limits(result, (*minima, *maxima))):
        click.echo(f"not reached: {', '.join(missed)}", err=True)
        sys.exit(1)


def _normalized(reports: Sequence[GoldReport], extensions: tuple[Path, ...]) -> dict[str, Document]:
    from udt.normalize.normalizer import Normalizer

    texts = ((report.id, report.text) for report in reports)
    return {report.id: report.to_dict() for report in Normalizer(extensions=extensions).normalize_many(texts)}


def _write_json(result: FindingEvaluation, skipped: int, path: Path) -> None:
    from udt.core.atomic import atomic_output

    text = json.dumps({**result.to_dict(), "skipped": skipped}, ensure_ascii=False, indent=1) + "\n"
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    with atomic_output(path) as handle:
        handle.write(text.encode("utf-8"))


def _text(result: FindingEvaluation, skipped: int, errors: bool) -> str:
    from udt.reporting.console import printable, rendered

    number = "1 report" if result.reports == 1 else f"{result.reports:,} reports"
    table = rendered([f"{number}, {skipped:,} left out", "", _table(result.figures)], _WIDTH, False)
    lines = [printable(line) + "\n" for line in _lines(result.differences)] if errors else []
    return table + "".join(lines)


def _table(figures: Sequence[Figure]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("figure", no_wrap=True)
    for name in ("value", "right", "of"):
        table.add_column(name, justify="right")
    for group, members in groupby(figures, key=lambda figure: figure.group):
        table.add_row(group)
        for figure in members:
            numbers = ("" if number is None else f"{number:,}" for number in (figure.right, figure.total))
            table.add_row(f"  {figure.name}", _value(figure.value), *numbers)
    return table


def _value(value: float | int | None) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _lines(differences: Sequence[FindingDifference]) -> Iterator[str]:
    """Yield the differences of each report under its identifier, in the order of the comparison."""
    for record, members in groupby(differences, key=lambda difference: difference.record):
        yield f"\n{record}"
        for difference in members:
            yield f"  {difference.kind}: {_change(difference)}"


def _change(difference: FindingDifference) -> str:
    """Return the two values, gold first, and the words of the text."""
    sides = [part for part in (difference.gold, difference.got) if part]
    quote = difference.quote
    shown = quote if len(quote) <= _LONGEST else quote[: _LONGEST - 1] + "…"
    return " → ".join(sides) + (f"  “{shown}”" if shown else "")
