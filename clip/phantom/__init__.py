"""B-mode phantoms drawn from labels, with captions: enough to run everything where there are no data.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from udt.lazy import lazy

if TYPE_CHECKING:
    from udt.clip.phantom.appearance import Appearance
    from udt.clip.phantom.captions import caption
    from udt.clip.phantom.drawing import draw
    from udt.clip.phantom.sampling import sample_labels
    from udt.clip.phantom.writing import write_phantoms

__all__ = ["Appearance", "caption", "draw", "sample_labels", "write_phantoms"]

__getattr__ = lazy(
    __name__,
    {
        "Appearance": "udt.clip.phantom.appearance",
        "caption": "udt.clip.phantom.captions",
        "draw": "udt.clip.phantom.drawing",
        "sample_labels": "udt.clip.phantom.sampling",
        "write_phantoms": "udt.clip.phantom.writing",
    },
)
