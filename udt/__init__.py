"""Ultrasound language to structured data: taxonomy, normalisation, and the knowledge that training needs.

The names below are loaded when they are first used, so that `import udt` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from udt.lazy import lazy
from udt.version import __version__

if TYPE_CHECKING:
    from udt.errors import UdtError
    from udt.normalize.normalizer import Normalizer
    from udt.report import Report
    from udt.taxonomy import Taxonomy

__all__ = ["Normalizer", "Report", "Taxonomy", "UdtError", "__version__"]

__getattr__ = lazy(
    __name__,
    {
        "Normalizer": "udt.normalize.normalizer",
        "Report": "udt.report",
        "Taxonomy": "udt.taxonomy",
        "UdtError": "udt.errors",
    },
)
