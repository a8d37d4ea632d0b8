"""Print the exact versions of all packages of this environment that udt and its development tools need.

`make constraints` writes them to constraints.txt, which every installation by the Makefile obeys.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PACKAGE, EXTRA = "udt-toolkit", "dev"
HEAD = "# Versions that the checks are run with; written by `make constraints`.\n"


def constraints() -> str:
    """Return the lines of constraints.txt."""
    return HEAD + "".join(f"{name}=={_public(version)}\n" for name, version in sorted(installed().items()))


def installed() -> dict[str, str]:
    """Return name and version of all packages that `udt-toolkit[dev]` needs here, itself left out."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(PACKAGE, ""), (PACKAGE, EXTRA)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        if name != PACKAGE:
            found[name] = distribution(name).version
        for needed in requirements(name, extra):
            waiting += [(canonicalize_name(needed.name), one) for one in ("", *needed.extras)]
    return found


def requirements(name: str, extra: str) -> Iterator[Requirement]:
    """Yield what a package, with one of its extras or with none, needs on this Python and system."""
    for line in distribution(name).requires or []:
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": extra}):
            yield needed


def _public(version: str) -> str:
    """Return a version without its local part, so that `2.13.0+cpu` is found on the package index."""
    return Version(version).public


if __name__ == "__main__":
    try:
        print(constraints(), end="")
    except PackageNotFoundError as error:
        raise SystemExit(f"{error.name} is not installed; run: make install") from error
