"""The build: a wheel with the modules that read texts compiled by mypyc, or a pure one where they cannot be compiled.

This file is both the build backend that `pyproject.toml` names and the setup script of setuptools. With `UDT_COMPILE=0`
the wheel is pure; with `UDT_COMPILE=1` it is an error if it cannot be compiled. An editable install is always pure.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Any

from setuptools import Extension, build_meta, setup
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

_SWITCH = "UDT_COMPILE"
_COMPILER = "mypy>=2.4"
_COMPILED = (
    *(f"udt/lexicon/{name}.py" for name in ("flags", "languages", "lexicon", "senses", "spelling", "tokens", "trie")),
    "udt/normalize/**/*.py",
)
# Modules whose types the compiler has to know. All others are not followed: checking the types of the whole package
# takes minutes.
_KNOWN = tuple(f"udt/core/{name}.py" for name in ("construct", "hashing", "report", "version", "vocabulary"))
_OPTIONS = ("--config-file=", "--follow-imports=skip", "--ignore-missing-imports")


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """Return what the build of a wheel needs: mypy only if the modules can be compiled."""
    needed = build_meta.get_requires_for_build_wheel(config_settings)
    return needed if _obstacle() else [*needed, _COMPILER]


def build_wheel(wheel_directory: Any, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """Build a compiled wheel or, with one line that says why, a pure one; return its name."""
    asked = os.environ.get(_SWITCH)
    reason = _obstacle()
    if not reason:
        os.environ[_SWITCH] = "1"
        try:
            return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))
        except (ImportError, SystemExit) as error:
            if asked == "1":
                raise
            missing = isinstance(error, ImportError)
            reason = f"{error}; install {_COMPILER}" if missing else "compiling failed; the lines above say why"
    print(f"udt: the wheel is pure Python, which reads texts more slowly: {reason}", file=sys.stderr)
    os.environ[_SWITCH] = "0"
    return str(build_meta.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_editable(wheel_directory: Any, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """Build the wheel of an editable install, which sees changes of the files and so is pure; return its name."""
    os.environ[_SWITCH] = "0"
    return str(build_meta.build_editable(wheel_directory, config_settings, metadata_directory))


def _obstacle() -> str:
    """Return why there is no use in trying to compile; empty if there is."""
    asked = os.environ.get(_SWITCH)
    if asked == "1":
        return ""
    if asked == "0":
        return f"{_SWITCH}=0"
    if sys.implementation.name != "cpython":
        return f"mypyc compiles for CPython, not for {sys.implementation.name}"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    if os.name == "posix" and shutil.which(compiler) is None:
        return f"there is no C compiler '{compiler}'; install gcc, or set CC"
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        return f"there is no Python.h in {headers}; install the headers of Python (python3-dev)"
    return ""


def _extensions() -> list[Extension]:
    """Return the extension modules to build."""
    if os.environ.get(_SWITCH) != "1":
        return []
    from mypyc.build import mypycify

    found = sorted(str(path) for pattern in _COMPILED for path in Path().glob(pattern) if path.name != "__init__.py")
    return list(
        mypycify(
            [*_OPTIONS, *found, *_KNOWN],
            only_compile_paths=found,
            opt_level="2",
            debug_level="0",
            group_name="udt.reading",
        )
    )


if __name__ == "__main__":
    setup(ext_modules=_extensions())
