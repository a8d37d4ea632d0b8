"""A bundle of small random images, and settings for a tiny model."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image

from udt.bundle.reader import FILES, MANIFEST, SAMPLES, SCHEMA, TAXONOMY, Bundle, ImageKind, samples_schema
from udt.clip.loss import objective
from udt.clip.model.images import ImageTransform
from udt.clip.model.processor import UltrasoundClipProcessor
from udt.clip.model.tokenizer import train_tokenizer
from udt.clip.settings.settings import TrainSettings
from udt.core.hashing import file_sha256
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

SIZE = 16
SPLITS = {"train": 40, "valid": 16, "test": 8}

TOWER = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
TINY: dict[str, dict[str, Any]] = {
    "model": {
        "image": {"model_type": "vit", "image_size": SIZE, "patch_size": 8, **TOWER},
        "text": {"model_type": "bert", "vocab_size": 200, "max_position_embeddings": 32, **TOWER},
        "max_length": 32, "projection_dim": 16, "graph_dim": 16, "graph_heads": 2, "graph_layers": 1, "fusion_heads": 2,
    },
    "data": {"workers": 0},
    "optimization": {"batch_size": 8, "epochs": 2, "lr": 1e-3, "precision": "fp32"},
    "run": {"log_every_steps": 2, "device": "cpu"},
}  # fmt: skip


LOSS_TERMS = """
import torch

class Uniformity:
    needs_prior = False

    def __init__(self, objective):
        self.objective = objective

    def __call__(self, pairs):
        return torch.pdist(pairs.text_embeds).square().mul(-2).exp().mean()

class Disagreement:
    needs_prior = True

    def __init__(self, objective):
        self.objective = objective

    def __call__(self, pairs):
        return (pairs.cosine - pairs.prior).abs().mean()

class Shapeless:
    needs_prior = False

    def __init__(self, objective):
        self.objective = objective

    def __call__(self, pairs):
        return pairs.cosine
"""


@pytest.fixture
def loss_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a package with loss terms, as other packages add them; return its folder."""
    folder = tmp_path / "site"
    about = folder / "udt_test_losses-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "udt_test_losses.py").write_text(LOSS_TERMS)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: udt_test_losses\nVersion: 1.0\n")
    names = {"uniformity": "Uniformity", "disagreement": "Disagreement", "shapeless": "Shapeless"}
    names |= {"absent": "Absent", "learning_rate": "Uniformity"}
    points = "".join(f"{name} = udt_test_losses:{attribute}\n" for name, attribute in names.items())
    (about / "entry_points.txt").write_text(f"[{objective.LOSS_TERMS.group}]\n{points}")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "udt_test_losses", raising=False)
    # A registry reads entry points once.
    fresh = copy(objective.LOSS_TERMS)
    vars(fresh).pop("_added", None)
    monkeypatch.setattr(objective, "LOSS_TERMS", fresh)
    return folder


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def label_sets(vocabulary: Vocabulary, count: int, seed: int = 0) -> list[LabelSet]:
    """Label sets with none, one or two labels a dimension."""
    draw = np.random.default_rng(seed)
    sizes = [len(dimension) for dimension in vocabulary.dimensions]
    chosen = ([draw.choice(size, draw.choice([0, 1, 1, 2]), replace=False) for size in sizes] for _ in range(count))
    return [LabelSet(tuple(tuple(sorted(ids.tolist())) for ids in one)) for one in chosen]


def caption(labels: LabelSet, vocabulary: Vocabulary) -> str:
    return "; ".join(name for names in labels.named(vocabulary).values() for name in names) or "Nothing."


def picture(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "png")
    return target.getvalue()


def write_bundle(
    folder: Path,
    taxonomy: Taxonomy,
    labels: Sequence[LabelSet],
    captions: Sequence[str | None],
    images: Sequence[bytes | str | None],
    splits: Sequence[str | None],
    kind: ImageKind = "bytes",
    named: Sequence[LabelSet] | None = None,
) -> Path:
    """Write a bundle whose captions name the labels `named`, by default those of the samples."""
    vocabulary = taxonomy.vocabulary
    folder.mkdir(parents=True)
    cases = [f"test/{number}" for number in range(len(labels))]
    ids = zip(*(one.ids + other.ids for one, other in zip(labels, named or labels, strict=True)), strict=True)
    columns = [cases, images, captions, *ids, splits]
    table = pa.table([list(column) for column in columns], samples_schema(vocabulary.keys, kind))
    pq.write_table(table, folder / SAMPLES, row_group_size=8)
    (folder / TAXONOMY).write_text(json.dumps(vocabulary.to_json()), "utf-8")
    taxonomy_similarity(taxonomy).save(folder)
    files = {name: {"bytes": (folder / name).stat().st_size, "sha256": file_sha256(folder / name)} for name in FILES}
    pictured = {"as": kind, "count": sum(image is not None for image in images)}
    manifest = {"schema": SCHEMA, "samples": len(labels), "labels": {}, "images": pictured, "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return folder


@pytest.fixture(scope="session")
def bundle_folder(taxonomy: Taxonomy, vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows 0 and 1 have the same labels and so the same caption."""
    splits = [name for name, count in SPLITS.items() for _ in range(count)]
    labels = label_sets(vocabulary, len(splits))
    labels[1] = labels[0]
    captions = [caption(one, vocabulary) for one in labels]
    folder = tmp_path_factory.mktemp("training") / "bundle"
    return write_bundle(folder, taxonomy, labels, captions, [picture(n) for n in range(len(splits))], splits)


@pytest.fixture
def bundle(bundle_folder: Path) -> Bundle:
    return Bundle.open(bundle_folder)


@pytest.fixture(scope="session")
def processor(vocabulary: Vocabulary) -> UltrasoundClipProcessor:
    texts = [label for dimension in vocabulary.dimensions for label in dimension.labels]
    return UltrasoundClipProcessor(ImageTransform(SIZE, SIZE), train_tokenizer(texts, 200), vocabulary, 32)


def tiny(bundle_folder: Path, out: Path, *changes: str) -> TrainSettings:
    """Return settings for a training of a second."""
    paths: dict[str, dict[str, Any]] = {"data": {"bundle": str(bundle_folder)}, "run": {"out": str(out)}}
    from udt.clip.settings.preset import preset_changes

    pairs = [change.partition("=") for change in changes]
    given = [("--set", {key.split(".")[0]: {key.split(".")[1]: json.loads(value)}}) for key, _, value in pairs]
    return TrainSettings.of([("paper", preset_changes("paper")), ("tiny", TINY), ("paths", paths), *given])
