"""Evaluation of a dual encoder: nine-task zero-shot classification, retrieval, and what they depend on.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_HOMES = {
    "DualEncoder": "encoder",
    "Evaluation": "evaluation",
    "Options": "measure",
    "UltrasoundEncoder": "encoder",
    "evaluate": "evaluation",
    "load_encoder": "load",
    "validation_metrics": "validation",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        offered = ", ".join(sorted(_HOMES))
        raise AttributeError(f"module 'udt.clip.evaluation' has no attribute '{name}'; it offers {offered}")
    return getattr(import_module(f"udt.clip.evaluation.{_HOMES[name]}"), name)
