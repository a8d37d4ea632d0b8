"""Damaged settings of a training are worded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.mutations import mutations
from tests.clip.training.conftest import tiny
from udt.clip.settings.settings import TrainSettings
from udt.core.errors import DataError


def test_damaged_settings_are_read_or_worded(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    sample = tiny(tmp_path, tmp_path / "run", "optimization.epochs=1").to_toml().encode()
    read = 0
    for data in mutations(sample, 400, seed=11):
        path.write_bytes(data)
        try:
            TrainSettings.load(path)
        except DataError:
            continue
        read += 1
    assert read


@pytest.mark.parametrize("change", [
    f"optimization.lr={'9' * 5000}", f"run.seed={'9' * 400}", f"optimization.lr={'9' * 400}", "optimization.lr=nan",
    "optimization.batch_size=inf", "model.image=[]", "model.image={}", "model.image={model_type=[]}",
    "model.image={model_type=5}", f"model={'[' * 3000}", "run.seed=2020-01-01", "objective.terms=5",
    "objective.terms={contrastive=[]}", "objective.terms={contrastive={}}", "data.bundle={}", "run.out=5",
    "model.text={model_type='bert', hidden_size='x'}", "model.text={model_type='bert', num_hidden_layers=1000000000}",
    "model.text={model_type='bert', vocab_size='many'}", "augmentation.rotation=[]", "run.device=5",
])  # fmt: skip
def test_values_of_a_wrong_kind(tmp_path: Path, change: str) -> None:
    paths = [f"data.bundle={tmp_path}", f"run.out={tmp_path}"]
    TrainSettings.load(None, changes=paths)
    with pytest.raises(DataError):
        TrainSettings.load(None, changes=[*paths, change])
