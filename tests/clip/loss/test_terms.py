"""Loss terms by name, and one that another package adds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.clip.training.conftest import tiny
from tests.entry_points import write_package
from udt.clip.loss.objective import Objective
from udt.clip.loss.terms import LOSS_TERMS
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.training import train
from udt.core.errors import DataError

SPREAD = '''
from udt.clip.loss.terms import LossTerm

def spread(batch, parameters):
    """Mean squared cosine of different images, which keeps them apart."""
    images = batch.image_embeds @ batch.image_embeds.T
    return images.square().mean()

SPREAD = LossTerm(spread)
'''


@pytest.fixture
def spread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package with the term `spread`."""
    folder = tmp_path / "packages"
    folder.mkdir()
    write_package(folder, "udt_spread", "udt.loss_terms", {"spread": "udt_spread:SPREAD"}, SPREAD)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(LOSS_TERMS.__dict__, "_added", raising=False)
    yield
    LOSS_TERMS.__dict__.pop("_added", None)


@pytest.mark.usefixtures("spread")
def test_a_term_of_another_package_is_summed() -> None:
    draw = torch.Generator().manual_seed(0)
    images, texts = (torch.nn.functional.normalize(torch.randn(5, 8, generator=draw), dim=1) for _ in range(2))
    plain = Objective(semantic_weight=0)(images, texts, torch.tensor(9.0))
    more = Objective(semantic_weight=0, terms={"spread": 0.3})(images, texts, torch.tensor(9.0))
    expected = sum(float(a @ b) ** 2 for a in images for b in images) / 25
    assert float(more.terms["spread"]) == pytest.approx(expected, rel=1e-5)
    assert float(more.total) == pytest.approx(float(plain.total) + 0.3 * expected, rel=1e-5)
    assert list(more.terms) == ["contrastive", "semantic", "spread"]


@pytest.mark.usefixtures("spread")
def test_a_run_logs_and_draws_the_terms_that_its_settings_name(bundle_folder: Path, tmp_path: Path) -> None:
    settings = tiny(bundle_folder, tmp_path / "run", 'objective.terms={"spread": 0.5}')
    trained = train(settings)
    lines = [json.loads(line) for line in (trained.run / "metrics.jsonl").read_text().splitlines()]
    for line in (line for line in lines if line["kind"] == "train"):
        total = line["contrastive"] + 0.2 * line["semantic"] + 0.5 * line["spread"]
        assert line["loss"] == pytest.approx(total, rel=1e-4) and line["spread"] > 0
    assert TrainSettings.load(trained.run / "config.toml").objective.terms == {"spread": 0.5}
    assert "spread" in (trained.run / "report.html").read_text()


def test_a_prior_is_needed_if_a_term_with_a_weight_follows_it() -> None:
    assert Objective().needs_prior
    assert not Objective(semantic_weight=0).needs_prior
    assert Objective(semantic_weight=0, soft_label_share=0.1).needs_prior


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        ({"focal": 1.0}, "there is no loss term 'focal'; allowed: contrastive, semantic"),
        ({"semantic": 1.0}, "the weight of the term 'semantic' is semantic_weight"),
        ({"contrastive": -1}, "the weight of the loss term 'contrastive' is -1; it has to be a number of at least 0"),
        ({"contrastive": "high"}, "is 'high'; it has to be a number"),
    ],
)
def test_faulty_terms_are_refused(terms: dict[str, float], problem: str, bundle_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=problem):
        Objective(terms=terms)
    with pytest.raises(DataError, match=f"objective.terms: .*{problem}"):
        tiny(bundle_folder, tmp_path / "run", f"objective.terms={json.dumps(terms)}")


def test_an_objective_without_terms_is_refused(bundle_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no loss term has a weight above 0"):
        Objective(semantic_weight=0, terms={"contrastive": 0})
    with pytest.raises(DataError, match="objective gives no loss term a weight above 0"):
        tiny(bundle_folder, tmp_path / "run", "objective.semantic_weight=0", 'objective.terms={"contrastive": 0}')
