"""Many phantoms as a bundle: cases of several views, split by case."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from udt.bundle.reader import KIND, MANIFEST, ImageKind
from udt.bundle.writer import BundleSample, write_files
from udt.clip.phantom.appearance import Appearance, built_in
from udt.clip.phantom.captions import phantom_caption
from udt.clip.phantom.drawing import draw_phantom
from udt.clip.phantom.grid import Grid
from udt.clip.phantom.sampling import sample_phantom_labels
from udt.core.atomic import atomic_folder
from udt.core.errors import DataError
from udt.core.labels import LabelSet
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet

VIEWS = 2
SPLITS: Mapping[str, float] = {"train": 0.6, "valid": 0.2, "test": 0.2}

Tracked = Callable[[Iterable[BundleSample]], Iterable[BundleSample]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to draw, and where images go to.

    :ivar folder: where image files are written now; `final` is where they are to be found later.
    """

    vocabulary: Vocabulary
    looks: Appearance
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
    appearance: Appearance | None = None,
    overwrite: bool = False,
    tracked: Tracked = iter,
) -> Mapping[str, Any]:
    """Write `count` phantoms as a bundle to the folder `out`, whole or not at all; returns its manifest.

    A case has `views` pictures with the same labels, each drawn and described anew; its views are in one split. The
    splits hold 6:2:2 of the cases. The same arguments give the same bundle, whose first cases a larger `count` repeats.

    :param size: side of the square pictures in pixels.
    :param images: `bytes` keeps the pictures (PNG) in the bundle, `path` as files in its folder `images`, by full path.
    :param appearance: how labels look; without, `appearance.toml`.
    :param overwrite: whether a bundle in `out` may be replaced.
    :param tracked: hands the samples on, as a progress bar does.
    :raises DataError: where a number is not allowed, `out` is taken, or `similarity` is of other labels.
    """
    _check(count=count, views=views)
    Grid.of("linear", size)
    if seed < 0:
        raise DataError(f"seed is {seed}; it has to be 0 or above")
    made = {"count": count, "seed": seed, "size": size, "views": views}
    about = {"phantoms": {**made, "drawn_by": "udt.clip.phantom", "numpy": version("numpy")}}
    with atomic_folder(out, MANIFEST, KIND, overwrite=overwrite) as folder:
        plan = _Plan(vocabulary, appearance or built_in(), seed, size, images, folder, out.resolve())
        samples = tracked(_samples(plan, count, views))
        return write_files(folder, samples, vocabulary, similarity, images=images, about=about)


def _check(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 1:
            raise DataError(f"{name} is {number}; it has to be 1 or above")


def _samples(plan: _Plan, count: int, views: int) -> Iterator[BundleSample]:
    cases = -(-count // views)
    for case, split in enumerate(_splits(cases, plan.seed)):
        labels = sample_phantom_labels(plan.vocabulary, np.random.default_rng([plan.seed, case]), appearance=plan.looks)
        for view in range(min(views, count - case * views)):
            yield _view(plan, labels, case, view, split)


def _view(plan: _Plan, labels: LabelSet, case: int, view: int, split: str) -> BundleSample:
    rng = np.random.default_rng([plan.seed, case, 1 + view])
    name = f"{case:06}"
    picture = draw_phantom(labels, plan.vocabulary, rng, plan.size, appearance=plan.looks)
    text = phantom_caption(labels, plan.vocabulary, rng, appearance=plan.looks)
    encoded = io.BytesIO()
    picture.save(encoded, "PNG", compress_level=1)
    image: str | bytes = encoded.getvalue()
    if plan.images == "path":
        image = _stored(plan, f"{name}-{view + 1}.png", encoded.getvalue())
    return BundleSample(f"phantom/{name}", image, text, labels, split)


def _stored(plan: _Plan, name: str, encoded: bytes) -> str:
    """Write an image file; gives the path at which it is to be found when the bundle is done."""
    (plan.folder / "images").mkdir(exist_ok=True)
    (plan.folder / "images" / name).write_bytes(encoded)
    return str(plan.final / "images" / name)


def _splits(cases: int, seed: int) -> list[str]:
    """The split of each case. Every five cases in turn are dealt out, so that more cases change none of them."""
    fifth = [name for name, share in SPLITS.items() for _ in range(round(5 * share))]
    dealt = (np.random.default_rng([seed, block, 0, 1]).permutation(fifth) for block in range(-(-cases // 5)))
    return [str(name) for block in dealt for name in block][:cases]
