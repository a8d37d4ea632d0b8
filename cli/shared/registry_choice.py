"""An option whose values are the names of a registry, those of other packages included."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from udt.core.registry import Registry


class RegistryChoice(click.ParamType):  # type: ignore[type-arg]  # generic in new versions of click alone
    """The name of an object of a registry. Names are looked up on use, since entry points take a moment to read."""

    name = "choice"

    def __init__(self, registry: Registry[Any]) -> None:
        self.registry = registry

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the allowed names, for the help."""
        return f"[{'|'.join(self.registry.names())}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return `value`.

        :raises BadParameter: if it is no name of the registry.
        """
        names = self.registry.names()
        if value not in names:
            self.fail(f"{value!r} is not one of {', '.join(map(repr, names))}.", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin with `incomplete`."""
        return [CompletionItem(name) for name in self.registry.names() if name.startswith(incomplete)]
