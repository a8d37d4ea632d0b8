"""Embeddings and measures of a tiny model on a tiny bundle, against one sample at a time."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from PIL import Image

from tests.ten_tasks import KEY, with_tenth
from udt.bundle.reader import Bundle
from udt.clip.evaluation.cost import cost, operations, parameters
from udt.clip.evaluation.document import to_dict
from udt.clip.evaluation.embed import embed_texts
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.evaluation import evaluate_model
from udt.clip.evaluation.measure import EvaluationOptions, common_tasks, measure, remarks
from udt.clip.evaluation.projection import names_in, sampled, t_sne
from udt.clip.evaluation.report import html
from udt.clip.evaluation.validation import validation_metrics
from udt.clip.model.config import GraphSource
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet

from .conftest import COUNT, label_sets, png, tiny_model, write_bundle

ROWS = [row for row in range(COUNT - 2) if row not in (3, 4, 5)]


def _one_by_one(encoder: UltrasoundEncoder, bundle: Bundle, *, graph: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Embeddings of the samples that have all, each in a batch of its own."""
    images, texts = [], []
    with torch.no_grad():
        for row in ROWS:
            content = bundle.image(row)
            assert isinstance(content, bytes)
            picture = Image.open(io.BytesIO(content))
            inputs = encoder.processor(
                [picture], [bundle.caption(row) or ""], [bundle.label_set(row)] if graph else None
            )
            output = encoder.model(**inputs)
            images.append(output.image_embeds)
            texts.append(output.text_embeds)
    return torch.cat(images), torch.cat(texts)


@pytest.mark.parametrize("graph", ["text", "none"])
@pytest.mark.parametrize("batch_size", [4, 64])
def test_equals_one_sample_at_a_time(
    encoder: UltrasoundEncoder, bundle_folder: Path, graph: GraphSource, batch_size: int
) -> None:
    bundle = Bundle.open(bundle_folder)
    found = measure(encoder, bundle, bundle.split("test"), EvaluationOptions(graph=graph, batch_size=batch_size))
    assert found.samples.rows == tuple(ROWS)
    assert (found.samples.without_image, found.samples.without_caption) == (2, 1)
    assert found.samples.broken == (f"sample 5 of {bundle_folder}",)
    assert found.graph == graph
    images, texts = _one_by_one(encoder, bundle, graph=graph != "none")
    _check_retrieval(found.retrieval.ranks["caption"]["image_to_text"].recall[1], images, texts, bundle)
    assert found.classification.mean is not None
    _check_accuracy(encoder, found.classification.mean.accuracy, images, bundle, graph=graph != "none")


def _check_retrieval(recall: float, images: torch.Tensor, texts: torch.Tensor, bundle: Bundle) -> None:
    captions = bundle.captions(ROWS)
    hits: dict[str | None, list[bool]] = {}
    for caption, image in zip(captions, images, strict=True):
        hits.setdefault(caption, []).append(captions[int((texts @ image).argmax())] == caption)
    assert recall == pytest.approx(np.mean([np.mean(found) for found in hits.values()]))


def _check_accuracy(
    encoder: UltrasoundEncoder, accuracy: float, images: torch.Tensor, bundle: Bundle, *, graph: bool
) -> None:
    by_task = []
    for place, dimension in enumerate(bundle.vocabulary.dimensions):
        prompts = []
        for label, prompt in enumerate(dimension.prompts):
            one = [LabelSet(tuple((label,) if p == place else () for p in range(len(bundle.vocabulary.keys))))]
            with torch.no_grad():
                prompts.append(encoder.embed_texts([prompt], one if graph else None))
        guesses = (images @ torch.cat(prompts).T).argmax(1).tolist()
        truths = [bundle.label_set(row).ids[place] for row in ROWS]
        by_task.append(np.mean([guess in truth for guess, truth in zip(guesses, truths, strict=True) if truth]))
    assert accuracy == pytest.approx(np.mean(by_task))


def test_workers_read_the_same(encoder: UltrasoundEncoder, bundle_folder: Path) -> None:
    bundle = Bundle.open(bundle_folder)
    alone, others = (
        measure(encoder, bundle, ROWS, EvaluationOptions(workers=workers)).headline() for workers in (0, 2)
    )
    assert alone == others


def test_equal_texts_are_embedded_once(encoder: UltrasoundEncoder, vocabulary: Vocabulary) -> None:
    seen: list[str] = []

    class Counting(UltrasoundEncoder):
        def embed_texts(self, texts: object, labels: object = None) -> torch.Tensor:
            seen.extend(texts)  # type: ignore[call-overload]
            return UltrasoundEncoder.embed_texts(self, texts, labels)  # type: ignore[arg-type]

    labels = label_sets(vocabulary, 3)
    texts = ["a cyst", "a longer text of a mass", "a cyst", "a cyst"]
    given = [labels[0], labels[1], labels[0], labels[2]]
    counting = Counting(encoder.model, encoder.processor)
    found = embed_texts(counting, texts, given, batch_size=2)
    assert sorted(seen) == ["a cyst", "a cyst", "a longer text of a mass"]
    assert torch.equal(found[0], found[2]) and not torch.equal(found[0], found[3])
    with torch.no_grad():
        each = torch.cat([encoder.embed_texts([t], [g]) for t, g in zip(texts, given, strict=True)])
    torch.testing.assert_close(found, each)
    assert found.dtype == torch.float32 and not found.requires_grad


def test_validation_restores_the_mode_of_the_model(
    encoder: UltrasoundEncoder, processor: UltrasoundClipProcessor, bundle_folder: Path
) -> None:
    bundle = Bundle.open(bundle_folder)
    encoder.model.train()
    try:
        found = validation_metrics(encoder.model, processor, bundle, bundle.split("test"), batch_size=7)
        assert encoder.model.training
    finally:
        encoder.model.eval()
    assert found == measure(encoder, bundle, bundle.split("test")).headline()
    ways = [f"{name}_{way}" for name in ("caption", "partner", "case") for way in ("image_to_text", "text_to_image")]
    cutoffs = {f"{way}_recall_at_{k}" for way in ways for k in (1, 5, 10, 50)}
    assert set(found) == {"mean_accuracy", "mean_macro_recall", *cutoffs}


def test_weights_that_are_nan_are_refused(
    vocabulary: Vocabulary, processor: UltrasoundClipProcessor, bundle_folder: Path
) -> None:
    model = tiny_model(vocabulary)
    torch.nn.init.constant_(model.image_projection.weight, torch.nan)
    with pytest.raises(DataError, match="embeddings of images are not finite"):
        measure(UltrasoundEncoder(model, processor), Bundle.open(bundle_folder), ROWS)


def test_other_labels_are_refused(encoder: UltrasoundEncoder, bundle_folder: Path, vocabulary: Vocabulary) -> None:
    bundle = Bundle.open(bundle_folder)
    shape = replace(vocabulary["shape"], labels=tuple(reversed(vocabulary["shape"].labels)))
    other = replace(vocabulary, dimensions=tuple(shape if d.key == "shape" else d for d in vocabulary.dimensions))
    with pytest.raises(DataError, match=r"different are shape\. Make the bundle .* \(--graph none\)"):
        common_tasks(other, bundle, same_labels=True)
    with pytest.raises(
        DataError, match=r"has the tasks body_system, .*, but the model was trained on orientation; make"
    ):
        common_tasks(with_tenth(vocabulary).select(["orientation"]), bundle, same_labels=True)
    moved = replace(vocabulary, dimensions=vocabulary.dimensions[::-1], digest="another file with the same labels")
    assert common_tasks(moved, bundle, same_labels=True) is bundle
    strange = UltrasoundClipProcessor(encoder.processor.image, encoder.processor.tokenizer, other)
    measure(UltrasoundEncoder(encoder.model, strange), bundle, ROWS, EvaluationOptions(graph="none"))


class GraphReader:
    """An encoder of which images are their diagnosis, and texts that of their graph alone."""

    name, kind, trained, device, logit_scale = "graph", "test", None, torch.device("cpu"), 1.0
    module, image = torch.nn.Identity(), ImageTransform(4, 4, mean=(0.0,) * 3, std=(1.0,) * 3)

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def embed_images(self, pixels: torch.Tensor) -> torch.Tensor:
        return torch.eye(8)[(pixels[:, 0, 0, 0] * 255 / 20).round().long()]

    def embed_texts(self, texts: Sequence[str], labels: Sequence[LabelSet] | None = None) -> torch.Tensor:
        place = self.vocabulary.keys.index("diagnosis")
        ids = [label_set.ids[place] for label_set in labels] if labels is not None else [()] * len(texts)
        return torch.stack([torch.eye(8)[own[0]] if own else torch.ones(8) for own in ids])


def test_graphs_of_labels_flatter(vocabulary: Vocabulary, tmp_path: Path) -> None:
    """Captions do not name the diagnosis: an encoder that reads nothing but graphs finds it in those of labels."""
    labels = [LabelSet.of({"diagnosis": [name]}, vocabulary) for name in vocabulary["diagnosis"].labels]
    images: list[bytes | str | None] = []
    for n in range(len(labels)):
        target = io.BytesIO()
        Image.new("RGB", (4, 4), (20 * n, 0, 0)).save(target, "png")
        images.append(target.getvalue())
    captions, nothing = [f"Image {n}." for n in range(len(labels))], [LabelSet.of({}, vocabulary)] * len(labels)
    folder = write_bundle(tmp_path / "b", labels, captions, images, ["test"] * len(labels), named=nothing)
    reader, bundle = GraphReader(vocabulary), Bundle.open(folder)
    found = {one: measure(reader, bundle, range(len(labels)), EvaluationOptions(one)) for one in get_args(GraphSource)}
    by_source = {one: m.retrieval.ranks["partner"]["text_to_image"].recall[1] for one, m in found.items()}
    chance = pytest.approx(1 / len(labels))
    assert by_source == {"text": chance, "labels": 1.0, "none": chance}


def test_without_graphs_a_model_is_one_without_graph_encoder(
    encoder: UltrasoundEncoder, processor: UltrasoundClipProcessor, bundle_folder: Path
) -> None:
    alone = tiny_model(None)
    left = alone.load_state_dict(encoder.model.state_dict(), strict=False)
    assert not left.missing_keys and {name.split(".")[0] for name in left.unexpected_keys} == {
        "graph_encoder",
        "fusion",
    }
    bundle = Bundle.open(bundle_folder)
    with_encoder = measure(encoder, bundle, ROWS, EvaluationOptions("none"))
    without = measure(UltrasoundEncoder(alone, processor), bundle, ROWS)
    assert with_encoder.graph == without.graph == "none" and with_encoder.headline() == without.headline()
    assert with_encoder.headline() != measure(encoder, bundle, ROWS).headline()


def test_every_document_and_page_states_the_source_of_the_graphs(
    encoder: UltrasoundEncoder, bundle_folder: Path
) -> None:
    for source in get_args(GraphSource):
        found = evaluate_model(
            encoder, Bundle.open(bundle_folder), "test", EvaluationOptions(source), projected=8, seconds=0
        )
        assert to_dict(found)["model"]["graph"] == source
        assert f"graph: {source} (" in html(found)


def test_a_model_whose_nodes_contradict_its_processor(encoder: UltrasoundEncoder, tmp_path: Path) -> None:
    encoder.model.save_pretrained(tmp_path)
    own = encoder.processor
    UltrasoundClipProcessor(own.image, own.tokenizer, own.vocabulary, graph_places=True).save_pretrained(tmp_path)
    with pytest.raises(DataError, match="the model has 31 nodes in graphs, its processor 92; save both with the same"):
        UltrasoundEncoder.load(tmp_path)


def _ten(vocabulary: Vocabulary, bundle_folder: Path, folder: Path, *, labelled: bool) -> Path:
    """The bundle of nine tasks, with a tenth in which every other sample has a label, or none has."""
    nine, ten = Bundle.open(bundle_folder), with_tenth(vocabulary)
    own = [(row % 2,) if labelled and row % 4 < 2 else () for row in range(COUNT)]
    labels = [LabelSet((*one.ids, ids)) for one, ids in zip(nine.label_sets(), own, strict=True)]
    similarity = nine.similarity()
    matrices = {**similarity.matrices, KEY: np.eye(2, dtype=np.float32)}
    columns = (nine.column(name).to_pylist() for name in ("caption", "image", "split"))
    more = SimilaritySet.of(ten, matrices, similarity.provenance)
    return write_bundle(folder / "b", labels, *columns, similarity=more, vocabulary=ten)


@pytest.fixture(scope="module")
def ten_folder(vocabulary: Vocabulary, bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _ten(vocabulary, bundle_folder, tmp_path_factory.mktemp("ten"), labelled=True)


@pytest.mark.parametrize("graph", ["text", "labels", "none"])
def test_a_model_of_nine_tasks_on_a_bundle_of_ten(
    encoder: UltrasoundEncoder, bundle_folder: Path, ten_folder: Path, graph: GraphSource
) -> None:
    """The scores are those on the bundle of nine tasks."""
    options = EvaluationOptions(graph=graph)
    nine, ten = (measure(encoder, Bundle.open(f), ROWS, options) for f in (bundle_folder, ten_folder))
    assert ten.headline() == nine.headline()
    assert [task.key for task in ten.classification.tasks] == [task.key for task in nine.classification.tasks]
    assert (ten.untrained, ten.unlabelled) == ((KEY,), ()) and (nine.untrained, nine.unlabelled) == ((), ())
    assert remarks(ten) == ["not scored: orientation, since the model was not trained on it"] and not remarks(nine)


@pytest.fixture(scope="module")
def ten_encoder(vocabulary: Vocabulary, processor: UltrasoundClipProcessor) -> UltrasoundEncoder:
    ten = with_tenth(vocabulary)
    return UltrasoundEncoder(tiny_model(ten), UltrasoundClipProcessor(processor.image, processor.tokenizer, ten, 64))


def test_a_model_of_ten_tasks_on_a_bundle_of_ten(ten_encoder: UltrasoundEncoder, ten_folder: Path) -> None:
    bundle = Bundle.open(ten_folder)
    found = evaluate_model(ten_encoder, bundle, "test", projected=8, seconds=0)
    task = found.measures.classification.tasks[-1]
    known = [row for row in ROWS if row % 4 < 2]
    assert (task.key, task.samples, task.left_out) == (KEY, len(known), len(ROWS) - len(known))
    assert task.random.accuracy == 0.5
    frequent = np.bincount([row % 2 for row in known]).max() / len(known)
    majority = found.entries[1].classification.tasks[-1]
    assert found.entries[1].name == "majority" and majority.score.accuracy == pytest.approx(frequent)
    assert KEY in to_dict(found)["classification"]["tasks"]
    images, _ = _one_by_one(ten_encoder, bundle, graph=True)
    mean = found.measures.classification.mean
    assert mean is not None
    _check_accuracy(ten_encoder, mean.accuracy, images, bundle, graph=True)


def test_a_model_of_ten_tasks_on_a_bundle_of_nine(
    ten_encoder: UltrasoundEncoder, bundle_folder: Path, ten_folder: Path
) -> None:
    """The graphs lack the tenth task; the scores are those on the bundle of ten with the tenth left out of it."""
    nine, ten = Bundle.open(bundle_folder), Bundle.open(ten_folder)
    found = measure(ten_encoder, nine, ROWS)
    assert (found.untrained, found.unlabelled) == ((), (KEY,))
    assert remarks(found) == ["not scored: orientation, since the bundle does not have it"]
    assert found.headline() == measure(ten_encoder, ten.select(nine.vocabulary.keys), ROWS).headline()
    assert evaluate_model(ten_encoder, nine, "test", projected=8, seconds=0).measures.headline() == found.headline()


def test_tasks_without_labels_are_named(
    ten_encoder: UltrasoundEncoder, vocabulary: Vocabulary, bundle_folder: Path, tmp_path: Path
) -> None:
    bundle = Bundle.open(_ten(vocabulary, bundle_folder, tmp_path, labelled=False))
    found = evaluate_model(ten_encoder, bundle, "test", projected=8, seconds=0)
    assert found.measures.without_labels == (KEY,)
    assert remarks(found.measures) == ["not scored: orientation, since no sample has a label of it"]
    assert found.measures.headline() == measure(ten_encoder, bundle.select(vocabulary.keys), ROWS).headline()
    assert to_dict(found)["classification"]["without_labels"] == [KEY]
    assert "Not scored: orientation, since no sample has a label of it." in html(found)


def test_a_model_whose_tasks_contradict_its_processor(ten_encoder: UltrasoundEncoder, tmp_path: Path) -> None:
    ten_encoder.model.save_pretrained(tmp_path)
    nine = ten_encoder.processor.vocabulary.select(ten_encoder.processor.vocabulary.keys[:-1])
    UltrasoundClipProcessor(ten_encoder.image, ten_encoder.processor.tokenizer, nine).save_pretrained(tmp_path)
    with pytest.raises(DataError, match=r"the tasks of the model are .*, orientation, but those of its processor"):
        UltrasoundEncoder.load(tmp_path)


def test_samples_without_image_or_caption_are_refused(
    encoder: UltrasoundEncoder, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    labels = label_sets(vocabulary, 3)
    folder = write_bundle(tmp_path / "b", labels, [None, "a", "b"], [png(1), None, b""], ["x"] * 3)
    with pytest.raises(DataError, match="none of the 2 samples chosen has both image and caption"):
        measure(encoder, Bundle.open(folder), [0, 1])
    with pytest.raises(DataError, match="none of 1 images can be read"):
        measure(encoder, Bundle.open(folder), [0, 1, 2])


def test_paths_start_from_the_image_root(encoder: UltrasoundEncoder, vocabulary: Vocabulary, tmp_path: Path) -> None:
    labels = label_sets(vocabulary, 4)
    (tmp_path / "images").mkdir()
    for n in range(3):
        (tmp_path / "images" / f"{n}.png").write_bytes(png(n))
    names = ["0.png", "1.png", "2.png", "missing.png"]
    folder = write_bundle(tmp_path / "b", labels, list("abcd"), names, ["test"] * 4, "path")
    found = measure(encoder, Bundle.open(folder), range(4), EvaluationOptions(image_root=tmp_path / "images"))
    assert found.samples.rows == (0, 1, 2)
    assert "missing.png" in found.samples.broken[0]


def test_parameters_and_operations() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2, bias=False))
    module.register_parameter("scale", torch.nn.Parameter(torch.ones(())))
    assert parameters(module) == {"0": 20, "2": 10, "other": 1}
    assert operations(lambda count: module(torch.ones(count, 3))) == 2 * (3 * 5 + 5 * 2)
    attention = torch.nn.functional.scaled_dot_product_attention
    query, key = torch.ones(1, 2, 4, 8), torch.ones(1, 2, 6, 8)
    assert operations(lambda count: attention(query, key, key)) == 2 * (2 * (2 * 4 * 6 * 8))


def test_cost_of_a_model(encoder: UltrasoundEncoder, vocabulary: Vocabulary) -> None:
    labels = label_sets(vocabulary, 2)
    found = cost(encoder, torch.zeros(2, 3, 16, 16), ["a cyst", "a mass"], labels, seconds=0)
    assert found.parameters_in_all == sum(p.numel() for p in encoder.model.parameters())
    assert sum(found.parameters.values()) == found.parameters_in_all
    assert {"image_tower", "text_tower", "graph_encoder", "fusion"} <= set(found.parameters)
    assert found.operations["texts with graph"] > found.operations["texts"] > 0
    assert all(value > 0 for value in found.throughput.values())


def test_samples_for_the_plane() -> None:
    places = sampled(100, 10, 3)
    assert len(set(places.tolist())) == 10 and (np.diff(places) > 0).all()
    assert np.array_equal(places, sampled(100, 10, 3)) and not np.array_equal(places, sampled(100, 10, 4))
    assert sampled(4, 10, 0).tolist() == [0, 1, 2, 3]


def test_names_in_the_plane(vocabulary: Vocabulary) -> None:
    sets = [LabelSet.of({"shape": shapes}, vocabulary) for shapes in ([], ["oval"], ["oval", "round"])]
    assert names_in(sets, "shape", vocabulary) == ("not said", "oval", "several")


def test_the_plane_keeps_neighbours() -> None:
    pytest.importorskip("sklearn")
    torch.manual_seed(0)
    ends = torch.nn.functional.normalize(torch.eye(2, 8).repeat_interleave(20, 0) + 0.05 * torch.randn(40, 8), dim=1)
    plane = t_sne(ends, seed=1)
    assert plane.shape == (40, 2) and np.array_equal(plane, t_sne(ends, seed=1))
    distances = np.linalg.norm(plane[:, None] - plane[None], axis=-1) + 1e9 * np.eye(40)
    assert ((distances.argmin(1) < 20) == (np.arange(40) < 20)).all()


def test_too_few_for_a_plane() -> None:
    pytest.importorskip("sklearn")
    with pytest.raises(DataError, match="at least 5 texts, but got 4"):
        t_sne(torch.eye(4))


def test_without_scikit_learn_the_plane_is_left_out(
    encoder: UltrasoundEncoder, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    found = evaluate_model(encoder, Bundle.open(bundle_folder), "test", projected=8, seconds=0)
    assert isinstance(found.projection, str) and "needs scikit-learn" in found.projection
    assert to_dict(found)["projection"] == {"skipped": found.projection}
