"""Contact sheets of phantoms: examples of each label of a dimension, and the same without labels, for a quiz."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from udt.core.vocabulary import DimensionLabels

Ints = NDArray[np.int64]
Pixels = NDArray[np.uint8]

_SIDE, _GAP, _LABEL = 176, 16, 150
_COLUMNS = 8
_QUIZ_COLUMNS = 5


def write_sheets(folder: Path, names: DimensionLabels, images: Pixels, labels: Ints, quiz: int, seed: int) -> None:
    """Write the sheet of a dimension, a quiz of unlabelled phantoms, and its key, into `folder`.

    :param images: (phantoms, 3, size, size).
    :param labels: (phantoms,) label ids; -1 for none, or several.
    :param quiz: number of phantoms of the quiz; labels are drawn with the same probability, whatever their frequency.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, len(names)])
    present = [int(label) for label in np.unique(labels[labels >= 0])]
    rows = {label: np.flatnonzero(labels == label) for label in present}
    examples = [rng.permutation(rows[label])[:_COLUMNS] for label in present]
    sheet = Image.new("RGB", (_LABEL + _COLUMNS * _SIDE, len(present) * (_SIDE + _GAP)))
    for number, (label, shown) in enumerate(zip(present, examples, strict=True)):
        top = number * (_SIDE + _GAP)
        ImageDraw.Draw(sheet).text((4, top + _SIDE // 2), names.labels[label].replace(" ", "\n"), fill="white")
        _paste(sheet, images[shown], [(_LABEL + column * _SIDE, top) for column in range(len(shown))])
    sheet.save(folder / f"{names.key}.png")
    unseen = {label: np.setdiff1d(rows[label], shown) for label, shown in zip(present, examples, strict=True)}
    asked = [int(rng.choice(unseen[int(rng.choice(present))])) for _ in range(quiz)]
    _write_quiz(folder, names, images[asked], labels[asked])


def _write_quiz(folder: Path, names: DimensionLabels, images: Pixels, labels: Ints) -> None:
    places = [
        (number % _QUIZ_COLUMNS * _SIDE, number // _QUIZ_COLUMNS * (_SIDE + _GAP)) for number in range(len(images))
    ]
    sheet = Image.new("RGB", (_QUIZ_COLUMNS * _SIDE, places[-1][1] + _SIDE + _GAP))
    _paste(sheet, images, places)
    for number, (left, top) in enumerate(places, 1):
        ImageDraw.Draw(sheet).text((left + 4, top + _SIDE + 2), str(number), fill="white")
    sheet.save(folder / f"{names.key}-quiz.png")
    key = {number: names.labels[label] for number, label in enumerate(labels, 1)}
    (folder / f"{names.key}-key.json").write_text(json.dumps(key, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _paste(sheet: Image.Image, images: Pixels, places: Sequence[tuple[int, int]]) -> None:
    for pixels, place in zip(images, places, strict=True):
        picture = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))
        sheet.paste(picture.resize((_SIDE - 4, _SIDE - 4), Image.Resampling.BICUBIC), place)
