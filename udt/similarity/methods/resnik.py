"""Similarity of Resnik: the information content of the most informative common ancestor.

`S(a, b) = max IC(c)` over all c above or equal to both a and b (Resnik 1995, *Using information content to evaluate
semantic similarity in a taxonomy*). Information contents are in [0, 1], divided by the largest possible one
(`udt.similarity.graph.information`), which is the usual way to bring this measure to that range. The measure of a value
with itself would be its information content; it is set to 1, as for the other methods. Without a corpus all values
without kinds of their own have the information content 1, so that it is the measure of Lin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from udt.similarity.graph.concept_graph import Members
from udt.similarity.graph.information import Information
from udt.similarity.graph.shared import most_informative
from udt.similarity.methods.graph_based import graph_method


def resnik(members: Members, information: Information) -> NDArray[np.float64]:
    """Return the similarity of all pairs of values, shape (V, V), in [0, 1], with 1 on the diagonal.

    :param members: (V, C), whether a value is at or below a node.
    :param information: (C,), information content of the nodes.
    """
    found = most_informative(members, information)
    np.fill_diagonal(found, 1)
    return found


METHOD = graph_method("resnik", "the most informative common ancestor in the graph (Resnik)", resnik)
