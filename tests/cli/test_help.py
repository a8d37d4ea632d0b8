"""Every command is documented: in its help, with an example, and in README or a guide."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from tests.locations import ROOT
from udt.cli.main import main
from udt.core.near_duplicates import DISTANCE


def _walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None, f"'{name}' lists '{child}' but does not have it"
            yield from _walk(found, f"{name} {child}")


EVERY = dict(_walk(main, "udt"))
LEAVES = {name: command for name, command in EVERY.items() if not isinstance(command, click.Group)}


def test_there_are_commands() -> None:
    assert {"udt normalize", "udt query", "udt taxonomy show", "udt evaluate text"} <= set(LEAVES)


@pytest.mark.parametrize("name", EVERY)
def test_command_has_help(name: str) -> None:
    command = EVERY[name]
    assert command.help, f"'{name} --help' has no text; give its function a docstring"
    assert command.get_short_help_str(200).endswith("."), f"the short help of '{name}' is no sentence"


@pytest.mark.parametrize("name", EVERY)
def test_options_have_help(name: str) -> None:
    options = [one for one in EVERY[name].params if isinstance(one, click.Option)]
    bare = [one.opts for one in options if not one.help]
    assert not bare, f"options of '{name}' without help: {bare}"


@pytest.mark.parametrize("name", LEAVES)
def test_help_explains_the_arguments(name: str) -> None:
    command = LEAVES[name]
    arguments = [one for one in command.params if isinstance(one, click.Argument) and one.name]
    help_text = (command.help or "").upper()
    missing = [one.name for one in arguments if one.name and one.name.upper() not in help_text]
    assert not missing, f"the help of '{name}' does not explain {missing}"


@pytest.mark.parametrize("name", LEAVES)
def test_help_has_an_example(name: str) -> None:
    help_text = LEAVES[name].help or ""
    _, found, examples = help_text.partition("Example")
    assert found and name in examples, f"'{name} --help' shows no example of '{name}'"


@pytest.mark.parametrize("name", LEAVES)
def test_command_is_documented(name: str) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs" / "guides").glob("*.md")]
    assert any(name in page.read_text(encoding="utf-8") for page in pages), (
        f"neither README nor a page of docs/guides/ mentions '{name}'"
    )


@pytest.mark.parametrize("name", ["udt transfer", "udt data split"])
def test_the_default_distance_of_hashes_is_that_of_the_library(name: str) -> None:
    (option,) = (one for one in EVERY[name].params if one.name == "distance")
    assert option.default == DISTANCE
