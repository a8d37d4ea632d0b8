"""Baselines against the libraries that they come from."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from transformers import BertConfig, BertModel, CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

from udt.bundle.reader import Bundle
from udt.clip.evaluation.baseline import HubEncoder, OpenClipEncoder
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.evaluation.load import load_encoder
from udt.clip.evaluation.measure import measure
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary

from .conftest import label_sets

SIZES = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
TEXTS = ["a cyst in an ultrasound image", "a mass", "a round lesion " * 20]


def _save(folder: Path, model: Any, processor: UltrasoundClipProcessor, preprocessing: str) -> str:
    model.save_pretrained(folder)
    processor.tokenizer.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(preprocessing, "utf-8")
    return str(folder)


@pytest.fixture(scope="module")
def clip(processor: UltrasoundClipProcessor, tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    ids = {"eos_token_id": 3, "bos_token_id": 2, "pad_token_id": 0}
    text = {**SIZES, "vocab_size": 400, "max_position_embeddings": 24, **ids}
    config = CLIPConfig(text_config=text, vision_config={**SIZES, "image_size": 16, "patch_size": 8}, projection_dim=8)
    preprocessing = (
        '{"crop_size": {"height": 16, "width": 16}, "do_center_crop": true, "do_normalize": true, "do_resize": true,'
        '"image_mean": [0.48, 0.45, 0.4], "image_std": [0.26, 0.26, 0.27], "resample": 3,'
        '"size": {"shortest_edge": 18}}'
    )
    return _save(tmp_path_factory.mktemp("clip"), CLIPModel(config), processor, preprocessing)


@pytest.fixture(scope="module")
def siglip(processor: UltrasoundClipProcessor, tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    text = {**SIZES, "vocab_size": 400, "max_position_embeddings": 12}
    config = SiglipConfig(text_config=text, vision_config={**SIZES, "image_size": 16, "patch_size": 8})
    preprocessing = '{"size": {"height": 16, "width": 16}, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}'
    return _save(tmp_path_factory.mktemp("siglip"), SiglipModel(config), processor, preprocessing)


def test_clip_gives_the_logits_of_transformers(clip: str) -> None:
    encoder = load_encoder(clip, device="cpu")
    assert isinstance(encoder, HubEncoder)
    assert encoder.image == ImageTransform(
        16, 16, (0.48, 0.45, 0.4), (0.26, 0.26, 0.27), fit="crop", shortest_edge=18, resample=3
    )
    pixels = torch.rand(2, 3, 16, 16)
    tokens = encoder.tokenizer(TEXTS, padding=True, truncation=True, max_length=24, return_tensors="pt")
    own = CLIPModel.from_pretrained(clip).eval()
    with torch.no_grad():
        expected = own(pixel_values=pixels, **tokens)
        images, texts = encoder.embed_images(pixels), encoder.embed_texts(TEXTS)
        unit = nn.functional.normalize
        logits = own.logit_scale.exp() * unit(images, dim=-1) @ unit(texts, dim=-1).T
    torch.testing.assert_close(logits, expected.logits_per_image)


def test_siglip_gets_texts_padded_to_full_length_without_a_mask(siglip: str) -> None:
    encoder = load_encoder(siglip, "hf", "cpu")
    assert isinstance(encoder, HubEncoder)
    pixels = torch.rand(2, 3, 16, 16)
    filled = encoder.tokenizer(TEXTS, padding="max_length", truncation=True, max_length=12, return_tensors="pt")
    assert filled["input_ids"].shape == (3, 12)
    with torch.no_grad():
        expected = SiglipModel.from_pretrained(siglip).eval()(pixel_values=pixels, input_ids=filled["input_ids"])
        torch.testing.assert_close(nn.functional.normalize(encoder.embed_images(pixels), dim=-1), expected.image_embeds)
        torch.testing.assert_close(nn.functional.normalize(encoder.embed_texts(TEXTS), dim=-1), expected.text_embeds)


def test_a_baseline_is_scored_like_our_own_model(clip: str, bundle_folder: Path) -> None:
    bundle = Bundle.open(bundle_folder)
    found = measure(load_encoder(clip, device="cpu"), bundle, bundle.split("test"))
    assert found.graph == "none" and len(found.samples) == 25
    assert 0 <= found.headline()["mean_accuracy"] <= 1
    assert load_encoder(clip, device="cpu").logit_scale == pytest.approx(1 / 0.07, rel=1e-3)


def test_a_baseline_takes_no_graphs(clip: str, vocabulary: Vocabulary) -> None:
    with pytest.raises(DataError, match="embeds texts without graphs"):
        HubEncoder.load(clip).embed_texts(["a"], label_sets(vocabulary, 1))


def test_a_text_encoder_is_refused_as_a_baseline(processor: UltrasoundClipProcessor, tmp_path: Path) -> None:
    name = _save(tmp_path, BertModel(BertConfig(vocab_size=400, **SIZES)), processor, "{}")
    with pytest.raises(DataError, match="a 'bert' has no get_image_features and no get_text_features"):
        load_encoder(name)


def test_the_best_model_of_a_run_is_loaded(model_folder: Path, encoder: UltrasoundEncoder) -> None:
    found, same = (load_encoder(str(folder), device="cpu") for folder in (model_folder, model_folder / "best"))
    assert isinstance(found, UltrasoundEncoder) and found.name == same.name == str(model_folder / "best")
    with torch.no_grad():
        torch.testing.assert_close(found.embed_texts(["a cyst"]), encoder.embed_texts(["a cyst"]))


@pytest.mark.parametrize(
    ("name", "baseline", "device", "words"),
    [
        ("./nowhere", None, None, r"\./nowhere: there is no such folder"),
        (".", None, None, r"\.: holds neither config.json nor best/config.json"),
        ("x", "onnx", None, "baseline is 'onnx'; allowed: hf, open_clip"),
        ("x", None, "tpu", "there is no device 'tpu' for torch here; allowed: cpu"),
        ("x", None, "cuda:77", "there is no device 'cuda:77'"),
        ("ViT-B-32", "open_clip", None, "'ViT-B-32' names no weights"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_named(
    name: str, baseline: Any, device: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=words):
        load_encoder(name, baseline, device)


def test_a_damaged_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", "utf-8")
    with pytest.raises(DataError, match=r"config\.json: is not JSON"):
        load_encoder(str(tmp_path))


class _Stand(nn.Module):
    """What is used of a model of open_clip."""

    def __init__(self) -> None:
        super().__init__()
        self.visual = nn.Linear(3, 4)
        self.words = nn.EmbeddingBag(50, 4)
        self.logit_scale = nn.Parameter(torch.tensor(2.0))

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.visual(image.mean((2, 3)))
        return found

    def encode_text(self, text: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.words(text)
        return found


@pytest.fixture
def open_clip(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A library with the functions of open_clip that are used; the real one needs torchvision."""
    module: Any = ModuleType("open_clip")

    def create_model(name: str, pretrained: str | None = None) -> _Stand:
        if name not in ("ViT-B-32", "hf-hub:some/model"):
            raise RuntimeError(f"Model config for {name} not found.")
        assert pretrained == ("openai" if name == "ViT-B-32" else None)
        return _Stand()

    module.create_model = create_model
    module.get_tokenizer = lambda name: lambda texts: torch.tensor([[len(text) % 50, 1] for text in texts])
    preprocessing = {"size": (20, 24), "mode": "RGB", "mean": (0.1, 0.2, 0.3), "std": (0.5, 0.5, 0.5)}
    preprocessing |= {"interpolation": "bicubic", "resize_mode": "shortest", "fill_color": 0}
    module.get_model_preprocess_cfg = lambda model: preprocessing
    monkeypatch.setitem(sys.modules, "open_clip", module)
    return module


@pytest.mark.parametrize(("name", "baseline"), [("ViT-B-32/openai", "open_clip"), ("hf-hub:some/model", None)])
def test_open_clip(open_clip: ModuleType, name: str, baseline: Any, bundle_folder: Path) -> None:
    encoder = load_encoder(name, baseline, "cpu")
    assert isinstance(encoder, OpenClipEncoder) and encoder.name == name
    assert encoder.image == ImageTransform(20, 24, (0.1, 0.2, 0.3), (0.5, 0.5, 0.5), fit="crop", resample=3)
    pixels = encoder.image(Image.fromarray(np.zeros((30, 40, 3), dtype=np.uint8)))
    assert pixels.shape == (3, 20, 24)
    found = measure(encoder, Bundle.open(bundle_folder), range(3))
    assert found.graph == "none" and len(found.samples) == 3


def test_a_model_that_open_clip_lacks_is_named(open_clip: ModuleType) -> None:
    with pytest.raises(DataError, match="open_clip cannot load 'ViT-Z/openai': Model config for ViT-Z not found"):
        OpenClipEncoder.load("ViT-Z/openai")


def test_without_open_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(DataError, match="pip install open_clip_torch"):
        OpenClipEncoder.load("ViT-B-32/openai")
