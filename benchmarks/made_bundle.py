"""A generated bundle of speckle images, for benchmarks on machines that have torch and transformers alone."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import checkout
import made
import numpy as np
from PIL import Image

checkout.use()

from udt.bundle.reader import Bundle  # noqa: E402
from udt.bundle.writer import BundleSample, write_files  # noqa: E402
from udt.core.labels import LabelSet  # noqa: E402
from udt.core.vocabulary import Vocabulary  # noqa: E402

_PICTURES = 64
_WORDS = 40


class NoLabels:
    """In place of the reader of captions, which needs packages that such a machine lacks: no caption names a label."""

    maker: Mapping[str, Any] = {"reader": "none"}

    def read(self, text: str) -> LabelSet:
        return LabelSet(((),) * len(made.DIMENSIONS))


def made_bundle(folder: Path, vocabulary: Vocabulary, count: int, size: tuple[int, int] = (480, 640)) -> Bundle:
    """Write a bundle of `count` samples that share a few images and have captions of their own.

    :param size: height and width of the images.
    """
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    pictures = [_png(rng, size) for _ in range(_PICTURES)]
    samples = (
        BundleSample(f"made/{i}", pictures[i % _PICTURES], _caption(rng), labels, "train")
        for i, labels in enumerate(made.label_sets(count))
    )
    about = {"made": "for a benchmark"}
    write_files(folder, samples, vocabulary, made.similarity(vocabulary), NoLabels(), images="bytes", about=about)
    return Bundle.open(folder)


def _caption(rng: np.random.Generator) -> str:
    return " ".join(f"word{number}" for number in rng.integers(0, 900, _WORDS))


def _png(rng: np.random.Generator, size: tuple[int, int]) -> bytes:
    """Draw speckle: Rayleigh noise, which PNG compresses as badly as ultrasound."""
    pixels = np.clip(rng.rayleigh(40, size), 0, 255).astype(np.uint8)
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()
