"""Bundles of phantoms: completeness, splits by case, reproducibility, and the command."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from udt.bundle.reader import SAMPLES, Bundle
from udt.cli.main import main
from udt.clip.phantom.writing import write_phantoms
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.taxonomy import taxonomy_similarity
from udt.taxonomy.model.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def similarity(taxonomy: Taxonomy) -> SimilaritySet:
    return taxonomy_similarity(taxonomy)


@pytest.fixture(scope="module")
def written(vocabulary: Vocabulary, similarity: SimilaritySet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("phantoms") / "b"
    write_phantoms(out, vocabulary, similarity, count=29, seed=3, size=32)
    return out


def test_the_bundle_is_complete(written: Path, vocabulary: Vocabulary) -> None:
    bundle = Bundle.open(written)
    assert len(bundle) == 29 and bundle.vocabulary == vocabulary
    for row in range(29):
        encoded, text = bundle.image(row), bundle.caption(row)
        assert isinstance(encoded, bytes) and text
        assert Image.open(io.BytesIO(encoded)).size == (32, 32)
    bundle.similarity()
    made = bundle.manifest["phantoms"]
    assert {key: made[key] for key in ("count", "seed", "size", "views")} == {
        "count": 29, "seed": 3, "size": 32, "views": 2,
    }  # fmt: skip


def test_splits_leak_no_case(written: Path) -> None:
    bundle = Bundle.open(written)
    cases = np.array(bundle.column("case_id").to_pylist())
    splits = {name: set(cases[rows]) for name, rows in bundle.splits.items()}
    assert {name: len(found) for name, found in splits.items()} == {"train": 9, "valid": 3, "test": 3}
    assert not (splits["train"] & splits["valid"] | splits["train"] & splits["test"] | splits["valid"] & splits["test"])


def test_views_of_a_case_have_its_labels_but_differ(written: Path) -> None:
    bundle = Bundle.open(written)
    views = defaultdict(list)
    for row, case in enumerate(bundle.column("case_id").to_pylist()):
        views[case].append((bundle.label_set(row), bundle.image(row)))
    assert [len(found) for found in views.values()] == [2] * 14 + [1]
    for found in views.values():
        assert len({labels for labels, _ in found}) == 1
        assert len({image for _, image in found}) == len(found)


def test_seed_is_reproducible_and_a_larger_count_only_adds(
    written: Path, vocabulary: Vocabulary, similarity: SimilaritySet, tmp_path: Path
) -> None:
    more, other = tmp_path / "more", tmp_path / "other"
    write_phantoms(more, vocabulary, similarity, count=33, seed=3, size=32)
    write_phantoms(other, vocabulary, similarity, count=29, seed=4, size=32)
    first, longer, differing = (Bundle.open(path) for path in (written, more, other))
    for column in ("image", "caption", "split", "case_id", "shape"):
        found = first.column(column).to_pylist()
        assert found[:28] == longer.column(column).to_pylist()[:28]
    assert first.column("image") != differing.column("image")
    again = write_phantoms(tmp_path / "again", vocabulary, similarity, count=29, seed=3, size=32)
    assert again["files"][SAMPLES] == first.manifest["files"][SAMPLES]


def test_images_as_files(vocabulary: Vocabulary, similarity: SimilaritySet, tmp_path: Path) -> None:
    out = tmp_path / "b"
    write_phantoms(out, vocabulary, similarity, count=3, size=32, images="path")
    paths = Bundle.open(out).column("image").to_pylist()
    assert paths == [str(out / "images" / name) for name in ("000000-1.png", "000000-2.png", "000001-1.png")]
    for path in paths:
        with Image.open(path) as image:
            assert (image.mode, image.size) == ("RGB", (32, 32))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"count": 0}, "count is 0; allowed: 1 or above"),
        ({"count": 1, "views": 0}, "views is 0"),
        ({"count": 1, "seed": -1}, "seed is -1; allowed: 0 or above"),
        ({"count": 1, "size": 8}, "a side has 32 to 2048 pixels"),
    ],
    ids=["count", "views", "seed", "size"],
)
def test_numbers_are_checked(
    settings: dict[str, Any], message: str, vocabulary: Vocabulary, similarity: SimilaritySet, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=message):
        write_phantoms(tmp_path / "b", vocabulary, similarity, **settings)
    assert not (tmp_path / "b").exists()


def test_command(tmp_path: Path) -> None:
    out = tmp_path / "b"
    command = ["data", "phantoms", "--out", str(out), "--count", "6", "--size", "32"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(f"{out}: 6 phantoms of 3 cases (")
    again = CliRunner().invoke(main, [*command, "--overwrite", "--json"])
    assert json.loads(again.stdout)["phantoms"]["count"] == 6


def test_drawing_needs_no_heavy_package(written: Path) -> None:
    heavy = ("rdflib", "pyoxigraph", "sqlalchemy", "spacy", "torch", "dgl", "pyshacl", "click", "matplotlib", "sklearn")
    code = (
        "import sys, numpy as np; from udt.bundle.reader import Bundle\n"
        "from udt.clip import draw_phantom, phantom_caption, sample_phantom_labels\n"
        "from udt.clip.phantom.appearance import Appearance; from udt.clip.phantom.writing import write_phantoms\n"
        f"v = Bundle.open({str(written)!r}).vocabulary; rng = np.random.default_rng(0)\n"
        "labels = sample_phantom_labels(v, rng); draw_phantom(labels, v, rng, 32); phantom_caption(labels, v, rng)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
