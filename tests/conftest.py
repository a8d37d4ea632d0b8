"""Fixtures of all tests, and the tests that need what is not installed."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

from udt.core.cache import cache_folder
from udt.core.torchvision_import import prepare_on_first_use
from udt.core.vocabulary import Vocabulary
from udt.lexicon.lexicon import Lexicon
from udt.taxonomy.model.taxonomy import Taxonomy

# Tests run side by side; threads of torch in each would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Some tests import transformers before anything of udt.clip.
prepare_on_first_use()

# A job that a shell started in the background, or with nohup, ignores signals that tests send.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

# How long an example takes depends on what else the machine does.
settings.register_profile("udt", deadline=None)
settings.load_profile("udt")

# Folders and modules that are skipped if torch is missing.
_NEED_TORCH = (
    "cli/evaluate/test_compare.py",
    "cli/evaluate/test_model.py",
    "cli/test_ablate.py",
    "cli/test_start.py",
    "cli/test_tenth_task.py",
    "cli/test_train.py",
    "cli/test_transfer.py",
    "clip/ablation",
    "clip/data",
    "clip/evaluation",
    "clip/loss",
    "clip/model",
    "clip/settings",
    "clip/test_border.py",
    "clip/training",
    "clip/transfer",
    "real/test_brest_training.py",
    "real/test_busi_transfer.py",
    "real/test_data_set_from_media.py",
)
_HAS_TORCH = find_spec("torch") is not None


class _WithoutTorch(pytest.File):
    """A folder or module of tests that is skipped as a whole."""

    def collect(self) -> Iterator[pytest.Item]:
        """Skip."""
        pytest.skip("torch is not installed; it is in the extra [train]", allow_module_level=True)


def _needs_torch(path: Path) -> bool:
    return not _HAS_TORCH and path.relative_to(Path(__file__).parent).as_posix() in _NEED_TORCH


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Skip a folder whose tests need torch if it is missing."""
    return _WithoutTorch.from_parent(parent, path=path) if _needs_torch(path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Skip a module whose tests need torch if it is missing."""
    return _WithoutTorch.from_parent(parent, path=module_path) if _needs_torch(module_path) else None


def pytest_collection_finish() -> None:
    """Spare the garbage collector what is there before the first test: a million objects of modules and tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """The built-in taxonomy."""
    return Taxonomy.load()


@pytest.fixture(scope="session")
def vocabulary(taxonomy: Taxonomy) -> Vocabulary:
    """The labels of the built-in taxonomy."""
    return taxonomy.vocabulary


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """The lexicon of the built-in taxonomy."""
    return Lexicon.load()


@pytest.fixture
def swedish(tmp_path: Path) -> Path:
    """An extension with one label in a language that has nothing else: no sentences and no words of denial."""
    path = tmp_path / "swedish.ttl"
    path.write_text(
        "@prefix uhat: <https://w3id.org/udt/uhat/> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        'uhat:liver skos:prefLabel "lever"@sv .\n',
        "utf-8",
    )
    return path


@pytest.fixture
def own_cache(lexicon: Lexicon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set `UDT_CACHE_DIR` to a folder of this test alone, with the compiled lexicon, and return it."""
    folder = tmp_path / "cache"
    folder.mkdir()
    for path in cache_folder().glob("lexicon-*"):
        (folder / path.name).symlink_to(path)
    monkeypatch.setenv("UDT_CACHE_DIR", str(folder))
    return folder
