from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from udt.cli.similarity.group import similarity as command
from udt.core.errors import DataError
from udt.core.vocabulary import Vocabulary
from udt.similarity.heatmap import heat_map
from udt.similarity.matrices import SimilaritySet
from udt.taxonomy.model.taxonomy import Taxonomy

RECORDS = [
    {"id": "1", "labels": {"organ": ["Liver", "Spleen"], "shape": ["round"]}},
    {"id": "2", "labels": {"organ": ["Liver"]}},
    {"id": "3", "labels": {}, "skip": True},
]


@pytest.fixture(autouse=True)
def _loaded_once(taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the built-in taxonomy only once, since reading takes half a second."""
    read = Taxonomy.load
    monkeypatch.setattr(Taxonomy, "load", lambda *extensions: read(*extensions) if extensions else taxonomy)


def run(*arguments: object, given: str | None = None) -> Result:
    """Return the result of the command; raise an unexpected exception."""
    return CliRunner().invoke(command, [str(a) for a in arguments], input=given, catch_exceptions=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Folder of the matrices of the method taxonomy."""
    assert run("build", "--method", "taxonomy", "--out", tmp_path / "tree").exit_code == 0
    return tmp_path / "tree"


def test_importing_the_command_loads_nothing_heavy() -> None:
    heavy = {"matplotlib", "numpy", "pyoxigraph", "rich", "torch", "transformers"}
    program = f"import sys, udt.cli.similarity; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_training_needs_no_more_than_arrays() -> None:
    heavy = {"matplotlib", "pyoxigraph", "rdflib", "rich", "sqlalchemy", "torch", "transformers"}
    program = f"import sys, udt.similarity; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_builds_from_the_taxonomy(tree: Path, vocabulary: Vocabulary) -> None:
    SimilaritySet.load(tree).check_labels(vocabulary)


@pytest.mark.parametrize("source", ["file", "-"])
def test_builds_from_a_corpus(tmp_path: Path, source: str) -> None:
    text = "".join(json.dumps(record) + "\n" for record in RECORDS)
    (tmp_path / "records.jsonl").write_text(text, "utf-8")
    corpus = tmp_path / "records.jsonl" if source == "file" else "-"
    done = run("build", "--method", "cooccurrence", "--corpus", corpus, "--out", tmp_path / "seen", given=text)
    assert done.output == f"wrote {tmp_path / 'seen' / 'similarity.safetensors'}\n"
    built = SimilaritySet.load(tmp_path / "seen")
    assert built["organ"][0, 3] == 0.5
    assert built.provenance.parameters["samples"] == 2


def test_an_extension_is_in_what_is_built(tmp_path: Path) -> None:
    extra = tmp_path / "extra.ttl"
    extra.write_text(
        "@prefix ns: <https://w3id.org/udt/ns#> . @prefix udaf: <https://w3id.org/udt/udaf/> ."
        "[] a ns:Similarity ; ns:between udaf:margins.well-defined , udaf:margins.ill-defined ; ns:weight 0.25 .",
        "utf-8",
    )
    shown = json.loads(run("show", "margins", "--json", "--taxonomy", extra).output)
    assert shown["matrix"] == [[1.0, 0.25], [0.25, 1.0]]


def test_blends_what_was_built(tree: Path, tmp_path: Path) -> None:
    both = ("--part", tree, 2, "--part", tree / "similarity.safetensors", 1)
    assert run("build", "--method", "blend", *both, "--out", tmp_path).exit_code == 0
    assert SimilaritySet.load(tmp_path).provenance.method == "blend"


def test_writes_and_reads_the_published_format(tree: Path, tmp_path: Path) -> None:
    folder, back = tmp_path / "npz", tmp_path / "back"
    done = run("build", "--method", "taxonomy", "--format", "reference", "--out", folder)
    assert done.output == f"wrote 9 files to {folder}\n"
    assert run("build", "--method", "reference", "--source", folder, "--out", back).exit_code == 0
    built, read = SimilaritySet.load(tree), SimilaritySet.load(back)
    assert all((built[key] == read[key]).all() for key in built.labels)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "text"], "--method text needs --encoder"),
        (["--method", "cooccurrence"], "needs --corpus or --db"),
        (["--method", "cooccurrence", "--corpus", "a", "--db", "b"], "needs --corpus or --db, not both"),
        (["--method", "blend"], "--method blend needs --part"),
        (["--method", "taxonomy", "--words", "prompt"], "--method taxonomy does not take --words"),
        (["--method", "tree"], "'tree' is not one of"),
    ],
)
def test_usage_errors(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run("build", *arguments, "--out", tmp_path)
    assert done.exit_code == 2
    assert message in done.output


def test_shows_a_table() -> None:
    lines = run("show", "echogenicity").output.splitlines()
    assert lines[0].split()[:4] == ["echogenicity", "anechoic", "hypoechoic", "isoechoic"]
    assert lines[1].split() == ["anechoic", "1.00", "0.67", "0.33", "0.00", "0.20"]
    assert lines[-1] == "method: taxonomy"


def test_shows_the_most_similar_of_many(tree: Path) -> None:
    output = " ".join(run("show", "organ", "--from", tree, "--top", 2).output.split())
    assert "Scrotum Pediatric scrotum 0.80, Kidney and ureter 0.50, and 2 more" in output


def test_shows_json() -> None:
    shown = json.loads(run("show", "margins", "--json").output)
    assert shown["matrix"] == [[1.0, 0.0], [0.0, 1.0]]
    assert shown["labels"] == ["well-defined", "ill-defined/indistinct"]
    assert shown["provenance"]["method"] == "taxonomy"


def test_unknown_dimension() -> None:
    done = run("show", "echogenity")
    assert done.exit_code == 2
    text = " ".join(done.output.split())
    assert "'echogenity'; did you mean echogenicity? choose one of: body_system, organ" in text


def test_a_dimension_without_a_task_is_shown_by_the_taxonomy(tree: Path, taxonomy: Taxonomy) -> None:
    """It has no matrix among those that were built for training."""
    untasked = [d for d in taxonomy.dimensions if d.task is None and len(d.labels) <= 12]
    if not untasked:
        pytest.skip("every dimension of the taxonomy has a task")
    shown = json.loads(run("show", untasked[0].key, "--json").stdout)
    assert shown["labels"] == list(untasked[0].labels)
    refused = run("show", untasked[0].key, "--from", str(tree))
    assert refused.exit_code == 2 and "choose one of: body_system, organ" in " ".join(refused.output.split())


@pytest.mark.parametrize("dimension", ["margins", "organ"])
def test_draws_a_heat_map(by_taxonomy: SimilaritySet, vocabulary: Vocabulary, tmp_path: Path, dimension: str) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "map.png"
    heat_map(by_taxonomy, dimension, path, vocabulary[dimension].parents)
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    least = 52 * 30 if dimension == "organ" else 150
    assert min(width, height) > least


def test_missing_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(DataError, match=r"needs matplotlib, which is not installed: pip install 'udt-toolkit\[plot\]'"):
        run("show", "margins", "--out", tmp_path / "map.png")
