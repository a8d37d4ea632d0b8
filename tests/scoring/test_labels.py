from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from udt.scoring.labels import Labels, count, differences, evaluate_labels, intervals

KEYS = ("organ", "shape", "margins")
label_sets = st.fixed_dictionaries({key: st.sets(st.sampled_from("abcd")) for key in KEYS})
pairs = st.lists(st.tuples(label_sets, label_sets), min_size=1, max_size=12)


def slow_f1(pairs: list[tuple[Labels, Labels]], keys: tuple[str, ...]) -> tuple[Fraction, Fraction, Fraction, int]:
    """Precision, recall, F1 and support over some dimensions, label by label."""
    hits = claims = truths = 0
    for gold, predicted in pairs:
        for key in keys:
            for label in "abcd":
                hits += label in gold[key] and label in predicted[key]
                claims += label in predicted[key]
                truths += label in gold[key]
    if not claims and not truths:
        return Fraction(1), Fraction(1), Fraction(1), 0
    precision = Fraction(hits, claims) if claims else Fraction(0)
    recall = Fraction(hits, truths) if truths else Fraction(0)
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else Fraction(0), truths


def slow_macro(pairs: list[tuple[Labels, Labels]]) -> Fraction:
    used = [key for key in KEYS if any(gold[key] or predicted[key] for gold, predicted in pairs)]
    return sum((slow_f1(pairs, (key,))[2] for key in used), Fraction(0)) / len(used) if used else Fraction(1)


@given(pairs)
def test_scores_agree_with_counting_label_by_label(pairs: list[tuple[Labels, Labels]]) -> None:
    result = evaluate_labels([g for g, _ in pairs], [p for _, p in pairs], KEYS)
    for score, keys in [(result.micro, KEYS), *((result.dimensions[key], (key,)) for key in KEYS)]:
        precision, recall, f1, support = slow_f1(pairs, keys)
        assert (score.precision, score.recall, score.f1) == pytest.approx((precision, recall, f1))
        assert score.support == support
    assert result.macro_f1 == pytest.approx(slow_macro(pairs))
    assert result.exact_match == pytest.approx(Fraction(sum(g == p for g, p in pairs), len(pairs)))
    assert result.n == len(pairs)


@given(pairs)
def test_swapping_gold_and_prediction_swaps_precision_and_recall(pairs: list[tuple[Labels, Labels]]) -> None:
    there = evaluate_labels([g for g, _ in pairs], [p for _, p in pairs], KEYS)
    back = evaluate_labels([p for _, p in pairs], [g for g, _ in pairs], KEYS)
    assert (there.micro.precision, there.micro.recall) == (back.micro.recall, back.micro.precision)
    assert there.micro.f1 == back.micro.f1 and there.macro_f1 == back.macro_f1


@settings(max_examples=20)
@given(pairs, st.integers(0, 1000))
def test_bootstrap_agrees_with_slow_reference(pairs: list[tuple[Labels, Labels]], seed: int) -> None:
    resamples = 9
    generator = np.random.default_rng(seed)
    micro, macro = [], []
    for _ in range(resamples):
        drawn = [pairs[i] for i in generator.integers(len(pairs), size=len(pairs))]
        micro.append(float(slow_f1(drawn, KEYS)[2]))
        macro.append(float(slow_macro(drawn)))
    got = intervals(count([g for g, _ in pairs], [p for _, p in pairs], KEYS), resamples, seed)
    for interval, values in zip(got, (micro, macro), strict=True):
        assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))


@given(pairs)
def test_intervals_are_ordered_bounded_and_deterministic(pairs: list[tuple[Labels, Labels]]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    result = evaluate_labels(gold, predicted, KEYS, bootstrap=50, seed=3)
    assert result == evaluate_labels(gold, predicted, KEYS, bootstrap=50, seed=3)
    for interval in (result.micro_interval, result.macro_interval):
        assert interval is not None and 0 <= interval.low <= interval.high <= 1
    perfect = evaluate_labels(gold, gold, KEYS, bootstrap=50)
    assert perfect.micro_interval is not None and perfect.micro_interval.low == 1


def test_the_interval_covers_a_known_f1() -> None:
    chance = random.Random(5)
    gold: list[Labels] = [{"organ": {"a"}, "shape": set(), "margins": set()}] * 200
    covered = 0
    for seed in range(40):
        predicted: list[Labels] = [{"organ": {"a"} if chance.random() < 0.8 else {"b"}} for _ in gold]
        interval = evaluate_labels(gold, predicted, KEYS, bootstrap=200, seed=seed).micro_interval
        assert interval is not None and interval.high - interval.low < 0.15
        covered += interval.low <= 0.8 <= interval.high
    assert covered >= 34


NOTHING: Labels = {}


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        (NOTHING, NOTHING, (1.0, 1.0, 1.0)),
        ({"organ": ["a"]}, NOTHING, (0.0, 0.0, 0.0)),
        (NOTHING, {"organ": ["a"]}, (0.0, 0.0, 0.0)),
        ({"organ": ["a"]}, {"organ": ["a", "a"]}, (1.0, 1.0, 1.0)),
    ],
    ids=["nothing", "all missed", "all false", "repeats count once"],
)
def test_zero_denominators(gold: Labels, predicted: Labels, expected: tuple[float, ...]) -> None:
    micro = evaluate_labels([gold], [predicted], KEYS).micro
    assert (micro.precision, micro.recall, micro.f1) == expected


def test_empty_dimensions_do_not_raise_the_macro_f1() -> None:
    result = evaluate_labels([{"organ": ["a"]}], [{"organ": ["b"]}], KEYS)
    assert result.macro_f1 == 0.0 and result.dimensions["shape"].f1 == 1.0


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="0 gold and 0 predicted records"):
        evaluate_labels([], [], KEYS)
    with pytest.raises(ValueError, match="1 gold and 2 predicted records"):
        evaluate_labels([{}], [{}, {}], KEYS)
    with pytest.raises(ValueError, match="-1 resamples"):
        evaluate_labels([{}], [{}], KEYS, bootstrap=-1)


def test_differences_are_sorted_without_equal_dimensions() -> None:
    gold: Labels = {"organ": ["b", "a", "x"], "shape": ["r"]}
    predicted: Labels = {"organ": ["x", "d", "c"], "shape": ["r"]}
    assert differences(gold, predicted, KEYS) == {"organ": (("c", "d"), ("a", "b"))}
