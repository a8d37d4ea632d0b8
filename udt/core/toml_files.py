"""Reading of TOML files."""

from __future__ import annotations

import tomllib
from importlib.resources.abc import Traversable
from typing import Any

from udt.core.errors import DataError


def read_toml(path: Traversable) -> dict[str, Any]:
    """Read a TOML file.

    :raises DataError: if it cannot be read, or is not valid TOML.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise DataError(f"{path}: cannot be read ({reason}); give a TOML file in UTF-8") from error
    return parse_toml(text, str(path))


def parse_toml(text: str, place: str) -> dict[str, Any]:
    """Parse TOML.

    :param place: name of the source in an error.
    :raises DataError: if it is not valid TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{place}: is not valid TOML ({error}); correct it") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: TOML nested too deep or with too long a number; correct it") from error
