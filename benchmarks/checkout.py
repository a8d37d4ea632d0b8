"""Make `udt` importable from the checkout if it is not installed, as on a machine with little more than torch."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def use() -> None:
    """Add the checkout to the path, unless the package is installed."""
    if importlib.util.find_spec("udt") is None:
        sys.path.insert(0, str(ROOT))
