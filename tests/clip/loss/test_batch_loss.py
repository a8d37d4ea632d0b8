"""Model and objective joined, the groups of parameters, and the meter: each against sums by hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from tests.clip.training.conftest import tiny
from udt.bundle.reader import Bundle
from udt.clip.loss.batch_loss import BatchLoss, matches
from udt.clip.loss.objective import Losses, Objective, contrastive_loss, semantic_loss
from udt.clip.model.dual_encoder import UltrasoundClipOutput
from udt.clip.training.meter import Meter
from udt.clip.training.model_factory import build
from udt.clip.training.optimizer import parameter_groups
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.similarity.multi_hot import multi_hot
from udt.similarity.prior import Missing, PriorTables


def output(count: int) -> UltrasoundClipOutput:
    draw = torch.Generator().manual_seed(0)
    images, texts = (nn.functional.normalize(torch.randn(count, 5, generator=draw), dim=-1) for _ in range(2))
    return UltrasoundClipOutput(images, texts, torch.tensor(10.0))


def slow_prior(bundle: Bundle, samples: list[LabelSet], missing: Missing) -> tuple[torch.Tensor, torch.Tensor]:
    """Means over label pairs and dimensions, one by one; and where there is a dimension to compare."""
    similarity, sets = bundle.similarity(), [sample.ids for sample in samples]
    wanted, known = np.eye(len(sets)), np.eye(len(sets), dtype=bool)
    for i, one in enumerate(sets):
        for j, other in enumerate(sets):
            parts = [
                np.mean([similarity[key][a, b] for a in one[t] for b in other[t]])
                for t, key in enumerate(bundle.vocabulary.keys)
                if one[t] and other[t]
            ]
            if i != j:
                wanted[i, j] = sum(parts) / (len(sets[0]) if missing == "zero" else max(len(parts), 1))
            known[i, j] |= bool(parts)
    return torch.from_numpy(wanted).float(), torch.from_numpy(known)


@pytest.mark.parametrize("missing", ["zero", "mask"])
def test_the_loss_of_a_batch(bundle: Bundle, missing: Missing) -> None:
    """The last three samples have no dimension in common, and the last but one has none at all."""
    first = [bundle.label_set(row) for row in range(8)]
    samples = [*first, *(LabelSet(tuple((0,) if t == place else () for t in range(9))) for place in (0, -1, 1))]
    labels = torch.from_numpy(multi_hot(samples, [len(d) for d in bundle.vocabulary.dimensions]))
    task = BatchLoss(Objective(duplicates=False), PriorTables.torch(bundle.similarity()), missing)
    made = output(len(samples))
    losses = task(made, labels, torch.arange(len(samples)), torch.zeros_like(labels))
    wanted, known = slow_prior(bundle, samples, missing)
    assert not known[-3:, -3:].triu(1).any()
    cosine = made.image_embeds @ made.text_embeds.T  # type: ignore[operator,union-attr]
    semantic = semantic_loss(cosine, wanted, known=None if missing == "zero" else known)
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


def test_a_prompt_fits_every_image_that_has_its_labels() -> None:
    labels = torch.tensor([[1, 1, 0], [1, 0, 0], [0, 1, 1]], dtype=torch.bool)
    said = torch.tensor([[1, 0, 0], [0, 0, 0], [0, 1, 1]], dtype=torch.bool)
    found = matches(labels, torch.arange(3), said)
    assert found.tolist() == [[True, False, False], [True, True, False], [False, False, True]]


def test_a_prior_needs_tables() -> None:
    with pytest.raises(DataError, match="there are no label similarities"):
        BatchLoss(Objective())
    with pytest.raises(DataError, match="give the model both"):
        BatchLoss(Objective(semantic_weight=0))(UltrasoundClipOutput(), *[torch.zeros(2, 3)] * 3)


def test_every_parameter_is_in_one_group(bundle_folder: Path, bundle: Bundle, tmp_path: Path) -> None:
    settings = tiny(bundle_folder, tmp_path / "run")
    model, _ = build(settings.model, bundle.vocabulary, ["a caption", "another caption"])
    groups = parameter_groups(model, 1e-3, 1e-4, 0.1)
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = {names[id(p)]: (group["lr"], group["weight_decay"]) for group in groups for p in group["params"]}
    assert len(found) == sum(len(group["params"]) for group in groups) == len(names)
    for name, parameter in model.named_parameters():
        rate = 1e-4 if name.split(".")[0] in ("image_tower", "text_tower") else 1e-3
        assert found[name] == (rate, 0.1 if parameter.ndim >= 2 else 0.0), name
        if name.endswith("bias") or "norm" in name.lower() or name == "logit_scale":
            assert found[name][1] == 0, name


def test_one_learning_rate_where_no_other_is_given() -> None:
    model = SimpleNamespace(named_parameters=lambda: nn.ModuleDict({"image_tower": nn.Linear(2, 2)}).named_parameters())
    assert {group["lr"] for group in parameter_groups(model, 0.5)} == {0.5}  # type: ignore[arg-type]


def test_the_meter(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 12.0, 20.0, 24.0])
    monkeypatch.setattr("udt.clip.training.meter.monotonic", lambda: next(clock))
    meter = Meter()
    assert meter.read() == {}
    meter.restart()
    for contrastive, semantic in ((1.0, 0.5), (3.0, 1.5)):
        parts = torch.tensor(contrastive), torch.tensor(semantic)
        meter.add(30, Losses(parts[0] + parts[1], *parts), torch.tensor(7.0))
    meter.step()  # two seconds, then a pause
    meter.restart()
    meter.step()  # four seconds
    expected = {"contrastive": 2.0, "semantic": 1.0, "logit_scale": 7.0, "samples_per_second": 10.0}
    assert meter.read() == expected and meter.read() == {}
