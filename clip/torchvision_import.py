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
from importlib.util import find_spec
from typing import Any, cast

logger = logging.getLogger(__name__)

_NAME = "torchvision"
_MISSING = re.compile(r"operator torchvision::\w+ does not exist")
# The operators whose existence torchvision takes for granted, by their schemas.
_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

_declared: list[Any] = []  # operators exist as long as their library


def prepare_torchvision() -> None:
    """Import torchvision if it is installed; declare missing operators, or hide it if it cannot be imported at all."""
    if _NAME in sys.modules or find_spec(_NAME) is None:
        return
    fault = _import_fault()
    if fault is not None and _MISSING.search(str(fault)):
        _declare()
        fault = _import_fault()
    if fault is not None:
        logger.warning("torchvision cannot be imported, and is not used: %s", str(fault).splitlines()[0])
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
