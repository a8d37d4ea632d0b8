"""`udt similarity build`: build the matrices of all dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from udt.cli.shared.options import taxonomy_option
from udt.cli.shared.registry_choice import RegistryChoice
from udt.core.errors import DataError
from udt.similarity.methods.registry import METHODS, MethodOption, OptionKind

if TYPE_CHECKING:
    from udt.similarity.matrices import SimilaritySet
    from udt.similarity.quality.repair import Repair

_NOTED_SHRINKING = 1e-4


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
        OptionKind.FLAG: {"is_flag": True},
    }  # fmt: skip
    help_text = f"{methods}: {option.help}"
    # A flag has no placeholder, and click takes None for it.
    return click.Option([option.flag, option.name], help=help_text, metavar=option.metavar, **kinds[option.kind])


@click.command(cls=_BuildCommand, short_help="Build the matrices of all dimensions.")
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
@click.option("--psd", is_flag=True, help="Change matrices to the nearest ones without negative eigenvalues.")
@taxonomy_option
def build(method: str, out: Path, form: str, psd: bool, extensions: tuple[Path, ...], **given: Any) -> None:
    """Build a matrix for each dimension: symmetric, from 0 to 1, 1 on the diagonal.

    With --psd, every matrix that is not positive semi-definite is replaced by the nearest one that is, and the size of
    the change is printed and stored.

    \b
    Examples:
      udt similarity build --method taxonomy --out tree
      udt similarity build --method lin --corpus reports.jsonl --psd --out information
      udt similarity build --method cooccurrence --corpus reports.jsonl --out seen
      udt similarity build --method blend --part tree 2 --part seen 1 --out both
    """
    values = {name: value for name, value in given.items() if value}
    _check_usage(method, values)
    if form == "reference" and values.get("findings"):
        raise click.UsageError("--format reference has no file of the findings; leave out --findings")
    from udt.similarity.methods.reference import without_reference, write_reference
    from udt.taxonomy.model.taxonomy import Taxonomy

    taxonomy = Taxonomy.load(*extensions)
    built = METHODS.load(method).build(taxonomy, values)
    for note in METHODS.load(method).notes(built):
        click.echo(note, err=True)
    if psd:
        built = _repaired(built)
    out.mkdir(parents=True, exist_ok=True)
    if form == "udt":
        click.echo(f"wrote {built.save(out)}")
    else:
        click.echo(f"wrote {len(write_reference(built, out, taxonomy))} files to {out}")
        for key in without_reference(taxonomy):
            click.echo(f"{key}: left out, since the published code has no file for it", err=True)


def _repaired(built: SimilaritySet) -> SimilaritySet:
    """Return the set without negative eigenvalues, and print the size of each repair."""
    from udt.similarity.quality.repair import repaired_set

    found, repairs = repaired_set(built)
    for key, repair in repairs.items():
        click.echo(
            f"{key}: smallest eigenvalue {repair.smallest_eigenvalue:.4g}; changed by at most "
            f"{repair.largest_change:.4f}, Frobenius norm {repair.frobenius:.4f}{_rest(repair)}"
        )
    kept = len(found.labels) - len(repairs)
    click.echo(f"{kept} of {len(found.labels)} matrices were positive semi-definite, and are unchanged")
    return found


def _rest(repair: Repair) -> str:
    """Describe the shrinking that completed a repair, if it was more than rounding."""
    if repair.shrinking < _NOTED_SHRINKING:
        return ""
    return f"; {repair.steps} projections, then {repair.shrinking:.2%} of the identity matrix mixed in"


def _check_usage(method: str, given: Mapping[str, Any]) -> None:
    """Check that `method` gets the options that it requires, no two that exclude each other, and none of another
    method.

    :raises UsageError: naming the options to give or to leave out.
    """
    flags = {option.name: option.opts[0] for option in _method_options()}
    declared = METHODS.load(method)
    for group in declared.requires:
        present = [name for name in group if name in given]
        if len(present) != 1:
            choice = " or ".join(flags[name] for name in group)
            raise click.UsageError(f"--method {method} needs {choice}{', not both' if present else ''}")
    for group in declared.alternatives:
        if len(present := [flags[name] for name in group if name in given]) > 1:
            raise click.UsageError(f"--method {method} takes {' or '.join(present)}, not both")
    taken = {option.name for option in declared.options}
    if surplus := sorted(flags[name] for name in given if name not in taken):
        raise click.UsageError(f"--method {method} does not take {', '.join(surplus)}")
