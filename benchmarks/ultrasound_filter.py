"""Train the ultrasound filter, and measure it on cases and kinds of pictures that it was not trained on.

    python benchmarks/ultrasound_filter.py --data DATA --photos PHOTOS [--write]

DATA has the folders busi, brest and pocus; PHOTOS has photos as PNG and JPEG, e.g. those of scikit-image
(skimage/data). Half of the cases and half of the photos are for training. The other negatives are drawn, with another
seed for each part.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from not_ultrasound import Rng, crop, drawn, photos
from PIL import Image, ImageDraw, ImageFont

from udt.core.near_duplicates import components
from udt.core.version import __version__
from udt.records.media.features import picture_features
from udt.records.media.reader import open_media

BESIDE = Path(__file__).parent
WEIGHTS = BESIDE.parent / "udt" / "records" / "media" / "ultrasound_filter.json"
RESULTS = BESIDE / "results" / "ultrasound_filter.json"
DRAWN = 1600  # of each part, over all kinds
CROPS = 40  # of each photo
CLIPPED = 4.0  # standard deviations beyond which a feature does not count more
LOST, PASSED = 0.005, 0.002  # of the training pictures: ultrasound left out, others taken
WIDEST = 0.1, 0.9  # scores between them are doubtful in any case


class Picture(NamedTuple):
    """A picture of a set, with its case."""

    kind: str
    case: str
    image: Image.Image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace the weights of the package and the results")
    arguments = parser.parse_args()
    halves = (Part(arguments.data, arguments.photos, 0), Part(arguments.data, arguments.photos, 1))
    weights = train(*halves[0].features())
    measured = measure(weights, halves[1])
    print(json.dumps(measured, indent=2))
    if arguments.write:
        WEIGHTS.write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
        RESULTS.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


class Part:
    """The pictures of one half: 0 for training, 1 for the test."""

    def __init__(self, data: Path, photo_folder: Path, half: int) -> None:
        rng = np.random.default_rng(half)
        self.ultrasound = [one for one in _ultrasound(data) if _half(one.case) == half]
        if half == 0:
            self.ultrasound = [one for real in self.ultrasound for one in (real, *_variants(real, rng))]
        self.ultrasound += _phantoms(rng)
        self.others = [Picture(kind, kind, image) for kind, image in islice(drawn(rng), DRAWN)]
        for place, (name, photo) in enumerate(photos(photo_folder).items()):
            if place % 2 == half:
                self.others += [Picture("photo", name, crop(photo, rng)) for _ in range(CROPS)]
        if half == 1:
            self.others += _radiology()
            real = [one for one in self.ultrasound if one.kind != "phantom"]
            self.ultrasound += [variant for one in real for variant in _variants(one, rng, "in a screen")]

    def features(self) -> tuple[list[str], np.ndarray, np.ndarray]:
        """Return the names of the features, their values and the class of every picture."""
        rows = [picture_features(one.image) for one in (*self.ultrasound, *self.others)]
        classes = np.array([1] * len(self.ultrasound) + [0] * len(self.others))
        return list(rows[0]), np.array([list(row.values()) for row in rows]), classes


def train(names: Sequence[str], values: np.ndarray, classes: np.ndarray) -> dict[str, object]:
    """Fit a logistic regression on standardised features, and set both thresholds on the pictures trained on."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-9
    standard = np.clip((values - mean) / scale, -CLIPPED, CLIPPED)
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=5000).fit(standard, classes)
    scores = model.predict_proba(standard)[:, 1]
    taken = float(np.quantile(scores[classes == 0], 1 - PASSED))
    left_out = float(np.quantile(scores[classes == 1], LOST))
    return {
        "made": f"benchmarks/ultrasound_filter.py, udt {__version__}: logistic regression on {int(classes.sum()):,} "
        f"pictures from BUSI, BrEaST, COVID-19 lung ultrasound (half of the cases) and phantoms, and on "
        f"{int((1 - classes).sum()):,} others",
        "clipped": CLIPPED,
        "taken": round(max(taken, WIDEST[1]), 2),
        "left_out": round(min(left_out, WIDEST[0]), 2),
        "intercept": round(float(model.intercept_[0]), 4),
        "features": {
            name: {"mean": round(float(m), 6), "scale": round(float(s), 6), "weight": round(float(w), 4)}
            for name, m, s, w in zip(names, mean, scale, model.coef_[0], strict=True)
        },
    }


def measure(weights: dict[str, object], part: Part) -> dict[str, object]:
    """Count, for each set, the pictures that are taken, doubtful and left out."""
    from udt.records.media.ultrasound_filter import PictureClassifier

    classifier = PictureClassifier.of(weights)
    counts: dict[str, dict[str, int]] = {}
    scores: dict[bool, list[float]] = {True: [], False: []}
    for real, pictures in ((True, part.ultrasound), (False, part.others)):
        for one in pictures:
            score = classifier.score(one.image)
            scores[real].append(score)
            of_kind = counts.setdefault(
                one.kind, {"ultrasound": int(real), "pictures": 0, "taken": 0, "doubtful": 0, "left out": 0}
            )
            of_kind["pictures"] += 1
            of_kind[classifier.state(score).replace("-", " ")] += 1
    from sklearn.metrics import roc_auc_score

    auc = roc_auc_score([1] * len(scores[True]) + [0] * len(scores[False]), scores[True] + scores[False])
    return {
        "auc": round(float(auc), 4),
        "thresholds": {"taken": weights["taken"], "left_out": weights["left_out"]},
        "sets": counts,
    }


def _half(case: str) -> int:
    """Divide cases by their names, so that all parts of a case are in one half."""
    return int.from_bytes(case.encode()[-4:] + b"\0") // 256 * 2654435761 % 2**32 >> 31


def _ultrasound(data: Path) -> Iterator[Picture]:
    yield from _busi(data / "busi")
    for path in sorted((data / "brest" / "images224").glob("case*.png")):
        yield Picture("BrEaST", f"brest{path.stem}", Image.open(path).convert("RGB"))
    for line in (data / "pocus" / "pairs.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        yield from _pocus(data / "pocus", item)


def _busi(folder: Path) -> Iterator[Picture]:
    with (folder / "labels.csv").open(encoding="utf-8") as stream:
        files = [row["file"] for row in csv.DictReader(stream)]
    place = {file: number for number, file in enumerate(files)}
    with (folder / "near_duplicates.csv").open(encoding="utf-8") as stream:
        pairs = [(place[row["file_a"]], place[row["file_b"]]) for row in csv.DictReader(stream)]
    for file, group in zip(files, components(len(files), pairs), strict=True):
        yield Picture("BUSI", f"busi{group:03}", Image.open(folder / file).convert("RGB"))


def _pocus(folder: Path, item: dict[str, object]) -> Iterator[Picture]:
    """Yield the original frames of an item, one a second, or its small copies if the original is not there."""
    case = f"pocus{item['patient'] or item['id']}"
    originals = [path for path in (folder / "media").glob(f"{item['id']}.*") if path.is_file()]
    for path in originals[:1]:
        due = 0.0
        for frame in open_media(path.read_bytes(), path.name).frames():
            if frame.time is None or frame.time >= due:
                due += 1.0
                yield Picture("lung", case, frame.image)
    if not originals:
        for name in item["frames224"]:  # type: ignore[attr-defined]
            yield Picture("lung", case, Image.open(folder / name).convert("RGB"))


def _variants(one: Picture, rng: Rng, kind: str | None = None) -> Iterator[Picture]:
    """Yield a picture as a device shows it: in a fan, beside letters and scales, and some with colour Doppler."""
    image = _fan(one.image, rng) if rng.random() < 0.6 else one.image.copy()
    if rng.random() < 0.3:
        _doppler(image, rng)
    yield Picture(kind or one.kind, one.case, _screen(image, rng))


def _fan(image: Image.Image, rng: Rng) -> Image.Image:
    """Bend a picture into a fan."""
    height, width = image.height, int(image.height * rng.uniform(1.1, 1.5))
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    half, inner = math.radians(rng.uniform(25, 42)), rng.uniform(0.02, 0.35) * height
    depth, angle = np.hypot(x - width / 2, y + inner) - inner, np.arctan2(x - width / 2, y + inner)
    source_x = ((angle / half + 1) / 2 * (image.width - 1)).round().astype(int)
    source_y = (depth * (image.height - 1) / height).round().astype(int)
    inside = (np.abs(angle) <= half) & (depth >= 0) & (source_y < image.height)
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[inside] = np.asarray(image)[source_y[inside], np.clip(source_x[inside], 0, image.width - 1)]
    return Image.fromarray(pixels)


def _doppler(image: Image.Image, rng: Rng) -> None:
    """Paint flow over a part of a picture."""
    width, height = image.size
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 7))):
        x, y = rng.uniform(0.3, 0.6) * width, rng.uniform(0.25, 0.6) * height
        colour = (int(rng.integers(120, 255)), int(rng.integers(0, 120)), 0)
        colour = colour if rng.random() < 0.5 else (0, colour[1], colour[0])
        pen.ellipse([x, y, x + rng.uniform(0.03, 0.15) * width, y + rng.uniform(0.02, 0.08) * height], fill=colour)


def _screen(image: Image.Image, rng: Rng) -> Image.Image:
    """Put a picture on the black screen of a device, with letters, a grey scale and a depth scale."""
    width, height = (int(side * rng.uniform(1.0, 1.6)) for side in image.size)
    screen = Image.new("RGB", (width, height))
    left, top = int(rng.uniform(0.2, 0.8) * (width - image.width)), int(rng.uniform(0.3, 1) * (height - image.height))
    screen.paste(image, (left, top))
    pen, size = ImageDraw.Draw(screen), max(8, height // 40)
    font = ImageFont.load_default(size)
    for row in range(int(rng.integers(0, 7))):
        text = "".join(rng.choice(list("ABCDEFGHIKLMNO0123456789 :/."), int(rng.integers(4, 20))))
        x = 4 if rng.random() < 0.5 else int(width * 0.72)
        pen.text((x, 4 + row * size * 1.4), text, fill=(200, 200, 200), font=font)
    for tick in range(0, height, max(6, height // 16)):
        pen.line([width - 8, tick, width - 3, tick], fill=(180, 180, 180))
    return screen


def _phantoms(rng: Rng) -> list[Picture]:
    """Draw phantoms of random labels, in both frames."""
    from udt.clip.phantom.drawing import draw_phantom
    from udt.clip.phantom.sampling import sample_phantom_labels
    from udt.taxonomy.model.taxonomy import Taxonomy

    vocabulary = Taxonomy.load().vocabulary
    labels = (sample_phantom_labels(vocabulary, rng) for _ in range(100))
    return [Picture("phantom", str(i), draw_phantom(one, vocabulary, rng, 256)) for i, one in enumerate(labels)]


def _radiology() -> list[Picture]:
    """Return real CT and MR: the test files of pydicom, and the head of matplotlib's examples."""
    import matplotlib as mpl
    import pydicom.data

    found, folder = [], Path(pydicom.data.__file__).parent / "test_files"
    for name in ("CT_small", "693_J2KI", "J2K_pixelrep_mismatch", "MR_small", "examples_overlay"):
        opened = open_media((folder / f"{name}.dcm").read_bytes(), f"{name}.dcm")
        found += [Picture("real CT and MR", name, frame.image) for frame in opened.frames()]
    head = Path(mpl.get_data_path()) / "sample_data" / "s1045.ima.gz"
    values = np.frombuffer(gzip.decompress(head.read_bytes()), np.uint16).reshape(256, 256).astype(float)
    grey = Image.fromarray((255 * values / values.max()).astype(np.uint8))
    return [*found, Picture("real CT and MR", "head", grey.convert("RGB"))]


if __name__ == "__main__":
    main()
