"""What images, texts and graphs become."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPImageProcessor, ViTImageProcessor

from tests.ten_tasks import KEY, write_extension
from udt import Normalizer
from udt.clip import UltrasoundClipProcessor
from udt.clip.model.images import ImageTransform
from udt.clip.model.tokenizer import train_tokenizer
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.graphkit.sample import SampleGraph
from udt.taxonomy.model.taxonomy import Taxonomy

from .conftest import VIT

CAPTIONS = ["a hypoechoic nodule of the thyroid", "an anechoic cyst of the kidney", "normal liver", "a hypoechoic mass"]


@pytest.fixture
def processor(vocabulary: Vocabulary) -> UltrasoundClipProcessor:
    return UltrasoundClipProcessor(ImageTransform(16, 16), train_tokenizer(CAPTIONS, 200), vocabulary, max_length=12)


def picture(width: int = 40, height: int = 30) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def test_shapes(processor: UltrasoundClipProcessor) -> None:
    made = processor(
        images=[picture(), picture(9, 9)], text=CAPTIONS[:2], graphs=[SampleGraph((0,), (9, 11)), SampleGraph()]
    )
    assert made["pixel_values"].shape == (2, 3, 16, 16)
    assert made["input_ids"].shape == made["attention_mask"].shape
    assert made["diagnosis_ids"].tolist() == [[0], [-1]]
    assert made["attribute_ids"].tolist() == [[9, 11], [-1, -1]]


def test_graphs_are_extracted_from_texts(processor: UltrasoundClipProcessor, vocabulary: Vocabulary) -> None:
    labels = {"diagnosis": ["cyst"], "echogenicity": ["anechoic"], "posterior_acoustics": ["enhancement"]}
    text = "Anechoic cyst of the left kidney with posterior enhancement. No septations."
    read, given = processor(text=[text], graphs="normalize"), processor.graphs([LabelSet.of(labels, vocabulary)])
    for name, ids in given.items():
        assert torch.equal(read[name], ids)


def test_graphs_of_ten_tasks_are_extracted_with_the_extension(
    processor: UltrasoundClipProcessor, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    path = write_extension(tmp_path)
    ten = Taxonomy.load(path).vocabulary
    text = ["Breast: hypoechoic mass, vertically oriented."]
    with_extension = Normalizer([path])
    own = UltrasoundClipProcessor(processor.image, processor.tokenizer, ten, normalizer=with_extension)
    (labels,) = own.read(text)
    assert labels.named(ten)[KEY] == ("not parallel",)
    nine = UltrasoundClipProcessor(processor.image, processor.tokenizer, vocabulary, normalizer=with_extension)
    assert nine.read(text) == processor.read(text), "the tenth dimension is left out"
    size = replace(ten[KEY], key="lesion_size")
    other = UltrasoundClipProcessor(processor.image, processor.tokenizer, replace(ten, dimensions=(size,)))
    with pytest.raises(DataError, match="the tasks lesion_size are not in the taxonomy of the normaliser"):
        other.read(text)


@pytest.mark.parametrize("places", [False, True])
def test_a_saved_processor_is_loaded_unchanged(
    processor: UltrasoundClipProcessor, tmp_path: Path, places: bool
) -> None:
    own = (processor.image, processor.tokenizer, processor.vocabulary, processor.max_length)
    processor = UltrasoundClipProcessor(*own, graph_places=places)
    processor.save_pretrained(tmp_path)
    loaded = UltrasoundClipProcessor.from_pretrained(tmp_path)
    assert loaded.space == processor.space and loaded.space.places == places
    assert (loaded.image, loaded.max_length, loaded.vocabulary) == (processor.image, 12, processor.vocabulary)
    one, two = (p(images=[picture()], text=CAPTIONS) for p in (processor, loaded))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_processor_of_an_older_version_has_no_places(processor: UltrasoundClipProcessor, tmp_path: Path) -> None:
    processor.save_pretrained(tmp_path)
    (tmp_path / "processor_config.json").write_text('{"max_length": 12}')
    assert UltrasoundClipProcessor.from_pretrained(tmp_path).space == processor.space


@pytest.mark.parametrize("name", ["taxonomy.json", "processor_config.json", "preprocessor_config.json"])
def test_a_missing_file_is_named(processor: UltrasoundClipProcessor, tmp_path: Path, name: str) -> None:
    processor.save_pretrained(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(DataError, match=name):
        UltrasoundClipProcessor.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    "theirs",
    [
        ViTImageProcessor(size={"height": 24, "width": 20}, image_mean=[0.4] * 3, image_std=[0.3] * 3),
        CLIPImageProcessor(size={"shortest_edge": 26}, crop_size={"height": 24, "width": 24}),
    ],
    ids=["squash", "crop"],
)
def test_pixels_are_those_of_the_tower(theirs: ViTImageProcessor | CLIPImageProcessor, tmp_path: Path) -> None:
    theirs.save_pretrained(tmp_path)
    own = ImageTransform.of_tower(str(tmp_path), VIT)
    expected = theirs(picture(), return_tensors="pt")["pixel_values"][0]
    torch.testing.assert_close(own(picture()), expected, atol=0.02, rtol=0)


def test_the_image_size_of_a_tower_without_preprocessing_file(tmp_path: Path) -> None:
    assert ImageTransform.of_tower(str(tmp_path), VIT) == ImageTransform(16, 16)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({"size": {"longest_edge": 3}}))
    with pytest.raises(DataError, match="the size of its images is unknown"):
        ImageTransform.of_tower(str(tmp_path), VIT)


def test_padding_keeps_the_whole_image() -> None:
    white = Image.new("L", (40, 20), 255)
    made = ImageTransform(16, 16, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), fit="pad")(white)
    assert made[0].sum() == 16 * 8 and (made[0, :4] == 0).all() and (made[0, 4:12] == 1).all()


def test_texts_are_truncated_and_the_tokenizer_is_reproducible(processor: UltrasoundClipProcessor) -> None:
    made = processor(text=["hypoechoic nodule " * 20])
    assert made["input_ids"].shape == (1, 12)
    tokenizer = processor.tokenizer
    assert tokenizer.convert_ids_to_tokens(made["input_ids"][0])[:3] == ["[CLS]", "hypoechoic", "nodule"]
    assert tokenizer.get_vocab() == train_tokenizer(CAPTIONS, 200).get_vocab()


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "there is nothing to process"),
        ({"graphs": "normalize"}, "give text, or label sets as graphs"),
        ({"text": CAPTIONS[:2], "graphs": [SampleGraph()]}, "there are 2 text, 1 graphs"),
    ],
)
def test_faulty_inputs_are_refused(
    processor: UltrasoundClipProcessor, inputs: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        processor(**inputs)
