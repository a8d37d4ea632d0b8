"""The statistics of the prior against a computation in NumPy, double precision, and their values at real sparsity."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from udt.bundle.reader import Bundle
from udt.clip.loss.batch_loss import BatchLoss
from udt.clip.loss.objective import Objective
from udt.clip.loss.semantic import semantic_loss
from udt.clip.loss.statistics import prior_statistics
from udt.clip.model.dual_encoder import UltrasoundClipOutput
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet
from udt.similarity.multi_hot import multi_hot
from udt.similarity.prior import Missing, PriorTables, prior, shared_tasks

# Samples of US-365K by their number of labelled tasks (arXiv 2604.01749, table 9).
SAMPLES = {1: 10, 2: 25972, 3: 26094, 4: 13145, 5: 5872, 6: 1485, 7: 225, 8: 6, 9: 2}
TAU, BATCH = 0.07, 128

Floats = NDArray[np.float64]


def brute_force(values: Floats, known: NDArray[np.bool_]) -> tuple[dict[str, float], Floats]:
    """Compute the statistics row by row, and the mass of each row on its own text."""
    positives, own = [], []
    for i, row in enumerate(values):
        parts = {j: np.exp((row[j] - row[i]) / TAU) for j in range(len(row)) if known[i, j]}
        shares = {j: part / sum(parts.values()) for j, part in parts.items()}
        positives.append(np.exp(-sum(share * np.log(share) for share in shares.values() if share)))
        own.append(shares[i])
    pairs = [values[i, j] > 0 for i in range(len(values)) for j in range(len(values)) if i != j]
    means = {"effective_positives": np.mean(positives), "own_mass": np.mean(own), "related_share": np.mean(pairs)}
    return {name: float(value) for name, value in means.items()}, np.array(own)


def slow_prior(
    samples: list[LabelSet], similarity: SimilaritySet, missing: Missing
) -> tuple[Floats, NDArray[np.bool_]]:
    """Compute the prior in double precision pair by pair, and whether it is known; samples with one label a task."""
    values, known = np.eye(len(samples)), np.eye(len(samples), dtype=bool)
    for i, one in enumerate(samples):
        for j, other in enumerate(samples):
            parts = [
                float(similarity[key][a[0], b[0]])
                for key, a, b in zip(similarity.labels, one.ids, other.ids, strict=True)
                if a and b
            ]
            if i != j:
                values[i, j] = sum(parts) / (9 if missing == "zero" else max(len(parts), 1))
            known[i, j] |= missing == "zero" or bool(parts)
    return values, known


def sparse_samples(vocabulary: Vocabulary, seed: int, count: int = BATCH) -> list[LabelSet]:
    """Draw label sets with one label in as many tasks as the samples of the publication have, and any tasks."""
    draw = np.random.default_rng(seed)
    shares = np.array(list(SAMPLES.values())) / sum(SAMPLES.values())
    sizes = [len(dimension) for dimension in vocabulary.dimensions]
    found = []
    for tasks in draw.choice(list(SAMPLES), count, p=shares):
        chosen = set(draw.choice(9, tasks, replace=False).tolist())
        found.append(LabelSet(tuple((int(draw.integers(n)),) if t in chosen else () for t, n in enumerate(sizes))))
    return found


@pytest.mark.parametrize("missing", ["zero", "mask"])
def test_statistics_agree_with_brute_force(bundle: Bundle, missing: Missing) -> None:
    similarity = bundle.similarity()
    samples = sparse_samples(bundle.vocabulary, 3, 40)
    values, known = slow_prior(samples, similarity, missing)
    rows = torch.from_numpy(multi_hot(samples, [len(d) for d in bundle.vocabulary.dimensions]))
    tables = PriorTables.torch(similarity)
    mask = None if missing == "zero" else (shared_tasks(rows, rows, tables) > 0).fill_diagonal_(True)
    found = prior_statistics(prior(rows, rows, tables, missing), TAU, mask)
    expected, _ = brute_force(values, known)
    assert {name: float(value) for name, value in found.items()} == pytest.approx(expected, rel=1e-4)


def test_extremes() -> None:
    """A prior of the identity leaves one positive; one of ones alone makes every text a positive."""
    one, all_equal = (prior_statistics(matrix, TAU) for matrix in (torch.eye(128), torch.ones(128, 128)))
    # All other texts together have 127 / e^(1 / 0.07) of the mass of the own one.
    assert [float(value) for value in one.values()] == pytest.approx([1.0012, 0.99992, 0], abs=2e-3)
    assert [float(value) for value in all_equal.values()] == pytest.approx([128, 1 / 128, 1], rel=1e-4)


def test_the_published_prior_is_nearly_one_hot_at_the_published_sparsity(bundle: Bundle) -> None:
    """With k of nine tasks P is at most k/9: up to four tasks, the own text keeps at least 0.957 of the mass.

    `mask` gives about ten effective positives: how many depends on which tasks are labelled together.
    """
    similarity = bundle.similarity()
    found: dict[str, list[float]] = {"zero": [], "mask": []}
    for seed in range(3):
        samples = sparse_samples(bundle.vocabulary, seed)
        tasks = np.array([sum(map(bool, sample.ids)) for sample in samples])
        assert 0.8 < (tasks <= 4).mean() < 0.97
        for missing in ("zero", "mask"):
            statistics, own = brute_force(*slow_prior(samples, similarity, missing))  # type: ignore[arg-type]
            found[missing].append(statistics["effective_positives"])
            if missing == "zero":
                assert own[tasks <= 4].min() >= 1 / (1 + 127 * np.exp((4 / 9 - 1) / TAU)) > 0.956
                assert statistics["own_mass"] > 0.99
    assert np.mean(found["zero"]) == pytest.approx(1, abs=0.05)
    assert 5 < np.mean(found["mask"]) < 25


def output(count: int) -> UltrasoundClipOutput:
    images = torch.nn.functional.normalize(torch.randn(count, 5, generator=torch.Generator().manual_seed(1)))
    return UltrasoundClipOutput(images, images.flip(1), torch.tensor(10.0))


def task(bundle: Bundle, missing: Missing, match_prior: bool) -> BatchLoss:
    return BatchLoss(Objective(), PriorTables.torch(bundle.similarity()), missing, match_prior)


@pytest.mark.parametrize("missing", ["zero", "mask"])
def test_records_with_the_same_labels_share_the_mass_equally(bundle: Bundle, missing: Missing) -> None:
    """Two labels in a dimension lower the similarity of a set to itself; the prior of the two is 1 all the same."""
    vocabulary = bundle.vocabulary
    same = {"organ": ["Liver"], "diagnosis": ["cyst"], "shape": ["round", "irregular"]}
    labels = [same, same, {"organ": ["Breast"], "diagnosis": ["mass"]}, {"organ": ["Ankle"], "shape": ["oval"]}]
    sets = [LabelSet.of(one, vocabulary) for one in labels]
    rows = torch.from_numpy(multi_hot(sets, [len(d) for d in vocabulary.dimensions])).bool()
    equal_captions, none = torch.tensor([0, 1, 2, 2]), torch.zeros_like(rows)
    side = task(bundle, missing, True).pairs(output(4), rows, equal_captions, none).images
    found, known = side.prior, side.known
    assert found is not None
    shares = torch.softmax(found / TAU, dim=1)
    assert float(shares[0, 0]) == float(shares[0, 1]) == pytest.approx(0.5, abs=2e-3)
    assert float(shares[2, 2]) == float(shares[2, 3]) == pytest.approx(0.5, abs=2e-3)
    assert known is None or known[2, 3]
    before = task(bundle, missing, False).pairs(output(4), rows, torch.arange(4), none).prior
    assert before is not None and before[0, 1] < 0.95 and before[2, 3] < 0.95
    losses = task(bundle, missing, True)(output(4), rows, equal_captions, none)
    directions = (side.cosine, found, known), (side.cosine.T, found.T, None if known is None else known.T)
    expected = [semantic_loss(cosine, prior, known=mask) for cosine, prior, mask in directions]
    torch.testing.assert_close(losses.semantic, torch.stack(expected).mean())
    assert float(losses.statistics["effective_positives"]) == pytest.approx(2, abs=0.05)


def test_known_matches_weigh_as_much_as_the_own_text(bundle: Bundle) -> None:
    """Without it, the same records weigh 1 to 77 or less as published: exp((1 - 1/3) / 0.07) to 1 and more."""
    sets = [LabelSet.of({"organ": ["Liver"], "diagnosis": ["cyst"], "shape": ["oval"]}, bundle.vocabulary)] * 2
    rows = torch.from_numpy(multi_hot(sets, [len(d) for d in bundle.vocabulary.dimensions])).bool()
    weights = []
    for match_prior in (False, True):
        different = torch.arange(2), torch.zeros_like(rows)
        found = task(bundle, "zero", match_prior).pairs(output(2), rows, *different).prior
        assert found is not None
        own, other = (found[0] / TAU).exp().tolist()
        weights.append(own / other)
    assert weights[0] == pytest.approx(np.exp((1 - 3 / 9) / TAU), rel=1e-3) and weights[0] > 77
    assert weights[1] == 1


def test_without_a_prior_there_are_no_statistics() -> None:
    images = torch.eye(3)
    assert not Objective(semantic_weight=0)(images, images, torch.tensor(2.0)).statistics
