"""B-mode phantoms drawn from labels, with captions: enough to run everything where there are no data.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from udt.clip.phantom.appearance import Appearance
    from udt.clip.phantom.captions import caption
    from udt.clip.phantom.drawing import draw
    from udt.clip.phantom.sampling import sample_labels
    from udt.clip.phantom.writing import write_phantoms

__all__ = ["Appearance", "caption", "draw", "sample_labels", "write_phantoms"]

_HOMES = {
    "Appearance": "appearance",
    "caption": "captions",
    "draw": "drawing",
    "sample_labels": "sampling",
    "write_phantoms": "writing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        offered = ", ".join(sorted(_HOMES))
        raise AttributeError(f"module 'udt.clip.phantom' has no attribute '{name}'; it offers {offered}")
    return getattr(import_module(f"udt.clip.phantom.{_HOMES[name]}"), name)
