"""The nodes of the taxonomy, and samples drawn at random from them."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from udt import Normalizer
from udt.core.labels import LabelSet
from udt.core.report import Report
from udt.graphkit.nodes import NodeSpace
from udt.graphkit.sample import SampleGraph
from udt.taxonomy.model.taxonomy import Taxonomy

Draw = Callable[[int], list[LabelSet]]

TEXT = (
    "LIVER: Round, well-defined hyperechoic lesion of 18 mm without internal flow, probably a haemangioma. No cyst.\n"
    "KIDNEYS: Anechoic cyst of 2.7 x 2.4 cm on the left, with posterior enhancement, without septations."
)


@pytest.fixture(scope="session")
def space(taxonomy: Taxonomy) -> NodeSpace:
    return NodeSpace(taxonomy.vocabulary)


@pytest.fixture(scope="session")
def draw(space: NodeSpace) -> Draw:
    """Label sets at random; each dimension has none, one or several labels."""

    def drawn(count: int) -> list[LabelSet]:
        source = random.Random(7)
        sizes = [range(len(dimension)) for dimension in space.vocabulary.dimensions]

        def labels(ids: range) -> tuple[int, ...]:
            return tuple(sorted(source.sample(ids, min(len(ids), source.choice((0, 0, 1, 1, 2, 3))))))

        return [LabelSet(tuple(map(labels, sizes))) for _ in range(count)]

    return drawn


@pytest.fixture
def graphs(draw: Draw, space: NodeSpace) -> list[SampleGraph]:
    """A batch of 128 graphs, with one that has no nodes and two that have nodes of one type only."""
    lone = [SampleGraph(), SampleGraph(diagnoses=(1,)), SampleGraph(attributes=(5, 9, 30))]
    return [*(SampleGraph.of(labels, space) for labels in draw(125)), *lone]


@pytest.fixture(scope="session")
def report() -> Report:
    return Normalizer().normalize(TEXT, "both")
