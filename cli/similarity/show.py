"""`udt similarity show`: show the similarity of the labels of one dimension."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import json_option, taxonomy_option
from udt.cli.shared.registry_choice import RegistryChoice
from udt.similarity.methods.registry import METHODS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from udt.similarity.matrices import SimilaritySet
    from udt.taxonomy.model.concept import Concept
    from udt.taxonomy.model.taxonomy import Taxonomy

_WIDEST_TABLE = 12


@click.command(short_help="Show the matrix of one dimension.")
@click.argument("dimension")
@click.argument("label", required=False)
@click.option(
    "--from", "path", type=click.Path(path_type=Path, exists=True), metavar="FOLDER",
    help="Matrices that were built; by default those of --method.",
)  # fmt: skip
@click.option(
    "--method", type=RegistryChoice(METHODS), help="A method that needs no input: taxonomy, the default, lin ..."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Draw a heat map into this PNG file.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    help="Most similar labels to list.  [default: 5; 10 with LABEL]",
)
@json_option
@taxonomy_option
def show(
    dimension: str,
    label: str | None,
    path: Path | None,
    method: str | None,
    out: Path | None,
    top: int | None,
    as_json: bool,
    extensions: tuple[Path, ...],
) -> None:
    """Show the similarity of the labels of DIMENSION: as a table or, for many labels, the most similar ones of each.

    DIMENSION is the key of a dimension: of a classification task, such as organ or echogenicity, or of another
    dimension of the taxonomy, such as severity. The key finding stands for all findings, with the methods resnik, lin
    and simgic. With LABEL, only the labels that are most similar to it are listed, with their similarity; it is a label
    of the dimension, or any name of the concept in the taxonomy.

    \b
    Examples:
      udt similarity show echogenicity
      udt similarity show organ "Thyroid gland" --method simgic
      udt similarity show finding "uterine fibroid" --method lin
      udt similarity show organ --from both --out organs.png
    """
    if path is not None and method is not None:
        raise click.UsageError("--from and --method are alternatives; give one of them")
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    shown = _matrices(dimension, path, method or "taxonomy", taxonomy)
    index = None if label is None else _index(shown, dimension, label, taxonomy)
    if out is not None:
        _draw(shown, dimension, out, taxonomy)
    if as_json:
        click.echo(json.dumps(_document(shown, dimension, index, top or 10), ensure_ascii=False))
    elif index is None:
        _print([_table(shown, dimension, top or 5), f"method: {shown.provenance.method}"])
    else:
        _print([_ranking(shown, dimension, index, top or 10), f"method: {shown.provenance.method}"])


def _matrices(dimension: str, path: Path | None, method: str, taxonomy: Taxonomy) -> SimilaritySet:
    """Read the matrices at `path`, or compute that of one dimension.

    :raises click.BadParameter: if there is no such dimension.
    :raises click.UsageError: if the method needs options, or has no matrix of the findings.
    """
    from udt.similarity.graph.concept_graph import FINDING
    from udt.similarity.matrices import SimilaritySet

    if path is not None:
        stored = SimilaritySet.load(path)
        if dimension not in stored.labels:
            raise click.BadParameter(_unknown(dimension, stored.labels, taxonomy), param_hint="DIMENSION")
        return stored
    chosen = METHODS.load(method)
    if chosen.show is None and not chosen.requires:
        built = chosen.build(taxonomy, {})
        if dimension not in built.labels:
            raise click.BadParameter(_unknown(dimension, built.labels, taxonomy), param_hint="DIMENSION")
        return built
    if chosen.show is None:
        raise click.UsageError(
            f"--method {method} needs input; build its matrices first and show them with --from: "
            f"udt similarity build --method {method} --help"
        )
    if dimension == FINDING and not chosen.has_findings:
        able = ", ".join(name for name in METHODS.names() if METHODS.load(name).has_findings)
        raise click.UsageError(f"--method {method} has no matrix of the findings; choose one of: {able}")
    known = (*taxonomy.full_vocabulary.keys, *([FINDING] if chosen.has_findings else []))
    if dimension not in known:
        raise click.BadParameter(_unknown(dimension, known, taxonomy), param_hint="DIMENSION")
    return chosen.show(taxonomy, dimension)


def _index(shown: SimilaritySet, key: str, name: str, taxonomy: Taxonomy) -> int:
    """Return the row of the label, or of the concept of that name.

    :raises click.BadParameter: if the dimension has none; it names the closest labels.
    """
    labels = shown.labels[key]
    rows = {label.casefold(): row for row, label in enumerate(labels)}
    names = {text.text.casefold(): concept.label for concept in taxonomy for text in concept.labels
             if concept.label.casefold() in rows and _is_of(concept, key, taxonomy)}  # fmt: skip
    found = rows.get(name.casefold(), rows.get(names.get(name.casefold(), "").casefold()))
    if found is None and (concept := taxonomy.named(name)) is not None and _is_of(concept, key, taxonomy):
        found = rows.get(concept.label.casefold())
    if found is None:
        close = get_close_matches(name.casefold(), {**names, **rows}, n=3)
        hint = f"; did you mean {', '.join(map(repr, close))}?" if close else f"; `udt similarity show {key}` lists all"
        raise click.BadParameter(f"'{name}' is no label of {key}{hint}", param_hint="LABEL")
    return found


def _is_of(concept: Concept, key: str, taxonomy: Taxonomy) -> bool:
    """Return whether a concept is a value of the dimension `key`, or a finding if that is the key."""
    from udt.similarity.graph.concept_graph import FINDING, is_finding

    if key == FINDING:
        return is_finding(concept)
    return any(concept in dimension.values for dimension in taxonomy.dimensions if dimension.key == key)


def _unknown(dimension: str, known: Collection[str], taxonomy: Taxonomy) -> str:
    """Describe the fault of an unknown dimension: the closest one, the tasks, and how many others there are."""
    tasks = [key for key in known if key in taxonomy.vocabulary.keys]
    others = [key for key in known if key not in tasks]
    close = get_close_matches(dimension, known, n=1)
    found = f"'{dimension}'; did you mean {close[0]}? " if close else f"'{dimension}'; "
    more = f"; or one of the {len(others)} dimensions without a task, such as {others[0]}" if others else ""
    return f"{found}choose one of: {', '.join(tasks)}{more}"


def _draw(shown: SimilaritySet, key: str, out: Path, taxonomy: Taxonomy) -> None:
    """Draw the heat map, with places grouped by their parents if the labels are those of the taxonomy."""
    from udt.similarity.heatmap import heat_map

    groups = [d.parents for d in taxonomy.full_vocabulary.dimensions if d.key == key and d.labels == shown.labels[key]]
    heat_map(shown, key, out, groups[0] if groups else ())
    click.echo(f"wrote {out}", err=True)


def _document(shown: SimilaritySet, key: str, index: int | None, top: int) -> dict[str, Any]:
    """Return the matrix for `--json`, or the labels that are most similar to one."""
    from dataclasses import asdict

    if index is not None:
        ranked = [
            {"label": shown.labels[key][i], "similarity": round(value, 6)} for i, value in _ranked(shown, key, index)
        ]
        return {
            "dimension": key,
            "label": shown.labels[key][index],
            "most_similar": ranked[:top],
            "provenance": asdict(shown.provenance),
        }
    rows = [[round(float(value), 6) for value in row] for row in shown[key]]
    return {"dimension": key, "labels": shown.labels[key], "matrix": rows, "provenance": asdict(shown.provenance)}


def _table(shown: SimilaritySet, key: str, top: int) -> RenderableType:
    from rich.table import Table

    labels, matrix = shown.labels[key], shown[key]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(key, overflow="fold")
    if len(labels) <= _WIDEST_TABLE:
        for label in labels:
            table.add_column(label, justify="right", overflow="fold")
        for label, row in zip(labels, matrix, strict=True):
            table.add_row(label, *(f"{value:.2f}" for value in row))
    else:
        table.add_column("most alike", overflow="fold")
        for index, label in enumerate(labels):
            table.add_row(label, _nearest(labels, matrix[index], index, top))
    return table


def _ranked(shown: SimilaritySet, key: str, index: int) -> list[tuple[int, float]]:
    """Return row and similarity of all labels with a similarity above 0 to a label, the most similar first."""
    row = shown[key][index]
    found = [(i, float(row[i])) for i in range(len(row)) if i != index and row[i] > 0]
    return sorted(found, key=lambda pair: -pair[1])


def _ranking(shown: SimilaritySet, key: str, index: int, top: int) -> RenderableType:
    """Return the table of the labels that are most similar to one."""
    from rich.table import Table

    ranked = _ranked(shown, key, index)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(f"most similar to {shown.labels[key][index]}", overflow="fold")
    table.add_column("similarity", justify="right")
    for row, value in ranked[:top]:
        table.add_row(shown.labels[key][row], f"{value:.2f}")
    if len(ranked) > top:
        table.add_row(f"and {len(ranked) - top:,} more above 0", "")
    return table


def _nearest(labels: Sequence[str], row: Sequence[float], index: int, top: int) -> str:
    """List the `top` labels most similar to label `index`, and count the ties with the last of them."""
    order = sorted((i for i in range(len(labels)) if i != index and row[i] > 0), key=lambda i: -row[i])
    ties = sum(row[i] == row[order[top - 1]] for i in order[top:])
    texts = [f"{labels[i]} {row[i]:.2f}" for i in order[:top]]
    return ", ".join([*texts, f"and {ties} more"] if ties else texts)


def _print(parts: Iterable[RenderableType]) -> None:
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    click.echo(rendered(parts, get_terminal_size((120, 24)).columns if color else 120, color), nl=False)
