from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from udt.core.labels import LabelSet
from udt.graphkit.corpus import CorpusGraph, with_any_label
from udt.graphkit.nodes import NodeSpace

Draw = Callable[[int], list[LabelSet]]


def labelled(space: NodeSpace, *samples: dict[str, list[str]]) -> list[LabelSet]:
    return [LabelSet.of(sample, space.vocabulary) for sample in samples]


def test_agrees_with_counting_one_by_one(draw: Draw, space: NodeSpace) -> None:
    samples = draw(400)
    graph = CorpusGraph.of(iter(samples), space)
    single: Counter[int] = Counter()
    pairs: Counter[tuple[int, int]] = Counter()
    for sample in samples:
        ids = space.ids(sample)
        single.update(ids)
        pairs.update((d, a) for d, a in product(ids, ids) if d < space.diagnosis_count <= a)
    edges = list(graph.edges())
    assert {(e.diagnosis.id, e.attribute.id): e.count for e in edges} == pairs
    for edge in edges:
        d, a = edge.diagnosis.id, edge.attribute.id
        lift = 400 * pairs[d, a] / (single[d] * single[a])
        assert edge.share == pytest.approx(pairs[d, a] / single[d])
        assert edge.lift == pytest.approx(lift)
        assert edge.ppmi == pytest.approx(max(0.0, math.log2(lift)))
    assert graph.samples == 400
    assert graph.together.diagonal().tolist() == [single[n.id] for n in space.nodes]


def test_invariants(draw: Draw, space: NodeSpace) -> None:
    samples = draw(300)
    graph = CorpusGraph.of(samples, space)
    backwards = CorpusGraph.of(reversed(samples), space)
    assert np.array_equal(graph.together, graph.together.T)
    assert np.array_equal(graph.together, backwards.together)
    assert (graph.joint <= graph.together.diagonal()[: space.diagnosis_count, None]).all()
    assert np.nanmin(graph.share()) >= 0 and np.nanmax(graph.share()) <= 1
    assert np.nanmin(graph.ppmi()) >= 0


def test_chunks_add_up(draw: Draw, space: NodeSpace, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = draw(50)
    whole = CorpusGraph.of(samples, space)
    monkeypatch.setattr("udt.graphkit.corpus._CHUNK", 7)
    parts = CorpusGraph.of(samples, space)
    assert np.array_equal(whole.together, parts.together) and whole.samples == parts.samples


def test_labels_that_never_occur_are_nan_and_have_no_edge(space: NodeSpace) -> None:
    samples = labelled(space, {"diagnosis": ["cyst"], "shape": ["oval"]}, {"diagnosis": ["mass"]})
    graph = CorpusGraph.of(samples, space)
    cyst, mass, nodule = (space.node("diagnosis", name).id for name in ("cyst", "mass", "nodule"))
    oval = space.node("shape", "oval").id - space.diagnosis_count
    assert graph.lift()[cyst, oval] == 2 and graph.ppmi()[cyst, oval] == 1
    assert graph.lift()[mass, oval] == 0 and graph.ppmi()[mass, oval] == 0
    assert np.isnan(graph.lift()[nodule]).all() and np.isnan(graph.ppmi()[nodule]).all()
    assert [(e.diagnosis.label, e.attribute.label) for e in graph.edges()] == [("cyst", "oval")]
    assert list(CorpusGraph.of([], space).edges()) == []


def test_top_edges_by_measure(space: NodeSpace) -> None:
    common = {"diagnosis": ["mass"], "echogenicity": ["hypoechoic"]}
    other = {"diagnosis": ["cyst"], "echogenicity": ["hypoechoic"]}
    rare = {"diagnosis": ["cyst"], "shape": ["round"]}
    graph = CorpusGraph.of(labelled(space, *[common] * 5, other, rare), space)

    def top(**given: object) -> list[tuple[str, str]]:
        return [(e.diagnosis.label, e.attribute.label) for e in graph.top(**given)]  # type: ignore[arg-type]

    assert top(limit=1) == [("mass", "hypoechoic")]
    assert top(limit=1, measure="lift") == top(limit=1, measure="ppmi") == [("cyst", "round")]
    assert top(limit=9, least=2) == [("mass", "hypoechoic")]
    assert top(limit=9, diagnosis=space.node("diagnosis", "cyst")) == [("cyst", "round"), ("cyst", "hypoechoic")]


def test_only_samples_of_an_organ(space: NodeSpace) -> None:
    kidney = {"organ": ["Kidney and ureter"], "diagnosis": ["cyst"], "shape": ["round"]}
    liver = {"organ": ["Liver"], "diagnosis": ["cyst"], "shape": ["oval"]}
    both = {"organ": ["Liver", "Kidney and ureter"]}
    samples = labelled(space, kidney, liver, both, {})
    places = LabelSet.of({"organ": ["Kidney and ureter"]}, space.vocabulary)
    assert list(with_any_label(samples, places)) == [samples[0], samples[2]]
    found = [e.attribute.label for e in CorpusGraph.of(with_any_label(samples, places), space).edges()]
    assert found == ["round"]
