"""Models load beside a torchvision whose operators cannot be loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.locations import ROOT

# The wheel of torchvision for CUDA beside a torch for CPUs: its operators are missing, but described.
WITHOUT_OPERATORS = """
import torch
for name in ("nms", "qnms"):
    torch.library.register_fake(f"torchvision::{name}")(lambda dets, scores, iou_threshold: scores.new_empty(0))
"""
PREPARED = "from udt.core.torchvision_import import prepare_torchvision; prepare_torchvision(); import torchvision"
WITHOUT_LIBRARY = "raise ImportError('libcudart.so.13: cannot open shared object')"

pytestmark = pytest.mark.slow


def _run(folder: Path, body: str, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script beside a torchvision with this `body`."""
    (folder / "torchvision").mkdir(exist_ok=True)
    (folder / "torchvision" / "__init__.py").write_text(body)
    environment = {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}"}
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)


def test_missing_operators_are_declared(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    fault = "operator torchvision::nms does not exist"
    script = f"try:\n import torchvision\nexcept RuntimeError as error:\n assert '{fault}' in str(error)\n{PREPARED}"
    done = _run(tmp_path, WITHOUT_OPERATORS, script)
    assert (done.returncode, done.stderr) == (0, "")


def test_one_that_cannot_be_imported_is_not_used(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    done = _run(tmp_path, WITHOUT_LIBRARY, "import udt.clip.model.dual_encoder")
    assert done.returncode == 0, done.stderr
    assert "torchvision cannot be imported, and is not used: libcudart.so.13: cannot open" in done.stderr


@pytest.mark.skipif(
    find_spec("torchvision") is None, reason="torchvision is not installed; it is in the extra [openclip]"
)
def test_transformers_may_be_imported_first() -> None:
    script = "from transformers import BertConfig; from udt.clip import UltrasoundClipModel"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
