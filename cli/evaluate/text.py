"""`udt evaluate text`: scores of the normaliser on texts with gold labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import json_option, taxonomy_option

if TYPE_CHECKING:
    from udt.core.report import Report
    from udt.scoring.gold import Gold
    from udt.scoring.labels import LabelEvaluation

_EXCERPT = 160


@click.command("text", short_help="Score the normaliser on gold texts.")
@click.argument("gold", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@click.option("--errors", is_flag=True, help="List every record with a wrong label, with its text.")
@click.option(
    "--bootstrap",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="Number of bootstrap resamples for the 95 % intervals; 0 for no intervals.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the resampling.")
@taxonomy_option
def text(gold: Path, as_json: bool, errors: bool, bootstrap: int, seed: int, extensions: tuple[Path, ...]) -> None:
    """Normalise the texts of GOLD, a JSON Lines file with labels, and score the result.

    Records with "skip": true are left out. A dimension without any gold or predicted label scores 1 and is left out of
    the macro F1. --errors marks an extra label with '+' and a missing label with '-'.

    \b
    Example:
      udt evaluate text gold.jsonl --errors
    """
    from udt.normalize.normalizer import Normalizer
    from udt.scoring.gold import read_gold
    from udt.scoring.labels import evaluate_labels

    normalizer = Normalizer(extensions=extensions)
    records = read_gold(gold, normalizer.dimensions)
    keys = [dimension.key for dimension in normalizer.dimensions]
    reports = list(normalizer.normalize_many((record.id, record.text) for record in records.records))
    labels = [record.labels for record in records.records]
    result = evaluate_labels(labels, [report.labels for report in reports], keys, bootstrap=bootstrap, seed=seed)
    mistakes = _mistakes(records, reports, keys) if errors else []
    if as_json:
        extra: dict[str, Any] = {"errors": mistakes} if errors else {}
        click.echo(json.dumps({**result.to_dict(), "skipped": records.skipped, **extra}, ensure_ascii=False))
    else:
        click.echo(_table(result, records.skipped), nl=False)
        for mistake in mistakes:
            click.echo(_lines(mistake))


def _mistakes(gold: Gold, reports: list[Report], keys: list[str]) -> list[dict[str, Any]]:
    from udt.scoring.labels import differences

    found = []
    for record, report in zip(gold.records, reports, strict=True):
        wrong = differences(record.labels, report.labels, keys)
        if wrong:
            parts = {key: {"extra": extra, "missing": missing} for key, (extra, missing) in wrong.items()}
            found.append({"id": record.id, "dimensions": parts, "text": _excerpt(record.text)})
    return found


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"


def _lines(mistake: dict[str, Any]) -> str:
    lines = [f"\n{mistake['id']}  {mistake['text']}"]
    for key, part in mistake["dimensions"].items():
        signed = [f"+{label}" for label in part["extra"]] + [f"-{label}" for label in part["missing"]]
        lines.append(f"  {key}: {', '.join(signed)}")
    return "\n".join(lines)


def _table(result: LabelEvaluation, skipped: int) -> str:
    from rich.table import Table

    from udt.reporting.console import rendered

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("dimension", no_wrap=True)
    for name in ("precision", "recall", "F1", "support"):
        table.add_column(name, justify="right")
    for name, one in [*result.dimensions.items(), ("micro", result.micro)]:
        table.add_row(name, *(f"{value:.3f}" for value in (one.precision, one.recall, one.f1)), str(one.support))
    table.add_row("macro", "", "", f"{result.macro_f1:.3f}", "")
    lines = [f"{result.n} records, {skipped} skipped; exact match {result.exact_match:.3f}"]
    for name, interval in ("micro", result.micro_interval), ("macro", result.macro_interval):
        if interval:
            lines.append(f"{name} F1, 95 % interval: {interval.low:.3f} to {interval.high:.3f}")
    return rendered([table, *lines], 100, False)
