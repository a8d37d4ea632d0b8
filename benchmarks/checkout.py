"""Makes `udt` importable from the checkout where it is not installed, as on a machine with little else than torch."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def use() -> None:
    """The folders beside this one become parts of the package; nothing happens where it is installed."""
    if importlib.util.find_spec("udt") is not None and importlib.util.find_spec("udt.clip") is not None:
        return
    sys.path.insert(0, str(ROOT))
    import udt

    udt.__path__.append(str(ROOT))
