"""Packages whose names are loaded when they are first used, so that importing them costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """What a package takes as its `__getattr__` (PEP 562).

    :param homes: name to the module that has it, e.g. `udt.report`.
    """

    def find(name: str) -> Any:
        if name not in homes:
            offered = ", ".join(sorted(homes))
            raise AttributeError(f"module '{package}' has no attribute '{name}'; it offers {offered}")
        return getattr(import_module(homes[name]), name)

    return find
