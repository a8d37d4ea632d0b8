"""Rows of a data set from its files: sub-folders, a CSV file, COCO annotations, or the arrays of MedMNIST.

A row maps names of columns to texts:

    folders  image (path), folder (its sub-folder, `a/b` if it lies deeper), file (name without suffix)
    csv      the columns of the file, and FILE:COLUMN of joined files
    coco     the texts and numbers of an image, category (name) and category_id of its annotations, fold
    npz      split, index and label of an image of the arrays SPLIT_images and SPLIT_labels; image is its key
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from udt.clip.transfer.layout import RowFiles
from udt.core.errors import DataError
from udt.core.images import SUFFIXES

Row = Mapping[str, str]

_NAMED = 3
_ENCODING = "utf-8-sig"
_GREY, _COLOR = 3, 4  # dimensions of an array of images


@dataclass(frozen=True, slots=True)
class DataRows:
    """The rows of a data set.

    :ivar place: the file or folder that they are from, for messages.
    :ivar columns: names of all columns.
    :ivar arrays: images that are in arrays, (H, W) or (H, W, 3) uint8, by the column `image`.
    """

    place: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    arrays: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)


def data_rows(source: RowFiles, folder: Path, layout: str) -> DataRows:
    """Read the rows of a data set.

    :param folder: of the data set.
    :param layout: name of the layout, for messages.
    :raises DataError: if a file is missing or cannot be read.
    """
    if source.kind == "folders":
        return _folders(source, folder, layout)
    path = _only_file(folder, source.file, layout)
    return {"csv": _csv, "coco": _coco, "npz": _npz}[source.kind](source, folder, path)


def read_table(path: Path, header: Sequence[str] = ()) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Read a CSV file: names of the columns, and rows.

    :param header: names of the columns of a file without them.
    :raises DataError: if it cannot be read, has no rows, or a row has another number of cells.
    """
    try:
        with path.open(encoding=_ENCODING, newline="") as handle:
            lines = [line for line in csv.reader(handle) if line]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read ({reason}); give a CSV file in UTF-8") from error
    names = tuple(header or (lines[0] if lines else ()))
    rows = lines if header else lines[1:]
    if not rows:
        raise DataError(f"{path}: has no rows; give a CSV file with a row for each image")
    for number, row in enumerate(rows, 1 if header else 2):
        if len(row) != len(names):
            raise DataError(
                f"{path}: row {number} has {len(row)} cells, but there are {len(names)} columns; correct it"
            )
    return names, tuple(dict(zip(names, map(str.strip, row), strict=True)) for row in rows)


def _only_file(folder: Path, pattern: str, layout: str) -> Path:
    found = sorted(path for path in folder.glob(pattern) if path.is_file())
    if not found:
        raise DataError(
            f"{folder}: has no {pattern}, which the layout '{layout}' reads; give the folder that holds it, or another "
            "layout (--layout)"
        )
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise DataError(f"{folder}: has {names}; give the path of one of them as the data set")
    return found[0]


def _folders(source: RowFiles, folder: Path, layout: str) -> DataRows:
    rows = []
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        excluded = any(fnmatch(path.name, pattern) for pattern in source.exclude)
        if len(inner.parts) > 1 and path.suffix.lower() in SUFFIXES and not excluded:
            rows.append({"image": inner.as_posix(), "folder": inner.parent.as_posix(), "file": path.stem})
    if not rows:
        raise DataError(
            f"{folder}: has no images in sub-folders, one for each class, which the layout '{layout}' reads; give the "
            "folder that holds them, or another layout (--layout)"
        )
    return DataRows(str(folder), ("image", "folder", "file"), tuple(rows))


def _csv(source: RowFiles, folder: Path, path: Path) -> DataRows:
    columns, rows = read_table(path, source.header)
    for name in source.join:
        if (folder / name).is_file():
            columns, rows = _joined(columns, rows, folder / name, source.on, path)
    return DataRows(str(path), columns, rows)


def _joined(
    columns: tuple[str, ...], rows: tuple[Row, ...], other: Path, on: str, path: Path
) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Add the columns of another file, as `FILE:COLUMN`."""
    names, added = read_table(other)
    for place, found in ((path, columns), (other, names)):
        if on not in found:
            raise DataError(f"{place}: lacks the column '{on}', by which files are joined; it has {', '.join(found)}")
    by_key = {row[on]: {f"{other.name}:{name}": text for name, text in row.items()} for row in added}
    if lacking := [row[on] for row in rows if row[on] not in by_key]:
        raise DataError(f"{other}: lacks {len(lacking):,} rows of {path.name}: {some(lacking)}; take both of one copy")
    return (*columns, *(f"{other.name}:{name}" for name in names)), tuple({**row, **by_key[row[on]]} for row in rows)


def _coco(source: RowFiles, folder: Path, path: Path) -> DataRows:
    table = _coco_table(path)
    names = {one["id"]: str(one["name"]) for one in table.get("categories", [])}
    categories: dict[Any, set[Any]] = defaultdict(set)
    for one in table["annotations"]:
        categories[one["image_id"]].add(one["category_id"])
    folds = _coco_folds(source, folder)
    rows, several = [], []
    for image in table["images"]:
        found = sorted(categories[image["id"]])
        if len(found) > 1:
            several.append(str(image["file_name"]))
        row = {key: str(value) for key, value in image.items() if isinstance(value, str | int | float)}
        row["category_id"], row["category"] = (str(found[0]), names.get(found[0], "")) if found else ("", "")
        row["fold"] = folds.get(str(image["file_name"]), "")
        rows.append(row)
    if several:
        raise DataError(f"{path}: {len(several):,} images have several categories: {some(several)}; keep one of each")
    return DataRows(str(path), tuple(dict.fromkeys(key for row in rows for key in row)), tuple(rows))


def _coco_folds(source: RowFiles, folder: Path) -> dict[str, str]:
    """Return the fold of each image by its file name."""
    before, _, after = Path(source.folds).name.partition("*")
    found: dict[str, str] = {}
    for path in sorted(folder.glob(source.folds)) if source.folds else ():
        fold = path.name.removeprefix(before).removesuffix(after)
        for image in _coco_table(path)["images"]:
            if (other := found.setdefault(str(image["file_name"]), fold)) != fold:
                raise DataError(f"{path}: {image['file_name']} is in the fold {other} too; keep it in one of them")
    return found


def _coco_table(path: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = json.loads(path.read_text("utf-8"))
        fits = all({"id", "file_name"} <= one.keys() for one in table["images"])
        fits &= all({"image_id", "category_id"} <= one.keys() for one in table["annotations"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{path}: is no JSON file of COCO annotations; copy it again") from error
    if not fits:
        raise DataError(f"{path}: images need id and file_name, annotations image_id and category_id; copy it again")
    return table


def _npz(source: RowFiles, folder: Path, path: Path) -> DataRows:
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: cannot be read as arrays of NumPy; download it again") from error
    rows: list[Row] = []
    images: dict[str, NDArray[np.uint8]] = {}
    for split, index, label, image in _npz_samples(arrays, path):
        key = f"{split}_{index}"
        rows.append({"image": key, "split": split, "index": str(index), "label": str(label)})
        images[key] = image
    return DataRows(str(path), ("image", "split", "index", "label"), tuple(rows), images)


def _npz_samples(arrays: Mapping[str, Any], path: Path) -> Iterator[tuple[str, int, int, NDArray[np.uint8]]]:
    splits = [name.removesuffix("_images") for name in arrays if name.endswith("_images")]
    if not splits:
        raise DataError(f"{path}: has no arrays SPLIT_images and SPLIT_labels; it has {', '.join(arrays) or 'none'}")
    for split in splits:
        images, labels = arrays[f"{split}_images"], arrays.get(f"{split}_labels", np.zeros(0))
        fits = images.dtype == np.uint8 and images.ndim in (_GREY, _COLOR) and labels.size == len(images)
        if not fits or not np.issubdtype(labels.dtype, np.integer):
            raise DataError(
                f"{path}: {split} has images {images.dtype} {images.shape} and labels {labels.dtype} {labels.shape}; "
                "images have to be uint8 (N, H, W) or (N, H, W, 3), with one whole number each as label"
            )
        for index, (image, label) in enumerate(zip(images, labels.reshape(-1), strict=True)):
            yield split, index, int(label), image


def some(names: Sequence[str]) -> str:
    """Return the first of some names for a message.

    >>> some(["a", "b", "c", "d"])
    'a, b, c, …'
    """
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
