"""Compilation of the modules that read texts by mypyc if `UDT_COMPILE` is 1; otherwise the package is pure Python."""

from __future__ import annotations

import os
from pathlib import Path

from setuptools import Extension, setup

_COMPILED = ("udt/lexicon/tokens.py", "udt/lexicon/trie.py", "udt/lexicon/senses.py", "udt/normalize/**/*.py")
# Modules outside this list are not followed: checking the types of the whole package takes minutes.
_OPTIONS = ("--config-file=", "--follow-imports=skip", "--ignore-missing-imports")


def extensions() -> list[Extension]:
    """Return the extension modules to build."""
    if os.environ.get("UDT_COMPILE") != "1":
        return []
    from mypyc.build import mypycify

    found = sorted(str(path) for pattern in _COMPILED for path in Path().glob(pattern) if path.name != "__init__.py")
    return list(mypycify([*_OPTIONS, *found], opt_level="1"))


setup(ext_modules=extensions())
