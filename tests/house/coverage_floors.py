"""Compare the coverage of each package with its floor in pyproject.toml; takes the JSON report of coverage.py.

Coverage is the share of lines and branches that ran, as in the total of coverage.py. Packages are the folders named in
`[tool.udt.coverage-floors]`; a file counts for the longest name that it lies under.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def floors() -> dict[str, float]:
    """Read the floor of each package, in percent."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found: dict[str, float] = settings["tool"]["udt"]["coverage-floors"]
    return found


def by_package(report: Mapping[str, Any], packages: Mapping[str, float]) -> dict[str, float]:
    """Return the coverage of each package in percent, from a JSON report of coverage.py.

    :raises KeyError: if a file lies in no package.
    """
    ran: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for name, file in report["files"].items():
        homes = [package for package in packages if name.startswith(f"{package}/")]
        if not homes:
            raise KeyError(f"{name} lies in no package of [tool.udt.coverage-floors] in pyproject.toml; add its folder")
        home, counts = max(homes, key=len), file["summary"]
        ran[home] += counts["covered_lines"] + counts["covered_branches"]
        total[home] += counts["num_statements"] + counts["num_branches"]
    return {package: 100 * ran[package] / total[package] if total[package] else 100.0 for package in packages}


def main() -> int:
    """Print the table; return 1 if a package is below its floor."""
    lowest = floors()
    found = by_package(json.loads(Path(sys.argv[1]).read_text("utf-8")), lowest)
    print(f"{'package':20} {'coverage':>8} {'floor':>6}")
    for package, share in found.items():
        print(f"{package:20} {share:8.1f} {lowest[package]:6.1f}{'  too low' if share < lowest[package] else ''}")
    return int(any(share < lowest[package] for package, share in found.items()))


if __name__ == "__main__":
    sys.exit(main())
