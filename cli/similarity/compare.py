"""`udt similarity compare`: how far methods agree, and the pairs of labels on which they differ most."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import json_option, taxonomy_option
from udt.cli.similarity.sources import built_by, is_method

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from udt.similarity.matrices import SimilaritySet
    from udt.similarity.quality.agreement import Agreement

_FEWEST = 2

Compared = tuple[str, str, Mapping[str, "Agreement"]]
"""The names of two sources, and their agreement by dimension."""


@click.command(short_help="Compare methods: rank correlation, pairs that differ.")
@click.argument("sources", nargs=-1, required=True)
@click.option(
    "--top", type=click.IntRange(min=0), default=3, show_default=True, help="Pairs to list for each dimension."
)
@click.option("--dimension", "only", multiple=True, metavar="KEY", help="Compare this dimension alone; repeatable.")
@click.option("--findings", is_flag=True, help="Of methods: compare the matrix of the findings too; it takes a minute.")
@json_option
@taxonomy_option
def compare(
    sources: tuple[str, ...],
    top: int,
    only: tuple[str, ...],
    findings: bool,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Compare each two of SOURCES: folders that udt similarity build wrote, or methods that need no input.

    For each dimension that both have, over all pairs of different labels: Spearman's rank correlation and Kendall's
    tau-b, the mean of the absolute differences, and the pairs that differ most.

    \b
    Examples:
      udt similarity compare taxonomy lin simgic
      udt similarity compare tree seen --top 10
    """
    if len(sources) < _FEWEST:
        raise click.UsageError("give at least two sources to compare, e.g. taxonomy lin")
    if repeated := sorted({source for source in sources if sources.count(source) > 1}):
        raise click.UsageError(f"{', '.join(repeated)} is given twice; give different sources")
    from udt.similarity.quality.agreement import agreement

    loaded = _loaded(sources, findings, extensions)
    _check_dimensions(only, loaded)
    found: list[Compared] = []
    for (name, first), (other, second) in combinations(loaded.items(), 2):
        agreed = agreement(_only(first, only), _only(second, only), top)
        found.append((name, other, agreed))
    if as_json:
        click.echo(json.dumps({"comparisons": [_document(*one) for one in found]}, ensure_ascii=False))
    else:
        _print(found)


def _loaded(sources: Sequence[str], findings: bool, extensions: tuple[Path, ...]) -> dict[str, SimilaritySet]:
    """Read or compute the matrices of each source."""
    from udt.similarity.matrices import SimilaritySet
    from udt.taxonomy.model.taxonomy import Taxonomy

    methods = {source: is_method(source) for source in sources}
    if findings and not any(methods.values()):
        raise click.UsageError("--findings is for methods; of folders, all common matrices are compared")
    taxonomy = Taxonomy.load(*extensions) if any(methods.values()) else None
    return {
        source: SimilaritySet.load(Path(source))
        if taxonomy is None or not methods[source]
        else built_by(source, taxonomy, findings=findings)
        for source in sources
    }


def _check_dimensions(only: Sequence[str], loaded: Mapping[str, SimilaritySet]) -> None:
    for key in only:
        for source, matrices in loaded.items():
            if key not in matrices.labels:
                raise click.BadParameter(
                    f"{source} has no matrix '{key}'; choose of: {', '.join(matrices.labels)}", param_hint="--dimension"
                )


def _only(matrices: SimilaritySet, keys: Sequence[str]) -> SimilaritySet:
    from udt.similarity.matrices import SimilaritySet

    if not keys:
        return matrices
    return SimilaritySet(
        {key: matrices.labels[key] for key in keys}, {key: matrices[key] for key in keys}, matrices.provenance
    )


def _document(name: str, other: str, found: Mapping[str, Agreement]) -> dict[str, Any]:
    from dataclasses import asdict

    return {"first": name, "second": other, "dimensions": {key: asdict(one) for key, one in found.items()}}


def _print(found: Sequence[Compared]) -> None:
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    parts: list[RenderableType] = []
    for name, other, agreed in found:
        parts += [*([""] if parts else []), f"{name} and {other}", _correlations(agreed)]
        if any(one.differing for one in agreed.values()):
            parts += ["", _differing(name, other, agreed)]
    click.echo(rendered(parts, get_terminal_size((120, 24)).columns if color else 120, color), nl=False)


def _correlations(agreed: Mapping[str, Agreement]) -> Table:
    table = _table("dimension", "pairs", "Spearman", "Kendall", "mean difference")
    for key, one in agreed.items():
        table.add_row(key, f"{one.pairs:,}", _cell(one.spearman), _cell(one.kendall), f"{one.mean_difference:.3f}")
    return table


def _differing(name: str, other: str, agreed: Mapping[str, Agreement]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("dimension", no_wrap=True)
    table.add_column("differ most", overflow="fold")
    for column in (name, other):
        table.add_column(column, justify="right", overflow="fold")
    for key, one in agreed.items():
        for pair in one.differing:
            table.add_row(key, f"{pair.label} – {pair.other}", f"{pair.first:.2f}", f"{pair.second:.2f}")
    return table


def _table(first: str, *names: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    for name in names:
        table.add_column(name, justify="right")
    return table


def _cell(correlation: float | None) -> str:
    return "–" if correlation is None else f"{correlation:.3f}"
