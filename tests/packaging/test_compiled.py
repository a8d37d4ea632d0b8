"""A wheel is compiled if it can be, else pure, with one line that says why. Both give the same bytes of reports."""

from __future__ import annotations

import shutil
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.locations import ROOT
from tests.packaging.conftest import WITH_WHEEL, run

READ = """
import json, sys
from pathlib import Path
from udt.normalize.findings import grouping
from udt.normalize.normalizer import Normalizer
print(Path(grouping.__file__).suffix)
normalizer = Normalizer()
for path in sys.argv[1:]:
    for text in Path(path).read_text("utf-8").split("\\n\\n"):
        print(json.dumps(normalizer.normalize(text).to_dict(), ensure_ascii=False))
"""
# Also as mere texts: the sentences of the tests, which go through every rule.
TEXTS = [
    *(ROOT / "examples" / "reports").glob("*.txt"),
    ROOT / "examples" / "reports.csv",
    *(ROOT / "tests" / "normalize").rglob("test_*.py"),
]
TAG = "cp{0}{1}-cp{0}{1}-".format(*sys.version_info) + sysconfig.get_platform().replace("-", "_").replace(".", "_")
PURE = "-py3-none-any.whl"
NOTE = "udt: the wheel is pure Python, which reads texts more slowly: "

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pure(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the source distribution with `UDT_COMPILE=0`."""
    return _build(sdist, tmp_path_factory.mktemp("pure"), UDT_COMPILE="0")[0]


@WITH_WHEEL
def test_both_wheels_read_the_same(wheel: Path, pure: Path, tmp_path: Path) -> None:
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler; install gcc")
    suffix, _, reports = _reports(wheel, tmp_path / "compiled").partition("\n")
    assert (wheel.stem.endswith(TAG), suffix) == (True, ".so")
    assert _reports(pure, tmp_path / "pure") == f".py\n{reports}"
    assert len(reports.splitlines()) > len(TEXTS)


@WITH_WHEEL
def test_a_pure_wheel_holds_no_compiled_module_and_serves_every_python(pure: Path) -> None:
    assert pure.name.endswith(PURE)
    assert not [name for name in zipfile.ZipFile(pure).namelist() if name.endswith((".so", ".pyd", ".c", ".h"))]


@pytest.mark.parametrize(
    ("compiler", "reason"),
    [
        pytest.param("no-such-cc", "there is no C compiler 'no-such-cc'; install gcc, or set CC", id="none"),
        pytest.param("false", "compiling failed; the lines above say why", id="fails"),
    ],
)
def test_without_a_compiler_that_works_the_wheel_is_pure(
    source: Path, tmp_path: Path, compiler: str, reason: str
) -> None:
    wheel, log = _build(source, tmp_path, CC=compiler)
    assert wheel.name.endswith(PURE)
    assert [line[line.index(NOTE) :] for line in log.splitlines() if NOTE in line] == [f"{NOTE}{reason}"]


def test_a_compiled_wheel_that_is_asked_for_is_never_pure(source: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Failed to build"):
        _build(source, tmp_path, CC="false", UDT_COMPILE="1")
    assert not list(tmp_path.glob("*.whl"))


@pytest.mark.parametrize("switch", ["", "1"])
def test_an_editable_install_is_pure(source: Path, tmp_path: Path, switch: str) -> None:
    name = _hook(source, f"build_editable({str(tmp_path)!r})", UDT_COMPILE=switch)
    assert name.endswith(PURE)
    assert not list((source / "udt").rglob("*.so"))


def test_only_a_compiled_wheel_needs_mypy(source: Path) -> None:
    assert _hook(source, "get_requires_for_build_wheel()", UDT_COMPILE="1").startswith("['mypy")
    assert _hook(source, "get_requires_for_build_wheel()", UDT_COMPILE="0") == "[]"
    assert _hook(source, "get_requires_for_build_wheel()", CC="no-such-cc") == "[]"
    assert _hook(source, "get_requires_for_build_editable()") == "[]"


def _build(source: Path, target: Path, **settings: str) -> tuple[Path, str]:
    """Build a wheel of `source` with the packages that are installed here; return it and the log."""
    log = target / "log.txt"
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    run([*command, "--log", str(log), "--wheel-dir", str(target), str(source)], target, **settings)
    (wheel,) = target.glob("*.whl")
    return wheel, log.read_text("utf-8")


def _hook(source: Path, call: str, **settings: str) -> str:
    """Call a function of the build backend, and return what it returns as text."""
    output = run([sys.executable, "-c", f"import setup; print(setup.{call})"], source, **settings)
    return output.strip().splitlines()[-1]


def _reports(wheel: Path, folder: Path) -> str:
    """Return the suffix of a module of the wheel, and the reports of `TEXTS` that it reads, in lines."""
    zipfile.ZipFile(wheel).extractall(folder)
    return run([sys.executable, "-c", READ, *map(str, sorted(TEXTS))], folder, PYTHONPATH=str(folder))
