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


def save(folder: Path, similarity: SimilaritySet) -> Path:
    folder.mkdir()
    similarity.save(folder)
    return folder


@pytest.mark.parametrize("method", ["resnik", "lin", "simgic"])
def test_builds_from_the_graph(tmp_path: Path, vocabulary: Vocabulary, method: str) -> None:
    (tmp_path / "records.jsonl").write_text("".join(json.dumps(record) + "\n" for record in RECORDS), "utf-8")
    assert run("build", "--method", method, "--out", tmp_path / "a").exit_code == 0
    done = run("build", "--method", method, "--corpus", tmp_path / "records.jsonl", "--out", tmp_path / "b")
    assert "organ: 50 of 52 labels never occur, and have the most information" in done.stderr
    plain, counted = SimilaritySet.load(tmp_path / "a"), SimilaritySet.load(tmp_path / "b")
    plain.check_labels(vocabulary)
    assert counted.provenance.parameters["samples"]["organ"] == 2
    assert not (plain["organ"] == counted["organ"]).all()


def test_findings_are_built_with_the_dimensions(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert run("build", "--method", "lin", "--findings", "--out", tmp_path).exit_code == 0
    built = SimilaritySet.load(tmp_path)
    assert list(built.labels) == [*taxonomy.vocabulary.keys, "finding"]
    shown = run("show", "finding", "uterine fibroid", "--from", tmp_path, "--top", 1).output
    assert shown.splitlines()[1].split() == ["leiomyoma", "0.96"]
    built.restricted(taxonomy.vocabulary).check_labels(taxonomy.vocabulary)
    assert run("build", "--method", "blend", "--part", tmp_path, 1, "--out", tmp_path / "b").exit_code == 0
    assert list(SimilaritySet.load(tmp_path / "b").labels) == list(taxonomy.vocabulary.keys)


def test_repairs_what_it_builds(tmp_path: Path) -> None:
    done = run("build", "--method", "taxonomy", "--psd", "--out", tmp_path)
    assert "organ: smallest eigenvalue -0.68" in done.stdout and "Frobenius norm 1.8364" in done.stdout
    assert "8 of 9 matrices were positive semi-definite, and are unchanged" in done.stdout
    repair = SimilaritySet.load(tmp_path).provenance.parameters["psd"]["organ"]
    assert repair["frobenius"] == pytest.approx(1.8364, abs=1e-3)
    assert "not positive semi-definite" not in run("check", tmp_path).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "lin", "--corpus", "a", "--db", "b"], "--method lin takes --corpus or --db, not both"),
        (["--method", "taxonomy", "--findings"], "--method taxonomy does not take --findings"),
        (["--method", "lin", "--findings", "--format", "reference"], "--format reference has no file of the findings"),
    ],
)
def test_usage_errors_of_the_graph(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = run("build", *arguments, "--out", tmp_path)
    assert done.exit_code == 2
    assert message in done.output


def test_shows_the_most_similar_of_a_label() -> None:
    lines = run("show", "organ", "thyroid", "--method", "simgic", "--top", 2).output.splitlines()
    assert lines[0].split()[:5] == ["most", "similar", "to", "Thyroid", "gland"]
    assert lines[1].startswith("Parathyroid glands")
    assert lines[3].startswith("and ") and lines[3].endswith("more above 0") and lines[-1] == "method: simgic"
    shown = json.loads(run("show", "organ", "Thyroid gland", "--method", "lin", "--top", 3, "--json").output)
    assert shown["label"] == "Thyroid gland" and len(shown["most_similar"]) == 3
    assert {one["label"] for one in shown["most_similar"][:2]} == {"Adrenal glands", "Parathyroid glands"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["organ", "Thyroid glnd"], "'Thyroid glnd' is no label of organ; did you mean 'thyroid gland'"),
        (["organ", "fibroid"], "'fibroid' is no label of organ"),
        (["findng", "--method", "lin"], "'findng'; did you mean finding?"),
        (["finding"], "--method taxonomy has no matrix of the findings; choose one of: resnik, lin, simgic"),
        (
            ["organ", "--method", "text"],
            "--method text needs input; build its matrices first and show them with --from",
        ),
        (["organ", "--method", "lim"], "'lim' is not one of"),
        (["organ", "--method", "lin", "--from", "."], "--from and --method are alternatives"),
    ],
)
def test_usage_errors_of_show(arguments: list[str], message: str) -> None:
    done = run("show", *arguments)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_checks_a_method_and_a_folder(tree: Path) -> None:
    shown = run("check", tree)
    assert shown.exit_code == 0
    lines = {line.split()[0]: line.split() for line in shown.output.splitlines() if line}
    assert lines["organ"] == ["organ", "52", "0", "0.00–0.80", "356", "66,300", "0.60", "-0.6804", "7"]
    assert lines["margins"][:3] == ["margins", "2", "0"]
    assert "not positive semi-definite: organ; build with --psd to repair" in shown.output
    plain = json.loads(run("check", "taxonomy", "--json").output)
    assert plain["method"] == "taxonomy" and plain["dimensions"]["organ"]["negative_eigenvalues"] == 7
    assert len(plain["dimensions"]["organ"]["triangles"]["worst"]) == 3
    simgic = json.loads(run("check", "simgic", "--json").output)["dimensions"]
    assert all(one["positive_semidefinite"] and one["triangles"]["broken"] == 0 for one in simgic.values())


def test_check_fails_on_faults(tree: Path) -> None:
    """The last number of the file belongs to the last matrix, whose symmetry and diagonal it breaks."""
    path = tree / "similarity.safetensors"
    data = bytearray(path.read_bytes())
    data[-4:] = b"\x00\x00\x00\x3f"  # 0.5
    path.write_bytes(data)
    done = run("check", tree)
    assert done.exit_code == 1
    assert "its diagonal is not 1 throughout" in done.output and "1 with faults" in done.output
    assert run("check", tree, "--json").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["check", "lim"], 2, "'lim' is neither a method nor a folder; did you mean lin?"),
        (["check", "blend"], 2, "the method blend needs input; build its matrices first and give their folder"),
        (["check", "taxonomy", "--findings"], 2, "the method taxonomy has no matrix of the findings"),
        (["check", ".", "--findings"], 2, "--findings is for a method"),
        (["compare", "lin"], 2, "give at least two sources to compare"),
        (["compare", "lin", "lin"], 2, "lin is given twice"),
        (["compare", "lin", "resnk"], 2, "'resnk' is neither a method nor a folder; did you mean resnik?"),
        (
            ["compare", "lin", "simgic", "--dimension", "colour"],
            2,
            "lin has no matrix 'colour'; choose of: body_system",
        ),
    ],
)
def test_usage_errors_of_check_and_compare(arguments: list[str], code: int, message: str) -> None:
    done = run(*arguments)
    assert done.exit_code == code
    assert message in " ".join(done.output.split())


def test_compares_methods_and_folders(tree: Path) -> None:
    shown = run("compare", tree, "lin", "simgic", "--top", 1, "--dimension", "organ", "--dimension", "margins").output
    heads = [f"{tree} and lin", f"{tree} and simgic", "lin and simgic"]
    assert [line for line in shown.splitlines() if line in heads] == heads
    assert "Peripheral nerves – Neonatal brain and spine" in shown
    plain = json.loads(run("compare", tree, "taxonomy", "--json").output)["comparisons"]
    assert plain[0]["dimensions"]["organ"]["spearman"] == 1
    assert plain[0]["dimensions"]["organ"]["differing"] == []
    assert plain[0]["dimensions"]["margins"]["kendall"] is None


def test_compare_refuses_other_labels(tree: Path, tmp_path: Path, by_taxonomy: SimilaritySet) -> None:
    labels = {"organ": by_taxonomy.labels["organ"][::-1]}
    other = save(tmp_path / "other", SimilaritySet(labels, {"organ": by_taxonomy["organ"]}, by_taxonomy.provenance))
    with pytest.raises(DataError, match="different labels in organ; build both with the same taxonomy"):
        run("compare", tree, other)
