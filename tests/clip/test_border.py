"""Training needs a bundle, torch and transformers, but not the packages that make bundles."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import udt.clip

# Packages that a machine for training may lack, and the modules that need them.
ABSENT = (
    "alembic",
    "dgl",
    "matplotlib",
    "owlready2",
    "pyoxigraph",
    "pyshacl",
    "rdflib",
    "sklearn",
    "spacy",
    "sqlalchemy",
)
SPECIAL = {
    "udt.clip.model.hgt_dgl",  # DGL
    "udt.clip.ablation.report",  # matplotlib, as the other reports
    "udt.clip.evaluation.report",
    "udt.clip.training.report",
    "udt.clip.transfer.report",
}

SCRIPT = """
import importlib, sys
for name in sys.argv[1].split(","):
    sys.modules[name] = None
for name in sys.argv[2].split(","):
    importlib.import_module(name)
"""


@pytest.mark.slow
def test_every_module_loads_without_the_packages_that_make_bundles() -> None:
    found = {module.name for module in pkgutil.walk_packages(udt.clip.__path__, "udt.clip.")}
    assert {"udt.clip.model.dual_encoder", "udt.clip.loss.objective"} <= found and found >= SPECIAL
    command = [sys.executable, "-c", SCRIPT, ",".join(ABSENT), ",".join(sorted(found - SPECIAL))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
