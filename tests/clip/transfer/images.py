"""Small images of three kinds, and data sets in the structure of published ones."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from udt.clip.transfer.dataset import TransferChoices, TransferSet, read_transfer_set
from udt.clip.transfer.layout import load_layout

SIDE = 32


def picture(kind: int, seed: int) -> Image.Image:
    """A coarse random background with a dark disc (0), a bright disc (1) or none (2)."""
    rng = np.random.default_rng((kind, seed))
    pixels = np.kron(rng.uniform(60, 160, (8, 8)), np.ones((4, 4)))
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    row, column = rng.uniform(12, 20, 2)
    disc = (x - column) ** 2 + (y - row) ** 2 < 49
    if kind < 2:
        pixels[disc] = (10, 245)[kind]
    return Image.fromarray(pixels.astype(np.uint8))


def save(image: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def image_folder(folder: Path, counts: Mapping[str, int]) -> Path:
    """A sub-folder for each class; the first has dark discs, the second bright ones, the third none."""
    for kind, (name, count) in enumerate(counts.items()):
        for number in range(count):
            save(picture(kind, number), folder / name / f"{number}.png")
    return folder


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerows([header, *rows] if header else rows)


def busi(folder: Path) -> Path:
    inner = folder / "Dataset_BUSI_with_GT"
    for kind, name in enumerate(("benign", "malignant", "normal")):
        for number in range(1, 7):
            save(picture(kind, number), inner / name / f"{name} ({number}).png")
            save(Image.new("L", (SIDE, SIDE)), inner / name / f"{name} ({number})_mask.png")
    save(Image.new("L", (SIDE, SIDE)), inner / "benign" / "benign (1)_mask_1.png")
    return folder


def bus_bra(folder: Path) -> Path:
    """Twenty patients of two images each, in five folds by patient."""
    inner = folder / "BUSBRA"
    rows, folds = [], []
    for case in range(20):
        label = ("benign", "malignant")[case % 2]
        for side in "lr":
            name = f"bus_{case:04d}-{side}"
            save(picture(case % 2, 2 * case + (side == "r")), inner / "Images" / f"{name}.png")
            rows.append([name, case, "unknown", label, 3])
            folds.append([name, label, case // 2 % 5 + 1])
    write_table(inner / "bus_data.csv", ["ID", "Case", "Histology", "Pathology", "BIRADS"], rows)
    write_table(inner / "5-fold-cv.csv", ["ID", "Pathology", "kFold"], folds[::-1])
    return folder


SPLITS = {"train": 12, "val": 4, "test": 6}


def breastmnist(path: Path) -> Path:
    arrays = {}
    for start, (split, count) in zip((0, 100, 200), SPLITS.items(), strict=True):
        labels = np.arange(count, dtype=np.uint8) % 2
        arrays[f"{split}_images"] = np.stack([np.asarray(picture(int(k), start + n)) for n, k in enumerate(labels)])
        arrays[f"{split}_labels"] = labels[:, None]
    np.savez(path, **arrays)
    return path


def breastmnist_png(folder: Path) -> Path:
    rows = []
    for split, word in (("train", "TRAIN"), ("val", "VALIDATION"), ("test", "TEST")):
        for number in range(SPLITS[split]):
            name = f"{split}{number}_{number % 2}.png"
            save(picture(number % 2, 100 * len(rows) + number), folder / "breastmnist" / name)
            rows.append([word, name, number % 2])
    write_table(folder / "breastmnist.csv", [], rows)
    return folder


def gist514(folder: Path) -> Path:
    """Thirty images in three folds, of which each has ten."""
    inner = folder / "usd514-db" / "usd514_jpeg_roi"
    images = [{"id": n, "file_name": f"{n}.jpg", "height": SIDE, "width": SIDE} for n in range(30)]
    annotations = [{"id": n, "image_id": n, "category_id": n % 2 + 1, "segmentation": []} for n in range(30)]
    for n in range(30):
        save(picture(n % 2, n), inner / "images" / f"{n}.jpg")
    (inner / "annotations").mkdir()
    table = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "LMYM"}]}
    (inner / "annotations" / "all_anno_crop.json").write_text(json.dumps(table), "utf-8")
    for fold in range(3):
        for part, of in (("val", True), ("train", False)):
            own = [one for one in images if (one["id"] % 3 == fold) is of]
            text = json.dumps({"images": own, "annotations": []})
            (inner / "annotations" / f"{part}_anno_crop_split_{fold}.json").write_text(text, "utf-8")
    return folder


def read(path: Path, layout: str = "folders", **choices: object) -> TransferSet:
    return read_transfer_set(path, load_layout(layout), TransferChoices(**choices))  # type: ignore[arg-type]
