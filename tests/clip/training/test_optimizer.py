"""The parameter groups of the optimizer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from torch import nn

from udt.bundle.reader import Bundle
from udt.clip.training.model_factory import build
from udt.clip.training.optimizer import parameter_groups

from .conftest import tiny


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


def test_one_learning_rate_by_default() -> None:
    model = SimpleNamespace(named_parameters=lambda: nn.ModuleDict({"image_tower": nn.Linear(2, 2)}).named_parameters())
    assert {group["lr"] for group in parameter_groups(model, 0.5)} == {0.5}  # type: ignore[arg-type]
