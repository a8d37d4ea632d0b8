"""Makes a torchvision whose operators do not suit the installed torch importable.

transformers and open_clip import torchvision if it is installed. Its wheels are made for one build of torch: beside
another, e.g. one for CPUs alone, its compiled operators cannot be loaded, and its import ends with `operator
torchvision::nms does not exist`. Neither needs these operators: declared without an implementation, they let the import
succeed.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any, cast

logger = logging.getLogger(__name__)

_NAME = "torchvision"
_USER = "transformers"
_MISSING = re.compile(r"operator torchvision::\w+ does not exist")
# The operators whose existence torchvision takes for granted, by their schemas.
_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

_declared: list[Any] = []  # operators exist as long as their library


class _Preparation(MetaPathFinder):
    """Prepares torchvision just before transformers is imported: not earlier, since it takes seconds to import."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /) -> None:
        """Find nothing: the other finders do."""
        if fullname == _USER:
            prepare_torchvision()


def prepare_on_first_use() -> None:
    """Prepare torchvision when transformers is first imported; at once if it has been, since it is loaded by parts."""
    if _USER in sys.modules:
        prepare_torchvision()
    else:
        sys.meta_path.insert(0, _Preparation())


def prepare_torchvision() -> None:
    """Import torchvision if it is installed; declare missing operators, or hide it if it cannot be imported at all."""
    if _NAME in sys.modules or find_spec(_NAME) is None:
        return
    fault = _import_fault()
    if fault is not None and _MISSING.search(str(fault)):
        _declare()
        fault = _import_fault()
    if fault is not None:
        reason = (str(fault).splitlines() or [type(fault).__name__])[0]
        logger.warning("torchvision cannot be imported, and is not used: %s", reason)
        # Other packages take it as not installed.
        cast(dict[str, Any], sys.modules)[_NAME] = None


def _import_fault() -> Exception | None:
    try:
        __import__(_NAME)
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        for name in [name for name in sys.modules if name.partition(".")[0] == _NAME]:
            del sys.modules[name]
        return error
    return None


def _declare() -> None:
    import torch

    library = torch.library.Library(_NAME, "FRAGMENT")
    for schema in _OPERATORS:
        library.define(schema)
    _declared.append(library)
