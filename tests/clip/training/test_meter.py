"""The meter, against means by hand."""

from __future__ import annotations

import pytest
import torch

from udt.clip.loss.objective import Losses
from udt.clip.training.meter import Meter


def test_meter_averages_terms_and_excludes_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 12.0, 20.0, 24.0])
    monkeypatch.setattr("udt.clip.training.meter.monotonic", lambda: next(clock))
    meter = Meter()
    assert meter.read() == {}
    meter.restart()
    for values in ((1.0, 0.5), (3.0, 1.5)):
        terms = {name: torch.tensor(value) for name, value in zip(("contrastive", "other"), values, strict=True)}
        statistics = {"own_mass": torch.tensor(values[1] / 2)}
        meter.add(30, Losses(torch.tensor(sum(values)), terms, statistics), torch.tensor(7.0))
    meter.step()  # two seconds, then a pause
    meter.restart()
    meter.step()  # four seconds
    expected = {"contrastive": 2.0, "other": 1.0, "own_mass": 0.5, "logit_scale": 7.0, "samples_per_second": 10.0}
    assert meter.read() == expected and meter.read() == {}
