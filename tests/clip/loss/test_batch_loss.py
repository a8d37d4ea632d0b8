"""The loss of a batch, against means over label pairs one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from udt.bundle.reader import Bundle
from udt.clip.loss.batch_loss import BatchLoss, Labelled, matches
from udt.clip.loss.contrastive import contrastive_loss
from udt.clip.loss.objective import Objective
from udt.clip.loss.semantic import semantic_loss
from udt.clip.model.dual_encoder import UltrasoundClipOutput
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.similarity.multi_hot import multi_hot
from udt.similarity.prior import Missing, PriorTables


def output(count: int) -> UltrasoundClipOutput:
    draw = torch.Generator().manual_seed(0)
    images, texts = (nn.functional.normalize(torch.randn(count, 5, generator=draw), dim=-1) for _ in range(2))
    return UltrasoundClipOutput(images, texts, torch.tensor(10.0))


def slow_prior(bundle: Bundle, samples: list[LabelSet], missing: Missing) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the means over label pairs and dimensions one by one, and whether any dimension can be compared."""
    similarity, sets = bundle.similarity(), [sample.ids for sample in samples]
    expected, known = np.eye(len(sets)), np.eye(len(sets), dtype=bool)
    for i, one in enumerate(sets):
        for j, other in enumerate(sets):
            parts = [
                np.mean([similarity[key][a, b] for a in one[t] for b in other[t]])
                for t, key in enumerate(bundle.vocabulary.keys)
                if one[t] and other[t]
            ]
            if i != j:
                expected[i, j] = sum(parts) / (len(sets[0]) if missing == "zero" else max(len(parts), 1))
            known[i, j] |= bool(parts)
    return torch.from_numpy(expected).float(), torch.from_numpy(known)


@pytest.mark.parametrize("missing", ["zero", "mask"])
def test_the_loss_of_a_batch(bundle: Bundle, missing: Missing) -> None:
    """The last three samples have no dimension in common, and the last but one has none at all."""
    first = [bundle.label_set(row) for row in range(8)]
    samples = [*first, *(LabelSet(tuple((0,) if t == place else () for t in range(9))) for place in (0, -1, 1))]
    labels = torch.from_numpy(multi_hot(samples, [len(d) for d in bundle.vocabulary.dimensions]))
    task = BatchLoss(Objective(duplicates=False), PriorTables.torch(bundle.similarity()), missing, match_prior=False)
    made = output(len(samples))
    losses = task(made, labels, torch.arange(len(samples)), torch.zeros_like(labels))
    expected, known = slow_prior(bundle, samples, missing)
    assert not known[-3:, -3:].triu(1).any()
    cosine = made.image_embeds @ made.text_embeds.T  # type: ignore[operator,union-attr]
    known = torch.ones_like(known) if missing == "zero" else known
    directions = (cosine, expected, known), (cosine.T, expected.T, known.T)
    semantic = torch.stack([semantic_loss(one, other, known=mask) for one, other, mask in directions]).mean()
    contrastive = contrastive_loss(10 * cosine, *[torch.eye(len(samples))] * 2)
    torch.testing.assert_close(losses.semantic, semantic)
    torch.testing.assert_close(losses.total, contrastive + 0.2 * semantic)


def test_equal_captions_are_matches() -> None:
    made, task = output(4), BatchLoss(Objective(semantic_weight=0))
    labels = torch.zeros(4, 3, dtype=torch.bool)
    none = torch.zeros_like(labels)
    equal, different = (
        task(made, labels, groups, none).total for groups in (torch.tensor([0, 0, 1, 2]), torch.arange(4))
    )
    assert equal != different


def test_a_prompt_matches_every_image_that_has_its_labels() -> None:
    labels = torch.tensor([[1, 1, 0], [1, 0, 0], [0, 1, 1]], dtype=torch.bool)
    prompt_labels = torch.tensor([[1, 0, 0], [0, 0, 0], [0, 1, 1]], dtype=torch.bool)
    samples = Labelled(labels, torch.arange(3), prompt_labels)
    found = matches(samples, samples)
    assert found.tolist() == [[True, False, False], [True, True, False], [False, False, True]]


def test_hard_negatives_follow_the_texts(bundle: Bundle) -> None:
    """Text B · k + i is the k-th negative of image i; so are their lengths."""
    count, draw = 4, torch.Generator().manual_seed(2)
    images, texts = (nn.functional.normalize(torch.randn(n, 5, generator=draw), dim=-1) for n in (count, 3 * count))
    lengths = 1 + torch.rand(3 * count, generator=draw)
    present = torch.tensor([[True, False], [True, True], [False, False], [False, True]])
    none = torch.zeros(count, 3, dtype=torch.bool)
    task = BatchLoss(Objective(semantic_weight=0, duplicates=False))
    made = UltrasoundClipOutput(images, texts, torch.tensor(6.0), text_lengths=lengths)
    logits = 6 * images @ (texts * lengths.unsqueeze(1)).T
    total = 0.0
    for i in range(count):
        hard = [logits[i, count * (k + 1) + i] for k in range(2) if present[i, k]]
        forward = torch.stack([*logits[i, :count], *hard]).log_softmax(0)[i]
        total -= float(forward + logits[:, i].log_softmax(0)[i]) / (2 * count)
    assert float(task(made, none, torch.arange(count), none, present).total) == pytest.approx(total, rel=1e-5)


def test_a_prior_needs_tables() -> None:
    with pytest.raises(DataError, match="there are no label similarities"):
        BatchLoss(Objective())
    with pytest.raises(DataError, match="give the model both"):
        BatchLoss(Objective(semantic_weight=0))(UltrasoundClipOutput(), *[torch.zeros(2, 3)] * 3)
