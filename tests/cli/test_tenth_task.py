"""A tenth classification task from one Turtle file to the evaluation of a trained model.

The dimension *orientation* is made a task; captions speak of it, and their pictures show it: an ellipse that is wide or
tall. A model that learns anything tells the two apart.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tests.ten_tasks import KEY, write_extension
from udt.bundle.reader import Bundle
from udt.cli.main import main

Udt = Callable[..., Result]

CASES = 150
SIZE = 32
WORDS = {
    "parallel": ("horizontally oriented", "with parallel orientation"),
    "not parallel": ("vertically oriented", "with non-parallel orientation"),
}
TOWER = (
    '{ model_type = "vit", image_size = 32, patch_size = 8, hidden_size = 48, num_hidden_layers = 2, '
    "num_attention_heads = 4, intermediate_size = 96, hidden_dropout_prob = 0.0 }"
)
SETTINGS = (
    f"model.image={TOWER}", "model.image_pooling=mean", "optimization.max_steps=80", "optimization.batch_size=24",
    "evaluation.every_steps=80", "run.save_every_steps=80", "run.device=cpu", "data.prompt_share=0.5",
)  # fmt: skip


def udt(*arguments: object) -> Result:
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, (arguments, done.output, done.exception)
    return done


def picture(wide: bool, rng: np.random.Generator) -> Image.Image:
    """A dark ellipse on a coarse random background, so that no two pictures are near-duplicates."""
    coarse = Image.fromarray(rng.integers(90, 250, (5, 5), dtype=np.uint8)).resize(
        (SIZE, SIZE), Image.Resampling.BICUBIC
    )
    pixels = np.asarray(coarse, dtype=float)
    y, x = np.mgrid[:SIZE, :SIZE] - rng.uniform(SIZE * 0.4, SIZE * 0.6, (2, 1, 1))
    long, short = rng.uniform(9, 13), rng.uniform(3, 5)
    width, height = (long, short) if wide else (short, long)
    pixels[(x / width) ** 2 + (y / height) ** 2 < 1] *= 0.15
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures, captions that name the orientation in several words, and the file that adds it to the taxonomy."""
    path = tmp_path_factory.mktemp("ten")
    write_extension(path)
    (path / "images").mkdir()
    rng = np.random.default_rng(11)
    with (path / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("case", "image", "caption"))
        for case in range(CASES):
            wide = bool(rng.integers(2))
            picture(wide, rng).save(path / "images" / f"{case}.png")
            words = WORDS["parallel" if wide else "not parallel"][rng.integers(2)]
            kind = ("mass", "nodule")[rng.integers(2)]
            rows.writerow((case, f"{case}.png", f"Ultrasound of the breast shows a hypoechoic {kind}, {words}."))
    return path


@pytest.fixture(scope="module")
def extension(folder: Path) -> tuple[str, Path]:
    return "--taxonomy", folder / "orientation.ttl"


@pytest.fixture(scope="module")
def bundle(folder: Path, extension: tuple[str, Path]) -> Path:
    """The data set as a database and as a bundle."""
    db, out = folder / "records.db", folder / "bundle"
    columns = [option for name in ("case", "image", "caption") for option in ("--map", f"{name}={name}")]
    images = folder / "images"
    udt("data", "import", folder / "cases.csv", "--db", db, "--images", images, *columns, "--normalize", *extension)
    udt("data", "split", "--db", db)
    udt("data", "bundle", "--db", db, "--out", out, *extension)
    return out


@pytest.fixture(scope="module")
def run(bundle: Path, folder: Path) -> Path:
    changes = [option for change in SETTINGS for option in ("--set", change)]
    udt("train", "--preset", "demo", "--data", bundle, "--out", folder / "run", *changes)
    return folder / "run"


def evaluated(model: Path, bundle: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(udt("evaluate", "model", model, bundle, "--json").stdout)["classification"]
    return found


def test_the_bundle_has_the_words_of_the_captions_as_labels(bundle: Path) -> None:
    opened = Bundle.open(bundle)
    assert opened.vocabulary.keys[9:] == (KEY,) and opened.vocabulary[KEY].task == 10
    assert opened.manifest["labels"][KEY] == CASES
    for row in range(CASES):
        said = [
            label
            for label, words in WORDS.items()
            if (opened.caption(row) or "").endswith(tuple(f"{w}." for w in words))
        ]
        assert list(opened.label_set(row).named(opened.vocabulary)[KEY]) == said
    assert opened.similarity()[KEY].shape == (len(opened.vocabulary[KEY]),) * 2


def test_similarities_of_the_labels(bundle: Path, folder: Path, extension: tuple[str, Path]) -> None:
    for method, source in ("taxonomy", ()), ("cooccurrence", ("--db", folder / "records.db")):
        udt("similarity", "build", "--method", method, *source, "--out", folder / method, *extension)
        shown = udt("similarity", "show", KEY, "--from", folder / method, *extension).stdout
        assert "parallel" in shown and f"method: {method}" in shown


def test_the_graph_of_the_corpus(bundle: Path, folder: Path, extension: tuple[str, Path]) -> None:
    shown = udt("graph", "--corpus", folder / "records.db", "--diagnosis", "mass", *extension).stdout
    assert {"parallel  ", "not parallel  "} <= {line[6:] for line in shown.splitlines()} or "orientation" in shown


def test_a_trained_model_is_scored_on_the_tenth_task(run: Path, bundle: Path) -> None:
    found = evaluated(run, bundle)
    assert list(found["tasks"])[-1] == KEY and (found["untrained"], found["unlabelled"]) == ([], [])
    task = found["tasks"][KEY]
    assert task["random"]["accuracy"] == pytest.approx(1 / len(task["labels"]))
    assert task["accuracy"] > task["majority"]["accuracy"] > task["random"]["accuracy"], task
    table = udt("evaluate", "model", run, bundle).stdout
    line = next(line.split() for line in table.splitlines() if line.startswith(KEY))
    assert line[1:4] == [str(task["samples"]), f"{task['accuracy']:.3f}", f"{task['random']['accuracy']:.3f}"]
    assert json.loads((run / "best" / "config.json").read_text())["tasks"][9:] == [KEY]
