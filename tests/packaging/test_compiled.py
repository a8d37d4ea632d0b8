"""The compiled wheel and the pure package give the same reports, byte for byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.locations import ROOT
from tests.packaging.conftest import BUILT

READ = """
import json, sys
from pathlib import Path
from udt.normalize.findings import grouping
from udt.normalize.normalizer import Normalizer
normalizer = Normalizer()
for path in sys.argv[1:]:
    for text in Path(path).read_text("utf-8").split("\\n\\n"):
        print(json.dumps(normalizer.normalize(text).to_dict(), ensure_ascii=False))
print(Path(grouping.__file__).suffix, file=sys.stderr)
"""
EXAMPLES = [*(ROOT / "examples" / "reports").glob("*.txt"), ROOT / "examples" / "reports.csv"]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the compiled wheel, and return the folder of what it holds."""
    if find_spec("mypyc") is None:
        pytest.skip("mypyc is not installed: pip install mypy")
    if shutil.which(os.environ.get("CC", "cc")) is None:
        pytest.skip("there is no C compiler; install gcc, or set CC")
    folder = tmp_path_factory.mktemp("compiled")
    source = folder / "source"
    shutil.copytree(ROOT, source, symlinks=True, ignore=shutil.ignore_patterns(*BUILT))
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True, env={**os.environ, "UDT_COMPILE": "1"})
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "held")
    return folder / "held"


def read_with(folder: Path) -> tuple[str, str]:
    """Return the reports of the examples, read by the package in a folder, and the suffix of one of its modules."""
    command = [sys.executable, "-c", READ, *map(str, sorted(EXAMPLES))]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=folder)
    return done.stdout, done.stderr.strip()


@pytest.mark.slow
def test_the_compiled_wheel_reads_the_same(compiled: Path) -> None:
    reports, suffix = read_with(compiled)
    assert suffix in {".so", ".pyd"}
    assert (reports, ".py") == read_with(ROOT)
    assert len(reports.splitlines()) > len(EXAMPLES)
