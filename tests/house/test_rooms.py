"""The rooms of the package: where modules lie, what may import what, and what is public."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.locations import ROOT

ROOMS = ("cli", "clip", "graphkit", "ontology")
LINTER = Path(sys.executable).with_name("lint-imports")


def modules() -> Iterator[Path]:
    """Yield all modules of the package, each once."""
    for folder in ("udt", *ROOMS):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not any(parent.is_symlink() for parent in path.parents):
                yield path


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@pytest.mark.parametrize("room", ROOMS)
def test_one_folder_holds_the_whole_package(room: str) -> None:
    link = ROOT / "udt" / room
    assert link.is_symlink() and link.resolve() == ROOT / room


@pytest.mark.parametrize("folder", ["udt", "clip"])
def test_no_module_lies_at_the_root(folder: str) -> None:
    assert [path.name for path in (ROOT / folder).glob("*.py")] == ["__init__.py"]


def test_the_init_of_a_room_holds_a_docstring_alone() -> None:
    exporting = {ROOT / "udt" / "__init__.py", ROOT / "clip" / "__init__.py"}
    found = [path for path in modules() if path.name == "__init__.py" and path not in exporting]
    full = [path.relative_to(ROOT) for path in found if len(parsed(path).body) != 1]
    assert not full, f"move the code of {full} to modules"
    assert all(ast.get_docstring(parsed(path)) for path in found)


def test_public_classes_have_names_of_their_own() -> None:
    places = defaultdict(list)
    for path in modules():
        for node in parsed(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize("package", ["udt", "udt.clip"])
def test_public_names_are_imported_on_first_use(package: str) -> None:
    code = f"import sys, {package} as p; print([m for m in sys.modules if m.startswith('udt.')]); print(dir(p))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded, names = map(ast.literal_eval, done.stdout.splitlines())
    light = {"udt.core.lazy", "udt.core.torchvision_import", "udt.core.version"}
    assert set(loaded) <= {"udt.clip", "udt.core", *light}
    assert names == sorted(import_module(package).__all__)


@pytest.mark.parametrize(("package", "needed"), [("udt", "dgl"), ("udt.clip", "torch")])
def test_public_names_are_those_that_type_checkers_see(package: str, needed: str) -> None:
    module = import_module(package)
    tree = parsed(Path(str(module.__file__)))
    imported = {
        alias.name: node.module
        for branch in tree.body
        if isinstance(branch, ast.If)
        for node in branch.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(module.__all__) - {"__version__"} == set(imported)
    pytest.importorskip(needed)
    assert {name: getattr(module, name).__module__ for name in imported} == imported


def test_an_unknown_public_name_is_worded() -> None:
    import udt

    with pytest.raises(AttributeError, match="module 'udt' has no attribute 'Normaliser'; it offers Bundle, "):
        udt.Normaliser  # noqa: B018


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts of the package in `folder`."""
    pytest.importorskip("importlinter", reason="import-linter is a development tool")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [str(LINTER), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its settings."""
    folder = tmp_path_factory.mktemp("copied")
    shutil.copytree(ROOT / "udt", folder / "udt", ignore=shutil.ignore_patterns("*.ttl", "*.tsv", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_import_contracts_hold(copied: Path) -> None:
    done = lint(copied)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/errors.py", "from udt.records.database import models", "each imports only those below BROKEN"),
        ("normalize/normalizer.py", "from udt.reporting import console", "nothing of presentation"),
        ("lexicon/senses.py", "from udt.lexicon import trie", "No cycles, neither of modules nor of packages BROKEN"),
        ("normalize/match/mentions.py", "from udt.normalize.context import patient", "nor of packages BROKEN"),
    ],
    ids=["layers", "presentation", "cycle of modules", "cycle of packages"],
)
def test_a_wrong_import_breaks_a_contract(copied: Path, module: str, line: str, contract: str) -> None:
    path = copied / "udt" / module
    before = path.read_text("utf-8")
    path.write_text(f"{before}\n{line}\n", "utf-8")
    try:
        done = lint(copied)
    finally:
        path.write_text(before, "utf-8")
    assert done.returncode == 1
    assert contract in done.stdout


def test_tests_mirror_the_rooms() -> None:
    apart = {"attacks", "benchmarks", "docs", "house", "packaging", "real"}
    rooms = {path.parent for path in modules()}
    rooms = {
        room.relative_to(ROOT / "udt") if ROOT / "udt" in room.parents else room.relative_to(ROOT) for room in rooms
    }
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    strange = {folder for folder in folders if folder.parts and folder.parts[0] not in apart and folder not in rooms}
    assert not strange, f"tests in {sorted(map(str, strange))}, but there are no such rooms"
