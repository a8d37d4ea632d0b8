"""Links in all their forms, and the lesions that they make."""

from __future__ import annotations

from random import Random
from typing import Any

import networkx as nx
import pytest

from udt.scoring.findings.links import first_links, groups_of, links_of

FINDINGS: list[dict[str, Any]] = [{"id": "f1", "quote": "cyst"}, {"id": "f2", "quote": "mass"}, {"quote": "cyst"}]


@pytest.mark.parametrize(
    ("same_as", "links"),
    [
        ("f1", [(3, 0)]),
        (1, [(3, 1)]),
        ("cyst", [(3, 0)]),
        ({"id": "f2"}, [(3, 1)]),
        (["f2", 2, "f1"], [(3, 1), (3, 2), (3, 0)]),
        ("gone", []),
        (9, []),
        (-1, []),
        (3, []),
        (None, []),
        ([None], []),
    ],
)
def test_targets_of_a_link(same_as: object, links: list[tuple[int, int]]) -> None:
    assert links_of([*FINDINGS, {"quote": "again", "same_as": same_as}]) == links


def test_an_id_takes_precedence_over_an_index() -> None:
    assert links_of([{"id": 1}, {"id": 0}, {"same_as": 0}]) == [(2, 1)]


def test_first_link_of_each_finding() -> None:
    assert first_links([(3, 1), (2, 0), (3, 2)]) == [(3, 1), (2, 0)]


@pytest.mark.parametrize("seed", range(20))
def test_groups_are_connected_components(seed: int) -> None:
    random = Random(seed)
    links = [(random.randrange(12), random.randrange(12)) for _ in range(random.randrange(12))]
    graph = nx.Graph(links)
    graph.add_nodes_from(range(12))
    lowest = {node: min(part) for part in nx.connected_components(graph) for node in part}
    assert groups_of(12, links) == [lowest[node] for node in range(12)]
