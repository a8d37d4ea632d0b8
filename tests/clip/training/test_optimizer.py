"""Model and objective joined, the groups of parameters, and the meter: each against sums by hand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from tests.clip.training.conftest import tiny
from udt.bundle.reader import Bundle
from udt.clip.loss.objective import Losses
from udt.clip.training.meter import Meter
from udt.clip.training.model_factory import build
from udt.clip.training.optimizer import parameter_groups


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
        terms = {"contrastive": parts[0], "semantic": parts[1]}
        meter.add(30, Losses(parts[0] + parts[1], terms), torch.tensor(7.0))
    meter.step()  # two seconds, then a pause
    meter.restart()
    meter.step()  # four seconds
    expected = {"contrastive": 2.0, "semantic": 1.0, "logit_scale": 7.0, "samples_per_second": 10.0}
    assert meter.read() == expected and meter.read() == {}
