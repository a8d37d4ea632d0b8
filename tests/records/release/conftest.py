"""A database that can be released: images, captions, labels and a licence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.test_image_copies import image
from tests.records.conftest import Load, sample
from udt.records.database.database import Database
from udt.taxonomy.model.taxonomy import Taxonomy

LABELS = {"body_system": ["Abdomen and retroperitoneum"], "organ": ["Liver"], "shape": ["oval"]}


def nothing(*_: object) -> None:
    pass


@pytest.fixture
def ready(load: Load, database: Database, tmp_path: Path) -> Database:
    """Twenty samples of ten cases."""
    (tmp_path / "images").mkdir()
    for number in range(20):
        image(number, 80, 64).save(tmp_path / "images" / f"{number}.png")
    rows = [sample(number // 2, number, **LABELS) for number in range(20)]
    load(rows, images=tmp_path / "images", about={"licence": "CC-BY-4.0"})
    return database


@pytest.fixture
def keys(taxonomy: Taxonomy) -> tuple[str, ...]:
    return tuple(taxonomy.vocabulary.keys)
