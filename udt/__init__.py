"""Ultrasound language to structured data: taxonomy, normalisation, and the knowledge that training needs.

The names below are loaded when they are first used, so that `import udt` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from udt.version import __version__

if TYPE_CHECKING:
    from udt.errors import UdtError
    from udt.normalize.normalizer import Normalizer
    from udt.report import Report
    from udt.taxonomy import Taxonomy

__all__ = ["Normalizer", "Report", "Taxonomy", "UdtError", "__version__"]

_HOMES = {
    "Normalizer": "udt.normalize.normalizer",
    "Report": "udt.report",
    "Taxonomy": "udt.taxonomy",
    "UdtError": "udt.errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'udt' has no attribute '{name}'; it offers {', '.join(sorted(_HOMES))}")
    return getattr(import_module(_HOMES[name]), name)
