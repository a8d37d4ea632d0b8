"""Similarity methods by name, built in and of another package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.entry_points import write_package
from tests.locations import ROOT
from udt.core.errors import DataError
from udt.similarity.matrices import SimilaritySet
from udt.similarity.methods.registry import METHODS, MethodOption, OptionKind, SimilarityMethod
from udt.taxonomy.model.taxonomy import Taxonomy

CONSTANT = """
import numpy as np
from udt.similarity.matrices import SimilarityProvenance, SimilaritySet
from udt.similarity.methods.registry import MethodOption, OptionKind, SimilarityMethod

def build(taxonomy, given):
    vocabulary, value = taxonomy.vocabulary, float(given["value"])
    matrices = {d.key: np.full((len(d), len(d)), value, np.float32) for d in vocabulary.dimensions}
    for matrix in matrices.values():
        np.fill_diagonal(matrix, 1)
    return SimilaritySet.of(vocabulary, matrices, SimilarityProvenance.of("constant", {"value": value}, vocabulary))

METHOD = SimilarityMethod(
    "one value for all pairs",
    build,
    (
        MethodOption("value", OptionKind.TEXT, "the value.", metavar="NUMBER"),
        MethodOption("db", OptionKind.{db_kind}, "a database that `udt data import` filled.", metavar="FILE|URL"),
    ),
    (("value",),),
    lambda similarity: ["a constant method was used"],
)
"""


def run(
    folder: Path, *arguments: object, db_kind: str = "TEXT", body: str = CONSTANT
) -> subprocess.CompletedProcess[str]:
    """Run `udt similarity` in a process in which another package adds the method `constant`."""
    points = {"constant": "constant_similarity:METHOD"}
    body = body.replace("{db_kind}", db_kind)
    write_package(folder, "constant_similarity", "udt.similarity_methods", points, body)
    command = [sys.executable, "-c", "from udt.cli.main import main; main()", "similarity", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)]), "COLUMNS": "120"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_built_in_methods() -> None:
    assert METHODS.names() == ("taxonomy", "resnik", "lin", "simgic", "text", "cooccurrence", "blend", "reference")
    for name in METHODS.names():
        method = METHODS.load(name)
        assert method.summary
        assert {option for group in method.requires for option in group} <= {option.name for option in method.options}


def test_taxonomy_method_needs_no_options(taxonomy: Taxonomy, by_taxonomy: SimilaritySet) -> None:
    built = METHODS.load("taxonomy").build(taxonomy, {})
    assert all(np.array_equal(built[key], by_taxonomy[key]) for key in by_taxonomy.labels)


def test_method_of_another_package(tmp_path: Path) -> None:
    done = run(tmp_path, "build", "--method", "constant", "--value", 0.25, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "a constant method was used\n"
    assert SimilaritySet.load(tmp_path / "out")["margins"].tolist() == [[1, 0.25], [0.25, 1]]


PLAIN = """
import numpy as np
from udt.similarity.matrices import SimilarityProvenance, SimilaritySet
from udt.similarity.methods.registry import SimilarityMethod

def build(taxonomy, given):
    matrices = {d.key: np.eye(len(d), dtype=np.float32) for d in taxonomy.vocabulary.dimensions}
    return SimilaritySet.of(taxonomy.vocabulary, matrices, SimilarityProvenance.of("plain", {}, taxonomy.vocabulary))

METHOD = SimilarityMethod("nothing in common", build)
"""


def test_a_method_without_options_of_another_package_is_shown(tmp_path: Path) -> None:
    for name, key, body in (("a", "margins", PLAIN), ("b", "severity", PLAIN), ("c", "margins", CONSTANT)):
        (tmp_path / name).mkdir()
        done = run(tmp_path / name, "show", key, "--method", "constant", body=body)
        if name == "a":
            assert done.returncode == 0, done.stderr
            assert done.stdout.splitlines()[-1] == "method: plain"
        else:
            message = "choose one of: body_system" if name == "b" else "--method constant needs input"
            assert done.returncode == 2 and message in " ".join(done.stderr.split())


def test_usage_of_another_package(tmp_path: Path) -> None:
    done = run(tmp_path, "build", "--method", "constant", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "--method constant needs --value" in done.stderr


def test_help_shows_another_package(tmp_path: Path) -> None:
    shown = " ".join(run(tmp_path, "build", "--help").stdout.split())
    assert "constant one value for all pairs" in shown
    assert "--value NUMBER constant: the value." in shown
    assert "--db FILE|URL resnik, lin, simgic, cooccurrence, constant: a database" in shown, "methods share an option"


def test_different_options_of_one_name(tmp_path: Path) -> None:
    done = run(tmp_path, "build", "--method", "taxonomy", "--out", tmp_path / "out", db_kind="FOLDER")
    assert done.returncode == 1
    assert "'resnik' and 'constant' declare different options 'db'" in done.stderr


def test_required_option_has_to_be_declared() -> None:
    option = MethodOption("value", OptionKind.TEXT, "a value.")
    with pytest.raises(DataError, match="requires the options values, which it does not declare"):
        SimilarityMethod("constant", lambda *_: None, (option,), (("values",),))


def test_flag_follows_name() -> None:
    assert MethodOption("top_k", OptionKind.TEXT, "a number.").flag == "--top-k"
