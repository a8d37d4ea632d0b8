"""Settings: presets, the order of layers, TOML, and messages with all faults at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ten_tasks import with_tenth
from udt.bundle.reader import TAXONOMY
from udt.clip.settings.preset import BASE, preset_changes, presets
from udt.clip.settings.settings import TrainSettings
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary

PAPER = {
    "model.image": "google/vit-base-patch16-224",
    "model.text": "emilyalsentzer/Bio_ClinicalBERT",
    "model.graph": "labels",
    "objective.semantic_weight": 0.2,
    "objective.mse_share": 0.2,
    "objective.temperature": 0.07,
    "objective.soft_label_share": 0.0,
    "objective.missing": "zero",
    "optimization.batch_size": 128,
    "optimization.epochs": 50,
    "optimization.max_steps": 0,
}


# The differences of our default, and those of the public code of the authors, from the publication.
UDT = {"model.graph": "text", "objective.missing": "mask", "objective.match_prior": True}
REFERENCE = {
    "model.graph_kind": "convolution",
    "model.fusion": "single-key",
    "model.graph_drop": 0.0,
    "model.graph_places": True,
    "objective.semantic_directions": "rows",
    "objective.mse_share": 0.6,
    "objective.duplicates": False,
}


def value(found: TrainSettings, path: str) -> object:
    section, key = path.split(".")
    return getattr(getattr(found, section), key)


def places(tmp_path: Path) -> tuple[str, str]:
    return f'data.bundle="{tmp_path}"', f'run.out="{tmp_path / "run"}"'


def faults(tmp_path: Path, *changes: str) -> str:
    with pytest.raises(DataError) as caught:
        TrainSettings.load(preset="paper", changes=(*places(tmp_path), *changes))
    return str(caught.value)


def test_the_paper() -> None:
    found = TrainSettings.load(preset="paper", check=False)
    assert {path: value(found, path) for path in PAPER} == PAPER


def test_the_default_is_ours(tmp_path: Path) -> None:
    assert BASE == "udt"
    (tmp_path / "own.toml").write_text("")
    for found in (TrainSettings.load(check=False), TrainSettings.load(tmp_path / "own.toml", check=False)):
        assert found == TrainSettings.load(preset="udt", check=False)


@pytest.mark.parametrize(("name", "changed"), [("udt", UDT), ("reference", REFERENCE)])
def test_differences_from_the_paper(name: str, changed: dict[str, object]) -> None:
    paper, own = (TrainSettings.load(preset=preset, check=False) for preset in ("paper", name))
    assert {path: value(own, path) for path in own.differences(paper)} == changed


@pytest.mark.parametrize("name", presets())
def test_presets_are_complete(name: str, tmp_path: Path) -> None:
    found = TrainSettings.load(preset=name, changes=places(tmp_path))
    assert found.run.out == str(tmp_path / "run")


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("no-graph", {"model.graph"}),
        ("no-semantic", {"objective.semantic_weight"}),
        ("plain", {"model.graph", "objective.semantic_weight"}),
    ],
)
def test_an_ablation_changes_nothing_else(name: str, changed: set[str]) -> None:
    base, own = (TrainSettings.load(preset=preset, check=False) for preset in (BASE, name))
    assert set(own.differences(base)) == changed
    assert {f"{s}.{key}" for s, table in preset_changes(name).items() for key in table} == changed


def test_later_layers_win(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('extends = "tiny"\n[run]\nseed = 1\nkeep = 7\n')
    (tmp_path / "own.toml").write_text('extends = "base.toml"\n[run]\nseed = 2\n')
    found = TrainSettings.load(tmp_path / "own.toml", changes=["run.out=some/where", "run.device=cpu"], check=False)
    assert (found.run.keep, found.run.seed, found.run.out, found.run.device) == (7, 2, "some/where", "cpu")
    assert found.model == TrainSettings.load(preset="tiny", check=False).model


def test_a_tower_is_replaced_as_a_whole() -> None:
    change = 'model.image={model_type="vit",image_size=32}'
    found = TrainSettings.load(preset="tiny", changes=[change], check=False)
    assert found.model.image == {"model_type": "vit", "image_size": 32}


def test_settings_survive_toml(tmp_path: Path) -> None:
    found = TrainSettings.load(preset="tiny", changes=places(tmp_path))
    (tmp_path / "config.toml").write_text(found.to_toml())
    assert TrainSettings.load(tmp_path / "config.toml") == found


PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tower=st.dictionaries(st.text(min_size=1), PLAIN, max_size=3),
    out=st.text(),
    root=st.none() | st.text(),
    lr=st.floats(1e-300, 1e300),
)
def test_any_settings_survive_toml(
    tmp_path: Path, tower: dict[str, object], out: str, root: str | None, lr: float
) -> None:
    layer = {
        "model": {"image": tower},
        "data": {} if root is None else {"image_root": root},
        "optimization": {"lr": lr},
        "run": {"out": out},
    }
    layers = [("preset paper", preset_changes("paper")), ("test", layer)]
    found = TrainSettings.of(layers, check=False)
    (tmp_path / "config.toml").write_bytes(found.to_toml().encode())
    assert TrainSettings.load(tmp_path / "config.toml", check=False) == found


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, "optimization.lr=-1", "runn.seed=1", "data.bundle=nowhere", "objective.tau=1")
    assert found.startswith("the settings have 4 faults:\n  - ")
    assert "optimization.lr is -1 (--set optimization.lr=-1); allowed: a number above 0" in found
    assert "there is no setting runn (--set runn.seed=1); did you mean 'run'?" in found
    assert 'data.bundle is "nowhere", which does not exist' in found
    assert "there is no setting objective.tau (--set objective.tau=1)" in found


FAULTS = {
    "text for number": ("optimization.lr=fast", 'optimization.lr is "fast"'),
    "number for flag": (
        "model.graph_places=1",
        "model.graph_places is 1 (--set model.graph_places=1); allowed: true or",
    ),
    "flag for a source": ("model.graph=true", "model.graph is true (--set model.graph=true); allowed: "),
    "flag for number": ("run.seed=true", "allowed: a whole number from 0 to 4.29497e+09"),
    "fraction for whole": ("optimization.epochs=1.5", "optimization.epochs is 1.5"),
    "out of range": ("objective.mse_share=1.1", "allowed: a number from 0 to 1"),
    "infinite": ("optimization.lr=inf", "optimization.lr is Infinity"),
    "not a number": ("optimization.lr=nan", "optimization.lr is NaN"),
    "not among": ("objective.missing=skip", 'allowed: "zero", "mask"'),
    "close key": ("optimization.batchsize=4", "did you mean 'batch_size'?"),
    "section as value": ("model.image=3", "allowed: a text or a table"),
    "no such tower folder": ("model.image=./vit", 'model.image is "./vit", which does not exist'),
    "no tower": ("model.text=", "model.text is empty"),
    "no such type of tower": ('model.image={model_type="vitt"}', 'model.image.model_type is "vitt"'),
    "no type of tower": ("model.image={depth=3}", "model.image.model_type is null"),
    "key of a tower": ('model.text={model_type="bert",hiden_size=8}', "did you mean 'hidden_size'?"),
    "too few places": (
        'model.text={model_type="bert",max_position_embeddings=64}',
        "model.max_length is 128, but model.text has max_position_embeddings = 64",
    ),
    "heads": ("model.graph_heads=3", "model: graph_dim is 128, which 3 graph_heads do not divide"),
    "no similarity": ("objective.similarity=no", 'objective.similarity is "no", which does not exist'),
    "no loss term": ("objective.terms={focal=0.1}", "objective.terms: there is no loss term 'focal' to add"),
    "loss term as number": (
        "objective.terms=0.1",
        "objective.terms is 0.1 (--set objective.terms=0.1)",
    ),
    "no bias": (
        "objective.terms={sigmoid=1}",
        "model.logit_bias is not given, but a loss term needs it; start from -10: model.logit_bias = -10",
    ),
    "unused bias": ("model.logit_bias=-10", "model.logit_bias is -10, but no loss term uses it; leave it out, or add"),
    "kinds of negatives": ("objective.hard_negative_kinds=far", 'allowed: "near", "denied", "both"'),
    "graph of the code": (
        "model.graph_kind=convolution",
        "model: graph_kind 'convolution' needs graph_backend 'dense'",
    ),
    "tasks as number": ("data.tasks=3", "data.tasks is 3 (--set data.tasks=3); allowed: a text or a list"),
    "task as number": ('data.tasks=["organ",2]', 'data.tasks is ["organ", 2]; it has to be a text or a list of texts'),
    "no image root": ("data.image_root=no", 'data.image_root is "no", which does not exist'),
    "no run": ("run.out=", "run.out is not given; give a folder for the run: --out FOLDER"),
    "metric": ("evaluation.metric=auc", 'evaluation.metric is "auc"'),
    "augmentation": ("augmentation.rotation=90", "augmentation.rotation is 90"),
}


@pytest.mark.parametrize(("change", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_has_its_message(tmp_path: Path, change: str, message: str) -> None:
    found = faults(tmp_path, change)
    assert found.startswith("the settings have a fault:\n") and message in found


def test_tasks_are_those_of_the_bundle(tmp_path: Path, vocabulary: Vocabulary) -> None:
    """Unknown ones are refused before the bundle is opened; what else is wrong with it is found then."""
    for choice in ("all", "paper", "orientation", '["paper","orientation"]', "diagnosis,shape"):
        assert TrainSettings.load(preset="paper", changes=(*places(tmp_path), f"data.tasks={choice}"))
    (tmp_path / TAXONOMY).write_text(json.dumps(with_tenth(vocabulary).to_json()))
    for choice in ("all", "paper", "orientation", '["paper","orientation"]', "diagnosis,shape"):
        assert TrainSettings.load(preset="paper", changes=(*places(tmp_path), f"data.tasks={choice}"))
    found = faults(tmp_path, 'data.tasks=["paper","texture"]')
    assert 'data.tasks is ["paper", "texture"]: no dimension or profile is called' in found
    assert "'texture'; allowed: all, paper, body_system, organ" in found and found.endswith("vascularity, orientation")
    assert "data.tasks is []: no dimension is chosen; allowed: all" in faults(tmp_path, "data.tasks=[]")
    (tmp_path / TAXONOMY).write_text("no JSON")
    assert TrainSettings.load(preset="paper", changes=(*places(tmp_path), "data.tasks=texture"))


def test_a_training_without_any_loss_is_refused(tmp_path: Path) -> None:
    found = faults(tmp_path, "objective.contrastive_weight=0", "objective.semantic_weight=0")
    assert "objective: the weights of all loss terms are 0; give contrastive_weight or a further term one" in found


def test_weights_are_of_tasks_of_the_training(tmp_path: Path, vocabulary: Vocabulary) -> None:
    """Without a vocabulary there is nothing to compare with yet; the training does it."""
    change = "objective.task_weights={organ=2,colour=1,shape=-1}"
    assert TrainSettings.load(preset="paper", changes=(*places(tmp_path), change))
    (tmp_path / TAXONOMY).write_text(json.dumps(vocabulary.to_json()))
    found = faults(tmp_path, change, 'data.tasks=["organ","shape"]')
    assert "objective.task_weights: the prior has no task 'colour' to weigh; allowed: organ, shape" in found
    assert "objective.task_weights: the weight of the task 'shape' is -1; it has to be a number, at least 0" in found


def test_a_change_needs_a_key() -> None:
    with pytest.raises(DataError, match=r"is not 'section.key=value', e.g. optimization.lr=1e-4"):
        TrainSettings.load(preset="paper", changes=["lr=3"])


def test_faulty_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a.toml: no such file; .*--preset demo\|no-graph"):
        TrainSettings.load(tmp_path / "a.toml")
    (tmp_path / "a.toml").write_text("[run\n")
    with pytest.raises(DataError, match=r"a.toml: is not valid TOML"):
        TrainSettings.load(tmp_path / "a.toml")
    (tmp_path / "a.toml").write_text('extends = "a.toml"')
    with pytest.raises(DataError, match=r"a.toml: extends itself"):
        TrainSettings.load(tmp_path / "a.toml")
    (tmp_path / "a.toml").write_text('extends = "papier"')
    with pytest.raises(DataError, match="there is no preset 'papier'; allowed: demo, "):
        TrainSettings.load(tmp_path / "a.toml")
    (tmp_path / "a.toml").write_text("run = 3\n")
    with pytest.raises(DataError, match=r"run is 3 \(.*a.toml\); it has to be a section"):
        TrainSettings.load(tmp_path / "a.toml")


def test_settings_that_the_machine_does_not_support(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert 'run.device is "cuda", but torch sees no GPU' in faults(tmp_path, "run.device=cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Old GPU")
    assert 'optimization.precision is "bf16", which Old GPU does not support' in faults(tmp_path)
    monkeypatch.setattr("udt.clip.settings.checks.find_spec", lambda name: None)
    assert "run.tensorboard is true, but it is not installed" in faults(tmp_path, "run.tensorboard=true")
    assert 'graph_backend is "dgl", which is not installed' in faults(tmp_path, "model.graph_backend=dgl")


def test_processes_share_a_batch_equally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    assert "batch_size is 128, which 3 processes cannot share equally" in faults(tmp_path)


def test_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b").mkdir()
    found = TrainSettings.load(preset="tiny", changes=["data.bundle=b", "run.out=r"]).resolved()
    assert (found.data.bundle, found.run.out) == (str(tmp_path / "b"), str(tmp_path / "r"))
    assert TrainSettings.load(preset="paper", check=False).resolved().model.image == "google/vit-base-patch16-224"


def test_paths_are_no_difference() -> None:
    one, other = (
        TrainSettings.load(preset="paper", changes=changes, check=False)
        for changes in (["run.out=a", "data.workers=1"], ["run.out=b", "data.bundle=c", "run.seed=3"])
    )
    assert one.differences(other) == ["run.seed"]
