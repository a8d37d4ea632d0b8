"""The dual encoder: model, objective, training, evaluation and phantoms; a bundle is all that it needs to know.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from udt.lazy import lazy

if TYPE_CHECKING:
    from udt.clip.config import UltrasoundClipConfig
    from udt.clip.model import UltrasoundClipModel
    from udt.clip.objective import Objective
    from udt.clip.processor import UltrasoundClipProcessor

__all__ = ["Objective", "UltrasoundClipConfig", "UltrasoundClipModel", "UltrasoundClipProcessor"]

__getattr__ = lazy(
    __name__,
    {
        "Objective": "udt.clip.objective",
        "UltrasoundClipConfig": "udt.clip.config",
        "UltrasoundClipModel": "udt.clip.model",
        "UltrasoundClipProcessor": "udt.clip.processor",
    },
)
