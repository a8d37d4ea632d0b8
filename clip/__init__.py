"""The dual encoder: model, objective, training, evaluation and phantoms; a bundle is all that it needs to know.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from udt.clip.config import UltrasoundClipConfig
    from udt.clip.model import UltrasoundClipModel
    from udt.clip.objective import Objective
    from udt.clip.processor import UltrasoundClipProcessor

__all__ = ["Objective", "UltrasoundClipConfig", "UltrasoundClipModel", "UltrasoundClipProcessor"]

_HOMES = {
    "Objective": "objective",
    "UltrasoundClipConfig": "config",
    "UltrasoundClipModel": "model",
    "UltrasoundClipProcessor": "processor",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'udt.clip' has no attribute '{name}'; it offers {', '.join(sorted(_HOMES))}")
    return getattr(import_module(f"udt.clip.{_HOMES[name]}"), name)
