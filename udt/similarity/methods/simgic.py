"""Similarity simGIC: of the information of all ancestors of two values, the share of the common ones.

`S(a, b)` is the sum of `IC(c)` over the nodes at or above both a and b, divided by that over the nodes at or above
either: a Jaccard index weighted by information content (Pesquita and others 2007, *Evaluating GO-based semantic
similarity measures*; 2008, *Metrics for GO based protein semantic similarity*). All common ancestors count, not the
most informative one alone, so that several loose relations add up. `1 - S` is a metric, and S is positive
semi-definite.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from udt.similarity.graph.concept_graph import Members
from udt.similarity.graph.information import Information
from udt.similarity.graph.shared import total_shared
from udt.similarity.methods.graph_based import graph_method


def simgic(members: Members, information: Information) -> NDArray[np.float64]:
    """Return the similarity of all pairs of values, shape (V, V), in [0, 1], with 1 on the diagonal.

    :param members: (V, C), whether a value is at or below a node.
    :param information: (C,), information content of the nodes.
    """
    common = total_shared(members, information)
    own = common.diagonal()
    either = own[:, None] + own[None, :] - common
    found: NDArray[np.float64] = common / np.where(either > 0, either, 1)
    np.fill_diagonal(found, 1)
    return found


METHOD = graph_method("simgic", "the common share of the information of all ancestors (simGIC)", simgic)
