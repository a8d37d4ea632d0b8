"""`udt similarity`: build and show label similarity."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import json_option, taxonomy_option
from udt.cli.shared.registry_choice import RegistryChoice
from udt.core.errors import DataError
from udt.similarity.methods.registry import METHODS, MethodOption, OptionKind

if TYPE_CHECKING:
    from rich.console import RenderableType

    from udt.similarity.matrices import SimilaritySet
    from udt.taxonomy.model.taxonomy import Taxonomy

_WIDEST_TABLE = 12


class _BuildCommand(click.Command):
    """A command with the options of all methods, which are loaded when it is used."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters of the command, then the options of the methods, and `--help`."""
        *own, help_option = super().get_params(ctx)
        return [*own, *_method_options(), help_option]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list of the methods."""
        with formatter.section("Methods"):
            formatter.write_dl([(name, METHODS.load(name).summary) for name in METHODS.names()])


@cache
def _method_options() -> tuple[click.Option, ...]:
    """Return the options of all methods; those that several methods declare alike are shared.

    :raises DataError: if two methods declare different options of one name.
    """
    users: dict[str, list[str]] = {}
    declared: dict[str, MethodOption] = {}
    for method in METHODS.names():
        for option in METHODS.load(method).options:
            first = declared.setdefault(option.name, option)
            if (first.kind, first.choices, first.flag) != (option.kind, option.choices, option.flag):
                raise DataError(
                    f"the similarity methods '{users[option.name][0]}' and '{method}' declare different options "
                    f"'{option.name}'; uninstall the package of the second, or rename its option"
                )
            users.setdefault(option.name, []).append(method)
    return tuple(_click_option(option, ", ".join(users[name])) for name, option in declared.items())


def _click_option(option: MethodOption, methods: str) -> click.Option:
    kinds: dict[OptionKind, dict[str, Any]] = {
        OptionKind.TEXT: {},
        OptionKind.CHOICE: {"type": click.Choice(option.choices)},
        OptionKind.FOLDER: {"type": click.Path(path_type=Path, exists=True, file_okay=False)},
        OptionKind.INPUT: {"type": click.Path(path_type=Path, allow_dash=True)},
        OptionKind.WEIGHTED_PATHS: {
            "type": (click.Path(path_type=Path, exists=True), float), "nargs": 2, "multiple": True
        },
    }  # fmt: skip
    help_text = f"{methods}: {option.help}"
    return click.Option([option.flag, option.name], help=help_text, metavar=option.metavar, **kinds[option.kind])


@click.group(short_help="Build and show label similarity.")
def similarity() -> None:
    """Build and show the similarity of the labels of each dimension, from which training computes soft targets."""


@similarity.command(cls=_BuildCommand, short_help="Build the matrices of all dimensions.")
@click.option(
    "--method", type=RegistryChoice(METHODS), required=True, help="How the similarity is computed; see Methods."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write; made if missing."
)
@click.option(
    "--format", "form", type=click.Choice(["udt", "reference"]), default="udt", show_default=True,
    help="One similarity.safetensors, or the .npz files of the published code, without the dimensions that it lacks.",
)  # fmt: skip
@taxonomy_option
def build(method: str, out: Path, form: str, extensions: tuple[Path, ...], **given: Any) -> None:
    """Build a matrix for each dimension: symmetric, from 0 to 1, 1 on the diagonal.

    \b
    Examples:
      udt similarity build --method taxonomy --out tree
      udt similarity build --method cooccurrence --corpus reports.jsonl --out seen
      udt similarity build --method blend --part tree 2 --part seen 1 --out both
    """
    values = {name: value for name, value in given.items() if value}
    _check_usage(method, values)
    from udt.similarity.methods.reference import without_reference, write_reference
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    built = METHODS.load(method).build(taxonomy, values)
    for note in METHODS.load(method).notes(built):
        click.echo(note, err=True)
    out.mkdir(parents=True, exist_ok=True)
    if form == "udt":
        click.echo(f"wrote {built.save(out)}")
    else:
        click.echo(f"wrote {len(write_reference(built, out, taxonomy))} files to {out}")
        for key in without_reference(taxonomy):
            click.echo(f"{key}: left out, since the published code has no file for it", err=True)


@similarity.command(short_help="Show the matrix of one dimension.")
@click.argument("dimension")
@click.option(
    "--from", "path", type=click.Path(path_type=Path, exists=True), metavar="FOLDER",
    help="Matrices that were built; by default those of the method taxonomy.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Draw a heat map into this PNG file.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Most similar labels to list.",
)
@json_option
@taxonomy_option
def show(
    dimension: str, path: Path | None, out: Path | None, top: int, as_json: bool, extensions: tuple[Path, ...]
) -> None:
    """Show the similarity of the labels of DIMENSION: as a table or, for many labels, the most similar ones of each.

    DIMENSION is the key of a dimension: of a classification task, such as organ or echogenicity, or of another
    dimension of the taxonomy, such as severity, with the method taxonomy.

    \b
    Examples:
      udt similarity show echogenicity
      udt similarity show organ --from both --out organs.png
    """
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    shown = _load(path, taxonomy)
    if dimension not in shown.labels:
        raise click.BadParameter(_unknown(dimension, shown, taxonomy), param_hint="DIMENSION")
    if out is not None:
        _draw(shown, dimension, out, taxonomy)
    if as_json:
        click.echo(json.dumps(_document(shown, dimension), ensure_ascii=False))
    else:
        _print([_table(shown, dimension, top), f"method: {shown.provenance.method}"])


def _check_usage(method: str, given: Mapping[str, Any]) -> None:
    """Check that `method` gets the options that it requires, and no option of another method.

    :raises UsageError: naming the options to give or to leave out.
    """
    flags = {option.name: option.opts[0] for option in _method_options()}
    declared = METHODS.load(method)
    for group in declared.requires:
        present = [name for name in group if name in given]
        if len(present) != 1:
            choice = " or ".join(flags[name] for name in group)
            raise click.UsageError(f"--method {method} needs {choice}{', not both' if present else ''}")
    taken = {option.name for option in declared.options}
    if surplus := sorted(flags[name] for name in given if name not in taken):
        raise click.UsageError(f"--method {method} does not take {', '.join(surplus)}")


def _load(path: Path | None, taxonomy: Taxonomy) -> SimilaritySet:
    """Read the matrices at `path`, or compute those of all dimensions with the method taxonomy."""
    from udt.similarity.matrices import SimilaritySet
    from udt.similarity.methods.taxonomy import taxonomy_similarity

    return SimilaritySet.load(path) if path else taxonomy_similarity(taxonomy, all_dimensions=True)


def _unknown(dimension: str, shown: SimilaritySet, taxonomy: Taxonomy) -> str:
    """Describe the fault of an unknown dimension: the closest one, the tasks, and how many others there are."""
    tasks = [key for key in shown.labels if key in taxonomy.vocabulary.keys]
    others = [key for key in shown.labels if key not in tasks]
    close = get_close_matches(dimension, shown.labels, n=1)
    found = f"'{dimension}'; did you mean {close[0]}? " if close else f"'{dimension}'; "
    more = f"; or one of the {len(others)} dimensions without a task, such as {others[0]}" if others else ""
    return f"{found}choose one of: {', '.join(tasks)}{more}"


def _draw(shown: SimilaritySet, key: str, out: Path, taxonomy: Taxonomy) -> None:
    """Draw the heat map, with places grouped by their parents if the labels are those of the taxonomy."""
    from udt.similarity.heatmap import heat_map

    known = [d.parents for d in taxonomy.full_vocabulary.dimensions if d.key == key and d.labels == shown.labels[key]]
    heat_map(shown, key, out, known[0] if known else ())
    click.echo(f"wrote {out}", err=True)


def _document(shown: SimilaritySet, key: str) -> dict[str, Any]:
    from dataclasses import asdict

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
