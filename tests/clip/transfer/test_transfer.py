"""Transfers in all modes, on encoders of a few thousand weights."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from jsonschema import Draft202012Validator

from tests.clip.evaluation.conftest import tiny_model
from tests.clip.evaluation.test_baseline import clip, siglip  # noqa: F401
from tests.clip.tiny_towers import towers  # noqa: F401
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.transfer.dataset import TransferImages, TransferSet, load_image
from udt.clip.transfer.document import compared, transfer_schema, transfer_to_dict
from udt.clip.transfer.encoder import image_backbone, load_transfer_encoder
from udt.clip.transfer.fine_tuning import FineTuning, fine_tune
from udt.clip.transfer.layout import OfficialSplit
from udt.clip.transfer.partition import SplitPlan
from udt.clip.transfer.transfer import Mode, TransferOptions, TransferResult, evaluate_transfer
from udt.clip.transfer.zero_shot import class_embeddings
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary

FAST = FineTuning(epochs=4, learning_rate=1e-2, head_learning_rate=1e-2, batch_size=16, augment=False)
OPTIONS = TransferOptions(seeds=2, replicates=50, fine_tuning=FAST)


def check(found: TransferResult) -> dict[str, object]:
    """Check the document against its schema; return it."""
    plain = transfer_to_dict(found)
    assert [error.message for error in Draft202012Validator(transfer_schema()).iter_errors(plain)] == []
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    return plain


@pytest.mark.parametrize("mode", ["zero-shot", "linear-probe", "few-shot", "fine-tune"])
def test_every_mode_has_its_entries(mode: Mode, encoder: UltrasoundEncoder, data: TransferSet) -> None:
    found = evaluate_transfer(encoder, data, mode, OPTIONS)
    plain = check(found)
    names = [(one.name, one.shots) for one in found.entries]
    few = [1, 2, 4, 8]
    assert names == {
        "zero-shot": [("model", 0), ("majority", None), ("pixels", None)],
        "linear-probe": [("model", None), ("majority", None), ("pixels", None)],
        "few-shot": [
            *(("model", shots) for shots in (0, *few)), ("majority", None), *(("pixels", shots) for shots in few),
        ],
        "fine-tune": [("model", None), ("majority", None), ("pixels", None)],
    }[mode]  # fmt: skip
    assert plain["split"]["tested"] == len(found.plan.tested) == 15  # type: ignore[index]
    majority = next(one for one in found.entries if one.name == "majority")
    share = float((data.labels[found.plan.tested] == 1).mean())  # most images are dark
    assert majority.measures["accuracy"].interval.value == pytest.approx(share)
    assert majority.measures["auc"].interval.value == 0.5
    for one in found.entries:
        assert one.confusion.sum() == pytest.approx(15)
        assert np.trace(one.confusion) / 15 == pytest.approx(one.measures["accuracy"].interval.value)
    assert "16 images for each class are left out" in " ".join(found.notes) or mode != "few-shot"


def test_easy_images_are_learned(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    probe = evaluate_transfer(encoder, data, "linear-probe", OPTIONS)
    assert probe.own[0].measures["balanced_accuracy"].interval.value > 0.7
    differences = [(own.name, other.name) for own, other in compared(probe)]
    assert differences == [("model", "majority"), ("model", "pixels")]


def test_the_probe_is_that_of_the_features(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    """The same scores as from features that are computed one image at a time, with scikit-learn alone."""
    from sklearn.linear_model import LogisticRegression

    found = evaluate_transfer(encoder, data, "linear-probe", replace(OPTIONS, seeds=1, references=False))
    pixels = [encoder.image(load_image(one, data.folder)) for one in data.images]
    with torch.no_grad():
        rows = np.stack([encoder.model.image_tower({"pixel_values": one[None]})[0].double().numpy() for one in pixels])
    (parts,) = found.plan.partitions(0)
    fitted = parts.train
    mean = rows[fitted].mean(0)
    inputs = (rows - mean) / np.sqrt(((rows[fitted] - mean) ** 2).mean())
    penalty = found.own[0].fits[0][0]["penalty"]
    model = LogisticRegression(C=1 / penalty / len(fitted), max_iter=1000).fit(inputs[fitted], data.labels[fitted])
    accuracy = model.score(inputs[parts.test], data.labels[parts.test])
    assert found.own[0].measures["accuracy"].interval.value == pytest.approx(accuracy)


def test_zero_shot_is_the_closest_mean_of_prompts(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    prompts = ("an ultrasound image showing a {class} cyst", "{class}")
    data = replace(data, layout=replace(data.layout, prompts=prompts))
    found = evaluate_transfer(encoder, data, "zero-shot", OPTIONS)
    classes = []
    for name in data.classes:
        texts = [prompt.replace("{class}", name) for prompt in prompts]
        with torch.no_grad():
            classes.append(
                torch.stack([encoder.embed_texts([t], encoder.processor.read([t]))[0] for t in texts]).mean(0)
            )
    with torch.no_grad():
        images = torch.stack(
            [encoder.embed_images(encoder.image(load_image(x, data.folder))[None])[0] for x in data.images]
        )
    guess = torch.nn.functional.cosine_similarity(images[:, None], torch.stack(classes)[None], dim=-1).argmax(1).numpy()
    tested = found.plan.tested
    expected = float((guess == data.labels)[tested].mean())
    assert found.graph == "text" and found.own[0].measures["accuracy"].interval.value == pytest.approx(expected)


def test_graphs_of_prompts_are_of_the_labels_that_they_name(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    named = replace(data, classes=("cyst", "hypoechoic nodule", "none"))
    with_graph, without = (class_embeddings(encoder, named, graph) for graph in ("text", "none"))
    assert not torch.allclose(with_graph[:2], without[:2], atol=1e-4)
    assert torch.allclose(with_graph.norm(dim=1), torch.ones(3))


def test_an_encoder_without_graphs(data: TransferSet, encoder: UltrasoundEncoder, vocabulary: Vocabulary) -> None:
    plain = UltrasoundEncoder(tiny_model(None), encoder.processor)
    assert evaluate_transfer(plain, data, "zero-shot", OPTIONS).graph == "none"


def test_features_before_and_after_the_projection(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    pixels = torch.stack([TransferImages(data, np.arange(3), encoder.image)[n] for n in range(3)])
    with torch.no_grad():
        tower, embedding = (image_backbone(encoder, kind).call(pixels) for kind in (None, "embedding"))
    assert torch.allclose(
        embedding, torch.nn.functional.normalize(encoder.model.image_projection(tower), dim=1), atol=1e-6
    )


def test_fine_tuning_learns_and_leaves_the_model_as_it_was(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    before = {name: value.clone() for name, value in encoder.model.state_dict().items()}
    backbone = image_backbone(encoder)
    (parts,) = SplitPlan.of(data).partitions(0)
    found, again, other = (fine_tune(backbone, data, parts, replace(FAST, epochs=8), seed) for seed in (0, 0, 1))
    assert all(torch.equal(value, before[name]) for name, value in encoder.model.state_dict().items())
    assert not encoder.model.training and found.scores.shape == (15, 3)
    assert np.allclose(np.exp(found.scores).sum(1), 1)
    assert min(found.losses) < math.log(3) - 0.3 and found.losses[found.best_epoch - 1] == min(found.losses)
    assert (found.scores.argmax(1) == data.labels[parts.test]).mean() > 0.6
    assert np.allclose(found.scores, again.scores) and not np.allclose(found.scores, other.scores)


def test_fine_tuning_stops_early(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    (parts,) = SplitPlan.of(data).partitions(0)
    # With so large a rate, the loss soon grows.
    settings = replace(FAST, epochs=40, patience=2, learning_rate=0.3)
    found = fine_tune(image_backbone(encoder), data, parts, settings, 0)
    assert len(found.losses) == found.best_epoch + 2 or len(found.losses) == 40
    assert len(found.losses) < 40


def test_a_fine_tuning_that_diverges_is_worded(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    (parts,) = SplitPlan.of(data).partitions(0)
    before = encoder.model.image_projection.weight.clone()
    with pytest.raises(DataError, match="loss of the fine-tuning is not finite; give a smaller --learning-rate"):
        fine_tune(image_backbone(encoder), data, parts, replace(FAST, learning_rate=1e30), 0)
    assert torch.equal(encoder.model.image_projection.weight, before)
    assert all(torch.isfinite(one).all() for one in encoder.model.parameters())


def test_a_fixed_split_has_one_fit_of_the_probe(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    rows = tuple({**row, "part": "abc"[n % 3]} for n, row in enumerate(data.rows))
    split = OfficialSplit(part="{part}", train=["a"], valid=["b"], test=["c"])
    groups = np.arange(len(data)) // 2
    parted = replace(data, rows=rows, groups=groups, layout=replace(data.layout, splits={"theirs": split}))
    found = evaluate_transfer(encoder, parted, "linear-probe", replace(OPTIONS, split="theirs"))
    assert found.own[0].seeds == (0,) and any("one fit" in note for note in found.notes)
    (warning,) = found.warnings
    groups_crossing, images = found.plan.crossing()
    assert f"divides {groups_crossing} groups" in warning and f"{images} of 25 test images" in warning
    assert images > 0
    check(found)
    assert not evaluate_transfer(encoder, parted, "zero-shot", OPTIONS).warnings


def test_folds_are_pooled(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    rows = tuple({**row, "fold": str(n % 3 + 1)} for n, row in enumerate(data.rows))
    folded = replace(data, rows=rows, layout=replace(data.layout, splits={"folds": OfficialSplit(fold="{fold}")}))
    found = evaluate_transfer(encoder, folded, "linear-probe", replace(OPTIONS, split="folds"))
    assert found.own[0].confusion.sum() == pytest.approx(len(data))
    assert [len(rounds) for rounds in found.own[0].fits] == [3, 3]
    plain = check(found)
    assert [one["fold"] for one in plain["split"]["rounds"]] == ["1", "2", "3"]  # type: ignore[index]


def test_shots_that_were_asked_for_have_to_be_there(encoder: UltrasoundEncoder, data: TransferSet) -> None:
    with pytest.raises(DataError, match=r"16 images of each class are to be drawn, but the class 'none' has 12"):
        evaluate_transfer(encoder, data, "few-shot", replace(OPTIONS, shots=(1, 16)))


@pytest.mark.usefixtures("towers")
def test_a_pair_of_towers_without_training(data: TransferSet) -> None:
    encoder = load_transfer_encoder("tiny-images+tiny-texts", device="cpu")
    again = load_transfer_encoder("tiny-images+tiny-texts", device="cpu")
    assert torch.equal(encoder.module.image_projection.weight, again.module.image_projection.weight)
    found = evaluate_transfer(encoder, data, "few-shot", replace(OPTIONS, probe="tiny-images", shots=(1, 2)))
    assert [one.name for one in found.entries] == ["model"] * 3 + ["majority"] + ["pixels"] * 2
    assert "the probe is left out: tiny-images is the image tower of the model, and is not trained" in found.notes
    assert found.warnings == ("the projections of a pair of towers are not trained, so that zero-shot is chance",)
    check(found)
    other = evaluate_transfer(encoder, data, "fine-tune", replace(OPTIONS, probe="tiny-images", seeds=1))
    assert [one.name for one in other.entries] == ["model", "majority", "pixels", "probe"]
    for name, fault in (("tiny-images+", "names no pair"), ("tiny-images+tiny-images", "is a tower for images, not")):
        with pytest.raises(DataError, match=fault):
            load_transfer_encoder(name, device="cpu")


def test_features_are_remembered(
    encoder: UltrasoundEncoder, data: TransferSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}
    first = evaluate_transfer(encoder, data, "linear-probe", OPTIONS, memory=memory)
    assert {detail for detail, _ in memory} == {"features of the image tower", "32 × 32 grey pixels"}
    monkeypatch.setattr(TransferImages, "__getitem__", lambda *_: pytest.fail("an image was read again"))
    second = evaluate_transfer(encoder, data, "linear-probe", OPTIONS, memory=memory)
    assert transfer_to_dict(first) == transfer_to_dict(second)


def test_features_that_are_not_finite_are_worded(data: TransferSet, encoder: UltrasoundEncoder) -> None:
    broken = UltrasoundEncoder(tiny_model(None), encoder.processor)
    with torch.no_grad():
        next(broken.model.image_tower.parameters()).fill_(torch.nan)
    with pytest.raises(DataError, match="the features of images are not finite"):
        evaluate_transfer(broken, data, "linear-probe", OPTIONS)


def test_the_report(encoder: UltrasoundEncoder, data: TransferSet, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from udt.clip.transfer.report import write_transfer_report

    few = evaluate_transfer(encoder, data, "few-shot", replace(OPTIONS, shots=(1, 4)))
    paths = write_transfer_report(few, tmp_path / "few")
    assert [path.name for path in paths] == ["transfer.html", "transfer.json", "few-shot.png", "few-shot.svg"]
    page = paths[0].read_text("utf-8")
    assert page.count("data:image/png;base64,") == 2 and "model, 1 shot<" in page and "model, zero-shot" in page
    assert paths[2].read_bytes().startswith(b"\x89PNG") and b"</svg>" in paths[3].read_bytes()
    assert json.loads(paths[1].read_text("utf-8")) == transfer_to_dict(few)
    probe = evaluate_transfer(encoder, data, "linear-probe", replace(OPTIONS, seeds=1))
    assert len(write_transfer_report(probe, tmp_path / "probe")) == 2


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_baselines_of_transformers(kind: str, data: TransferSet, request: pytest.FixtureRequest) -> None:
    """CLIP and SigLIP in all modes, against the text half and the image half called by themselves."""
    encoder = load_transfer_encoder(request.getfixturevalue(kind), device="cpu")
    assert encoder.kind == "transformers"
    before = {name: value.clone() for name, value in encoder.module.state_dict().items()}
    memory: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}
    options = replace(OPTIONS, seeds=1, references=False, fine_tuning=replace(FAST, epochs=1))
    zero, probe, tuned = (
        evaluate_transfer(encoder, data, mode, options, memory=memory)
        for mode in ("zero-shot", "linear-probe", "fine-tune")
    )
    assert [one.graph for one in (zero, probe, tuned)] == ["none"] * 3
    assert probe.own[0].detail == "linear probe on embeddings of images"
    ((_, rows),) = memory.items()
    with torch.no_grad():
        texts = encoder.embed_texts([data.texts(number)[0] for number in range(3)])
        image = encoder.embed_images(encoder.image(load_image(data.images[7], data.folder))[None])
    assert np.allclose(rows[7], image[0].numpy(), atol=1e-5)
    cosines = torch.nn.functional.cosine_similarity(torch.from_numpy(rows)[:, None], texts[None], dim=-1)
    right = (cosines.argmax(1).numpy() == data.labels)[zero.plan.tested].mean()
    assert zero.own[0].measures["accuracy"].interval.value == pytest.approx(right)
    assert all(torch.equal(value, before[name]) for name, value in encoder.module.state_dict().items())
    with pytest.raises(DataError, match="the features of the tower of a baseline are not known; take its embeddings"):
        evaluate_transfer(encoder, data, "linear-probe", replace(options, features="tower"))
