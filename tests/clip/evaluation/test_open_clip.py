"""Models of the real open_clip, with random weights: nothing is downloaded."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from udt.bundle.reader import Bundle
from udt.clip.evaluation.baseline import OpenClipEncoder
from udt.clip.evaluation.load import load_encoder
from udt.clip.evaluation.measure import measure
from udt.clip.model.images import ImageTransform
from udt.core.errors import DataError

pytestmark = [
    pytest.mark.skipif(find_spec("open_clip") is None, reason="needs open_clip: pip install 'udt-toolkit[openclip]'"),
    pytest.mark.filterwarnings("ignore"),
]

NAME = "udt-tiny"
TEXTS = ["an ultrasound image of a cyst", "a mass"]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Register a small architecture, and store random weights of it."""
    import open_clip

    folder = tmp_path_factory.mktemp("open_clip")
    vision = {"image_size": 32, "layers": 1, "width": 32, "patch_size": 16, "head_width": 16}
    text = {"context_length": 24, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1}
    (folder / f"{NAME}.json").write_text(json.dumps({"embed_dim": 8, "vision_cfg": vision, "text_cfg": text}))
    open_clip.add_model_config(folder)
    torch.manual_seed(0)
    path = folder / "weights.pt"
    torch.save(open_clip.create_model(NAME).state_dict(), path)
    return path


@torch.no_grad()
def test_embeddings_and_preprocessing_are_those_of_the_library(weights: Path) -> None:
    import open_clip

    theirs, _, preprocess = open_clip.create_model_and_transforms(NAME, pretrained=str(weights))
    encoder = load_encoder(f"{NAME}/{weights}", "open_clip", "cpu")
    assert isinstance(encoder, OpenClipEncoder) and isinstance(encoder.image, ImageTransform)
    smooth = np.add.outer(np.arange(40), np.arange(56))[..., None] * np.array([1, 2, 1])
    image = Image.fromarray(smooth.astype(np.uint8))
    pixels, expected = encoder.image(image), preprocess(image)
    assert pixels.shape == (3, 32, 32)
    assert (pixels - expected).abs().mean() < 0.02
    torch.testing.assert_close(encoder.embed_images(expected[None]), theirs.eval().encode_image(expected[None]))
    tokens = open_clip.get_tokenizer(NAME)(TEXTS)
    torch.testing.assert_close(encoder.embed_texts(TEXTS), theirs.encode_text(tokens))


def test_a_model_is_scored(weights: Path, bundle_folder: Path) -> None:
    found = measure(load_encoder(f"{NAME}/{weights}", "open_clip", "cpu"), Bundle.open(bundle_folder), range(3))
    assert found.graph == "none" and len(found.samples) == 3
    assert 0 <= found.headline()["mean_accuracy"] <= 1


def test_weights_that_do_not_exist_are_named() -> None:
    with pytest.raises(DataError, match=f"open_clip cannot load '{NAME}/nowhere'"):
        OpenClipEncoder.load(f"{NAME}/nowhere")
