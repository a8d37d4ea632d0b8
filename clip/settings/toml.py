"""Writing TOML; the standard library only reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def to_toml(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Tables of settings as TOML; what is None is left out, since TOML has no word for it.

    >>> print(to_toml({"run": {"seed": 1, "out": "runs/a", "keep": None}}), end="")
    [run]
    seed = 1
    out = "runs/a"
    """
    tables = [[f"[{name}]", *_lines(table)] for name, table in sections.items()]
    return "\n\n".join("\n".join(lines) for lines in tables) + "\n"


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_lines(value))} }}" if value else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value) if isinstance(value, float) else _json(value)


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _json(key)


def _json(value: object) -> str:
    """JSON's texts are TOML's, but for one control character that TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
