"""`udt similarity`: how alike the labels of a dimension are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import json_option, taxonomy_option

if TYPE_CHECKING:
    from rich.console import RenderableType

    from udt.similarity.matrices import SimilaritySet
    from udt.taxonomy.model.taxonomy import Taxonomy

# Each method with the options that it needs (one of them) and those that it may take beside.
_METHODS: dict[str, tuple[set[str], set[str]]] = {
    "taxonomy": (set(), set()),
    "text": ({"encoder"}, {"words"}),
    "cooccurrence": ({"corpus", "db"}, set()),
    "blend": ({"parts"}, set()),
    "reference": ({"source"}, set()),
}
_FLAGS = {"parts": "--part"}
_WIDEST_TABLE = 12


@click.group(short_help="Build and show how alike labels are.")
def similarity() -> None:
    """Build and show how alike the labels of each dimension are: what makes a training target soft."""


@similarity.command(short_help="Build the matrices of all dimensions.")
@click.option("--method", type=click.Choice(list(_METHODS)), required=True, help="Where the similarity comes from.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write; made if missing."
)
@click.option("--encoder", metavar="NAME|FOLDER", help="text: a sentence encoder that this machine has.")
@click.option("--words", type=click.Choice(["label", "prompt"]), help="text: what is encoded.  [default: label]")
@click.option(
    "--corpus", type=click.Path(path_type=Path, allow_dash=True), metavar="RECORDS.jsonl",
    help="cooccurrence: labelled records, one JSON object a line; - for standard input.",
)  # fmt: skip
@click.option("--db", metavar="FILE|URL", help="cooccurrence: a database that `udt data import` filled.")
@click.option(
    "--part", "parts", nargs=2, type=(click.Path(path_type=Path, exists=True), float), multiple=True,
    metavar="FOLDER WEIGHT", help="blend: matrices that were built, and their weight; repeatable.",
)  # fmt: skip
@click.option(
    "--source", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="FOLDER",
    help="reference: the folder of the published code's task{n}_tag_normalized.npz.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["udt", "reference"]), default="udt", show_default=True,
    help="One similarity.safetensors, or the nine .npz of the published code.",
)  # fmt: skip
@taxonomy_option
def build(method: str, out: Path, form: str, extensions: tuple[Path, ...], **given: Any) -> None:
    """Build a matrix for each dimension: symmetric, from 0 to 1, 1 on the diagonal.

    \b
    taxonomy      the tree of organs, the scales, and the weights stated in the ontology
    text          the cosine of the labels' embeddings
    cooccurrence  how often labels stand together in a corpus (Jaccard)
    blend         the weighted mean of matrices that were built before
    reference     the matrices of the published Ultrasound-CLIP code

    \b
    Examples:
      udt similarity build --method taxonomy --out tree
      udt similarity build --method cooccurrence --corpus reports.jsonl --out seen
      udt similarity build --method blend --part tree 2 --part seen 1 --out both
    """
    _check_usage(method, given)
    from udt.similarity.reference import write_reference
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    built = _build(method, taxonomy, given)
    out.mkdir(parents=True, exist_ok=True)
    if form == "udt":
        click.echo(f"wrote {built.save(out)}")
    else:
        click.echo(f"wrote {len(write_reference(built, out, taxonomy))} files to {out}")


@similarity.command(short_help="Show the matrix of one dimension.")
@click.argument("dimension")
@click.option(
    "--from", "path", type=click.Path(path_type=Path, exists=True), metavar="FOLDER",
    help="Matrices that were built; by default those of the taxonomy.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Draw a heat map into this PNG file.")
@click.option("--top", type=click.IntRange(min=1), default=5, show_default=True, help="Labels shown for each of many.")
@json_option
@taxonomy_option
def show(
    dimension: str, path: Path | None, out: Path | None, top: int, as_json: bool, extensions: tuple[Path, ...]
) -> None:
    """Show how alike the labels of DIMENSION are: as a table or, for many labels, the most alike of each.

    DIMENSION is body_system, organ, diagnosis, shape, margins, echogenicity, internal_characteristics,
    posterior_acoustics or vascularity.

    \b
    Examples:
      udt similarity show echogenicity
      udt similarity show organ --from both --out organs.png
    """
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    chosen = _chosen(path, taxonomy)
    if dimension not in chosen.labels:
        raise click.BadParameter(f"'{dimension}'; choose one of: {', '.join(chosen.labels)}", param_hint="DIMENSION")
    if out is not None:
        _draw(chosen, dimension, out, taxonomy)
    if as_json:
        click.echo(json.dumps(_document(chosen, dimension), ensure_ascii=False))
    else:
        _print([_table(chosen, dimension, top), f"method: {chosen.provenance.method}"])


def _check_usage(method: str, given: dict[str, Any]) -> None:
    """:raises UsageError: where the method lacks what it works on, or is given what it does not take."""
    needed, optional = _METHODS[method]
    present = {name for name, value in given.items() if value}
    if needed and len(needed & present) != 1:
        choice = " or ".join(sorted(map(_flag, needed)))
        raise click.UsageError(f"--method {method} needs {choice}{', not both' if needed <= present else ''}")
    if surplus := present - needed - optional:
        raise click.UsageError(f"--method {method} does not take {', '.join(sorted(map(_flag, surplus)))}")


def _flag(name: str) -> str:
    return _FLAGS.get(name, f"--{name}")


def _build(method: str, taxonomy: Taxonomy, given: dict[str, Any]) -> SimilaritySet:

    vocabulary = taxonomy.vocabulary
    if method == "text":
        from udt.similarity.methods.text import text_similarity

        return text_similarity(vocabulary, given["encoder"], given["words"] or "label")
    if method == "cooccurrence":
        from udt.similarity.label_counts import labels_of_database, labels_of_lines
        from udt.similarity.methods.cooccurrence import cooccurrence_similarity

        place, read = (given["db"], labels_of_database) if given["db"] else (given["corpus"], labels_of_lines)
        return cooccurrence_similarity(read(place, vocabulary), vocabulary)
    if method == "blend":
        from udt.similarity.matrices import SimilaritySet
        from udt.similarity.methods.blend import blend

        return blend([(SimilaritySet.load(path), weight) for path, weight in given["parts"]], vocabulary)
    return _reference(given["source"], taxonomy) if method == "reference" else _chosen(None, taxonomy)


def _reference(source: Path, taxonomy: Taxonomy) -> SimilaritySet:
    """The published code's matrices; labels that had to be left out are told."""
    from udt.similarity.reference import read_reference

    found = read_reference(source, taxonomy)
    for key, labels in found.provenance.parameters["left_out"].items():
        click.echo(f"{key}: left out {', '.join(map(repr, labels))}, which the taxonomy does not have", err=True)
    return found


def _chosen(path: Path | None, taxonomy: Taxonomy) -> SimilaritySet:
    """The matrices at `path`, or those of the taxonomy."""
    if path is None:
        from udt.similarity.methods.taxonomy import taxonomy_similarity

        return taxonomy_similarity(taxonomy)
    from udt.similarity.matrices import SimilaritySet

    return SimilaritySet.load(path)


def _draw(chosen: SimilaritySet, key: str, out: Path, taxonomy: Taxonomy) -> None:
    """The heat map; organs are grouped by their system where the labels are those of the taxonomy."""
    from udt.similarity.heatmap import heat_map

    known = taxonomy.vocabulary[key]
    heat_map(chosen, key, out, known.parents if known.labels == chosen.labels[key] else ())
    click.echo(f"wrote {out}", err=True)


def _document(chosen: SimilaritySet, key: str) -> dict[str, Any]:
    from dataclasses import asdict

    rows = [[round(float(value), 6) for value in row] for row in chosen[key]]
    return {"dimension": key, "labels": chosen.labels[key], "matrix": rows, "provenance": asdict(chosen.provenance)}


def _table(chosen: SimilaritySet, key: str, top: int) -> RenderableType:
    from rich.table import Table

    labels, matrix = chosen.labels[key], chosen[key]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(key, overflow="fold")
    if len(labels) <= _WIDEST_TABLE:
        for label in labels:
            table.add_column(label, justify="right", overflow="fold")
        for label, row in zip(labels, matrix, strict=True):
            table.add_row(label, *(f"{value:.2f}" for value in row))
    else:
        table.add_column("most alike", overflow="fold")
        for place, label in enumerate(labels):
            table.add_row(label, _nearest(labels, matrix[place], place, top))
    return table


def _nearest(labels: Sequence[str], row: Sequence[float], place: int, top: int) -> str:
    """The `top` labels most like the one at `place`, and how many more are just as like as the last of them."""
    order = sorted((i for i in range(len(labels)) if i != place and row[i] > 0), key=lambda i: -row[i])
    ties = sum(row[i] == row[order[top - 1]] for i in order[top:])
    shown = [f"{labels[i]} {row[i]:.2f}" for i in order[:top]]
    return ", ".join([*shown, f"and {ties} more"] if ties else shown)


def _print(parts: Iterable[RenderableType]) -> None:
    from udt.reporting.console import rendered

    color = sys.stdout.isatty()
    click.echo(rendered(parts, get_terminal_size((120, 24)).columns if color else 120, color), nl=False)
