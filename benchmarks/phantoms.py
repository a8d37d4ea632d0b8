"""Whether phantoms show their labels: a network that is trained on the labels, logistic regression, and contact sheets.

Run it as `python benchmarks/phantoms.py`; README.md in this folder says what it does.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read on import

import click
import numpy as np
import torch
from contact_sheets import Ints, Pixels, write_sheets
from numpy.typing import NDArray
from PIL import Image
from rounds import Goal, goal, surroundings
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from udt.bundle.reader import Bundle
from udt.clip.phantom.writing import write_phantoms
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy

_RESULT = Path(__file__).with_name("results") / "phantoms.json"
_CHANNELS = (24, 48, 96, 192)
_BATCH = 32
_RATE, _DECAY = 3e-3, 0.05
_TURN, _SCALE, _SHIFT = np.radians(10), 0.06, 0.16  # of images in training; shift in halves of their side
_SHARES = {"shape": 3.0, "internal_characteristics": 3.0}  # weights of losses; outlines and contents are learnt last
_PIXELS = 32  # side of the grey images of the logistic regression
_STRENGTHS = (1e-4, 1e-3)
_LEAST = 0.8
_LEAD = 0.2
_MOST_SECONDS = 90

Scores = dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The phantoms of a split.

    :ivar images: (phantoms, 3, size, size).
    :ivar labels: (phantoms, dimensions) label ids; -1 for none, or several.
    """

    images: Pixels
    labels: Ints


class Network(nn.Module):
    """A convolution, three blocks of two convolutions, and a linear layer for each dimension.

    :param classes: number of labels of each dimension.
    """

    def __init__(self, classes: Sequence[int]) -> None:
        super().__init__()
        first = [nn.Conv2d(3, _CHANNELS[0], 5, 2, 2, bias=False), nn.BatchNorm2d(_CHANNELS[0]), nn.ReLU()]
        blocks = [_block(before, after) for before, after in pairwise(_CHANNELS)]
        self.body = nn.Sequential(*first, *blocks)
        self.dropout = nn.Dropout(0.2)
        self.heads = nn.ModuleList(nn.Linear(2 * _CHANNELS[-1], count) for count in classes)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the logits of each dimension, (batch, labels), for (batch, 3, size, size)."""
        found = self.body(images)
        pooled = self.dropout(torch.cat([found.mean(dim=(2, 3)), found.amax(dim=(2, 3))], dim=1))
        return [head(pooled) for head in self.heads]


def _block(before: int, after: int) -> nn.Module:
    layers: list[nn.Module] = [nn.MaxPool2d(2)]
    for channels in (before, after):
        layers += [nn.Conv2d(channels, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers)


@click.command()
@click.option("--count", default=3400, show_default=True, type=click.IntRange(min=100), help="Phantoms.")
@click.option("--size", default=96, show_default=True, type=click.IntRange(32, 512), help="Side in pixels.")
@click.option("--epochs", default=26, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0))
@click.option("--sheets", type=click.Path(path_type=Path, file_okay=False), help="Folder for contact sheets.")
@click.option("--quiz", default=20, show_default=True, type=click.IntRange(min=1), help="Phantoms of a quiz.")
@click.option("--only-sheets", is_flag=True, help="Write the contact sheets, and train nothing.")
@click.option("--out", default=_RESULT, type=click.Path(path_type=Path, dir_okay=False), help="Where the result goes.")
def main(
    count: int, size: int, epochs: int, seed: int, sheets: Path | None, quiz: int, only_sheets: bool, out: Path
) -> None:
    """Measure how well the labels of unseen phantoms are recognised; end with status 1 where a bound breaks."""
    with tempfile.TemporaryDirectory() as folder:
        bundle, seconds = drawn(Path(folder) / "phantoms", count, size, seed)
        splits = {name: split(bundle, name) for name in ("train", "valid", "test")}
    if sheets is not None:
        for column, names in enumerate(bundle.vocabulary.dimensions):
            shown = splits["train"].labels[:, column]
            write_sheets(sheets, names, splits["train"].images, shown, quiz, seed)
    if only_sheets:
        return
    keys = bundle.vocabulary.keys
    started = time.perf_counter()
    predicted = by_network(keys, splits["train"], splits["test"].images, epochs, seed)
    minutes = (time.perf_counter() - started) / 60
    network = scores(keys, splits["test"].labels, predicted)
    pixels = scores(keys, splits["test"].labels, by_pixels(splits))
    goals = judged(network, pixels, 2000 * seconds / count)
    result = {
        **surroundings(("udt-toolkit", "numpy", "torch", "scikit-learn", "pillow")),
        "phantoms": {"count": count, "size": size, "seed": seed, **{k: len(one.images) for k, one in splits.items()}},
        "epochs": epochs,
        "training_minutes": minutes,
        "seconds_for_2000_phantoms": 2000 * seconds / count,
        "balanced_accuracy": {
            "network": network,
            "pixel_regression": pixels,
            "chance": {key: 1 / len(np.unique(known(splits["test"].labels[:, i]))) for i, key in enumerate(keys)},
        },
        "recall": recalls(bundle, splits["test"].labels, predicted),
        "goals": [asdict(one) for one in goals],
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for one in goals:
        sign = "at least" if one.sense == ">=" else "at most"
        click.echo(f"{one.name}: {one.median:.3f} ({sign} {one.bound:g}) {'met' if one.met else 'MISSED'}")
    if not all(one.met for one in goals):
        sys.exit(1)


def drawn(folder: Path, count: int, size: int, seed: int) -> tuple[Bundle, float]:
    """Draw a bundle; also return the processor time that it took, in seconds."""
    taxonomy = Taxonomy.load()
    similarity = taxonomy_similarity(taxonomy)
    started = time.process_time()
    write_phantoms(folder, taxonomy.vocabulary, similarity, count=count, size=size, seed=seed)
    return Bundle.open(folder), time.process_time() - started


def split(bundle: Bundle, name: str) -> Split:
    """Return the images and labels of a split."""
    rows = [int(row) for row in bundle.split(name)]
    images = np.stack([_decoded(bundle.image(row)) for row in rows])
    sets = [bundle.label_set(row).ids for row in rows]
    labels = np.array([[found[0] if len(found) == 1 else -1 for found in ids] for ids in sets], dtype=np.int64)
    return Split(images, labels)


def _decoded(image: str | bytes) -> Pixels:
    with Image.open(io.BytesIO(image) if isinstance(image, bytes) else image) as opened:
        return np.ascontiguousarray(np.asarray(opened.convert("RGB")).transpose(2, 0, 1))


def known(labels: Ints) -> Ints:
    return labels[labels >= 0]


def by_network(keys: Sequence[str], train: Split, images: Pixels, epochs: int, seed: int) -> Ints:
    """Train the network on `train`; return the labels that it finds in `images`, (phantoms, dimensions)."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    counts = [np.bincount(known(column)) for column in train.labels.T]
    network = Network([len(count) for count in counts]).to(memory_format=torch.channels_last)
    losses = [
        nn.CrossEntropyLoss(_weights(count), ignore_index=-1, label_smoothing=0.05, reduction="sum") for count in counts
    ]
    shares = torch.tensor([_SHARES.get(key, 1.0) for key in keys])
    steps = epochs * -(-len(train.images) // _BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps, pct_start=0.2)
    for epoch in range(epochs):
        network.train()
        total = torch.zeros(len(keys))
        for rows in np.array_split(rng.permutation(len(train.images)), -(-len(train.images) // _BATCH)):
            found = network(_batch(_varied(train.images[rows], rng)))
            wanted = torch.from_numpy(train.labels[rows])
            parts = [loss(logits, wanted[:, i]) for i, (loss, logits) in enumerate(zip(losses, found, strict=True))]
            found_losses = torch.stack(parts)
            mean = (shares * found_losses).sum() / len(rows)
            optimizer.zero_grad()
            mean.backward()
            optimizer.step()
            schedule.step()
            total += found_losses.detach()
        by_key = ", ".join(f"{key} {one:.2f}" for key, one in zip(keys, total / len(train.images), strict=True))
        click.echo(f"epoch {epoch + 1} of {epochs}: loss {by_key}", err=True)
    network.eval()
    with torch.inference_mode():
        both = [
            [logits.softmax(dim=1) + mirrored.softmax(dim=1) for logits, mirrored in zip(
                network(_batch(part)), network(_batch(part.flip(-1))), strict=True)]
            for part in torch.from_numpy(images).split(200)
        ]  # fmt: skip
    return np.stack([torch.cat(parts).argmax(dim=1).numpy() for parts in zip(*both, strict=True)], axis=1)


def _weights(counts: NDArray[np.int64]) -> Tensor:
    """Weight labels against their frequency; labels that never occur have the weight 0."""
    weights = np.divide(1.0, counts, out=np.zeros(len(counts)), where=counts > 0)
    return torch.from_numpy(weights * counts.sum() / (counts > 0).sum()).float()


def _batch(images: Tensor) -> Tensor:
    return images.float().div(64).sub(1.5).contiguous(memory_format=torch.channels_last)


def _varied(images: Pixels, rng: np.random.Generator) -> Tensor:
    """Mirror half of the images, and move, turn and scale each, (phantoms, 3, size, size)."""
    count = len(images)
    angle, scale = rng.uniform(-_TURN, _TURN, count), rng.uniform(1 - _SCALE, 1 + _SCALE, count)
    cos, sin, across = scale * np.cos(angle), scale * np.sin(angle), rng.choice((-1, 1), count)
    shift = rng.uniform(-_SHIFT, _SHIFT, (2, count))
    rows = np.stack([[cos * across, sin, shift[0]], [-sin * across, cos, shift[1]]]).transpose(2, 0, 1)
    pixels = torch.from_numpy(images).float()
    places = nn.functional.affine_grid(torch.from_numpy(rows).float(), list(pixels.shape), align_corners=False)
    return nn.functional.grid_sample(pixels, places, padding_mode="border", align_corners=False)


def by_pixels(splits: Mapping[str, Split]) -> Ints:
    """Return the labels that logistic regression finds in the test split, its strength chosen on the valid split."""
    scaler = StandardScaler()
    train = scaler.fit_transform(_small(splits["train"].images))
    valid, test = (scaler.transform(_small(splits[name].images)) for name in ("valid", "test"))
    columns = []
    for labels, checked in zip(splits["train"].labels.T, splits["valid"].labels.T, strict=True):
        fitted = [
            LogisticRegression(C=strength, class_weight="balanced", max_iter=100).fit(train[labels >= 0], known(labels))
            for strength in _STRENGTHS
        ]
        best = max(fitted, key=lambda one: balanced_accuracy_score(known(checked), one.predict(valid[checked >= 0])))
        columns.append(best.predict(test))
    return np.stack(columns, axis=1)


def _small(images: Pixels) -> NDArray[np.float32]:
    """Return the grey pixels of each image, made small, (phantoms, 1024)."""
    grey = [Image.fromarray(one.transpose(1, 2, 0)).convert("L") for one in images]
    small = [np.asarray(one.resize((_PIXELS, _PIXELS), Image.Resampling.BOX), dtype=np.float32) for one in grey]
    return np.stack(small).reshape(len(small), -1) / 255


def scores(keys: Sequence[str], labels: Ints, predicted: Ints) -> Scores:
    """Return the balanced accuracy of each dimension, over phantoms with exactly one label in it, and their mean."""
    found = {}
    for column, key in enumerate(keys):
        rows = labels[:, column] >= 0
        found[key] = float(balanced_accuracy_score(labels[rows, column], predicted[rows, column]))
    return {**found, "mean": float(np.mean(list(found.values())))}


def recalls(bundle: Bundle, labels: Ints, predicted: Ints) -> dict[str, dict[str, float]]:
    """Return the share of the phantoms with a label in which the network finds it."""
    found = {}
    for column, names in enumerate(bundle.vocabulary.dimensions):
        rows = labels[:, column] >= 0
        present = np.unique(labels[rows, column])
        shares = recall_score(labels[rows, column], predicted[rows, column], labels=present, average=None)
        found[names.key] = {names.labels[i]: float(share) for i, share in zip(present, shares, strict=True)}
    return found


def judged(network: Scores, pixels: Scores, seconds: float) -> list[Goal]:
    lead = network["mean"] - pixels["mean"]
    return [
        *(goal(f"network: {key}", [score], ">=", _LEAST) for key, score in network.items() if key != "mean"),
        goal("network over logistic regression on pixels, mean", [lead], ">=", _LEAD),
        goal("processor time of 2,000 phantoms, seconds", [seconds], "<=", _MOST_SECONDS),
    ]


if __name__ == "__main__":
    main()
