"""Bundles of the benchmarks that train: phantoms, and other bundles sample by sample with something changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from udt.bundle.reader import Bundle, ImageKind
from udt.bundle.writer import BundleSample, write_files
from udt.clip.phantom.writing import write_phantoms
from udt.normalize.captions import CaptionReader
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

Change = Callable[[int, BundleSample], BundleSample]
"""From the number of a sample and the sample to the one that is written."""


def phantoms(folder: Path, count: int, size: int, images: ImageKind = "bytes") -> Bundle:
    """The bundle of phantoms, drawn unless an earlier run has drawn it."""
    if not folder.is_dir():
        taxonomy = Taxonomy.load()
        folder.parent.mkdir(parents=True, exist_ok=True)
        similarity = taxonomy_similarity(taxonomy)
        write_phantoms(folder, taxonomy.vocabulary, similarity, count=count, size=size, images=images)
    return Bundle.open(folder)


def rewritten(source: Bundle, folder: Path, change: Change) -> Bundle:
    """A bundle of images by path with changed samples, written unless an earlier run has written it."""
    if not folder.is_dir():
        reader = CaptionReader(source.vocabulary)
        folder.mkdir(parents=True)
        changed = (change(row, sample) for row, sample in enumerate(_samples(source)))
        write_files(folder, changed, source.vocabulary, source.similarity(), reader, images="path", about={})
    return Bundle.open(folder)


def _samples(bundle: Bundle) -> Iterator[BundleSample]:
    names = [bundle.column(name).to_pylist() for name in ("case_id", "image", "caption", "split")]
    for row, (case, image, caption, split) in enumerate(zip(*names, strict=True)):
        yield BundleSample(case, image, caption, bundle.label_set(row), split)
