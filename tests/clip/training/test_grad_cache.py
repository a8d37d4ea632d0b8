"""Gradients of a batch in chunks, against those of one pass that keeps all activations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

from udt.bundle.reader import Bundle
from udt.clip.data.collator import Collator
from udt.clip.data.dataset import BundleDataset
from udt.clip.data.negatives import HardNegatives
from udt.clip.data.prompts import PromptMix
from udt.clip.loss.batch_loss import BatchLoss
from udt.clip.loss.objective import Losses, Objective
from udt.clip.model.dual_encoder import UltrasoundClipModel, UltrasoundClipOutput
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.grad_cache import cached_gradients, chunks
from udt.clip.training.model_factory import build
from udt.clip.training.training import train
from udt.core.errors import DataError
from udt.similarity.prior import PriorTables

from .conftest import SIZE, TINY, tiny
from .test_training import lines, weights

SAMPLES = 7
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
NO_RANDOMNESS = (
    "model.graph_dropout=0",
    "model.graph_drop=0",
    *(f"model.{half}={json.dumps({**TINY['model'][half], **NO_DROPOUT})}" for half in ("image", "text")),
)
BATCH_NORM = {
    "model_type": "resnet", "image_size": SIZE, "embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1],
    "layer_type": "basic",
}  # fmt: skip

# An objective that uses everything, with a bias; the reference, whose texts have lengths; and plain cosines.
VARIANTS: dict[str, tuple[Objective, tuple[str, ...]]] = {
    "everything": (
        Objective(soft_label_share=0.3, negatives_only=True, terms={"sigmoid": 0.1}),
        ("model.logit_bias=-10", 'objective.terms={"sigmoid": 0.1}', "model.graph_places=true"),
    ),
    "lengths": (
        Objective(semantic_directions="rows", mse_share=0.6, duplicates=False),
        ('model.graph_kind="convolution"', 'model.fusion="single-key"'),
    ),
    "no graph": (Objective(semantic_weight=0), ('model.graph="none"',)),
}


class Step(NamedTuple):
    """A model, the inputs of a batch with prompts and hard negatives, and its losses."""

    model: UltrasoundClipModel
    inputs: dict[str, torch.Tensor]
    loss: Callable[[UltrasoundClipOutput], Losses]


def prepared(bundle: Bundle, settings: TrainSettings, objective: Objective) -> Step:
    torch.manual_seed(0)
    similarity, rows = bundle.similarity(), bundle.split("train")
    model, processor = build(settings.model, bundle.vocabulary, (caption or "" for caption in bundle.captions(rows)))
    collate = Collator(
        processor,
        bundle,
        graph=settings.model.graph,
        mix=PromptMix(0.3, 2),
        negatives=HardNegatives(bundle.vocabulary, similarity, 2, "both"),
    )
    data = BundleDataset(bundle, rows, processor.image)
    inputs = collate([data[index] for index in range(SAMPLES)])
    own = {name: inputs.pop(name) for name in ("labels", "groups", "prompt_labels", "has_negative")}
    assert own["prompt_labels"].any() and own["has_negative"].any() and len(inputs["input_ids"]) == 3 * SAMPLES
    task = BatchLoss(objective, PriorTables.torch(similarity))
    return Step(model.train(), inputs, lambda output: task(output, **own))


def gradients(model: UltrasoundClipModel) -> dict[str, torch.Tensor]:
    found = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    return found


def one_pass(step: Step, size: int) -> tuple[Losses, dict[str, torch.Tensor]]:
    """Embed the chunks one after the other, all with gradient, and compute the loss of their concatenation."""
    outputs, starts = [], range(0, SAMPLES, size)
    for start in starts:
        own = [place for place in range(3 * SAMPLES) if start <= place % SAMPLES < start + size]
        part = {
            name: rows[own] if len(rows) > SAMPLES else rows[start : start + size] for name, rows in step.inputs.items()
        }
        outputs.append(step.model(**part))
    order = [place for start in starts for place in range(3 * SAMPLES) if start <= place % SAMPLES < start + size]
    back = torch.tensor(order).argsort()
    joint: dict[str, Any] = {"image_embeds": torch.cat([one.image_embeds for one in outputs])}
    joint["text_embeds"] = torch.cat([one.text_embeds for one in outputs])[back]
    if outputs[0].text_lengths is not None:
        joint["text_lengths"] = torch.cat([one.text_lengths for one in outputs])[back]
    scalars = {"logit_scale": outputs[0].logit_scale, "logit_bias": outputs[0].logit_bias}
    losses = step.loss(UltrasoundClipOutput(**joint, **scalars))
    losses.total.backward()
    return losses, gradients(step.model)


def cached(step: Step, size: int) -> tuple[Losses, dict[str, torch.Tensor]]:
    parts = chunks(step.inputs, SAMPLES, size)
    losses, _ = cached_gradients(step.model, parts, step.loss, lambda part: part.backward())
    return losses, gradients(step.model)


def check_equal(one: tuple[Losses, Any], other: tuple[Losses, Any], **tolerance: float) -> None:
    torch.testing.assert_close(one[0].total, other[0].total, check_device=False, **tolerance)
    for name, value in other[0].terms.items():
        torch.testing.assert_close(one[0].terms[name], value.detach(), **tolerance)
    assert one[0].statistics.keys() == other[0].statistics.keys()
    assert one[1].keys() == other[1].keys()
    for name, value in other[1].items():
        torch.testing.assert_close(one[1][name], value, msg=lambda text, name=name: f"{name}: {text}", **tolerance)


@pytest.mark.parametrize("size", [1, 3, 7])
@pytest.mark.parametrize("variant", list(VARIANTS))
def test_chunks_have_the_gradients_of_one_large_batch(
    bundle: Bundle, bundle_folder: Path, tmp_path: Path, variant: str, size: int
) -> None:
    objective, changes = VARIANTS[variant]
    step = prepared(bundle, tiny(bundle_folder, tmp_path, *NO_RANDOMNESS, *changes), objective)
    losses = step.loss(step.model(**step.inputs))
    losses.total.backward()
    whole = losses, gradients(step.model)
    assert set(whole[1]) == {name for name, p in step.model.named_parameters() if p.requires_grad}
    check_equal(cached(step, size), whole, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("variant", list(VARIANTS))
def test_both_passes_have_the_same_dropout(bundle: Bundle, bundle_folder: Path, tmp_path: Path, variant: str) -> None:
    """With dropout in the towers and the graph, and dropped graphs; the generator ends in the same state, too."""
    objective, changes = VARIANTS[variant]
    changes = (*changes, "model.graph_dropout=0.4", "model.graph_drop=0.3")
    step = prepared(bundle, tiny(bundle_folder, tmp_path, *changes), objective)
    found, after = [], []
    for compute in (cached, one_pass):
        torch.manual_seed(5)
        found.append(compute(step, 3))
        after.append(torch.get_rng_state())
    check_equal(found[0], found[1], rtol=1e-3, atol=1e-4)
    assert torch.equal(*after)
    torch.manual_seed(6)
    other, _ = cached(step, 3)
    assert float(other.total) != float(found[0][0].total)


def test_gradients_are_synchronised_in_the_last_chunk_alone(
    bundle: Bundle, bundle_folder: Path, tmp_path: Path
) -> None:
    step = prepared(bundle, tiny(bundle_folder, tmp_path), Objective())
    inside, found = [False], []

    @contextmanager
    def unsynchronised() -> Iterator[None]:
        inside[0] = True
        yield
        inside[0] = False

    def forward(module: torch.nn.Module, arguments: object, output: object) -> None:
        if torch.is_grad_enabled():
            found.append(("forward", inside[0]))

    def backward(part: torch.Tensor) -> None:
        found.append(("backward", inside[0]))
        part.backward()

    step.model.register_forward_hook(forward)
    cached_gradients(step.model, chunks(step.inputs, SAMPLES, 3), step.loss, backward, unsynchronised)
    assert found == [(name, early) for early in (True, True, False) for name in ("forward", "backward")]


def test_running_statistics_are_updated_once(bundle: Bundle, bundle_folder: Path, tmp_path: Path) -> None:
    settings = tiny(bundle_folder, tmp_path, *NO_RANDOMNESS, f"model.image={json.dumps(BATCH_NORM)}")
    found = []
    for compute in (cached, one_pass):
        step = prepared(bundle, settings, Objective())
        found.append((compute(step, 3), dict(step.model.named_buffers())))
    check_equal(found[0][0], found[1][0], rtol=1e-3, atol=1e-4)
    assert any(name.endswith("running_mean") for name in found[0][1])
    for name, buffer in found[1][1].items():
        torch.testing.assert_close(found[0][1][name], buffer, msg=name)


def test_autocast(bundle: Bundle, bundle_folder: Path, tmp_path: Path) -> None:
    """Each forward pass has its own autocast, as the training has it: none uses weights rounded without gradient."""
    step = prepared(bundle, tiny(bundle_folder, tmp_path, *NO_RANDOMNESS), Objective())
    step.model.forward = torch.autocast("cpu", torch.bfloat16)(step.model.forward)  # type: ignore[method-assign]
    check_equal(cached(step, 3), one_pass(step, 3), rtol=1e-3, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_training_in_chunks_is_that_of_whole_batches(bundle_folder: Path, tmp_path: Path, precision: str) -> None:
    """With accumulated gradients of two batches, hard negatives and prompts; weights, metrics and best model."""
    changes = (
        *NO_RANDOMNESS, f'optimization.precision="{precision}"', "optimization.accumulation=2",
        "objective.hard_negatives=1", "data.prompt_share=0.3", "optimization.lr=1e-4",
    )  # fmt: skip
    whole, parts = (
        train(tiny(bundle_folder, tmp_path / str(size), *changes, f"optimization.chunk_size={size}")) for size in (0, 3)
    )
    tolerance = 1e-4 if precision == "fp32" else 2e-2
    for one, other in zip(lines(whole.run), lines(parts.run), strict=True):
        for name in ("loss", "contrastive", "semantic", "effective_positives", "hard_negatives", "grad_norm"):
            if name in one:
                assert other[name] == pytest.approx(one[name], rel=tolerance), name
    if precision == "fp32":
        alone, together = weights(whole.run), weights(parts.run)
        for name in alone:
            torch.testing.assert_close(together[name], alone[name], rtol=1e-3, atol=2e-4, msg=name)


def test_a_compiled_model_is_not_embedded_in_chunks(bundle_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"optimization.chunk_size is 4, .* set optimization.compile = false"):
        tiny(bundle_folder, tmp_path, "optimization.chunk_size=4", "optimization.compile=true")
