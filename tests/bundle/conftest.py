"""Fixtures shared with the tests of the corpus."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.corpus.conftest import EXAMPLES, connection, db  # noqa: F401


def write_images(folder: Path) -> None:
    """Write the images of the examples, each with other pixels."""
    for number in range(1, len(EXAMPLES) + 1):
        pixels = np.random.default_rng(number).integers(0, 256, (8, 9), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}-a.png")


@pytest.fixture(scope="session", autouse=True)
def images(db: Path) -> None:
    """The image files of the database."""
    write_images(db.parent)
