"""A bundle of thirty small pictures, and models of a few thousand weights."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from transformers import BertConfig, ViTConfig

from udt.bundle.reader import FILES, MANIFEST, SAMPLES, SCHEMA, TAXONOMY, ImageKind, samples_schema
from udt.clip.evaluation.encoder import UltrasoundEncoder
from udt.clip.model.dual_encoder import UltrasoundClipModel
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.model.tokenizer import train_tokenizer
from udt.core.hashing import file_sha256
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

COUNT = 30


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def label_sets(vocabulary: Vocabulary, count: int, seed: int = 0) -> list[LabelSet]:
    """Label sets with none, one or several labels a dimension."""
    rng = np.random.default_rng(seed)
    return [
        LabelSet(
            tuple(
                tuple(sorted(rng.choice(len(d), size=rng.choice([0, 1, 1, 2]), replace=False).tolist()))
                for d in vocabulary.dimensions
            )
        )
        for _ in range(count)
    ]


def png(seed: int) -> bytes:
    target = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(target, "png")
    return target.getvalue()


@cache
def _taxonomy() -> Taxonomy:
    return Taxonomy.load()


@cache
def _similarity() -> SimilaritySet:
    return taxonomy_similarity(_taxonomy())


def write_bundle(
    folder: Path,
    labels: Sequence[LabelSet],
    captions: Sequence[str | None],
    images: Sequence[bytes | str | None],
    splits: Sequence[str | None],
    kind: ImageKind = "bytes",
    similarity: SimilaritySet | None = None,
    vocabulary: Vocabulary | None = None,
    named: Sequence[LabelSet] | None = None,
) -> Path:
    """A bundle with the labels of the taxonomy, or others; its captions name `named`, by default all labels."""
    vocabulary = vocabulary or _taxonomy().vocabulary
    folder.mkdir(parents=True)
    ids = zip(*(one.ids + other.ids for one, other in zip(labels, named or labels, strict=True)), strict=True)
    columns = [[f"test/{n}" for n in range(len(labels))], images, captions, *ids, splits]
    table = pa.table([list(column) for column in columns], samples_schema(vocabulary.keys, kind))
    pq.write_table(table, folder / SAMPLES, row_group_size=8)
    (folder / TAXONOMY).write_text(json.dumps(vocabulary.to_json()), "utf-8")
    (similarity or _similarity()).save(folder)
    files = {n: {"bytes": (folder / n).stat().st_size, "sha256": file_sha256(folder / n)} for n in FILES}
    manifest = {"schema": SCHEMA, "samples": len(labels), "labels": {}, "images": {"as": kind}, "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return folder


def caption(labels: LabelSet, vocabulary: Vocabulary) -> str:
    return "; ".join(name for names in labels.named(vocabulary).values() for name in names) or "Nothing."


@pytest.fixture(scope="session")
def bundle_folder(vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Split `test` has all but the last two rows; row 1 shares its caption with row 0, and row 2 its image."""
    labels = label_sets(vocabulary, COUNT)
    labels[1] = labels[0]
    captions: list[str | None] = [caption(one, vocabulary) for one in labels]
    images: list[bytes | str | None] = [png(n) for n in range(COUNT)]
    images[2] = images[0]
    captions[3], images[4], images[5] = None, None, b"no image"
    splits = [*["test"] * (COUNT - 2), "train", None]
    return write_bundle(tmp_path_factory.mktemp("evaluation") / "b", labels, captions, images, splits)


def tiny_model(vocabulary: Vocabulary | None, seed: int = 0) -> UltrasoundClipModel:
    torch.manual_seed(seed)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    image = ViTConfig(image_size=16, patch_size=8, **sizes)
    text = BertConfig(vocab_size=400, max_position_embeddings=64, **sizes)
    settings = {"projection_dim": 16, "graph_dim": 16, "graph_heads": 2, "fusion_heads": 2}
    return UltrasoundClipModel.from_towers(image, text, vocabulary, **settings).eval()


@pytest.fixture(scope="session")
def processor(vocabulary: Vocabulary) -> UltrasoundClipProcessor:
    texts = [text for d in vocabulary.dimensions for text in (*d.prompts, *d.labels)]
    return UltrasoundClipProcessor(ImageTransform(16, 16), train_tokenizer(texts, 400), vocabulary, 64)


@pytest.fixture(scope="session")
def encoder(vocabulary: Vocabulary, processor: UltrasoundClipProcessor) -> UltrasoundEncoder:
    return UltrasoundEncoder(tiny_model(vocabulary), processor, "tiny")


@pytest.fixture(scope="session")
def model_folder(encoder: UltrasoundEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose best checkpoint is `encoder`."""
    folder = tmp_path_factory.mktemp("run")
    encoder.model.save_pretrained(folder / "best")
    encoder.processor.save_pretrained(folder / "best")
    return folder
