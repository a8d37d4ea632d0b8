"""Information content and the information that values share, against slow computations and by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from udt.core.errors import DataError
from udt.similarity.graph.concept_graph import ConceptGraph, Members
from udt.similarity.graph.information import NodeCounter, information_content
from udt.similarity.graph.shared import most_informative, total_shared

# A tree of four values: (a, b) below x, all below the root.
MEMBERS = np.array([[1, 1, 1, 0, 0, 0], [1, 1, 0, 1, 0, 0], [1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, 1]], dtype=np.bool_)
GRAPH = ConceptGraph("k", ("a", "b", "c", "d"), ("a", "b", "c", "d"), ("k", "x", "a", "b", "c", "d"), MEMBERS)


@st.composite
def graphs(draw: st.DrawFn) -> Members:
    """Members of up to seven values in a graph with a root, random nodes and the values themselves."""
    size = draw(st.integers(2, 7))
    nodes = draw(st.lists(st.lists(st.booleans(), min_size=size, max_size=size).filter(any), max_size=6))
    columns = [[True] * size, *nodes, *np.eye(size, dtype=bool).tolist()]
    return np.array(columns, dtype=np.bool_).T


def test_intrinsic_information_by_hand() -> None:
    assert information_content(MEMBERS) == pytest.approx([0, 1 - log(2) / log(4), 1, 1, 1, 1])
    assert information_content(MEMBERS)[1] == pytest.approx(0.5)


def test_information_of_a_corpus_by_hand() -> None:
    counter = NodeCounter(GRAPH)
    counter.add([(0,), (0, 1), ()])
    counter.add([(2,)])
    counts = counter.result()
    # The second sample has both values below x, and counts there once.
    assert counts.counts.tolist() == [3, 2, 2, 1, 1, 0]
    assert counts.unseen == ("d",)
    total = log(3 + 4)
    expected = [1 - log(n) / total for n in (7, 4, 3, 2, 2, 1)]
    assert information_content(MEMBERS, counts.counts) == pytest.approx(expected)


def test_an_empty_corpus_gives_the_intrinsic_information() -> None:
    none = np.zeros(len(GRAPH.nodes), dtype=np.int64)
    assert information_content(MEMBERS, none).tolist() == information_content(MEMBERS).tolist()


@pytest.mark.parametrize("width", [0, 1])
def test_a_single_value_has_no_information(width: int) -> None:
    assert information_content(np.ones((width, 1), dtype=np.bool_)).tolist() == [0]


def test_faulty_counts_are_refused() -> None:
    with pytest.raises(DataError, match="there are 2 counts; expected: 6"):
        information_content(MEMBERS, np.array([1, 1]))
    with pytest.raises(DataError, match="range from 0 to 5; allowed: 0 to that of the root, 1"):
        information_content(MEMBERS, np.array([1, 5, 0, 0, 0, 0]))
    with pytest.raises(DataError, match="k: sample 1 has the value 4; allowed: 0 to 3"):
        NodeCounter(GRAPH).add([(0,), (4,)])


@given(graphs(), st.data())
def test_information_falls_towards_the_root(members: Members, data: st.DataObject) -> None:
    """A node whose values are all below another has at least as much information, with and without a corpus."""
    labels = tuple(map(str, range(len(members))))
    graph = ConceptGraph("k", labels, labels, tuple(map(str, range(members.shape[1]))), members)
    counter = NodeCounter(graph)
    counter.add(data.draw(st.lists(st.lists(st.integers(0, len(members) - 1), max_size=3), max_size=5)))
    for information in information_content(members), information_content(members, counter.result().counts):
        assert ((information >= 0) & (information <= 1)).all() and information[0] == 0
        for node in range(members.shape[1]):
            inside = (members & ~members[:, node, None]).sum(axis=0) == 0
            assert (information[inside] >= information[node] - 1e-12).all()


@given(graphs())
def test_shared_information_agrees_with_loops(members: Members) -> None:
    information = information_content(members)
    best, total = most_informative(members, information), total_shared(members, information)
    for i, a in enumerate(members):
        for j, b in enumerate(members):
            common = information[a & b]
            assert best[i, j] == pytest.approx(common.max(initial=0))
            assert total[i, j] == pytest.approx(common.sum())
