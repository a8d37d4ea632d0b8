"""The prior by matrix products against two loops over label pairs."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.locations import SHARED
from udt.core.errors import DataError
from udt.core.labels import LabelSet, positions_of
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet
from udt.similarity.multi_hot import multi_hot
from udt.similarity.prior import PriorTables, equal_labels, prior, shared_tasks

from .conftest import MakeSets

GOLD = SHARED / "gold" / "captions-dev.jsonl"
MISSING = pytest.mark.parametrize("missing", ["zero", "mask"])


def slow_prior(
    left: Sequence[LabelSet], right: Sequence[LabelSet], similarity: SimilaritySet, missing: str
) -> NDArray[np.float64]:
    """Compute the equations term by term."""
    matrices = list(similarity.matrices.values())
    found = np.zeros((len(left), len(right)))
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            means = []
            for matrix, ours, theirs in zip(matrices, a.ids, b.ids, strict=True):
                if ours and theirs:
                    pairs = [float(matrix[x, y]) for x in ours for y in theirs]
                    means.append(sum(pairs) / len(pairs))
                elif missing == "zero":
                    means.append(0.0)
            found[i, j] = sum(means) / len(means) if means else 0.0
            if left is right and i == j:
                found[i, j] = 1.0
    return found


def sizes(similarity: SimilaritySet) -> list[int]:
    return [len(labels) for labels in similarity.labels.values()]


@MISSING
def test_agrees_with_the_slow_loop(random_similarity: SimilaritySet, label_sets: MakeSets, missing: str) -> None:
    left, right = label_sets(40), label_sets(25, seed=1)
    for pair in ((left, left), (left, right)):
        found = prior(*pair, random_similarity, missing)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, slow_prior(*pair, random_similarity, missing), atol=2e-6)


@MISSING
@pytest.mark.skipif(not GOLD.exists(), reason=f"needs real label sets: {GOLD} is not there")
def test_agrees_on_real_label_sets(by_taxonomy: SimilaritySet, vocabulary: Vocabulary, missing: str) -> None:
    records = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    real = [LabelSet.of(record["labels"], vocabulary) for record in records][:120]
    expected = slow_prior(real, real, by_taxonomy, missing)
    np.testing.assert_allclose(prior(real, real, by_taxonomy, missing), expected, atol=2e-6)


@MISSING
def test_torch_agrees_with_numpy(random_similarity: SimilaritySet, label_sets: MakeSets, missing: str) -> None:
    torch = pytest.importorskip("torch")
    left, right = (multi_hot(label_sets(30, seed), sizes(random_similarity)) for seed in (2, 3))
    tensors = torch.from_numpy(left), torch.from_numpy(right)
    tables = PriorTables.torch(random_similarity)
    for a, b in (0, 0), (0, 1):
        expected = prior((left, right)[a], (left, right)[b], random_similarity, missing)
        for given in random_similarity, tables:
            found = prior(tensors[a], tensors[b], given, missing)
            assert isinstance(found, torch.Tensor)
            np.testing.assert_allclose(found.numpy(), expected, atol=1e-6)
    integers = prior(tensors[0].long(), tensors[1].long(), tables, missing)
    assert torch.equal(integers, prior(*tensors, tables, missing))


def test_autocast_does_not_round(random_similarity: SimilaritySet, label_sets: MakeSets) -> None:
    torch = pytest.importorskip("torch")
    rows = torch.from_numpy(multi_hot(label_sets(20), sizes(random_similarity)))
    tables = PriorTables.torch(random_similarity)
    plain = prior(rows, rows, tables)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(prior(rows, rows, tables), plain)


def test_results_are_on_the_device_of_the_tables(random_similarity: SimilaritySet, label_sets: MakeSets) -> None:
    torch = pytest.importorskip("torch")
    samples = label_sets(10)
    rows = torch.from_numpy(multi_hot(samples, sizes(random_similarity)))
    tables = PriorTables.torch(random_similarity, "meta")  # tensors without values: reading one fails
    for labels in samples, rows, rows.to("meta"):
        for found in prior(labels, labels, tables, "mask"), shared_tasks(labels, labels, tables):
            assert (found.device.type, found.shape) == ("meta", (10, 10))


def test_tables_take_a_precision_and_label_sets(random_similarity: SimilaritySet, label_sets: MakeSets) -> None:
    torch = pytest.importorskip("torch")
    samples = label_sets(10)
    tables = PriorTables.torch(random_similarity, "cpu", torch.float64)
    found = prior(samples, samples, tables, "mask")
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found.numpy(), slow_prior(samples, samples, random_similarity, "mask"), atol=1e-12)


@MISSING
def test_invariants(random_similarity: SimilaritySet, label_sets: MakeSets, missing: str) -> None:
    rows = multi_hot(label_sets(60, seed=5), sizes(random_similarity))
    found = prior(rows, rows, random_similarity, missing)
    assert (found.diagonal() == 1).all()
    assert found.min() >= 0
    assert found.max() <= 1
    np.testing.assert_allclose(found, found.T, atol=1e-6)
    order = np.random.default_rng(0).permutation(len(rows))
    shuffled = prior(rows[order], rows[order], random_similarity, missing)
    off = ~np.eye(len(rows), dtype=bool)  # two objects, so that no diagonal is set
    np.testing.assert_allclose(shuffled[off], found[np.ix_(order, order)][off], atol=1e-6)
    across = prior(rows[:20], rows[20:], random_similarity, missing)
    np.testing.assert_allclose(across, found[:20, 20:], atol=1e-6)
    np.testing.assert_allclose(prior(rows[20:], rows[:20], random_similarity, missing), across.T, atol=1e-6)


def test_missing_labels_count_as_zero_or_are_masked(by_taxonomy: SimilaritySet, vocabulary: Vocabulary) -> None:
    liver = LabelSet.of({"organ": ["Liver"], "shape": ["round"]}, vocabulary)
    spleen = LabelSet.of({"organ": ["Spleen"]}, vocabulary)
    empty = LabelSet.of({}, vocabulary)
    batch, copy = [liver, spleen, empty], [liver, spleen, empty]
    np.testing.assert_allclose(
        prior(batch, copy, by_taxonomy, "zero"), [[2 / 9, 0.5 / 9, 0], [0.5 / 9, 1 / 9, 0], [0, 0, 0]]
    )
    np.testing.assert_allclose(prior(batch, copy, by_taxonomy, "mask"), [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0]])
    assert (prior(batch, batch, by_taxonomy, "mask").diagonal() == 1).all()
    assert shared_tasks(batch, copy, by_taxonomy).tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]


@MISSING
def test_the_mean_is_over_the_tasks_in_use(
    random_similarity: SimilaritySet, vocabulary: Vocabulary, label_sets: MakeSets, missing: str
) -> None:
    few = vocabulary.select(["diagnosis", "echogenicity", "vascularity"])
    positions = positions_of(few, vocabulary)
    labels = [one.arranged(positions) for one in label_sets(30)]
    similarity = random_similarity.restricted(few)
    np.testing.assert_allclose(
        prior(labels, labels, similarity, missing), slow_prior(labels, labels, similarity, missing), atol=2e-6
    )
    full = LabelSet(((0,), (1,), (2,)))
    assert prior([full], [full, LabelSet(((0,), (), ()))], similarity, missing).tolist() == [
        [1.0, pytest.approx(1 / 3 if missing == "zero" else 1)]
    ]


WEIGHTS = {"organ": 3.0, "shape": 0.25, "margins": 0, "vascularity": 2}


@MISSING
def test_weights_of_tasks(random_similarity: SimilaritySet, label_sets: MakeSets, missing: str) -> None:
    """P = sum of w · A over tasks / sum of w, over all tasks or those with labels in both samples."""
    samples, keys = label_sets(30), list(random_similarity.labels)
    expected, known = np.eye(30), np.eye(30, dtype=bool)
    for i, one in enumerate(samples):
        for j, other in enumerate(samples):
            total = weight = 0.0
            for key, a, b in zip(keys, one.ids, other.ids, strict=True):
                own = float(WEIGHTS.get(key, 1))
                if a and b:
                    total += own * float(np.mean([random_similarity[key][x, y] for x in a for y in b]))
                    known[i, j] |= own > 0
                if missing == "zero" or (a and b):
                    weight += own
            if i != j:
                expected[i, j] = total / weight if weight else 0
    tables = PriorTables.numpy(random_similarity, WEIGHTS)
    np.testing.assert_allclose(prior(samples, samples, tables, missing), expected, atol=2e-6)  # type: ignore[arg-type]
    shared = shared_tasks(samples, samples, tables) > 0
    np.fill_diagonal(shared, True)
    assert (shared == known).all()


def test_equal_weights_change_nothing(random_similarity: SimilaritySet, label_sets: MakeSets) -> None:
    samples = label_sets(20)
    tables = PriorTables.numpy(random_similarity, dict.fromkeys(random_similarity.labels, 0.3))
    for missing in ("zero", "mask"):
        expected = prior(samples, samples, random_similarity, missing)  # type: ignore[arg-type]
        np.testing.assert_allclose(prior(samples, samples, tables, missing), expected, atol=1e-6)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            {"colour": 1, "organ": -1},
            "no task 'colour' to weigh; allowed: body_system.*; the weight of the task 'organ'",
        ),
        ({"organ": float("inf")}, "the weight of the task 'organ' is inf; it has to be a number, at least 0"),
        ({"organ": True}, "the weight of the task 'organ' is True"),
        ({"organ": "much"}, "the weight of the task 'organ' is much"),
    ],
)
def test_faulty_weights_are_refused(by_taxonomy: SimilaritySet, weights: dict[str, float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        PriorTables.numpy(by_taxonomy, weights)


def test_not_all_weights_are_0(by_taxonomy: SimilaritySet) -> None:
    with pytest.raises(DataError, match="the weights of all tasks of the prior are 0"):
        PriorTables.numpy(by_taxonomy, dict.fromkeys(by_taxonomy.labels, 0))


def test_equal_labels(random_similarity: SimilaritySet, label_sets: MakeSets) -> None:
    torch = pytest.importorskip("torch")
    samples = [*label_sets(20), *label_sets(12)[::2], LabelSet(((),) * 9), LabelSet(((),) * 9)]
    expected = [[bool(a) and a == b for b in samples] for a in samples]
    assert equal_labels(samples, list(samples), random_similarity).tolist() == expected
    rows = torch.from_numpy(multi_hot(samples, sizes(random_similarity)))
    assert equal_labels(rows, rows, PriorTables.torch(random_similarity)).tolist() == expected
    assert np.array(expected).sum() > len(samples)


def test_an_empty_batch_gives_an_empty_prior(by_taxonomy: SimilaritySet, label_sets: MakeSets) -> None:
    assert prior([], label_sets(3), by_taxonomy).shape == (0, 3)


def test_bad_input(by_taxonomy: SimilaritySet, label_sets: MakeSets) -> None:
    rows = multi_hot(label_sets(3), sizes(by_taxonomy))
    with pytest.raises(DataError, match="missing='drop'; allowed: zero, mask"):
        prior(rows, rows, by_taxonomy, "drop")
    with pytest.raises(DataError, match=f"have the shape 3 × {rows.shape[1] - 1}; expected: samples × {rows.shape[1]}"):
        prior(rows[:, 1:], rows, by_taxonomy)
    with pytest.raises(DataError, match="has the label id 9 in dimension 0; allowed: 0 to 8"):
        prior([LabelSet(((9,), *[()] * 8))], label_sets(2), by_taxonomy)
    with pytest.raises(DataError, match="label set 0 has 2 dimensions; expected: 9"):
        prior([LabelSet(((0,), ()))], label_sets(2), by_taxonomy)
