"""A bundle of phantoms: cases of several views, split by case."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from udt.bundle.reader import KIND, MANIFEST, ImageKind
from udt.bundle.writer import BundleSample, write_files
from udt.clip.phantom.appearance import Appearance, default_appearance
from udt.clip.phantom.captions import phantom_caption
from udt.clip.phantom.drawing import draw_phantom
from udt.clip.phantom.grid import Grid
from udt.clip.phantom.sampling import sample_phantom_labels
from udt.core.atomic import atomic_folder
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet

if TYPE_CHECKING:
    from udt.normalize.normalizer import Normalizer

VIEWS = 2
SPLITS: Mapping[str, float] = {"train": 0.6, "valid": 0.2, "test": 0.2}

Tracked = Callable[[Iterable[BundleSample]], Iterable[BundleSample]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The settings of a bundle of phantoms.

    :ivar images: whether images are stored as bytes or as files.
    :ivar folder: temporary folder of the image files.
    :ivar final: folder of the bundle, to which `folder` is moved at the end.
    """

    vocabulary: Vocabulary
    appearance: Appearance
    seed: int
    size: int
    images: ImageKind
    folder: Path
    final: Path


def write_phantoms(
    out: Path,
    vocabulary: Vocabulary,
    similarity: SimilaritySet,
    *,
    count: int,
    seed: int = 0,
    size: int = 224,
    views: int = VIEWS,
    images: ImageKind = "bytes",
    normalizer: Normalizer | None = None,
    appearance: Appearance | None = None,
    overwrite: bool = False,
    tracked: Tracked = iter,
) -> Mapping[str, Any]:
    """Write `count` phantoms atomically as a bundle to the folder `out`; return its manifest.

    A case has `views` images with the same labels, each with its own drawing and caption; all views of a case are in
    one split. The splits contain 6:2:2 of the cases. The same arguments give the same bundle; a larger `count` adds
    cases and leaves the first ones unchanged.

    :param size: side of the square images in pixels.
    :param images: `bytes` stores the images (PNG) in the bundle, `path` as files in its folder `images`, by full path.
    :param normalizer: reads the labels that captions name; by default one of the built-in taxonomy.
    :param appearance: appearance of the labels; default: the built-in `appearance.toml`.
    :param overwrite: whether an existing bundle in `out` may be replaced.
    :param tracked: wraps the iterable of samples, e.g. with a progress bar.
    :raises DataError: if a number is not allowed, `out` exists, or `similarity` is for other labels.
    """
    from udt.normalize.captions import CaptionReader

    _check(count=count, views=views)
    Grid.of("linear", size)
    if seed < 0:
        raise DataError(f"seed is {seed}; allowed: 0 or above")
    made = {"count": count, "seed": seed, "size": size, "views": views}
    about = {"phantoms": {**made, "drawn_by": "udt.clip.phantom", "numpy": version("numpy")}}
    captions = CaptionReader(vocabulary, normalizer)
    with atomic_folder(out, MANIFEST, KIND, overwrite=overwrite) as folder:
        plan = _Plan(vocabulary, appearance or default_appearance(), seed, size, images, folder, out.resolve())
        samples = tracked(_samples(plan, count, views))
        return write_files(folder, samples, vocabulary, similarity, captions, images=images, about=about)


def _check(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise DataError(f"{name} is {number}; allowed: 1 or above")


def _samples(plan: _Plan, count: int, views: int) -> Iterator[BundleSample]:
    cases = -(-count // views)
    for case, split in enumerate(_splits(cases, plan.seed)):
        rng = np.random.default_rng([plan.seed, case])
        labels = sample_phantom_labels(plan.vocabulary, rng, appearance=plan.appearance)
        for view in range(min(views, count - case * views)):
            yield _view(plan, labels, case, view, split)


def _view(plan: _Plan, labels: LabelSet, case: int, view: int, split: str) -> BundleSample:
    rng = np.random.default_rng([plan.seed, case, 1 + view])
    name = f"{case:06}"
    drawn = draw_phantom(labels, plan.vocabulary, rng, plan.size, appearance=plan.appearance)
    caption = phantom_caption(labels, plan.vocabulary, rng, appearance=plan.appearance)
    encoded = io.BytesIO()
    drawn.save(encoded, "PNG", compress_level=1)
    image: str | bytes = encoded.getvalue()
    if plan.images == "path":
        image = _stored(plan, f"{name}-{view + 1}.png", encoded.getvalue())
    return BundleSample(f"phantom/{name}", image, caption, labels, split)


def _stored(plan: _Plan, name: str, encoded: bytes) -> str:
    """Write an image file; return its path in the finished bundle."""
    (plan.folder / "images").mkdir(exist_ok=True)
    (plan.folder / "images" / name).write_bytes(encoded)
    return str(plan.final / "images" / name)


def _splits(cases: int, seed: int) -> list[str]:
    """Return the split of each case; splits are permuted in blocks of five, so that more cases change no split."""
    block = [name for name, share in SPLITS.items() for _ in range(round(5 * share))]
    blocks = (np.random.default_rng([seed, number, 0, 1]).permutation(block) for number in range(-(-cases // 5)))
    return [str(name) for permuted in blocks for name in permuted][:cases]
