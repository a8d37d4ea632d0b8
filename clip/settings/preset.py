"""The presets that come with the package: TOML files, each of which may extend another."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from udt.core.errors import DataError

BASE = "udt"
"""The preset of a training for which none is given, and which a file extends that does not name another."""

PUBLISHED = "paper"
"""The preset with the values of settings that did not exist yet when a run was written."""

EXTENDS = "extends"


def presets() -> tuple[str, ...]:
    """Return the names of the presets, sorted."""
    names = (path.name for path in _presets().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def preset_changes(name: str) -> dict[str, Any]:
    """Return the settings of a preset itself, without those that it extends: a layer for `TrainSettings.of`.

    :raises DataError: if there is no such preset.
    """
    if name not in presets():
        raise DataError(f"there is no preset '{name}'; allowed: {', '.join(presets())}, or the path of a TOML file")
    own = tomllib.loads((_presets() / f"{name}.toml").read_text("utf-8"))
    own.pop(EXTENDS, None)
    return own


def _presets() -> Any:
    return files("udt.clip.settings") / "presets"


def preset_layers(name: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the layers of a preset, those that it extends first, each with the name of its source.

    :raises DataError: if there is no such preset.
    """
    own = preset_changes(name)
    base = tomllib.loads((_presets() / f"{name}.toml").read_text("utf-8")).get(EXTENDS)
    return [*(preset_layers(base) if base is not None else []), (f"preset {name}", own)]
