"""References beside a model, documents read back, and comparisons, on pictures whose brightness is their organ."""

from __future__ import annotations

import copy
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from udt.bundle.reader import Bundle
from udt.clip.evaluation.calibration import Calibration
from udt.clip.evaluation.comparison import (
    Comparison,
    compare,
    comparison_to_dict,
    header,
    read_document,
    rows,
)
from udt.clip.evaluation.comparison_report import write_comparison_report
from udt.clip.evaluation.document import to_dict
from udt.clip.evaluation.encoder import DualEncoder, UltrasoundEncoder
from udt.clip.evaluation.evaluation import ModelEvaluation, evaluate_model
from udt.clip.evaluation.features import installed_probe, tower_features
from udt.clip.evaluation.gallery import example_groups
from udt.clip.evaluation.measure import EvaluationOptions, graph_labels
from udt.clip.evaluation.outcomes import entry_of
from udt.clip.evaluation.references import ReferenceOptions
from udt.clip.evaluation.resampled import resampled
from udt.clip.evaluation.retrieval import each
from udt.clip.evaluation.samples import Samples
from udt.clip.evaluation.validation import check_metric
from udt.clip.model.config import GraphSource
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary

from .conftest import tiny_model, write_bundle

COUNT = 90


def _picture(organ: int, seed: int) -> bytes:
    """A grey picture with a bright third, which one by its organ."""
    pixels = np.random.default_rng(seed).integers(0, 90, (18, 18), dtype=np.uint8)
    pixels[:, 6 * organ : 6 * organ + 6] += 120
    target = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(target, "png")
    return target.getvalue()


@pytest.fixture(scope="module")
def folder(vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 samples for training and 30 for the test; organ and shape vary, the diagnosis is the same for all."""
    organs = [n % 3 for n in range(COUNT)]
    shapes = np.random.default_rng(0).integers(2, size=COUNT).tolist()
    labels = []
    for organ, shape in zip(organs, shapes, strict=True):
        ids = {"organ": (organ,), "shape": (shape,), "diagnosis": (0,)}
        labels.append(LabelSet(tuple(ids.get(key, ()) for key in vocabulary.keys)))
    names = [vocabulary[key].labels for key in ("organ", "shape")]
    captions = [f"{names[0][organ]}, {names[1][shape]}" for organ, shape in zip(organs, shapes, strict=True)]
    images = [_picture(organ, seed) for seed, organ in enumerate(organs)]
    splits = [*["train"] * 60, *["test"] * 30]
    return write_bundle(tmp_path_factory.mktemp("bright") / "b", labels, captions, images, splits)


def _evaluated(folder: Path, encoder: UltrasoundEncoder, **options: Any) -> ModelEvaluation:
    return evaluate_model(
        encoder, Bundle.open(folder), "test", replicates=100, projected=0, seconds=0,
        chosen=ReferenceOptions(**options),
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(folder: Path, encoder: UltrasoundEncoder, model_folder: Path) -> ModelEvaluation:
    return _evaluated(folder, encoder, probe=str(model_folder))


@pytest.fixture(scope="module")
def first(found: ModelEvaluation) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(to_dict(found), allow_nan=False))
    return document


@pytest.fixture(scope="module")
def second(folder: Path, vocabulary: Vocabulary, processor: UltrasoundClipProcessor) -> dict[str, Any]:
    other = UltrasoundEncoder(tiny_model(None, seed=5), processor, "other")
    return to_dict(_evaluated(folder, other, split=None))


def test_the_pixel_regression_reads_the_brightness(found: ModelEvaluation) -> None:
    accuracy = {one.name: one.classification.tasks[0].score.accuracy for one in found.entries}
    assert found.entries[0].classification.tasks[0].key == "organ"
    assert accuracy["pixels"] == 1 and accuracy["majority"] == pytest.approx(1 / 3)
    assert accuracy["probe"] > accuracy["majority"]
    assert [one.name for one in found.entries] == ["model", "majority", "pixels", "probe"]
    pixels = found.entries[2]
    assert "32 × 32 grey pixels, fitted to 60 samples of the split 'train'" in pixels.detail
    # Of six captions, the shape of which is not in the pixels, the organ leaves two.
    assert pixels.retrieval is not None
    recall = pixels.retrieval.ranks["caption"]["image_to_text"].recall
    assert 0.25 < recall[1] < 0.8 and recall[5] > 0.9


def test_means_leave_the_degenerate_task_out(found: ModelEvaluation, first: dict[str, Any]) -> None:
    result = first["classification"]
    assert result["degenerate"] == ["diagnosis"] and first["model"]["graph"] == "text"
    for name in ("model", "majority", "pixels"):
        expected = np.mean([result["tasks"][key][name]["accuracy"]["value"] for key in ("organ", "shape")])
        assert result["mean"][name]["accuracy"]["value"] == pytest.approx(expected)
    assert found.measures.headline()["mean_accuracy"] == pytest.approx(result["mean"]["model"]["accuracy"]["value"])
    for entry in found.entries:
        if entry.calibrated:
            task = entry.classification.tasks[0]
            one = result["tasks"][task.key][entry.name]["calibration"]["ece"]
            assert one["value"] == pytest.approx(Calibration.of_task(task).ece) and one["low"] <= one["high"]
    assert "calibration" not in result["tasks"]["organ"]["majority"]
    for name, way, ranks in each(found.measures.retrieval):
        part = first["retrieval"][name]
        assert part["candidates"] == ranks.candidates and part["chance"]["1"] == 1 / ranks.candidates
        for name_of, value in (("5", ranks.recall[5]), ("median_rank", ranks.median_rank)):
            one = part["model"][way][name_of]
            assert one["value"] == pytest.approx(value) and one["low"] <= one["value"] <= one["high"]
    assert first["retrieval"]["caption"]["candidates"] == 6


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"split": "valid"}, r"the regressions are left out: .* has no split 'valid'"),
        ({"split": "test"}, "the regressions are left out: the split 'test' is evaluated"),
    ],
    ids=["missing", "evaluated"],
)
def test_references_that_cannot_be_fitted(
    folder: Path, encoder: UltrasoundEncoder, options: dict[str, Any], words: str
) -> None:
    references = _evaluated(folder, encoder, **options).references
    assert [one.name for one in references.found] == ["majority"]
    (reason,) = references.left_out
    assert re.search(words, reason)


def test_the_probe_by_default_is_the_tower_of_the_registry() -> None:
    name = installed_probe()
    if name is None:
        pytest.skip("the package of EfficientNet-Lite0 is not installed")
    features = tower_features(name, torch.device("cpu"))
    assert (features.image.height, features.image.width) == (224, 224)
    with torch.no_grad():
        assert features.call(torch.zeros(2, 3, 224, 224)).shape == (2, 1280)


def test_without_a_probe_a_line_states_it(folder: Path, encoder: UltrasoundEncoder) -> None:
    references = _evaluated(folder, encoder).references
    assert [one.name for one in references.found] == ["majority", "pixels"]
    assert references.left_out == ("the probe is left out: give a pretrained tower, e.g. efficientnet-lite0",)


def test_outcomes_are_read_back(found: ModelEvaluation, first: dict[str, Any]) -> None:
    for entry in found.entries:
        again = entry_of(first, entry.name)
        same, own = (resampled(e, found.resamples) for e in (again, entry))
        assert set(same) == set(own)
        for name in own:
            # Confidences are rounded.
            np.testing.assert_allclose(same[name], own[name], rtol=0, atol=1e-6 if name.endswith(".ece") else 0)
        if entry.retrieval is not None and again.retrieval is not None:
            assert np.array_equal(again.retrieval.closest["image_to_text"], entry.retrieval.closest["image_to_text"])


def test_the_cost_of_a_batch_needs_the_labels_of_that_batch_alone(
    folder: Path, encoder: UltrasoundEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(encoder: DualEncoder, samples: Samples, source: GraphSource) -> list[LabelSet] | None:
        asked.append(len(samples))
        return graph_labels(encoder, samples, source)

    monkeypatch.setattr("udt.clip.evaluation.evaluation.graph_labels", counted)
    options = EvaluationOptions(batch_size=4)
    chosen = ReferenceOptions(split=None)
    result = evaluate_model(encoder, Bundle.open(folder), "test", options, chosen=chosen, projected=0, seconds=0)
    assert asked == [4] and result.cost.batch_size == 4 and len(result.measures.samples) == 30


@pytest.fixture(scope="module")
def compared(first: dict[str, Any], second: dict[str, Any]) -> Comparison:
    return compare({"a": first, "b": second}, replicates=100)


def test_differences_are_paired(first: dict[str, Any], second: dict[str, Any], compared: Comparison) -> None:
    own, other = (entry_of(document, "model") for document in (first, second))
    values = [resampled(e, compared.resamples) for e in (own, other)]
    column = compared.columns[1]
    assert [one.name for one in compared.columns] == ["a", "b", "majority", "pixels", "probe"]
    assert (compared.columns[0].graph, column.graph) == ("text", "none")
    for name in ("organ.accuracy", "shape.ece", "case_text_to_image_recall_at_5", "partner_image_to_text_median_rank"):
        draws = values[1][name] - values[0][name]
        assert column.differences[name].value == pytest.approx(draws[0])
        bounds = np.quantile(draws[1:], [0.025, 0.975])
        assert [column.differences[name].low, column.differences[name].high] == pytest.approx(bounds)
    assert compared.degenerate == ("diagnosis",) and "diagnosis.accuracy" not in compared.measures


def test_a_model_does_not_differ_from_itself(first: dict[str, Any]) -> None:
    same = compare({"a": first, "again": first}, replicates=50).columns[1]
    assert all((one.value, one.low, one.high) == (0, 0, 0) for one in same.differences.values())


def test_the_table_and_the_document_of_a_comparison(compared: Comparison) -> None:
    table = {name: cells for name, *cells in rows(compared, compared.measures)}
    assert header(compared)[:4] == ("", "chance", "a, graph: text", "b, graph: none")
    assert table["mean accuracy"][1] == f"{compared.columns[0].intervals['mean_accuracy'].value:.3f}"
    assert "+" in table["organ, accuracy"][-2] and table["caption, image to text R@1"][3] == ""
    assert table["partner, image to text median rank"][0] == "15.5"
    assert table["organ, ECE"][0] == "" and re.fullmatch(r"0\.\d{3}", table["organ, ECE"][1])
    assert table["organ, ECE"][3] == "", "the frequencies of the majority are not confidences"
    assert re.fullmatch(
        r"[\d.]+  [+-]\d+\.\d \[[+-]\d+\.\d, [+-]\d+\.\d\]", table["case, image to text median rank"][2]
    )
    data = json.loads(json.dumps(comparison_to_dict(compared), allow_nan=False))
    assert data["schema"] == "udt-comparison/1" and (data["samples"], data["cases"]) == (30, 30)
    cell = data["measures"]["mean_accuracy"]["columns"]
    assert "difference" not in cell["a"] and set(cell["pixels"]["difference"]) == {"value", "low", "high"}
    ece = data["measures"]["shape.ece"]
    assert ece["chance"] is None and set(ece["columns"]) == {"a", "b", "pixels", "probe"}


def test_the_gallery_has_hits_and_misses(compared: Comparison, folder: Path, tmp_path: Path) -> None:
    groups = example_groups(compared, "image_to_text", 2)
    assert sum(group.samples for group in groups) == 30
    for group in groups:
        for example in group.examples:
            for one in example.listed:
                caption = compared.captions[example.sample]
                assert one.hits == tuple(compared.captions[sample] == caption for sample in one.samples)
                assert (f"not by {one.model}" in group.title or "missed by" in group.title) != any(one.hits)
    page = write_comparison_report(compared, Bundle.open(folder), tmp_path / "new").read_text("utf-8")
    assert (
        page.count("data:image/png;base64,") > 10 and "<mark>" in page and "http" not in page.replace("http-equiv", "")
    )
    assert "graph: text" in page and "graph: none" in page


def _changed(document: dict[str, Any], change: str) -> dict[str, Any]:
    other = copy.deepcopy(document)
    if change == "rows":
        other["outcomes"]["rows"] = other["outcomes"]["rows"][1:]
    elif change == "candidates":
        other["protocol"]["candidates"] = "present"
    else:
        other["outcomes"]["truth"]["organ"][0] = [7]
    return other


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("rows", r"a and b were evaluated on different samples \(30 and 29 rows\)"),
        ("candidates", "the candidates of a are all labels, of b present"),
        ("truth", "evaluated with different labels of organ"),
    ],
)
def test_other_samples_cannot_be_compared(first: dict[str, Any], change: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        compare({"a": first, "b": _changed(first, change)}, replicates=10)


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "cannot be read"), ('{"schema": "udt-evaluation/1"}', "has the schema 'udt-evaluation/1'"), ("[]", "None")],
)
def test_faulty_documents_are_named(content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text(content, "utf-8")
    with pytest.raises(DataError, match=words):
        read_document(tmp_path / "e.json")


def test_a_mean_over_no_task_cannot_choose_the_best_model(folder: Path) -> None:
    bundle = Bundle.open(folder)
    check_metric(bundle, bundle.split("test"), "mean_accuracy")
    alone = bundle.select(["diagnosis"])
    with pytest.raises(DataError, match=r"'mean_macro_recall', a mean over the tasks .* but there is none"):
        check_metric(alone, bundle.split("test"), "mean_macro_recall")
    with pytest.raises(DataError, match="no label is right for the whole validation split"):
        check_metric(bundle.select(["organ"]), [60, 63], "mean_accuracy")
    check_metric(alone, bundle.split("test"), "caption_image_to_text_recall_at_10")


def test_an_encoder_that_sees_nothing_has_chance(
    folder: Path, vocabulary: Vocabulary, processor: UltrasoundClipProcessor
) -> None:
    model = tiny_model(None)
    with torch.no_grad():
        for tower in (model.image_tower, model.text_tower):
            for weights in tower.parameters():
                weights.zero_()
        for norm in (m for m in model.modules() if isinstance(m, torch.nn.LayerNorm)):
            norm.bias.fill_(1)
    result = _evaluated(folder, UltrasoundEncoder(model, processor, "blind"), split=None)
    for _, _, ranks in each(result.measures.retrieval):
        assert ranks.recall == pytest.approx(ranks.chance)
    assert result.measures.classification.tasks[0].score.accuracy == 0
