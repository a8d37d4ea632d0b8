"""`udt similarity check`: faults and properties of similarity matrices."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import json_option, taxonomy_option
from udt.cli.similarity.sources import built_by, is_method

if TYPE_CHECKING:
    from rich.table import Table

    from udt.similarity.matrices import StoredMatrices
    from udt.similarity.quality.checks import MatrixCheck


@click.command(short_help="Check matrices: faults, triangle inequality, eigenvalues.")
@click.argument("source")
@click.option("--findings", is_flag=True, help="Of a method: check the matrix of the findings too; it takes a minute.")
@json_option
@taxonomy_option
@click.pass_context
def check(context: click.Context, source: str, findings: bool, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Check the matrices of SOURCE: a folder that udt similarity build wrote, or a method that needs no input.

    Faults are values that are no numbers from 0 to 1, a matrix that is not symmetric or whose diagonal is not 1; with
    one, the command ends with status 1. Properties are reported: the range of the values of different labels; how many
    triples of labels break the triangle inequality of the distance 1 - S, and by how much at most; the smallest
    eigenvalue. A matrix with negative eigenvalues is not positive semi-definite; udt similarity build --psd repairs it.

    \b
    Examples:
      udt similarity check tree
      udt similarity check lin
    """
    from udt.similarity.quality.checks import check_stored

    stored = _stored(source, findings, extensions)
    found = check_stored(stored)
    if as_json:
        click.echo(json.dumps(_document(stored, found), ensure_ascii=False))
    else:
        _print(stored, found)
    if any(result.faults for result in found.values()):
        context.exit(1)


def _stored(source: str, findings: bool, extensions: tuple[Path, ...]) -> StoredMatrices:
    from udt.similarity.matrices import StoredMatrices

    if not is_method(source):
        if findings:
            raise click.UsageError("--findings is for a method; of a folder, all matrices are checked")
        return StoredMatrices.load(Path(source))
    from udt.taxonomy.model.taxonomy import Taxonomy

    built = built_by(source, Taxonomy.load(*extensions), findings=findings)
    return StoredMatrices(Path(source), built.labels, built.matrices, built.provenance)


def _document(stored: StoredMatrices, found: Mapping[str, MatrixCheck]) -> dict[str, Any]:
    from dataclasses import asdict

    dimensions = {}
    for key, result in found.items():
        plain = {**asdict(result), "positive_semidefinite": result.positive_semidefinite}
        if result.triangles is not None and result.triangles.worst is not None:
            plain["triangles"]["worst"] = [stored.labels[key][row] for row in result.triangles.worst]
        dimensions[key] = plain
    return {"method": stored.provenance.method, "dimensions": dimensions}


def _print(stored: StoredMatrices, found: Mapping[str, MatrixCheck]) -> None:
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    lines = [fault for result in found.values() for fault in result.faults]
    lines += [_worst(stored.labels[key], key, result) for key, result in found.items() if _has_worst(result)]
    negative = [key for key, result in found.items() if result.positive_semidefinite is False]
    if negative:
        lines.append(f"not positive semi-definite: {', '.join(negative)}; build with --psd to repair")
    count = sum(bool(result.faults) for result in found.values())
    lines.append(f"method {stored.provenance.method}: {len(found)} matrices, {count} with faults")
    width = get_terminal_size((120, 24)).columns if color else 120
    click.echo(rendered([_table(found), *lines], width, color), nl=False)


def _has_worst(result: MatrixCheck) -> bool:
    return result.triangles is not None and result.triangles.worst is not None


def _worst(labels: tuple[str, ...], key: str, result: MatrixCheck) -> str:
    """Describe the triple that breaks the triangle inequality most."""
    triangles = result.triangles
    if triangles is None or triangles.worst is None:
        return ""
    a, b, c = (labels[row] for row in triangles.worst)
    return f"{key}: the way from {a} to {c} is longer by {triangles.excess:.2f} than over {b}"


def _table(found: Mapping[str, MatrixCheck]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("dimension", no_wrap=True)
    for name in ("labels", "faults", "range", "broken triples", "of", "worst", "smallest eigenvalue", "negative"):
        table.add_column(name, justify="right")
    for key, result in found.items():
        table.add_row(key, f"{result.labels:,}", str(len(result.faults)), *_cells(result))
    return table


def _cells(result: MatrixCheck) -> tuple[str, ...]:
    triangles, smallest = result.triangles, result.smallest_eigenvalue
    if triangles is None or smallest is None:
        return ("–",) * 6
    span = "–" if result.lowest is None else f"{result.lowest:.2f}–{result.highest:.2f}"
    worst = f"{triangles.excess:.2f}" if triangles.broken else "–"
    return (
        span,
        f"{triangles.broken:,}",
        f"{triangles.triples:,}",
        worst,
        f"{smallest:.4f}",
        str(result.negative_eigenvalues),
    )
