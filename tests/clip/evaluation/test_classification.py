"""Classification against loops over samples and labels."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from udt.clip.evaluation.bootstrap import Resamples
from udt.clip.evaluation.classification import Classification, classify, majority_scores
from udt.clip.evaluation.references import Reference
from udt.clip.evaluation.resampled import resampled
from udt.clip.evaluation.sparsity import by_sparsity
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import DimensionLabels, Vocabulary

SIZES = {"organ": 4, "shape": 3, "margins": 2}


def _dimension(key: str, size: int, task: int) -> DimensionLabels:
    names = tuple(f"{key} {n}" for n in range(size))
    return DimensionLabels(key, task, key, names, names, names)


VOCABULARY = Vocabulary(tuple(_dimension(k, n, t) for t, (k, n) in enumerate(SIZES.items(), 1)), "1", "")

label_set = st.tuples(*(st.sets(st.integers(0, n - 1), max_size=3) for n in SIZES.values())).map(
    lambda parts: LabelSet(tuple(tuple(sorted(part)) for part in parts))
)
# Few values, so that there are many ties.
score = st.integers(0, 3).map(lambda n: n / 4)


@st.composite
def problem(draw: st.DrawFn) -> tuple[list[LabelSet], dict[str, NDArray[np.float64]]]:
    samples = draw(st.lists(label_set, min_size=1, max_size=6).filter(any))
    scores = {
        key: np.array([[draw(score) for _ in range(size)] for _ in samples], dtype=float) for key, size in SIZES.items()
    }
    return samples, scores


def _ranked(scores: list[float], truth: set[int]) -> list[int]:
    """From the largest score down; of equal ones those that are wrong first."""
    return sorted(range(len(scores)), key=lambda label: (-scores[label], label in truth))


class Slow:
    """One dimension, sample by sample; guesses of equal frequency go by label id."""

    def __init__(self, truths: list[set[int]], scores: list[list[float]], size: int) -> None:
        known = [(truth, row) for truth, row in zip(truths, scores, strict=True) if truth]
        self.samples = len(known)
        self.orders = [(truth, _ranked(row, truth)) for truth, row in known]
        frequency = Counter(label for truth, _ in known for label in truth)
        guess = sorted(range(size), key=lambda label: (-frequency[label], label))
        self.size = size
        self.accuracy = self._accuracy([(truth, order) for truth, order in self.orders])
        self.macro = self._macro([(truth, order) for truth, order in self.orders])
        self.majority = self._accuracy([(truth, guess) for truth, _ in known])
        self.majority_macro = self._macro([(truth, guess) for truth, _ in known])
        self.random = sum(Fraction(len(truth), size) for truth, _ in known) / len(known)
        shares = {label: [Fraction(len(truth), size) for truth, _ in known if label in truth] for label in range(size)}
        means = [sum(found) / len(found) for found in shares.values() if found]
        self.random_macro = sum(means) / len(means)

    @staticmethod
    def _accuracy(orders: list[tuple[set[int], list[int]]]) -> float:
        return sum(order[0] in truth for truth, order in orders) / len(orders)

    def _macro(self, orders: list[tuple[set[int], list[int]]]) -> float:
        recalls = []
        for label in range(self.size):
            hits = [label in order[: len(truth)] for truth, order in orders if label in truth]
            if hits:
                recalls.append(sum(hits) / len(hits))
        return sum(recalls) / len(recalls)

    def confusion(self) -> list[list[float]]:
        found = [[0.0] * self.size for _ in range(self.size)]
        for truth, order in self.orders:
            guess = set(order[: len(truth)])
            for label in truth:
                if label in guess:
                    found[label][label] += 1
                else:
                    for other in guess - truth:
                        found[label][other] += 1 / len(guess - truth)
        return found


@settings(max_examples=60, deadline=None)
@given(problem())
def test_equals_loops(found: tuple[list[LabelSet], dict[str, NDArray[np.float64]]]) -> None:
    samples, scores = found
    result = classify(scores, samples, VOCABULARY)
    frequent = classify(majority_scores(samples, VOCABULARY), samples, VOCABULARY)
    assert [task.key for task in result.tasks] == [
        key for place, key in enumerate(SIZES) if any(sample.ids[place] for sample in samples)
    ]
    for task, majority in zip(result.tasks, frequent.tasks, strict=True):
        place = VOCABULARY.keys.index(task.key)
        slow = Slow([set(s.ids[place]) for s in samples], scores[task.key].tolist(), SIZES[task.key])
        assert (task.samples, task.left_out) == (slow.samples, len(samples) - slow.samples)
        assert task.score.accuracy == pytest.approx(slow.accuracy)
        assert task.score.macro_recall == pytest.approx(slow.macro)
        assert majority.score.accuracy == pytest.approx(slow.majority)
        assert majority.score.macro_recall == pytest.approx(slow.majority_macro)
        assert task.random.accuracy == pytest.approx(float(slow.random))
        assert task.random.macro_recall == pytest.approx(float(slow.random_macro))
        np.testing.assert_allclose(task.confusion, slow.confusion(), atol=1e-12)
        np.testing.assert_allclose(task.confusion.sum(axis=1), task.support, atol=1e-12)
        there = task.support > 0
        np.testing.assert_allclose(np.diag(task.confusion)[there] / task.support[there], task.recall[there])
        assert np.isnan(task.recall[~there]).all()
    _check_means(result, samples)
    _check_sparsity(result, samples, scores)


def _check_means(result: Classification, samples: list[LabelSet]) -> None:
    labels = {key: [set(s.ids[place]) for s in samples if s.ids[place]] for place, key in enumerate(SIZES)}
    varied = [task for task in result.tasks if not set.intersection(*labels[task.key])]
    assert [task.key for task in result.tasks if task not in varied] == list(result.degenerate)
    if not varied:
        assert result.mean is result.random is None
        return
    assert result.mean is not None and result.random is not None
    assert result.mean.accuracy == pytest.approx(np.mean([task.score.accuracy for task in varied]))
    assert result.mean.macro_recall == pytest.approx(np.mean([task.score.macro_recall for task in varied]))
    assert result.random.accuracy == pytest.approx(np.mean([task.random.accuracy for task in varied]))


def _check_sparsity(result: Classification, samples: list[LabelSet], scores: dict[str, NDArray[np.float64]]) -> None:
    right: dict[int, list[bool]] = {}
    random: dict[int, list[float]] = {}
    counts = Counter(sum(map(bool, sample.ids)) for sample in samples)
    for number, sample in enumerate(samples):
        level = sum(map(bool, sample.ids))
        for (key, size), ids in zip(SIZES.items(), sample.ids, strict=True):
            if ids:
                first = _ranked(scores[key][number].tolist(), set(ids))[0]
                right.setdefault(level, []).append(first in ids)
                random.setdefault(level, []).append(len(ids) / size)
    levels = by_sparsity(result)
    assert [(one.tasks, one.samples) for one in levels] == sorted((n, c) for n, c in counts.items() if n)
    for one in levels:
        assert one.accuracy == pytest.approx(np.mean(right[one.tasks]))
        assert one.random == pytest.approx(np.mean(random[one.tasks]))


def _only(key: str, *labels: tuple[int, ...]) -> list[LabelSet]:
    place = list(SIZES).index(key)
    return [LabelSet(tuple(ids if p == place else () for p in range(len(SIZES)))) for ids in labels]


def _scores(samples: list[LabelSet], **rows: list[list[float]]) -> dict[str, NDArray[np.float64]]:
    blank = {key: np.zeros((len(samples), size)) for key, size in SIZES.items()}
    return {**blank, **{key: np.array(values) for key, values in rows.items()}}


def test_one_label_each_is_top_one_accuracy_and_macro_recall() -> None:
    samples = _only("shape", (0,), (0,), (0,), (1,))
    rows = [[3.0, 2, 1], [1, 2, 3], [3, 2, 1], [1, 3, 2]]
    task = classify(_scores(samples, shape=rows), samples, VOCABULARY).tasks[0]
    assert task.score.accuracy == 3 / 4
    assert task.score.macro_recall == pytest.approx((2 / 3 + 1) / 2)
    assert task.confusion.tolist() == [[2, 0, 1], [0, 1, 0], [0, 0, 0]]
    majority = classify(majority_scores(samples, VOCABULARY), samples, VOCABULARY).tasks[0].score
    assert (task.random.accuracy, majority.accuracy) == (pytest.approx(1 / 3), 3 / 4)
    assert majority.macro_recall == 1 / 2


def test_several_labels_are_predicted_by_as_many_first_ones() -> None:
    samples = _only("organ", (0, 1), (2, 3))
    rows = [[3.0, 1, 2, 0], [4, 3, 2, 1]]
    task = classify(_scores(samples, organ=rows), samples, VOCABULARY).tasks[0]
    assert task.score.accuracy == 1 / 2
    assert task.recall.tolist() == [1, 0, 0, 0]
    assert task.confusion.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0], [0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0]]


def test_constant_scores_have_an_accuracy_of_0() -> None:
    samples = _only("shape", (0,), (1,), (0, 2))
    task = classify(_scores(samples), samples, VOCABULARY).tasks[0]
    assert task.score.accuracy == 0
    assert task.recall.tolist() == [
        1 / 2,
        0,
        0,
    ]  # the last has two of three labels: one is found


def _resampled(found: Classification, resamples: Resamples) -> Mapping[str, np.ndarray]:
    return resampled(Reference("model", "", found), resamples)


def test_a_degenerate_task_is_out_of_the_mean() -> None:
    samples = [LabelSet(((0,), (shape,), ())) for shape in (0, 1, 2)]
    scores = _scores(samples, organ=[[1.0, 0, 0, 0]] * 3, shape=[[1.0, 0, 0]] * 3)
    result = classify(scores, samples, VOCABULARY)
    organ, shape = result.tasks
    assert (organ.score.accuracy, shape.score.accuracy) == (1, pytest.approx(1 / 3))
    assert result.degenerate == ("organ",) and result.varied == (shape,)
    assert result.mean == shape.score and result.random == shape.random
    values = _resampled(result, Resamples(["a", "b", "c"], 20))
    assert np.array_equal(values["mean_accuracy"], values["shape.accuracy"])
    alone = classify(scores, samples[:1] * 3, VOCABULARY)
    assert alone.mean is None and "mean_accuracy" not in _resampled(alone, Resamples(["a", "b", "c"], 20))


@pytest.mark.parametrize(
    ("labels", "degenerate"),
    [
        (((0,), (0,), ()), True),
        (((0, 1), (0,), (0, 2), ()), True),
        (((0, 1), (1, 2), (0, 2)), False),
        (((0, 1), (0, 1), (2,)), False),
        (((2, 3), (2, 3)), True),
    ],
    ids=["one label", "one is shared", "each pair shares another", "one lacks it", "the same two"],
)
def test_a_task_that_a_constant_answer_solves_is_degenerate(
    labels: tuple[tuple[int, ...], ...], degenerate: bool
) -> None:
    """Every constant answer is tried, and scored."""
    samples = _only("organ", *labels)
    constant = np.eye(SIZES["organ"])
    scored = [classify(_scores(samples, organ=[row] * len(samples)), samples, VOCABULARY).tasks[0] for row in constant]
    assert any(task.score.accuracy == 1 for task in scored) is degenerate
    assert [task.degenerate for task in scored] == [degenerate] * len(scored)


def test_candidates_are_limited_to_present_labels() -> None:
    samples = _only("organ", (1,), (3,), (3,))
    rows = [[9.0, 2, 0, 1], [9, 1, 0, 2], [9, 2, 0, 1]]
    everything, present = (
        classify(_scores(samples, organ=rows), samples, VOCABULARY, present=some).tasks[0] for some in (False, True)
    )
    assert everything.score.accuracy == 0 and everything.random.accuracy == 1 / 4
    assert present.labels == ("organ 1", "organ 3") and present.random.accuracy == 1 / 2
    assert present.correct.tolist() == [True, True, False] and present.recall.tolist() == [1, 1 / 2]


def test_confidence_is_the_softmax_of_scaled_scores() -> None:
    samples = _only("shape", (0,), (1,))
    rows = [[0.3, 0.1, 0.2], [0.0, 0.0, 0.0]]
    task = classify(_scores(samples, shape=rows), samples, VOCABULARY, scale=10).tasks[0]
    first = math.exp(3) / (math.exp(3) + math.exp(1) + math.exp(2))
    assert task.confidence.tolist() == pytest.approx([first, 1 / 3])


def test_resampled_scores_equal_those_of_the_drawn_samples() -> None:
    generator = np.random.default_rng(5)
    samples = [LabelSet(tuple((int(generator.integers(n)),) for n in SIZES.values())) for _ in range(12)]
    scores = {key: generator.random((12, n)) for key, n in SIZES.items()}
    cases = [f"case {n:02}" for n in range(12)]
    values = _resampled(classify(scores, samples, VOCABULARY), Resamples(cases, 3, seed=7))
    draws = np.random.default_rng(7)
    for replicate in range(1, 4):
        drawn = draws.integers(12, size=12)
        again = classify({k: s[drawn] for k, s in scores.items()}, [samples[n] for n in drawn], VOCABULARY)
        assert not again.degenerate and again.mean is not None
        assert values["mean_accuracy"][replicate] == pytest.approx(again.mean.accuracy)
        assert values["mean_macro_recall"][replicate] == pytest.approx(again.mean.macro_recall)


def test_all_labels_at_once_cannot_be_missed() -> None:
    samples = _only("margins", (0, 1))
    assert classify(_scores(samples), samples, VOCABULARY).tasks[0].score.accuracy == 1


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ({"shape": [[0.0, 1.0]]}, "shape: the scores are 1 × 2; they have to be samples × labels, 1 × 3"),
        ({"shape": [[0.0, 1.0, math.nan]]}, "shape: 1 scores are not finite"),
    ],
    ids=["shape", "nan"],
)
def test_faulty_scores_are_refused(scores: dict[str, list[list[float]]], words: str) -> None:
    samples = _only("shape", (0,))
    with pytest.raises(DataError, match=words):
        classify(_scores(samples, **scores), samples, VOCABULARY)


def test_nothing_to_score_is_refused() -> None:
    samples = _only("shape", ())
    with pytest.raises(DataError, match="none of the 1 samples has a label"):
        classify(_scores(samples), samples, VOCABULARY)
