"""A folder of images of three classes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clip.evaluation.conftest import encoder, model_folder, one_thread, processor  # noqa: F401
from tests.clip.transfer.images import image_folder, read
from udt.clip.transfer.dataset import TransferSet


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return image_folder(tmp_path_factory.mktemp("transfer") / "images", {"dark": 30, "bright": 25, "none": 20})


@pytest.fixture(scope="session")
def data(folder: Path) -> TransferSet:
    return read(folder)
