"""Trainings that adapt pretrained towers: low-rank updates, averaged weights, checkpoints without frozen weights."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertModel, ViTConfig, ViTModel, set_seed

from udt.bundle.reader import Bundle
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.validation import validation_metrics
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.tokenizer import train_tokenizer
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.model_factory import build
from udt.clip.training.training import Trained, TrainingProgress, train
from udt.core.errors import DataError

from .conftest import SIZE, TOWER, tiny
from .test_training import same, weights

needs_peft = pytest.mark.skipif(find_spec("peft") is None, reason="needs peft: pip install 'udt-toolkit[lora]'")


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UDT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def towers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pretrained towers: `image`, a vision transformer, and `text`, a BERT with its tokenizer."""
    folder = tmp_path_factory.mktemp("towers")
    torch.manual_seed(7)
    tokenizer = train_tokenizer(["abcdefghijklmnopqrstuvwxyz 0123456789 ;.,-()/"], 200)
    text = BertConfig(**TOWER, vocab_size=len(tokenizer), max_position_embeddings=32)
    ViTModel(ViTConfig(**TOWER, image_size=SIZE, patch_size=8)).save_pretrained(folder / "image")
    BertModel(text).save_pretrained(folder / "text")
    tokenizer.save_pretrained(folder / "text")
    return folder


def pretrained(bundle_folder: Path, towers: Path, out: Path, *changes: str) -> TrainSettings:
    sources = (f'model.image="{towers / "image"}"', f'model.text="{towers / "text"}"')
    return tiny(bundle_folder, out, *sources, "run.save_every_steps=5", *changes)


def interrupt(progress: TrainingProgress) -> None:
    if progress.step == 6 and not progress.measured:
        os.kill(os.getpid(), signal.SIGINT)


def in_parts(settings: TrainSettings) -> Trained:
    """Train until a signal comes, and resume."""
    assert train(settings, watch=interrupt).step == 7
    return train(settings, resume=True)


VARIANTS = {
    "lora": ('model.lora="both"', "model.lora_rank=2", "model.lora_dropout=0.1"),
    "lora-image": ('model.lora="image"', 'model.freeze="text"', 'model.lora_targets=["q_proj", "v_proj"]'),
    "frozen": ('model.freeze="both"', "data.augment=false", "data.prompt_share=0.5"),
    "frozen-text": ('model.freeze="text"', "model.patch_dropout=0.5"),
    "average": ("optimization.ema=0.9",),
    "all": ('model.lora="both"', "model.lora_rank=2", "optimization.ema=0.9", "model.patch_dropout=0.25"),
}


def _marks(name: str) -> list[pytest.MarkDecorator]:
    """Return the marks of a variant; the unit tests take two, which have the parts of the others."""
    return [
        *([needs_peft] if "lora" in "".join(VARIANTS[name]) else []),
        *([pytest.mark.slow] if name not in ("all", "frozen-text") else []),
    ]


@pytest.mark.parametrize("name", [pytest.param(name, marks=_marks(name)) for name in VARIANTS])
def test_a_resumed_run_equals_an_uninterrupted_one(
    name: str, bundle_folder: Path, bundle: Bundle, towers: Path, tmp_path: Path
) -> None:
    whole = train(pretrained(bundle_folder, towers, tmp_path / "whole", *VARIANTS[name]))
    parts = in_parts(pretrained(bundle_folder, towers, tmp_path / "parts", *VARIANTS[name]))
    assert whole.finished and parts.finished and whole.best == parts.best
    for saved in ("best", "last"):
        assert same(weights(whole.run, saved), weights(parts.run, saved))
    encoder = UltrasoundEncoder.load(whole.run / "best")
    read = validation_metrics(encoder.model, encoder.processor, bundle, bundle.split("valid"))
    assert whole.best is not None, "the metrics are those of the model that was saved"
    assert read == pytest.approx({metric: whole.best[metric] for metric in read}, abs=1e-6)


@needs_peft
def test_low_rank_updates_train(bundle_folder: Path, bundle: Bundle, towers: Path, tmp_path: Path) -> None:
    settings = pretrained(bundle_folder, towers, tmp_path / "run", *VARIANTS["lora"], "run.keep=9")
    set_seed(0)
    start, _ = build(settings.model, bundle.vocabulary, [])
    trained = {name for name, part in start.named_parameters() if part.requires_grad}
    of_towers = {name for name in trained if "_tower." in name}
    assert of_towers and all(".lora_A." in name or ".lora_B." in name for name in of_towers)
    assert {"image_projection.weight", "text_projection.weight", "logit_scale"} < trained - of_towers

    done = train(settings)
    checkpoints = [load_file(done.run / f"checkpoint-{step}" / "model.safetensors") for step in (5, 10)]
    assert checkpoints[0].keys() - trained == {"graph_encoder.dimension_of"}, "a buffer, and nothing else"
    assert trained < checkpoints[0].keys()
    assert [name for name in of_towers if torch.equal(checkpoints[0][name], checkpoints[1][name])] == []

    # W + alpha / rank BA, by hand.
    found = UltrasoundClipModel.from_pretrained(done.run / "last").state_dict()
    given = ViTModel.from_pretrained(towers / "image").state_dict()
    layer = "layers.0.attention.q_proj"
    a, b = (checkpoints[1][f"image_tower.encoder.model.{layer}.lora_{part}.default.weight"] for part in "AB")
    expected = given[f"{layer}.weight"] + 16 / 2 * b @ a
    torch.testing.assert_close(found[f"image_tower.encoder.{layer}.weight"], expected)
    for name, before in given.items():
        full = f"image_tower.encoder.{name}"
        if full in found and not name.endswith(("proj.weight", "fc1.weight", "fc2.weight")):
            assert torch.equal(found[full], before), name


@needs_peft
def test_updates_with_recomputed_activations_and_bf16(bundle_folder: Path, towers: Path, tmp_path: Path) -> None:
    changes = ('model.lora="both"', "optimization.max_steps=2", 'evaluation.split=""')
    others = {
        "": (),
        "recomputed": ("optimization.gradient_checkpointing=true",),
        "bf16": ('optimization.precision="bf16"',),
    }
    found = {
        name: weights(train(pretrained(bundle_folder, towers, tmp_path / f"run{name}", *changes, *own)).run)
        for name, own in others.items()
    }
    for name, part in found[""].items():
        torch.testing.assert_close(found["recomputed"][name], part, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(found["bf16"][name], part, atol=5e-3, rtol=5e-2)


def test_the_average_by_hand(bundle_folder: Path, bundle: Bundle, towers: Path, tmp_path: Path) -> None:
    decay = 0.4
    options = (f"optimization.ema={decay}", "optimization.epochs=1", "run.save_every_steps=1", "run.keep=9")
    settings = pretrained(bundle_folder, towers, tmp_path / "run", *options)
    set_seed(0)
    start, _ = build(settings.model, bundle.vocabulary, [])
    plain = train(pretrained(bundle_folder, towers, tmp_path / "plain", *options[1:], "optimization.ema=0"))
    done = train(settings)
    assert same(weights(plain.run, "checkpoint-5"), weights(done.run, "checkpoint-5")), (
        "the training goes on as without"
    )
    average = {name: part.detach().double() for name, part in start.state_dict().items()}
    for step in range(1, 6):
        share = min(decay, (1 + step) / (10 + step))
        now = UltrasoundClipModel.from_pretrained(done.run / f"checkpoint-{step}").state_dict()
        average = {name: share * part + (1 - share) * now[name].double() for name, part in average.items()}
    for name in ("last", "best"):
        found = UltrasoundClipModel.from_pretrained(done.run / name).state_dict()
        assert found.keys() == average.keys()
        for key, part in found.items():
            torch.testing.assert_close(part.double(), average[key], atol=1e-6, rtol=1e-5)
    assert not same(weights(done.run), weights(plain.run))


def test_buffers_are_averaged_and_counters_are_not(bundle_folder: Path, tmp_path: Path) -> None:
    """A tower with batch norm."""
    tower = {"model_type": "resnet", "embedding_size": 8, "hidden_sizes": [8], "depths": [1], "image_size": SIZE}
    changes = (f"model.image={json.dumps(tower)}", 'model.image_pooling="pooler"', "optimization.max_steps=3")
    steps = ("run.save_every_steps=1", "run.keep=9", "optimization.ema=0.999", 'evaluation.split=""')
    done = train(tiny(bundle_folder, tmp_path / "run", *changes, *steps))
    checkpoints = [weights(done.run, f"checkpoint-{step}") for step in (1, 2, 3)]
    found = weights(done.run)
    name = next(name for name in found if name.endswith("running_var"))
    expected = torch.ones_like(found[name])
    for step, state in enumerate(checkpoints, 1):
        share = (1 + step) / (10 + step)
        expected = share * expected + (1 - share) * state[name]
    torch.testing.assert_close(found[name], expected)
    counter = name.replace("running_var", "num_batches_tracked")
    assert found[counter] == checkpoints[2][counter] == 3


@pytest.fixture
def stopped(bundle_folder: Path, towers: Path, tmp_path: Path) -> TrainSettings:
    """A run on copies of the towers that was stopped."""
    pytest.importorskip("peft")
    shutil.copytree(towers, tmp_path / "towers")
    changes = ('model.freeze="text"', 'model.lora="image"', 'evaluation.split=""')
    settings = pretrained(bundle_folder, tmp_path / "towers", tmp_path / "run", *changes)
    train(settings, watch=interrupt)
    return settings


def test_a_checkpoint_leaves_out_frozen_weights(stopped: TrainSettings) -> None:
    run = Path(stopped.run.out)
    state, whole = weights(run, "checkpoint-7"), weights(run)
    assert not any(name.startswith("text_tower.") or ".base_layer." in name for name in state)
    assert set(json.loads((run / "checkpoint-7" / "frozen.json").read_text())) == {"image", "text"}
    assert any(name.startswith("text_tower.") for name in whole)
    with pytest.raises(DataError, match=r"checkpoint-7: is a checkpoint for resuming, without the frozen weights of"):
        UltrasoundClipModel.from_pretrained(run / "checkpoint-7")


@pytest.mark.parametrize("half", ["image", "text"])
def test_other_frozen_weights_are_refused(stopped: TrainSettings, half: str) -> None:
    path = Path(str(getattr(stopped.model, half))) / "model.safetensors"
    state = load_file(path)
    name = next(name for name in state if "layer" in name and name.endswith("weight"))
    save_file({**state, name: state[name] + 1e-3}, path, {"format": "pt"})
    with pytest.raises(
        DataError, match=rf"made with other weights of the {half} tower '.*{half}', which it leaves out; r"
    ):
        train(stopped, resume=True)


@pytest.mark.parametrize("damage", ["weights", "digests", "lacking"])
def test_damaged_checkpoints_are_worded(stopped: TrainSettings, damage: str) -> None:
    folder = Path(stopped.run.out) / "checkpoint-7"
    if damage == "digests":
        (folder / "frozen.json").write_text("{")
    elif damage == "weights":
        (folder / "model.safetensors").write_bytes(b"12345678")
    else:
        state = load_file(folder / "model.safetensors")
        state.pop("logit_scale")
        save_file(state, folder / "model.safetensors")
    fault = {
        "digests": r"frozen\.json: is damaged",
        "weights": "checkpoint-7: its weights cannot be loaded: .*; delete this folder",
        "lacking": "checkpoint-7: its weights cannot be loaded: logit_scale is not in both model and file; delete this",
    }[damage]
    with pytest.raises(DataError, match=fault):
        train(stopped, resume=True)


def test_an_average_that_is_missing_is_named(bundle_folder: Path, towers: Path, tmp_path: Path) -> None:
    settings = pretrained(bundle_folder, towers, tmp_path / "run", "optimization.ema=0.9", 'evaluation.split=""')
    train(settings, watch=interrupt)
    (tmp_path / "run" / "checkpoint-7" / "average.safetensors").unlink()
    with pytest.raises(DataError, match=r"checkpoint-7: its weights cannot be loaded: .*average.safetensors.*; delete"):
        train(settings, resume=True)


def test_a_checkpoint_with_its_frozen_weights_is_resumed(bundle_folder: Path, towers: Path, tmp_path: Path) -> None:
    """As older versions wrote it."""
    changes = (*VARIANTS["frozen"], 'evaluation.split=""')
    settings = pretrained(bundle_folder, towers, tmp_path / "run", *changes)
    train(settings, watch=interrupt)
    folder = tmp_path / "run" / "checkpoint-7"
    (folder / "frozen.json").unlink()
    shutil.copy(tmp_path / "run" / "last" / "model.safetensors", folder / "model.safetensors")
    whole = train(pretrained(bundle_folder, towers, tmp_path / "whole", *changes))
    assert same(weights(train(settings, resume=True).run), weights(whole.run))


def test_contradicting_settings_are_refused(
    bundle_folder: Path, towers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("udt.clip.model.lora.find_spec", lambda _: None)
    with pytest.raises(DataError) as caught:
        pretrained(
            bundle_folder, towers, tmp_path / "run",
            'model.lora="both"', 'model.freeze="image"', 'model.text={"model_type": "bert", "vocab_size": 200}',
            "model.lora_targets=[1]", "model.patch_dropout=0.5", "data.augment=false", "optimization.ema=1",
        )  # fmt: skip
    faults = str(caught.value).splitlines()[1:]
    assert faults == [
        "  - optimization.ema is 1 (--set); allowed: a number from 0 below 1",
        '  - model.lora is "both", but model.freeze is "image", which excludes the image tower from training; leave it '
        "out of one of them",
        '  - model.lora is "both", but model.text has new weights, which LoRA would not train; give the name of a '
        "pretrained tower, e.g. efficientnet-lite0, all-minilm-l6-v2",
        "  - model.lora is \"both\", which needs peft, which is not installed: pip install 'udt-toolkit[lora]'",
        "  - model.lora_targets is [1]; it has to be a list of texts",
        '  - model.patch_dropout is 0.5, but with model.freeze = "image" each image is encoded once, with all patches; '
        'set it to 0, or train the image tower: model.freeze = "none"',
    ]
