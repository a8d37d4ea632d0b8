"""A data set of images with one class each, read from its folder by a layout."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import Dataset

from udt.clip.data.augmentation import Augmentation, augmented_pixels, generator
from udt.clip.evaluation.embed import ProgressReporter, no_progress
from udt.clip.model.images import ImageTransform
from udt.clip.transfer.grouping import IndexPairs, Ints, group_numbers, hashed_pairs, listed_pairs
from udt.clip.transfer.layout import OfficialSplit, TransferLayout, check_prompts
from udt.clip.transfer.rows import DataRows, Row, data_rows, some
from udt.core.errors import DataError
from udt.core.images import decode_image, find_image, read_image
from udt.core.near_duplicates import DISTANCE, perceptual_hash

ImageSource = str | NDArray[np.uint8]
"""The path of an image in the folder of its data set, or its array (H, W) or (H, W, 3)."""

COLUMN_SPLIT = "column"
"""The name of the split by a column that the caller chooses."""

_COLUMN = re.compile(r"\{([^{}]+)\}")
_FEWEST_CLASSES = 2


@dataclass(frozen=True, slots=True)
class TransferChoices:
    """Choices in place of those of a layout.

    :ivar classes: name of a class to its labels; images with other labels are left out. None for those of the layout.
    :ivar prompts: templates with `{class}`; empty for those of the layout.
    :ivar image: template of the path; empty for that of the layout. `label` and `group` likewise.
    :ivar part: template of the part for training, validation or test; it becomes the split `column`, which is then the
        one by default. Its values are train, test, and valid, val or validation.
    :ivar duplicates: CSV file with pairs of near-duplicates; None for that of the layout, if it has one.
    :ivar distance: number of bits by which the perceptual hashes of near-duplicates differ at most, 0 to 15; None to
        compute no hashes.
    :ivar max_broken: share of the images that may be unreadable, in [0, 1].
    """

    classes: Mapping[str, tuple[str, ...]] | None = None
    prompts: tuple[str, ...] = ()
    image: str = ""
    label: str = ""
    group: str = ""
    part: str = ""
    duplicates: Path | None = None
    distance: int | None = DISTANCE
    max_broken: float = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class TransferSet:
    """A data set of N readable images.

    :ivar folder: that the paths of images start from.
    :ivar layout: with the choices of the caller.
    :ivar classes: names of the C classes.
    :ivar names: path or key of each image.
    :ivar labels: (N,) class of each image.
    :ivar groups: (N,) group of each image: the same for images of a case and near-duplicates.
    :ivar rows: (N) the texts of its columns.
    :ivar broken: paths of the images that cannot be read.
    :ivar left_out: number of the images with each label that belongs to no class.
    :ivar near_duplicates: number of pairs of near-duplicates, listed or computed.
    """

    folder: Path
    layout: TransferLayout
    classes: tuple[str, ...]
    names: tuple[str, ...]
    images: tuple[ImageSource, ...]
    labels: Ints
    groups: Ints
    rows: tuple[Row, ...]
    broken: tuple[str, ...]
    left_out: Mapping[str, int]
    near_duplicates: int

    def __len__(self) -> int:
        return len(self.names)

    def column(self, template: str, place: str) -> tuple[str, ...]:
        """Return a template, filled for each image.

        :param place: key of the template in the layout, for messages.
        :raises DataError: if it names a column that the data set does not have.
        """
        return tuple(_filled(template, row, place, self.layout.name) for row in self.rows)

    def counts(self, indices: Ints) -> list[int]:
        """Return the number of images of each class among some images."""
        found: list[int] = np.bincount(self.labels[indices], minlength=len(self.classes)).tolist()
        return found

    def texts(self, label: int) -> tuple[str, ...]:
        """Return the prompts of a class."""
        return tuple(prompt.replace("{class}", self.classes[label]) for prompt in self.layout.prompts)


def read_transfer_set(
    path: Path,
    layout: TransferLayout,
    choices: TransferChoices | None = None,
    progress: ProgressReporter = no_progress,
) -> TransferSet:
    """Read a data set: all of its images are decoded once, to find those that are broken, and near-duplicates.

    :param path: folder of the data set, or the file that its layout reads.
    :raises DataError: if it does not fit the layout, a class has no images, or too many images cannot be read.
    """
    choices = choices or TransferChoices()
    layout = _chosen(layout, choices)
    folder, layout = _opened(path, layout)
    rows = data_rows(layout.rows, folder, layout.name)
    labels = [_filled(layout.columns.label, row, "columns.label", layout.name, rows) for row in rows.rows]
    classes = _classes(layout, labels, rows)
    of_label = {label: number for number, own in enumerate(classes.values()) for label in own}
    kept = [index for index, label in enumerate(labels) if label in of_label]
    paths = [_filled(layout.columns.image, rows.rows[i], "columns.image", layout.name, rows) for i in kept]
    sources: list[ImageSource] = [rows.arrays.get(name, name) for name in paths]
    hashes, broken = _scanned(folder, sources, paths, progress)
    _check_broken(broken, len(paths), choices.max_broken, folder)
    readable = [place for place, one in enumerate(hashes) if one is not None]
    names = [paths[place] for place in readable]
    own_rows = tuple(rows.rows[kept[place]] for place in readable)
    group = layout.columns.group
    cases = [_filled(group, row, "columns.group", layout.name, rows) if group else "" for row in own_rows]
    pairs = _pairs(folder, layout, choices, names, [one for one in hashes if one is not None])
    found = TransferSet(
        folder,
        layout,
        tuple(classes),
        tuple(names),
        tuple(sources[place] for place in readable),
        np.array([of_label[labels[kept[place]]] for place in readable], dtype=np.int64),
        group_numbers(cases, pairs),
        own_rows,
        tuple(broken),
        Counter(label for label in labels if label not in of_label),
        len(pairs),
    )
    _check_classes(found)
    return found


def _chosen(layout: TransferLayout, choices: TransferChoices) -> TransferLayout:
    if choices.prompts:
        check_prompts(choices.prompts, "prompts")
    if choices.part:
        parted = OfficialSplit(choices.part, ["train"], ["valid", "val", "validation"], ["test"])
        layout = replace(layout, splits={**layout.splits, COLUMN_SPLIT: parted}, split=COLUMN_SPLIT)
    given = {key: value for key in ("image", "label", "group") if (value := getattr(choices, key))}
    return replace(
        layout,
        prompts=choices.prompts or layout.prompts,
        classes=layout.classes if choices.classes is None else choices.classes,
        columns=replace(layout.columns, **given),
    )


def _opened(path: Path, layout: TransferLayout) -> tuple[Path, TransferLayout]:
    """Return the folder of the images, and the layout with the file that was given."""
    if path.is_file():
        if not layout.rows.file:
            raise DataError(f"{path}: is a file, but the layout '{layout.name}' reads a folder; give that")
        return path.parent, replace(layout, rows=replace(layout.rows, file=path.name))
    if not path.is_dir():
        raise DataError(f"{path}: there is no such folder; give that of the data set")
    return next((path / name for name in layout.inside if (path / name).is_dir()), path), layout


def _filled(template: str, row: Row, place: str, layout: str, rows: DataRows | None = None) -> str:
    """Fill a template with the texts of a row."""

    def text(found: re.Match[str]) -> str:
        if found[1] not in row:
            of = f"{rows.place} lacks" if rows is not None else "is missing"
            raise DataError(
                f"the layout '{layout}' takes {place} from the column '{found[1]}', which {of}; there are "
                f"{', '.join(rows.columns if rows is not None else row)}"
            )
        return row[found[1]]

    return _COLUMN.sub(text, template)


def _classes(layout: TransferLayout, labels: Sequence[str], rows: DataRows) -> Mapping[str, tuple[str, ...]]:
    found = layout.classes or {label: (label,) for label in sorted({*labels} - {""})}
    present = set(labels)
    for name, own in found.items():
        if not present & set(own):
            raise DataError(
                f"{rows.place}: has no image of the class '{name}', whose labels are {', '.join(own)}; it has the "
                f"labels {some(sorted(present))}; correct [classes] of the layout, or --class"
            )
    if len(found) < _FEWEST_CLASSES:
        raise DataError(f"{rows.place}: has the class {', '.join(found)} alone; a classification needs two classes")
    return found


def _scanned(
    folder: Path, sources: Sequence[ImageSource], names: Sequence[str], progress: ProgressReporter
) -> tuple[list[int | None], list[str]]:
    """Return the perceptual hash of each image, None for those that cannot be read, and the names of these."""
    hashes: list[int | None] = []
    broken = []
    for source, name in progress(zip(sources, names, strict=True), "images"):
        try:
            hashes.append(int(perceptual_hash(load_image(source, folder).convert("L")), 16))
        except DataError:
            hashes.append(None)
            broken.append(name)
    return hashes, broken


def load_image(source: ImageSource, folder: Path) -> Image.Image:
    """Load an image as RGB.

    :raises DataError: if it cannot be read.
    """
    if isinstance(source, str):
        return decode_image(read_image(find_image(folder, source)), "RGB", source)
    return Image.fromarray(source).convert("RGB")


def _check_broken(broken: Sequence[str], count: int, share: float, folder: Path) -> None:
    if len(broken) > share * count or len(broken) == count:
        raise DataError(
            f"{len(broken):,} of {count:,} images cannot be read, more than the share of {share:g} that is allowed: "
            f"{some(broken)} in {folder}; fix the files, correct the path of images in the layout, or raise "
            "--max-broken"
        )


def _pairs(
    folder: Path, layout: TransferLayout, choices: TransferChoices, names: Sequence[str], hashes: Sequence[int]
) -> IndexPairs:
    found = set() if choices.distance is None else set(hashed_pairs(hashes, choices.distance))
    path, columns = choices.duplicates, tuple[str, ...]()
    if path is None and layout.duplicates is not None and (folder / layout.duplicates.file).is_file():
        path, columns = folder / layout.duplicates.file, tuple(layout.duplicates.columns)
    if path is not None:
        found |= {(min(pair), max(pair)) for pair in listed_pairs(path, columns, names)}
    return sorted(found)


def _check_classes(data: TransferSet) -> None:
    for name, count in zip(data.classes, data.counts(np.arange(len(data))), strict=True):
        if count == 0:
            raise DataError(f"{data.folder}: no image of the class '{name}' can be read; copy the data set again")


class TransferImages(Dataset[torch.Tensor]):
    """Pixels (3, H, W) of some images of a data set.

    :param indices: of the images.
    :param transform: from an image to pixels.
    :param augmentation: random changes, which depend on seed, epoch and image alone; None for none.
    :ivar epoch: from 0.
    """

    def __init__(
        self,
        data: TransferSet,
        indices: Ints,
        transform: ImageTransform,
        augmentation: Augmentation | None = None,
        seed: int = 0,
    ) -> None:
        self.folder, self.sources, self.indices = data.folder, data.images, indices
        self.transform, self.augmentation, self.seed = transform, augmentation, seed
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, place: int) -> torch.Tensor:
        """Read an image.

        :raises DataError: if it cannot be read any longer.
        """
        index = int(self.indices[place])
        image = load_image(self.sources[index], self.folder)
        if self.augmentation is None:
            return self.transform(image)
        return augmented_pixels(image, self.transform, self.augmentation, generator(self.seed, self.epoch, index))
