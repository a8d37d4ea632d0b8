"""Print the lowest versions that pyproject.toml allows, as constraints for pip: `name==bound` a line.

They are those of the dependencies, and of the extra `test` with the extras that it includes.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_BOUND = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*\])?>=(?P<bound>[\w.]+)")
_OWN_EXTRAS = re.compile(r"udt-toolkit\[(?P<names>[\w,-]+)\]")


def lowest(project: dict[str, Any], extra: str = "test") -> list[str]:
    """Return the constraints of the dependencies and one extra of the table `project`; unbounded ones have none."""
    lines = [*project["dependencies"], *_extra(project["optional-dependencies"], extra)]
    return sorted(f"{found['name']}=={found['bound']}" for line in lines if (found := _BOUND.match(line)))


def _extra(extras: dict[str, list[str]], name: str) -> Iterator[str]:
    for line in extras[name]:
        if own := _OWN_EXTRAS.fullmatch(line):
            for other in own["names"].split(","):
                yield from _extra(extras, other)
        else:
            yield line


if __name__ == "__main__":
    print("\n".join(lowest(tomllib.loads(Path(sys.argv[1]).read_text("utf-8"))["project"])))
