"""Sources of the graphs of captions: `text` has the labels that a caption names, in training and at inference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.bundle.first_version import first_version
from tests.clip.training.conftest import SIZE, picture
from udt import Normalizer
from udt.bundle.reader import Bundle
from udt.bundle.writer import BundleSample, write_files
from udt.clip.data.collator import Collator
from udt.clip.data.dataset import BundleDataset
from udt.clip.data.graphs import graph_label_sets, graph_matrix
from udt.clip.data.prompts import PromptMix
from udt.clip.model.config import GraphSource
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.normalize.captions import CaptionReader
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.similarity.multi_hot import multi_hot
from udt.taxonomy.model.taxonomy import Taxonomy

BREAST = {"body_system": ["Breast and Axilla"], "organ": ["Breast"]}
# As in BrEaST: labels of a sample to its caption, which does not name the histology.
RECORDS = (
    (
        {"diagnosis": ["mass"], "shape": ["irregular"], "echogenicity": ["hypoechoic"]},
        "Breast ultrasound: irregular hypoechoic lesion.",
    ),
    ({"diagnosis": ["cyst"], "shape": ["oval"]}, "Breast ultrasound: oval lesion without calcifications."),
    ({"diagnosis": ["mass"], "posterior_acoustics": ["shadowing"]}, "Breast mass with possible posterior shadowing."),
    ({"diagnosis": ["normal appearance"]}, "Breast ultrasound."),
    ({}, "A hypoechoic cyst."),
)


@pytest.fixture(scope="module")
def brest(taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("brest")
    write_files(
        folder,
        (
            BundleSample(f"b/{n}", picture(n), caption, LabelSet.of({**BREAST, **labels}, vocabulary), "train")
            for n, (labels, caption) in enumerate(RECORDS)
        ),
        vocabulary,
        taxonomy_similarity(taxonomy),
        CaptionReader(vocabulary),
        images="bytes",
        about={},
    )
    return Bundle.open(folder)


@pytest.fixture(params=[False, True], ids=["no places", "places"])
def either(request: pytest.FixtureRequest, processor: UltrasoundClipProcessor) -> Iterator[UltrasoundClipProcessor]:
    own = (processor.image, processor.tokenizer, processor.vocabulary, processor.max_length)
    yield UltrasoundClipProcessor(*own, graph_places=request.param)


def batch_of(bundle: Bundle, processor: UltrasoundClipProcessor, source: GraphSource) -> dict[str, torch.Tensor]:
    rows = range(len(bundle))
    images = BundleDataset(bundle, rows, ImageTransform(SIZE, SIZE))
    return Collator(processor, bundle, graph=source)([images[row] for row in rows])


def named(batch: dict[str, torch.Tensor], processor: UltrasoundClipProcessor, row: int) -> set[str]:
    ids = [*batch["diagnosis_ids"][row].tolist(), *batch["attribute_ids"][row].tolist()]
    return {processor.space.nodes[id].label for id in ids if id >= 0}


def test_graphs_of_texts_say_what_the_text_says(brest: Bundle, processor: UltrasoundClipProcessor) -> None:
    batch = batch_of(brest, processor, "text")
    expected = [{"irregular", "hypoechoic"}, {"oval"}, {"mass", "shadowing"}, set(), {"cyst", "hypoechoic"}]
    assert [named(batch, processor, row) for row in range(5)] == expected


def test_graphs_of_labels_say_more(brest: Bundle, processor: UltrasoundClipProcessor) -> None:
    batch = batch_of(brest, processor, "labels")
    assert named(batch, processor, 0) == {"mass", "irregular", "hypoechoic"}
    assert [named(batch, processor, row) for row in (1, 3, 4)] == [{"cyst", "oval"}, {"normal appearance"}, set()]
    assert brest.manifest["caption_labels"]["captions_with_fewer"] == 4


def test_a_caption_has_one_graph_in_training_and_at_inference(brest: Bundle, either: UltrasoundClipProcessor) -> None:
    batch = batch_of(brest, either, "text")
    inference = either(text=[caption for _, caption in RECORDS], graphs="normalize")
    assert set(inference) == {*either.tokens(["a"]), "diagnosis_ids", "attribute_ids"}
    assert all(torch.equal(batch[name], inference[name]) for name in inference)


def test_body_system_and_organ_are_nodes_on_demand(brest: Bundle, either: UltrasoundClipProcessor) -> None:
    batch, places = batch_of(brest, either, "text"), {"Breast and Axilla", "Breast"}
    found = [named(batch, either, row) & places for row in range(5)]
    assert found == ([places] * 4 + [set()] if either.space.places else [set()] * 5)


def test_no_graphs(brest: Bundle, processor: UltrasoundClipProcessor) -> None:
    assert not {"diagnosis_ids", "attribute_ids"} & set(batch_of(brest, processor, "none"))
    assert graph_matrix(brest, "none") is None and graph_label_sets(brest, [0], "none") is None


def test_prompts_have_the_graph_of_their_labels(brest: Bundle, processor: UltrasoundClipProcessor) -> None:
    """Also of labels that the caption does not name: the prompt names them."""
    images = BundleDataset(brest, [1], ImageTransform(SIZE, SIZE))
    batch = Collator(processor, brest, mix=PromptMix(share=1.0, max_labels=4), seed=3)([images[0]] * 2)
    expected = multi_hot([brest.label_set(1)], [len(d) for d in brest.vocabulary.dimensions])[0]
    columns = np.flatnonzero(batch["prompt_labels"][0])
    assert set(columns) <= set(np.flatnonzero(expected))
    texts = [label for d in brest.vocabulary.dimensions for label in d.labels]
    nodes = {node.label for node in processor.space.nodes}
    assert named(batch, processor, 0) == {texts[column] for column in columns} & nodes


def test_matrix_and_label_sets_are_the_same(brest: Bundle) -> None:
    sizes = [len(dimension) for dimension in brest.vocabulary.dimensions]
    normalizer = Normalizer()
    by_source: dict[GraphSource, list[LabelSet]] = {
        "text": [LabelSet.of(normalizer.normalize(c).labels, brest.vocabulary) for _, c in RECORDS],
        "labels": list(brest.label_sets()),
    }
    for source, expected in by_source.items():
        assert graph_label_sets(brest, range(5), source) == expected
        assert np.array_equal(graph_matrix(brest, source), multi_hot(expected, sizes))


def test_a_bundle_of_the_first_version(brest: Bundle, processor: UltrasoundClipProcessor, tmp_path: Path) -> None:
    first = Bundle.open(first_version(brest.path, tmp_path / "first"))
    assert named(batch_of(first, processor, "labels"), processor, 1) == {"cyst", "oval"}
    assert "diagnosis_ids" not in batch_of(first, processor, "none")
    with pytest.raises(
        DataError, match=r"first: does not have the labels that its captions name, .*udt data bundle, .*--graph labels"
    ):
        batch_of(first, processor, "text")
