"""Export names of a package lazily, so that importing the package costs nothing (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_exports(
    package: str, homes: Mapping[str, str], eager: tuple[str, ...] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and `__dir__` of a package whose names are imported on first use.

    :param package: name of the package, for error messages.
    :param homes: name to the module that defines it, e.g. `udt.core.report`.
    :param eager: names that the package defines itself.
    """

    def get(name: str) -> Any:
        if name not in homes:
            offered = ", ".join(sorted(homes))
            raise AttributeError(f"module '{package}' has no attribute '{name}'; it offers {offered}")
        return getattr(import_module(homes[name]), name)

    def names() -> list[str]:
        return sorted([*homes, *eager])

    return get, names
