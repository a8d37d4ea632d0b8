"""Similarity of Lin: the share of the information of two values that they have in common.

`S(a, b) = 2 IC(c) / (IC(a) + IC(b))`, c the most informative common ancestor (Lin 1998, *An information-theoretic
definition of similarity*). Two different values without information have nothing in common.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from udt.similarity.graph.concept_graph import Members
from udt.similarity.graph.information import Information
from udt.similarity.graph.shared import most_informative
from udt.similarity.methods.graph_based import graph_method


def lin(members: Members, information: Information) -> NDArray[np.float64]:
    """Return the similarity of all pairs of values, shape (V, V), in [0, 1], with 1 on the diagonal.

    :param members: (V, C), whether a value is at or below a node.
    :param information: (C,), information content of the nodes.
    """
    common = most_informative(members, information)
    own = common.diagonal()
    both = own[:, None] + own[None, :]
    found: NDArray[np.float64] = 2 * common / np.where(both > 0, both, 1)
    np.fill_diagonal(found, 1)
    return found


METHOD = graph_method("lin", "the common share of the information in the graph (Lin)", lin)
