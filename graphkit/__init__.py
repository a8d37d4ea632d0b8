"""Graphs of labels: of one sample for training, of a corpus for insight, and drawings of both.

The names below are loaded when they are first used, so that each needs only what it uses itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from udt.graphkit.corpus import CorpusGraph
    from udt.graphkit.dense import DenseBatch, GraphIndex
    from udt.graphkit.nodes import Node, NodeSpace
    from udt.graphkit.sample import SampleGraph

__all__ = ["CorpusGraph", "DenseBatch", "GraphIndex", "Node", "NodeSpace", "SampleGraph"]

_HOMES = {
    "CorpusGraph": "corpus",
    "DenseBatch": "dense",
    "GraphIndex": "dense",
    "Node": "nodes",
    "NodeSpace": "nodes",
    "SampleGraph": "sample",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'udt.graphkit' has no attribute '{name}'; it offers {', '.join(sorted(_HOMES))}")
    return getattr(import_module(f"udt.graphkit.{_HOMES[name]}"), name)
