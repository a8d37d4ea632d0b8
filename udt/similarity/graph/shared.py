"""The information that two values share, by the ancestors that they have in common. V values, C nodes.

Both functions go through the nodes and write the block of the values below each, so that their time is the sum of the
squares of the numbers of values below the nodes; no loop runs over pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from udt.similarity.graph.concept_graph import Members
from udt.similarity.graph.information import Information

Shared = NDArray[np.float64]


def most_informative(members: Members, information: Information) -> Shared:
    """Return the information content of the most informative common ancestor of all pairs of values.

    :param members: (V, C), whether a value is at or below a node.
    :param information: (C,), of the nodes.
    :returns: (V, V), symmetric; on the diagonal the largest information content at or above the value. 0 for two
        values without a common ancestor.
    """
    found = np.zeros((len(members), len(members)))
    for node in np.argsort(information, kind="stable"):
        rows = np.flatnonzero(members[:, node])
        found[np.ix_(rows, rows)] = information[node]
    return found


def total_shared(members: Members, information: Information) -> Shared:
    """Return the sum of the information contents of all common ancestors of all pairs of values.

    :returns: (V, V), symmetric; on the diagonal the sum over all nodes at or above the value.
    """
    found = np.zeros((len(members), len(members)))
    for node in np.flatnonzero(information):
        rows = np.flatnonzero(members[:, node])
        found[np.ix_(rows, rows)] += information[node]
    return found
