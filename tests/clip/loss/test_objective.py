"""The losses against loops over pairs in double precision, their invariants, and their gradients."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from udt.clip.loss.contrastive import contrastive_loss, match_targets, soft_targets
from udt.clip.loss.objective import Objective
from udt.clip.loss.semantic import divergence, semantic_loss
from udt.core.errors import DataError

Rows = list[list[float]]


def softmax(row: list[float]) -> list[float]:
    most = max(row)
    parts = [math.exp(value - most) for value in row]
    return [part / sum(parts) for part in parts]


def transposed(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def slow_contrastive(logits: Rows, targets: Rows, text_targets: Rows) -> float:
    total = 0.0
    for rows, row_targets in ((logits, targets), (transposed(logits), text_targets)):
        for row, target in zip(rows, row_targets, strict=True):
            total -= sum(t * math.log(p) for t, p in zip(target, softmax(row), strict=True) if t)
    return total / 2 / len(logits)


def slow_divergence(prior: Rows, cosine: Rows, temperature: float, known: list[list[bool]]) -> float:
    total = 0.0
    for target, predicted, mask in zip(prior, cosine, known, strict=True):
        columns = [j for j, is_known in enumerate(mask) if is_known]
        p, q = (softmax([row[j] / temperature for j in columns]) if columns else [] for row in (target, predicted))
        total += sum(a * (math.log(a) - math.log(b)) for a, b in zip(p, q, strict=True) if a)
    return total / len(prior)


def slow_semantic(cosine: Rows, prior: Rows, temperature: float, share: float, known: list[list[bool]]) -> float:
    size = range(len(cosine))
    errors = [(cosine[i][j] - prior[i][j]) ** 2 for i in size for j in size if known[i][j]]
    both = slow_divergence(prior, cosine, temperature, known) + slow_divergence(
        transposed(prior), transposed(cosine), temperature, transposed(known)
    )
    return share * sum(errors) / max(len(errors), 1) + (1 - share) * both / 2


def both_directions(cosine: torch.Tensor, prior: torch.Tensor, *rest: float, known: torch.Tensor) -> torch.Tensor:
    sides = (cosine, prior, known), (cosine.T, prior.T, known.T)
    return torch.stack([semantic_loss(one, other, *rest, known=mask) for one, other, mask in sides]).mean()


class Batch:
    """B random pairs: embeddings, cosines, a prior with ones on its diagonal, its known pairs, and matches."""

    def __init__(self, seed: int, size: int = 7) -> None:
        rng = torch.Generator().manual_seed(seed)
        self.images, self.texts = (
            torch.nn.functional.normalize(torch.randn(size, 5, generator=rng, dtype=torch.float64)) for _ in range(2)
        )
        self.cosine = self.images @ self.texts.T
        prior = torch.rand(size, size, generator=rng, dtype=torch.float64)
        self.prior = ((prior + prior.T) / 2).fill_diagonal_(1)
        self.known = (torch.rand(size, size, generator=rng) < 0.7).fill_diagonal_(True)
        self.matches = (torch.rand(size, size, generator=rng) < 0.2).fill_diagonal_(True)


@given(st.integers(0, 10_000), st.integers(1, 9))
def test_contrastive_loss(seed: int, size: int) -> None:
    batch = Batch(seed, size)
    targets = [match_targets(matches).double() for matches in (batch.matches, batch.matches.T)]
    got = contrastive_loss(11.0 * batch.cosine, *targets)
    assert float(got) == pytest.approx(slow_contrastive((11.0 * batch.cosine).tolist(), *(w.tolist() for w in targets)))


def test_contrastive_loss_is_that_of_clip_without_duplicates() -> None:
    logits = 14.0 * Batch(1).cosine
    own = torch.arange(len(logits))
    expected = sum(torch.nn.functional.cross_entropy(rows, own) for rows in (logits, logits.T)) / 2
    identity = torch.eye(len(logits), dtype=logits.dtype)
    torch.testing.assert_close(contrastive_loss(logits, identity, identity), expected)


@given(st.integers(0, 10_000), st.integers(1, 9), st.floats(0, 1), st.booleans())
def test_semantic_loss(seed: int, size: int, share: float, partly: bool) -> None:
    batch = Batch(seed, size)
    known = batch.known if partly else torch.ones_like(batch.known)
    got = both_directions(batch.cosine, batch.prior, 0.07, share, known=known)
    expected = slow_semantic(batch.cosine.tolist(), batch.prior.tolist(), 0.07, share, known.tolist())
    assert float(got) == pytest.approx(expected, abs=1e-9)
    if not partly:
        one = semantic_loss(batch.cosine, batch.prior, 0.07, share)
        assert float(one) == pytest.approx(float(semantic_loss(batch.cosine, batch.prior, 0.07, share, known)))


def test_semantic_loss_is_0_if_cosines_equal_the_prior() -> None:
    batch = Batch(2)
    assert float(semantic_loss(batch.prior, batch.prior)) == pytest.approx(0, abs=1e-12)
    assert float(semantic_loss(batch.cosine, batch.prior)) > 0.01


@given(st.integers(0, 10_000))
def test_divergence_is_never_negative(seed: int) -> None:
    batch = Batch(seed)
    assert float(divergence(batch.prior, batch.cosine, 0.07)) >= -1e-12


def test_unknown_pairs_are_left_out() -> None:
    batch = Batch(4)
    other = torch.where(batch.known, batch.prior, 1 - batch.prior)
    one, two = (semantic_loss(batch.cosine, prior, known=batch.known) for prior in (batch.prior, other))
    assert float(one) == float(two)


def test_gradients_are_those_of_finite_differences() -> None:
    batch = Batch(5, 4)
    cosine = batch.cosine.clone().requires_grad_()
    targets = [match_targets(matches).double() for matches in (batch.matches, batch.matches.T)]
    assert torch.autograd.gradcheck(lambda c: contrastive_loss(5 * c, *targets), cosine)
    assert torch.autograd.gradcheck(lambda c: semantic_loss(c, batch.prior, 0.5, 0.2, batch.known), cosine)


def test_gradient_is_finite_in_single_precision_if_most_pairs_are_unknown() -> None:
    batch = Batch(6)
    cosine = batch.cosine.float().requires_grad_()
    known = torch.eye(len(cosine), dtype=torch.bool)
    semantic_loss(cosine, batch.prior.float(), known=known).backward()
    assert cosine.grad is not None and torch.isfinite(cosine.grad).all()
    assert (cosine.grad[~known] == 0).all()


def test_objective_is_the_weighted_sum() -> None:
    batch, scale = Batch(7), torch.tensor(13.0)
    objective = Objective(semantic_weight=0.3, mse_share=0.6, temperature=0.2, soft_label_share=0.25)
    images, texts = batch.images.float(), batch.texts.float()
    losses = objective(images, texts, scale, batch.prior, batch.matches, batch.known)
    cosine, known = (images @ texts.T).double().tolist(), batch.known.tolist()
    targets = [
        (0.75 * match_targets(matches).double() + 0.25 * soft_targets(prior, 0.2, mask)).tolist()
        for matches, prior, mask in (
            (batch.matches, batch.prior, batch.known),
            (batch.matches.T, batch.prior.T, batch.known.T),
        )
    ]
    contrastive = slow_contrastive([[13.0 * value for value in row] for row in cosine], *targets)
    semantic = slow_semantic(cosine, batch.prior.tolist(), 0.2, 0.6, known)
    assert float(losses.contrastive) == pytest.approx(contrastive, rel=1e-5)
    assert float(losses.semantic) == pytest.approx(semantic, rel=1e-5)
    assert float(losses.total) == pytest.approx(contrastive + 0.3 * semantic, rel=1e-5)


def renormalised(row: list[float], mask: list[bool], temperature: float) -> list[float]:
    """Compute the softmax of the entries under the mask; 0 for the others."""
    parts = [math.exp(value / temperature) if use else 0.0 for value, use in zip(row, mask, strict=True)]
    return [part / sum(parts) for part in parts]


@given(st.integers(0, 10_000))
def test_negatives_alone_are_renormalised(seed: int) -> None:
    """Of the semantic loss: both distributions are over the known texts that are no matches, each summing to 1."""
    batch, total = Batch(seed), 0.0
    directions = (
        (batch.prior, batch.cosine, batch.known & ~batch.matches),
        (batch.prior.T, batch.cosine.T, (batch.known & ~batch.matches).T),
    )
    for prior, cosine, mask in directions:
        for target, predicted, use in zip(prior.tolist(), cosine.tolist(), mask.tolist(), strict=True):
            if any(use):
                p, q = (renormalised(row, use, 0.07) for row in (target, predicted))
                total += sum(a * math.log(a / b) for a, b in zip(p, q, strict=True) if a) / 7
    objective = Objective(mse_share=0, negatives_only=True)
    scale = torch.tensor(1.0)
    found = objective(batch.images, batch.texts, scale, batch.prior, batch.matches, batch.known).semantic
    assert float(found) == pytest.approx(total / 2, rel=1e-4, abs=1e-6)


def test_soft_labels_among_the_negatives() -> None:
    """A share goes to the texts that are no matches; a row without such a text keeps its hard targets."""
    batch, total = Batch(12), 0.0
    known = batch.known.clone()
    known[3] = batch.matches[3]
    logits = 8.0 * batch.cosine
    for rows, prior, matches, mask in (
        (logits, batch.prior, batch.matches, known & ~batch.matches),
        (logits.T, batch.prior.T, batch.matches.T, (known & ~batch.matches).T),
    ):
        for i, row in enumerate(rows.tolist()):
            hard = [float(match) / sum(matches[i].tolist()) for match in matches[i].tolist()]
            soft = renormalised(prior[i].tolist(), mask[i].tolist(), 0.07) if mask[i].any() else hard
            target = [0.6 * one + 0.4 * other for one, other in zip(hard, soft, strict=True)]
            assert sum(target) == pytest.approx(1)
            total -= sum(t * math.log(p) for t, p in zip(target, softmax(row), strict=True) if t) / 7
    objective = Objective(semantic_weight=0, soft_label_share=0.4, negatives_only=True)
    found = objective(batch.images, batch.texts, torch.tensor(8.0), batch.prior, batch.matches, known)
    assert float(found.total) == pytest.approx(total / 2, rel=1e-5)


def test_the_public_code_compares_rows_alone() -> None:
    batch = Batch(13)
    objective = Objective(mse_share=0.6, semantic_directions="rows", duplicates=False)
    found = objective(batch.images, batch.texts, torch.tensor(1.0), batch.prior)
    cosine, prior = batch.cosine.tolist(), batch.prior.tolist()
    everything = [[True] * 7] * 7
    mse = sum((cosine[i][j] - prior[i][j]) ** 2 for i in range(7) for j in range(7)) / 49
    expected = 0.6 * mse + 0.4 * slow_divergence(prior, cosine, 0.07, everything)
    assert float(found.semantic) == pytest.approx(expected, rel=1e-5)


def test_hard_negatives_are_seen_by_their_own_image_alone() -> None:
    """They enlarge the softmax of their image; the softmax of the texts over the images is as before."""
    batch, scale = Batch(14), 6.0
    negatives = torch.linspace(-0.8, 0.9, 14, dtype=torch.float64).view(7, 2)
    present = torch.arange(14).view(7, 2) % 4 > 0
    total = 0.0
    for i, row in enumerate((scale * batch.cosine).tolist()):
        hard = [scale * n for n, use in zip(negatives[i].tolist(), present[i].tolist(), strict=True) if use]
        total -= math.log(softmax([*row, *hard])[i])
        total -= math.log(softmax((scale * batch.cosine[:, i]).tolist())[i])
    objective = Objective(semantic_weight=0, duplicates=False)
    others = {"negatives": negatives, "has_negative": present}
    found = objective(batch.images, batch.texts, torch.tensor(scale), **others)
    assert float(found.total) == pytest.approx(total / 14, rel=1e-5)
    absent = {**others, "has_negative": torch.zeros_like(present)}
    without = objective(batch.images, batch.texts, torch.tensor(scale))
    ignored = objective(batch.images, batch.texts, torch.tensor(scale), **absent)
    assert float(found.statistics["hard_negatives"]) == pytest.approx(int(present.sum()) / 7)
    assert float(ignored.total) == pytest.approx(float(without.total), rel=1e-6)


def test_lengths_of_texts_scale_the_contrastive_logits_alone() -> None:
    batch = Batch(15)
    lengths = torch.linspace(1, 4, 7, dtype=torch.float64).unsqueeze(1)
    objective = Objective(duplicates=False)
    found, plain = (
        objective(batch.images, batch.texts, torch.tensor(3.0), batch.prior, **others)
        for others in ({"text_lengths": lengths}, {})
    )
    logits = 3.0 * batch.images @ (batch.texts * lengths).T
    own = torch.arange(7)
    expected = sum(torch.nn.functional.cross_entropy(rows, own) for rows in (logits, logits.T)) / 2
    assert float(found.contrastive) == pytest.approx(float(expected), rel=1e-5)
    assert float(found.semantic) == float(plain.semantic)


def test_equal_captions_are_no_negatives() -> None:
    images = torch.eye(3)
    texts = torch.stack([images[0], images[0], images[2]])
    matches, scale = texts @ texts.T > 0.5, torch.tensor(50.0)
    shared, separate = (Objective(semantic_weight=0, duplicates=d) for d in (True, False))
    pulled = images.clone().requires_grad_()
    shared(torch.stack([pulled[0], pulled[0], pulled[2]]), texts, scale, matches=matches).total.backward()
    assert float(shared(images[[0, 0, 2]], texts, scale, matches=matches).total) == pytest.approx(
        math.log(2) * 2 / 3, abs=1e-4
    )
    assert pulled.grad is not None and pulled.grad.abs().max() < 1e-4  # nothing left to push apart
    loss_apart = separate(images, texts, scale, matches=matches).total
    assert float(loss_apart) > float(shared(images, texts, scale, matches=matches).contrastive) - math.log(2)


def test_soft_targets_are_rows_of_probabilities() -> None:
    batch = Batch(8)
    targets = soft_targets(batch.prior, 0.07, batch.known)
    torch.testing.assert_close(targets.sum(1), torch.ones(len(targets), dtype=targets.dtype))
    assert (targets[~batch.known] == 0).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mse_share": 1.2}, "mse_share is 1.2; it has to be from 0 to 1"),
        ({"soft_label_share": -0.1}, "soft_label_share is -0.1"),
        ({"semantic_weight": -1}, "semantic_weight is -1; it has to be at least 0"),
        ({"semantic_weight": float("nan")}, "semantic_weight is nan"),
        ({"temperature": 0}, "temperature is 0; it has to be above 0"),
        ({"contrastive_weight": -1}, "contrastive_weight is -1; it has to be at least 0"),
        ({"semantic_directions": "columns"}, "semantic_directions is 'columns'; allowed: both, rows"),
        ({"contrastive_weight": 0, "semantic_weight": 0}, "the weights of all loss terms are 0; give"),
    ],
)
def test_faulty_settings_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Objective(**settings)


def test_a_missing_prior_and_wrong_shapes_are_refused() -> None:
    batch = Batch(9)
    with pytest.raises(DataError, match="got no prior, but these loss terms follow one: semantic"):
        Objective()(batch.images, batch.texts, torch.tensor(1.0))
    with pytest.raises(
        DataError, match="a batch of 7 images needs as many texts and 7 × 7 matrices, but cosine is 7 × 7"
    ):
        Objective()(batch.images, batch.texts, torch.tensor(1.0), batch.prior[:3])


def test_matches_count_unless_their_embeddings_are_equal() -> None:
    generator = torch.Generator().manual_seed(5)
    images, texts = (torch.nn.functional.normalize(torch.randn(4, 8, generator=generator), dim=-1) for _ in range(2))
    matches = torch.eye(4, dtype=torch.bool)
    matches[0, 1] = matches[1, 0] = True
    equal = texts[[0, 0, 2, 3]]
    arguments = {"logit_scale": torch.tensor(14.0), "matches": matches}
    one, other = (Objective(semantic_weight=0, duplicates=duplicates) for duplicates in (True, False))
    torch.testing.assert_close(one(images, equal, **arguments).total, other(images, equal, **arguments).total)
    assert abs(one(images, texts, **arguments).total - other(images, texts, **arguments).total) > 0.01
