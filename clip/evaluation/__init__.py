"""Evaluation of a dual encoder: nine-task zero-shot classification, retrieval, and what they depend on.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from udt.lazy import lazy

if TYPE_CHECKING:
    from udt.clip.evaluation.encoder import DualEncoder, UltrasoundEncoder
    from udt.clip.evaluation.evaluation import Evaluation, evaluate
    from udt.clip.evaluation.load import load_encoder
    from udt.clip.evaluation.measure import Options
    from udt.clip.evaluation.validation import validation_metrics

__all__ = [
    "DualEncoder",
    "Evaluation",
    "Options",
    "UltrasoundEncoder",
    "evaluate",
    "load_encoder",
    "validation_metrics",
]

__getattr__ = lazy(
    __name__,
    {
        "DualEncoder": "udt.clip.evaluation.encoder",
        "Evaluation": "udt.clip.evaluation.evaluation",
        "Options": "udt.clip.evaluation.measure",
        "UltrasoundEncoder": "udt.clip.evaluation.encoder",
        "evaluate": "udt.clip.evaluation.evaluation",
        "load_encoder": "udt.clip.evaluation.load",
        "validation_metrics": "udt.clip.evaluation.validation",
    },
)
