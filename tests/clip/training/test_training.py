"""Training: the files of a run, reproducibility, and resuming after any kind of stop."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.bundle.first_version import first_version
from udt.bundle.reader import Bundle
from udt.clip.data.dataset import BrokenImageError
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.measure import EvaluationOptions, measure
from udt.clip.evaluation.validation import validation_metrics
from udt.clip.loss.statistics import PRIOR_STATISTICS
from udt.clip.model.config import GraphSource
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.fusion import SingleKeyFusion
from udt.clip.model.graph_convolution import ConvolutionEncoder
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.settings.preset import preset_changes, preset_layers
from udt.clip.settings.sections import Metric
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.run_folder import Run
from udt.clip.training.signals import Stop
from udt.clip.training.training import Trained, TrainingProgress, train
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

from .conftest import TINY, caption, label_sets, picture, tiny, write_bundle


def weights(run: Path, name: str = "last") -> dict[str, torch.Tensor]:
    return load_file(run / name / "model.safetensors")


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def lines(run: Path) -> list[dict[str, Any]]:
    return [{k: v for k, v in line.items() if k != "samples_per_second"} for line in Run(run).metrics()]


@pytest.fixture(scope="module")
def trained(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    torch.set_num_threads(1)
    return train(tiny(bundle_folder, tmp_path_factory.mktemp("runs") / "run"))


def test_the_files_and_metrics_of_a_run(trained: Trained) -> None:
    assert (trained.step, trained.steps, trained.finished) == (10, 10, True)
    left = {path.name for path in trained.run.iterdir()}
    files = {"config.toml", "environment.json", "metrics.jsonl", "report.html"}
    assert left == files | {"best", "last", "checkpoint-5", "checkpoint-10"}
    found = lines(trained.run)
    assert [(line["kind"], line["step"]) for line in found] == [
        ("train", 2), ("train", 4), ("train", 5), ("valid", 5),
        ("train", 6), ("train", 8), ("train", 10), ("valid", 10),
    ]  # fmt: skip
    for line in found:
        if line["kind"] == "train":
            assert line["loss"] == pytest.approx(line["contrastive"] + 0.2 * line["semantic"], rel=1e-5)
            assert 1 <= line["effective_positives"] <= 8
            assert 0 < line["own_mass"] <= 1 and 0 < line["related_share"] <= 1
    assert max(line["learning_rate"] for line in found if line["kind"] == "train") <= 1e-3


def test_the_loss_decreases(trained: Trained) -> None:
    losses = [line["loss"] for line in lines(trained.run) if line["kind"] == "train"]
    assert losses[-1] < losses[0]


def test_the_best_model_has_the_highest_metric(trained: Trained, bundle: Bundle) -> None:
    measured = {line["step"]: line["mean_accuracy"] for line in lines(trained.run) if line["kind"] == "valid"}
    assert trained.best is not None and trained.best["mean_accuracy"] == max(measured.values())
    assert measured[trained.best["step"]] == trained.best["mean_accuracy"]
    model = UltrasoundClipModel.from_pretrained(trained.run / "best")
    processor = UltrasoundClipProcessor.from_pretrained(trained.run / "best")
    again = validation_metrics(model, processor, bundle, bundle.split("valid"))
    assert again == pytest.approx({name: trained.best[name] for name in again}, abs=1e-6)


def test_every_metric_can_choose_the_best_model(trained: Trained) -> None:
    valid = next(line for line in lines(trained.run) if line["kind"] == "valid")
    assert set(Metric.__args__) == set(valid) - {"kind", "step", "epoch"}  # type: ignore[attr-defined]


def test_the_report_has_curves_and_settings(trained: Trained) -> None:
    page = (trained.run / "report.html").read_text("utf-8")
    assert page.count("<img ") == 8
    for text in (
        "Losses",
        "Prior: effective positives of a text",
        "own mass",
        "Logit scale",
        "Throughput",
        "weight_decay",
        "samples per second, median",
        "accuracy",
    ):
        assert text in page


def test_the_tasks_of_a_run(bundle_folder: Path, bundle: Bundle, tmp_path: Path) -> None:
    """The chosen dimensions alone are nodes, columns of the prior, and tasks that are scored."""
    keys = ["organ", "diagnosis", "vascularity"]
    done = train(tiny(bundle_folder, tmp_path / "run", f"data.tasks={json.dumps(keys[::-1])}"))
    model = UltrasoundClipModel.from_pretrained(done.run / "last")
    processor = UltrasoundClipProcessor.from_pretrained(done.run / "last")
    assert model.config.tasks == keys and processor.vocabulary == bundle.vocabulary.select(keys)
    diagnoses, flows = (len(bundle.vocabulary[key]) for key in keys[1:])
    assert model.config.node_types == [0] * diagnoses + [1] * flows
    assert model.config.node_dimensions == [1] * diagnoses + [2] * flows
    found = measure(UltrasoundEncoder(model.eval(), processor), bundle, bundle.split("valid"))
    assert [task.key for task in found.classification.tasks] == keys
    assert found.headline()["mean_accuracy"] == pytest.approx(lines(done.run)[-1]["mean_accuracy"], abs=1e-6)


def test_all_tasks_are_the_default(trained: Trained, bundle_folder: Path, bundle: Bundle, tmp_path: Path) -> None:
    """A run before tasks could be chosen is resumed and repeated as one of all; of these nine, all is the paper."""
    assert UltrasoundClipModel.from_pretrained(trained.run / "last").config.tasks == list(bundle.vocabulary.keys)
    paper = train(tiny(bundle_folder, tmp_path / "run", 'data.tasks="paper"'))
    assert same(weights(paper.run), weights(trained.run))
    config = (trained.run / "config.toml").read_text()
    old = tmp_path / "old.toml"
    old.write_text("".join(line for line in config.splitlines(True) if not line.startswith("tasks = ")))
    assert TrainSettings.load(old) == TrainSettings.load(trained.run / "config.toml")


@pytest.mark.parametrize(("before", "source"), [("true", "labels"), ("false", "none")])
def test_graphs_of_older_runs_are_of_labels(trained: Trained, tmp_path: Path, before: str, source: str) -> None:
    config = (trained.run / "config.toml").read_text()
    old = tmp_path / "old.toml"
    old.write_text(config.replace('graph = "labels"', f"graph = {before}").replace("graph_places = false\n", ""))
    found = TrainSettings.load(old).model
    assert (found.graph, found.graph_places) == (source, False) and f"graph = {before}" in old.read_text()


@pytest.mark.parametrize("source", ["text", "labels", "none"])
def test_run_and_model_state_the_source_of_the_graphs(
    bundle_folder: Path, bundle: Bundle, tmp_path: Path, source: GraphSource
) -> None:
    done = train(tiny(bundle_folder, tmp_path / "run", f'model.graph="{source}"', "optimization.max_steps=1"))
    assert TrainSettings.load(done.run / "config.toml").model.graph == source
    model = UltrasoundClipModel.from_pretrained(done.run / "last")
    assert (model.config.graph_source, model.config.has_graph) == (source, source != "none")


@pytest.mark.parametrize("source", ["text", "labels"])
def test_labels_that_no_caption_names_are_trained_by_the_source_labels_alone(
    taxonomy: Taxonomy, bundle: Bundle, tmp_path: Path, source: GraphSource
) -> None:
    labels = list(bundle.label_sets())
    nothing = [LabelSet(((),) * len(bundle.vocabulary.keys))] * len(labels)
    columns = [bundle.column(name).to_pylist() for name in ("caption", "image", "split")]
    folder = write_bundle(tmp_path / "b", taxonomy, labels, *columns, named=nothing)
    changes = (f'model.graph="{source}"', "optimization.weight_decay=0", 'evaluation.split=""')
    one, two = (
        weights(train(tiny(folder, tmp_path / str(steps), *changes, f"optimization.max_steps={steps}")).run)
        for steps in (1, 2)
    )
    assert torch.equal(one["graph_encoder.labels.weight"], two["graph_encoder.labels.weight"]) == (source == "text")
    assert not torch.equal(one["text_projection.weight"], two["text_projection.weight"])


def test_a_bundle_whose_captions_were_not_read(bundle_folder: Path, tmp_path: Path) -> None:
    folder, out = first_version(bundle_folder, tmp_path / "first"), tmp_path / "run"
    with pytest.raises(DataError, match=r"does not have the labels that its captions name, .*--graph labels"):
        train(tiny(folder, out, 'model.graph="text"'))
    assert not out.exists()
    assert train(tiny(folder, out, 'model.graph="labels"', "optimization.max_steps=1")).finished


def test_places_are_nodes_by_a_setting(bundle_folder: Path, bundle: Bundle, tmp_path: Path) -> None:
    done = train(tiny(bundle_folder, tmp_path / "run", "model.graph_places=true", "optimization.max_steps=1"))
    encoder = UltrasoundEncoder.load(done.run / "last")
    assert len(encoder.model.config.node_types) == sum(map(len, bundle.vocabulary.dimensions))
    assert encoder.processor.space.places
    found = measure(encoder, bundle, bundle.split("valid"), EvaluationOptions("labels"))
    assert found.headline()["mean_accuracy"] == pytest.approx(lines(done.run)[-1]["mean_accuracy"], abs=1e-6)


def test_a_run_of_an_older_version_keeps_its_objective(trained: Trained, tmp_path: Path) -> None:
    """Settings that did not exist then have the values of the publication, and not those of our preset."""
    new = ("match_prior", "negatives_only", "contrastive_weight", "semantic_directions", "graph_kind", "fusion =")
    config = (trained.run / "config.toml").read_text()
    (tmp_path / "config.toml").write_text("".join(line for line in config.splitlines(True) if not line.startswith(new)))
    assert Run.open(tmp_path).settings() == Run.open(trained.run).settings()
    assert TrainSettings.load(tmp_path / "config.toml").objective.match_prior


def test_places_alone_have_no_graph(bundle_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"body_system, organ are of places, .*\(model.graph = \"none\"\)"):
        train(tiny(bundle_folder, tmp_path / "run", 'data.tasks=["body_system", "organ"]'))
    settings = tiny(bundle_folder, tmp_path / "run", 'data.tasks="organ"', 'model.graph="none"')
    done = train(settings, overwrite=True)
    model = UltrasoundClipModel.from_pretrained(done.run / "last")
    assert done.finished and model.config.tasks == ["organ"] and not model.config.has_graph


def test_similarities_of_more_tasks_are_restricted(
    trained: Trained, bundle_folder: Path, bundle: Bundle, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    """Matrices of all tasks serve a training on some, and give the weights that the bundle's own give."""
    path = taxonomy_similarity(taxonomy).save(tmp_path)
    keys = '["diagnosis", "echogenicity"]'
    own = train(tiny(bundle_folder, tmp_path / "own", f"data.tasks={keys}"))
    given = train(tiny(bundle_folder, tmp_path / "given", f"data.tasks={keys}", f'objective.similarity="{path}"'))
    assert same(weights(own.run), weights(given.run)) and not same(weights(own.run), weights(trained.run))


def test_a_split_that_is_too_small(bundle_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'test' has 8 samples that can be used, fewer than one batch of 16"):
        train(tiny(bundle_folder, tmp_path / "run", 'data.train="test"', "optimization.batch_size=16"))
    assert not (tmp_path / "run").exists()


def test_a_loss_that_is_nan(bundle_folder: Path, tmp_path: Path) -> None:
    settings = tiny(bundle_folder, tmp_path / "run", "optimization.lr=1e30", 'evaluation.split=""')
    with pytest.raises(DataError, match=r"the loss is nan at step .*; start again with a lower"):
        train(settings)
    assert (tmp_path / "run" / "report.html").is_file()


@pytest.mark.parametrize("workers", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_too_many_broken_images(workers: int, taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path: Path) -> None:
    labels = label_sets(vocabulary, 16)
    captions = [caption(one, vocabulary) for one in labels]
    images = [picture(n) if n % 4 else b"no image" for n in range(16)]
    folder = write_bundle(tmp_path / "b", taxonomy, labels, captions, images, ["train"] * 16)
    changes = (f"data.workers={workers}", 'evaluation.split=""', "optimization.epochs=1")
    with pytest.raises(BrokenImageError, match=r"^\d of 16 images cannot be read, more than the share of 0.01"):
        train(tiny(folder, tmp_path / "run", *changes))
    done = train(tiny(folder, tmp_path / "run", *changes, "data.max_broken_share=0.25"), overwrite=True)
    assert done.finished and done.best is None


def test_a_signal_requests_a_stop_and_a_second_one_interrupts() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stop() as stop:
        assert not stop.requested_anywhere(torch.device("cpu"))
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.requested_anywhere(torch.device("cpu"))
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_resumed_run_equals_an_uninterrupted_one(trained: Trained, bundle_folder: Path, tmp_path: Path) -> None:
    """Stopped by Ctrl-C within the second epoch."""

    def interrupt(progress: TrainingProgress) -> None:
        if progress.step == 6 and not progress.measured:
            os.kill(os.getpid(), signal.SIGINT)

    settings = tiny(bundle_folder, tmp_path / "run")
    stopped = train(settings, watch=interrupt)
    assert (stopped.step, stopped.finished) == (7, False)
    assert (tmp_path / "run" / "report.html").is_file() and (tmp_path / "run" / "checkpoint-7").is_dir()
    resumed = train(settings, resume=True)
    assert resumed.finished and resumed.best == trained.best
    assert same(weights(resumed.run), weights(trained.run)) and same(
        weights(resumed.run, "best"), weights(trained.run, "best")
    )
    assert [line for line in lines(resumed.run) if line["step"] not in (7, 8)] == [
        line for line in lines(trained.run) if line["step"] != 8
    ]


@pytest.mark.usefixtures("loss_package")
def test_a_loss_term_of_another_package(trained: Trained, bundle_folder: Path, tmp_path: Path) -> None:
    """It is computed, logged, drawn and shown by its name."""
    settings = tiny(bundle_folder, tmp_path / "run", 'objective.terms={"uniformity": 0.5}', "optimization.epochs=1")
    seen: list[TrainingProgress] = []
    done = train(settings, watch=seen.append)
    train_lines = [line for line in lines(done.run) if line["kind"] == "train"]
    for line in train_lines:
        assert 0 < line["uniformity"] <= 1
        total = line["contrastive"] + 0.2 * line["semantic"] + 0.5 * line["uniformity"]
        assert line["loss"] == pytest.approx(total, rel=1e-5)
    own, base = ([*lines(run)[0]] for run in (done.run, trained.run))
    assert own == [name for key in base for name in ([key] if key != "effective_positives" else ["uniformity", key])]
    page = (done.run / "report.html").read_text("utf-8")
    assert "Losses: total, contrastive, semantic, uniformity over steps" in page
    assert {progress.terms for progress in seen if progress.measured} == {("contrastive", "semantic", "uniformity")}
    assert Run.open(done.run).settings().objective.terms == {"uniformity": 0.5}
    assert not same(weights(done.run), weights(trained.run))


OBJECTIVES = {
    "sigmoid": (
        'objective.terms={"sigmoid": 1}', "objective.contrastive_weight=0", "objective.semantic_weight=0",
        "objective.soft_label_share=1", "model.logit_bias=-10",
    ),
    "hard negatives": ("objective.hard_negatives=2", "objective.soft_label_share=0.2", "data.prompt_share=0.5"),
    "negatives alone": ("objective.negatives_only=true", "objective.soft_label_share=0.5"),
    "task weights": ('objective.task_weights={"organ": 0, "diagnosis": 4}',),
}  # fmt: skip


@pytest.mark.parametrize("changes", OBJECTIVES.values(), ids=OBJECTIVES)
def test_objectives_train(trained: Trained, bundle_folder: Path, tmp_path: Path, changes: tuple[str, ...]) -> None:
    settings = tiny(bundle_folder, tmp_path / "run", *changes, "optimization.epochs=1")
    done = train(settings)
    found = [line for line in lines(done.run) if line["kind"] == "train"]
    assert done.finished and all(math.isfinite(line["loss"]) for line in found)
    assert found[0]["loss"] != lines(trained.run)[0]["loss"]
    model = UltrasoundClipModel.from_pretrained(done.run / "last")
    assert (model.logit_bias is None) == (settings.model.logit_bias is None)
    if model.logit_bias is not None:
        assert model.logit_bias.item() != -10 and found[0]["contrastive"] == found[0]["semantic"] == 0
        assert found[-1]["loss"] == pytest.approx(found[-1]["sigmoid"])


def test_the_reference_trains(bundle_folder: Path, tmp_path: Path) -> None:
    """The preset of the public code on tiny towers; its texts are longer than 1 in training alone."""
    sizes = {**TINY["model"], **preset_changes("reference")["model"]}
    paths = {"data": {"bundle": str(bundle_folder)}, "run": {"out": str(tmp_path / "run")}}
    layers = [*preset_layers("reference"), ("tiny", {**TINY, "model": sizes}), ("paths", {"data": paths["data"]})]
    settings = TrainSettings.of([*layers, ("out", {"run": paths["run"], "optimization": {"epochs": 1}})])
    done = train(settings)
    model = UltrasoundClipModel.from_pretrained(done.run / "last")
    assert isinstance(model.graph_encoder, ConvolutionEncoder) and isinstance(model.fusion, SingleKeyFusion)
    assert done.finished and 0 < model.fusion.gate.item() < 0.2 and model.fusion.gate.item() != 0.05
    found = measure(UltrasoundEncoder(model.eval(), UltrasoundClipProcessor.from_pretrained(done.run / "last")),
                    Bundle.open(bundle_folder), Bundle.open(bundle_folder).split("valid"))  # fmt: skip
    assert found.headline()["mean_accuracy"] == pytest.approx(lines(done.run)[-1]["mean_accuracy"], abs=1e-6)


def test_a_prior_without_effect_is_warned_of(
    bundle_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Here the temperature is low; with the published one and 128 texts of few labels it is the same."""
    train(tiny(bundle_folder, tmp_path / "run", "objective.temperature=0.01", 'evaluation.split=""'))
    (found,) = [record.getMessage() for record in caplog.records if "the prior of the labels" in record.getMessage()]
    assert "has no effect: over the first 10 steps" in found and "among 8 texts" in found


def test_other_settings_are_not_resumed(trained: Trained, bundle_folder: Path) -> None:
    with pytest.raises(DataError, match=r"was started with other settings: optimization.lr, run.seed"):
        train(tiny(bundle_folder, trained.run, "optimization.lr=0.1", "run.seed=3"), resume=True)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run(trained: Trained, bundle_folder: Path, tmp_path: Path) -> None:
    """Also with other workers."""
    again = train(tiny(bundle_folder, tmp_path / "again", "data.workers=2"))
    assert lines(again.run) == lines(trained.run) and same(weights(again.run), weights(trained.run))
    other = train(tiny(bundle_folder, tmp_path / "other", "run.seed=1"))
    assert lines(other.run)[0] != lines(trained.run)[0]


CHILD = """
import os, signal, sys
import torch
from udt.clip.settings.settings import TrainSettings
from udt.clip.training.training import train

torch.set_num_threads(1)

def kill(progress):
    if progress.step == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

train(TrainSettings.load(sys.argv[1]), watch=kill)
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", [4, 8])
def test_a_killed_and_resumed_run_equals_an_uninterrupted_one(bundle_folder: Path, tmp_path: Path, step: int) -> None:
    """SIGKILL within an epoch, after a checkpoint within it; with workers, accumulation, chunks and dropout."""
    changes = (
        "run.save_every_steps=3", "data.workers=1", "optimization.accumulation=2", "optimization.epochs=4",
        "optimization.chunk_size=3", 'data.sampler="case"',
    )  # fmt: skip
    whole = train(tiny(bundle_folder, tmp_path / "whole", *changes))
    settings = tiny(bundle_folder, tmp_path / "killed", *changes)
    (tmp_path / "settings.toml").write_text(settings.to_toml())
    done = subprocess.run([sys.executable, "-c", CHILD, tmp_path / "settings.toml", str(step)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "killed" / "last").exists()
    resumed = train(settings, resume=True)
    assert (resumed.step, resumed.best) == (12, whole.best)
    assert same(weights(resumed.run), weights(whole.run)) and lines(resumed.run) == lines(whole.run)


def in_two_processes(*arguments: str | Path) -> dict[str, Any]:
    """Run `udt train` in two processes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "--no-python"]
    udt = Path(sys.executable).parent / "udt"
    done = subprocess.run(
        [*command, udt, "train", *arguments, "--json"],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("chunk_size", [0, 3])
def test_two_processes_train_as_one(bundle_folder: Path, tmp_path: Path, chunk_size: int) -> None:
    """Without dropout, which differs between processes, the weights are the same except for rounding.

    Each process embeds its four samples at once, or in chunks of three and one.
    """
    dropout = ("model.graph_dropout=0", "model.graph_drop=0", "optimization.epochs=1", "data.augment=true")
    no_dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    base = tiny(bundle_folder, tmp_path / "one", *dropout)
    towers = [json.dumps({**getattr(base.model, half), **no_dropout}) for half in ("image", "text")]
    changes = (*dropout, f"model.image={towers[0]}", f"model.text={towers[1]}", "objective.hard_negatives=1")
    changes = (*changes, "data.prompt_share=0.3", f'data.sampler="{"case" if chunk_size else "random"}"')
    one = train(tiny(bundle_folder, tmp_path / "one", *changes))
    two = tiny(bundle_folder, tmp_path / "two", *changes, f"optimization.chunk_size={chunk_size}")
    (tmp_path / "two.toml").write_text(two.to_toml())
    assert in_two_processes(tmp_path / "two.toml")["step"] == one.steps == 5
    alone, together = weights(one.run), weights(tmp_path / "two")
    # The gradient of the bias of attention keys is rounding alone, which AdamW amplifies.
    amplified = alone.pop("fusion.attention.in_proj_bias").abs().max()
    assert amplified < 0.01
    for name in alone:
        torch.testing.assert_close(together[name], alone[name], rtol=1e-3, atol=1e-5)
    for a, b in zip(lines(one.run), lines(tmp_path / "two"), strict=True):
        for name in ("step", "loss", "contrastive", "semantic", *PRIOR_STATISTICS, "hard_negatives", "mean_accuracy"):
            assert a.get(name, 0) == pytest.approx(b.get(name, 0), rel=1e-4), name


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["random", "case"])
def test_two_processes_resume_within_a_later_epoch(bundle_folder: Path, tmp_path: Path, sampler: str) -> None:
    """The order is that of the epoch in which the checkpoint was written."""
    run, changes = tmp_path / "run", ("run.save_every_steps=7", "run.log_every_steps=1", f'data.sampler="{sampler}"')
    (tmp_path / "run.toml").write_text(tiny(bundle_folder, run, *changes, "optimization.chunk_size=3").to_toml())
    in_two_processes(tmp_path / "run.toml")
    whole, logged = weights(run), lines(run)
    shutil.rmtree(run / "last")
    for path in run.glob("checkpoint-1*"):
        shutil.rmtree(path)
    assert [path.name for path in run.glob("checkpoint-*")] == ["checkpoint-7"]
    assert in_two_processes("--resume", "--out", run)["step"] == 10
    assert same(weights(run), whole) and lines(run) == logged


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        ('model.graph="none"',),
        ("objective.semantic_weight=0",),
        ('objective.missing="mask"', "objective.soft_label_share=0.5"),
        ('optimization.precision="bf16"',),
        ("optimization.gradient_checkpointing=true",),
        ("run.tensorboard=true",),
    ],
    ids=lambda changes: changes[0],
)
def test_variants_run(bundle_folder: Path, tmp_path: Path, changes: tuple[str, ...]) -> None:
    done = train(tiny(bundle_folder, tmp_path / "run", *changes, "optimization.epochs=1"))
    assert done.finished and done.best is not None


@pytest.mark.slow
def test_gradient_checkpointing_does_not_change_the_weights(bundle_folder: Path, tmp_path: Path) -> None:
    runs = [
        train(tiny(bundle_folder, tmp_path / str(on), f"optimization.gradient_checkpointing={on}")).run
        for on in ("true", "false")
    ]
    one, other = map(weights, runs)
    for name in one:
        torch.testing.assert_close(one[name], other[name])
