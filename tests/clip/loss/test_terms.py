"""Loss terms of another package: computed, weighted and checked like the built-in ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from udt.clip.loss.objective import Objective
from udt.core.errors import DataError

pytestmark = pytest.mark.usefixtures("loss_package")


def embeddings(count: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(0)
    images, texts = (torch.nn.functional.normalize(torch.randn(count, 5, generator=rng), dim=-1) for _ in range(2))
    return images, texts, torch.tensor(10.0)


def slow_uniformity(texts: torch.Tensor) -> float:
    rows = texts.double()
    values = [float(torch.exp(-2 * (a - b).square().sum())) for i, a in enumerate(rows) for b in rows[:i]]
    return sum(values) / len(values)


def test_a_term_is_added_to_the_total() -> None:
    images, texts, scale = embeddings()
    prior = torch.eye(4)
    plain = Objective()(images, texts, scale, prior)
    found = Objective(terms={"uniformity": 0.5})(images, texts, scale, prior)
    assert list(found.terms) == ["contrastive", "semantic", "uniformity"]
    assert float(found.terms["uniformity"]) == pytest.approx(slow_uniformity(texts), rel=1e-5)
    torch.testing.assert_close(found.total, plain.total + 0.5 * found.terms["uniformity"])
    for name in plain.terms:
        torch.testing.assert_close(found.terms[name], plain.terms[name])


def test_the_built_in_terms_are_summed_exactly() -> None:
    images, texts, scale = embeddings()
    found = Objective(semantic_weight=0.3)(images, texts, scale, torch.eye(4))
    assert torch.equal(found.total, found.contrastive + 0.3 * found.semantic)
    alone = Objective(semantic_weight=0)(images, texts, scale)
    assert torch.equal(alone.total, alone.contrastive) and float(alone.semantic) == 0


def test_a_term_of_weight_0_is_not_even_imported() -> None:
    found = Objective(semantic_weight=0, terms={"absent": 0})(*embeddings())
    assert float(found.terms["absent"]) == 0 and torch.equal(found.total, found.contrastive)
    assert "udt_test_losses" not in sys.modules


def test_a_term_that_needs_a_prior_gets_one() -> None:
    objective = Objective(semantic_weight=0, terms={"disagreement": 1})
    assert objective.needs_prior and not Objective(semantic_weight=0, terms={"uniformity": 1}).needs_prior
    images, texts, scale = embeddings()
    with pytest.raises(DataError, match="got no prior, but these loss terms follow one: disagreement"):
        objective(images, texts, scale)
    found = objective(images, texts, scale, torch.eye(4))
    expected = [abs(float(images[i] @ texts[j]) - (i == j)) for i in range(4) for j in range(4)]
    assert float(found.terms["disagreement"]) == pytest.approx(sum(expected) / 16, rel=1e-5)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"semantic": 0.1}, "'semantic' is not a further term; set its weight with semantic_weight"),
        ({"contrastive": 0.1}, "'contrastive' is not a further term; set its weight with contrastive_weight"),
        (
            {"uniformty": 0.1},
            "there is no loss term 'uniformty' to add; allowed: sigmoid, absent, .*uniformity",
        ),
        ({"learning_rate": 0.1}, "the loss term 'learning_rate' has the name of another metric"),
        ({"uniformity": -1}, "the weight of the loss term 'uniformity' is -1; it has to be a number, at least 0"),
        ({"uniformity": float("nan")}, "the weight of the loss term 'uniformity' is nan"),
        ({"uniformity": True}, "the weight of the loss term 'uniformity' is True"),
        ({"uniformity": "much"}, "the weight of the loss term 'uniformity' is much"),
    ],
    ids=["semantic", "contrastive", "unknown", "reserved", "negative", "nan", "bool", "text"],
)
def test_faulty_terms_are_refused(terms: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Objective(terms=terms)


def test_a_term_that_cannot_be_imported_is_named() -> None:
    with pytest.raises(DataError, match="'absent' of the package udt_test_losses cannot be imported"):
        _ = Objective(terms={"absent": 0.1}).needs_prior


def test_a_term_that_returns_no_scalar_is_named() -> None:
    with pytest.raises(DataError, match="the loss term 'shapeless' returned a tensor of shape 4 × 4"):
        Objective(semantic_weight=0, terms={"shapeless": 1})(*embeddings())


def test_without_another_package_there_is_nothing_to_add(loss_package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if folder != str(loss_package)])
    with pytest.raises(DataError, match="there is no loss term 'uniformity' to add; allowed: sigmoid"):
        Objective(terms={"uniformity": 0.1})
