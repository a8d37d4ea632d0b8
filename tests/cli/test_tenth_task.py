"""A tenth classification task from one Turtle file to the evaluation of a trained model.

The dimension *orientation* is made a task; captions speak of it, and their pictures show it: an ellipse that is wide or
tall. A model that learns anything tells the two apart.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tests.ten_tasks import KEY, write_extension
from udt.bundle.reader import Bundle
from udt.cli.main import main

pytestmark = pytest.mark.slow

CASES = 150
SIZE = 32
WORDS = {
    "parallel": ("horizontally oriented", "with parallel orientation"),
    "not parallel": ("vertically oriented", "with non-parallel orientation"),
}
TOWER = (
    '{ model_type = "resnet", image_size = 32, embedding_size = 16, hidden_sizes = [16, 32], depths = [1, 1], '
    'layer_type = "basic" }'
)
SETTINGS = (
    f"model.image={TOWER}", "optimization.max_steps=80", "optimization.batch_size=24", "evaluation.every_steps=80",
    "run.save_every_steps=80", "run.device=cpu", "data.prompt_share=0.5",
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


def trained(bundle: Path, out: Path, *settings: str) -> Path:
    changes = [option for change in (*SETTINGS, *settings) for option in ("--set", change)]
    udt("train", "--preset", "tiny", "--data", bundle, "--out", out, *changes)
    return out


@pytest.fixture(scope="module")
def run(bundle: Path, folder: Path) -> Path:
    return trained(bundle, folder / "run")


def evaluated(model: Path, bundle: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(udt("evaluate", "model", model, bundle, "--json").stdout)["classification"]
    return found


def test_the_bundle_has_the_words_of_the_captions_as_labels(bundle: Path) -> None:
    opened = Bundle.open(bundle)
    assert opened.vocabulary.keys[9:] == (KEY,) and opened.vocabulary[KEY].task == 10
    assert opened.manifest["labels"][KEY] == len(opened) == CASES
    assert {name: len(rows) for name, rows in opened.splits.items()} == {"train": 90, "valid": 30, "test": 30}
    for row in range(CASES):
        caption = (opened.caption(row) or "").removesuffix(".")
        expected = [label for label, words in WORDS.items() if caption.endswith(words)]
        assert list(opened.label_set(row).named(opened.vocabulary)[KEY]) == expected, caption


@pytest.mark.parametrize("method", ["taxonomy", "cooccurrence"])
def test_similarities_of_the_labels(bundle: Path, folder: Path, extension: tuple[str, Path], method: str) -> None:
    source = ("--db", folder / "records.db") if method == "cooccurrence" else ()
    udt("similarity", "build", "--method", method, *source, "--out", folder / method, *extension)
    shown = json.loads(udt("similarity", "show", KEY, "--from", folder / method, "--json", *extension).stdout)
    assert shown["labels"] == list(Bundle.open(bundle).vocabulary[KEY].labels)
    assert shown["matrix"] == np.eye(len(shown["labels"])).tolist(), "no value is like another, or occurs with it"


def test_the_graph_of_the_corpus(bundle: Path, folder: Path, extension: tuple[str, Path]) -> None:
    opened = Bundle.open(bundle)
    named = [labels.named(opened.vocabulary) for labels in opened.label_sets()]
    counts = Counter(label for labels in named for label in labels[KEY] if "mass" in labels["diagnosis"])
    shown = udt("graph", "--corpus", folder / "records.db", "--diagnosis", "mass", *extension).stdout.splitlines()
    table = [re.split("  +", line.strip()) for line in shown]
    assert {row[1]: int(row[3]) for row in table if row[2:3] == [KEY]} == counts and len(counts) == 2


def test_a_trained_model_is_scored_on_the_tenth_task(run: Path, bundle: Path) -> None:
    found = evaluated(run, bundle)
    assert list(found["tasks"])[-1] == KEY and (found["untrained"], found["unlabelled"]) == ([], [])
    task = found["tasks"][KEY]
    assert task["random"]["accuracy"] == pytest.approx(1 / len(task["labels"]))
    accuracy = {name: task[name]["accuracy"]["value"] for name in ("model", "majority", "pixels")}
    assert accuracy["model"] > accuracy["majority"] > task["random"]["accuracy"], task
    assert json.loads((run / "best" / "config.json").read_text())["tasks"][9:] == [KEY]
    table = udt("evaluate", "model", run, bundle).stdout
    line = next(line.split() for line in table.splitlines() if line.startswith(KEY))
    assert line[1:3] == [str(task["samples"]), f"{accuracy['model']:.3f}"]
    assert line[5:8] == [f"{one:.3f}" for one in (task["random"]["accuracy"], accuracy["majority"], accuracy["pixels"])]


def test_a_model_of_the_nine_is_scored_on_the_nine(bundle: Path, folder: Path) -> None:
    nine = trained(bundle, folder / "nine", "data.tasks=paper", "optimization.max_steps=2")
    assert KEY not in json.loads((nine / "best" / "config.json").read_text())["tasks"]
    assert evaluated(nine, bundle)["untrained"] == [KEY]
    assert (
        "not scored: orientation, since the model was not trained on it"
        in udt("evaluate", "model", nine, bundle).stdout
    )
