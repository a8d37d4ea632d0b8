"""Graphs of labels: of one sample for training, of a corpus for insight, and drawings of both.

The names below are loaded when they are first used, so that each needs only what it uses itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from udt.lazy import lazy

if TYPE_CHECKING:
    from udt.graphkit.corpus import CorpusGraph
    from udt.graphkit.dense import DenseBatch, GraphIndex
    from udt.graphkit.nodes import Node, NodeSpace
    from udt.graphkit.sample import SampleGraph

__all__ = ["CorpusGraph", "DenseBatch", "GraphIndex", "Node", "NodeSpace", "SampleGraph"]

__getattr__ = lazy(
    __name__,
    {
        "CorpusGraph": "udt.graphkit.corpus",
        "DenseBatch": "udt.graphkit.dense",
        "GraphIndex": "udt.graphkit.dense",
        "Node": "udt.graphkit.nodes",
        "NodeSpace": "udt.graphkit.nodes",
        "SampleGraph": "udt.graphkit.sample",
    },
)
